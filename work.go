package markwatch

// Work is a protected work.
type Work struct {
	ID     string   `json:"id" yaml:"id"`
	Type   WorkType `json:"type" yaml:"type"`
	Titles []string `json:"titles" yaml:"titles"`
	// Ambiguous titles are also ordinary words; they count only with words
	// of the work's type around them.
	Ambiguous []string `json:"ambiguous,omitempty" yaml:"ambiguous,omitempty"`
	// Sounds are names that are also looked for by how they sound, in other
	// characters or in pinyin: 奈克 and naike for 耐克.
	Sounds    []string `json:"sounds,omitempty" yaml:"sounds,omitempty"`
	Creators  []string `json:"creators,omitempty" yaml:"creators,omitempty"`
	Publisher string   `json:"publisher,omitempty" yaml:"publisher,omitempty"`
	ISBN      []string `json:"isbn,omitempty" yaml:"isbn,omitempty"`
	// Price is the usual licensed price of one copy, ticket, month or seat.
	Price    *Money    `json:"price,omitempty" yaml:"price,omitempty"`
	Released Date      `json:"released,omitzero" yaml:"released,omitempty"`
	Official Official  `json:"official,omitzero" yaml:"official,omitempty"`
	Batch    string    `json:"batch,omitempty" yaml:"batch,omitempty"`
	Protect  Protected `json:"protected,omitzero" yaml:"protected,omitempty"`
	// Text is the path of a registered original in the configuration folder.
	Text string `json:"text,omitempty" yaml:"text,omitempty"`
}

// WorkType is the kind of a work.
type WorkType string

// The kinds of work.
const (
	WorkFilm       WorkType = "film"
	WorkSeries     WorkType = "series"
	WorkVariety    WorkType = "variety"
	WorkAnimation  WorkType = "animation"
	WorkMusic      WorkType = "music"
	WorkNovel      WorkType = "novel"
	WorkComic      WorkType = "comic"
	WorkGame       WorkType = "game"
	WorkApp        WorkType = "app"
	WorkSoftware   WorkType = "software"
	WorkBook       WorkType = "book"
	WorkCourse     WorkType = "course"
	WorkStandard   WorkType = "standard"
	WorkNews       WorkType = "news"
	WorkMembership WorkType = "membership"
)

// WorkTypes returns every kind of work, in the order of the format.
func WorkTypes() []WorkType {
	return []WorkType{
		WorkFilm, WorkSeries, WorkVariety, WorkAnimation, WorkMusic, WorkNovel, WorkComic, WorkGame,
		WorkApp, WorkSoftware, WorkBook, WorkCourse, WorkStandard, WorkNews, WorkMembership,
	}
}

// Official lists where a work is lawfully had.
type Official struct {
	Domains []string  `json:"domains,omitempty" yaml:"domains,omitempty"`
	Shops   []ShopRef `json:"shops,omitempty" yaml:"shops,omitempty"`
}

// Protected is the time for which an official warning list names a work.
type Protected struct {
	From Date `json:"from,omitzero" yaml:"from,omitempty"`
	To   Date `json:"to,omitzero" yaml:"to,omitempty"`
}
