package markwatch

// Lexicon is a list of weighted terms.
type Lexicon struct {
	ID    string `json:"id" yaml:"id"`
	Title string `json:"title,omitempty" yaml:"title,omitempty"`
	Terms []Term `json:"terms" yaml:"terms"`
}

// Term is a word of a trade.
type Term struct {
	Term string `json:"term" yaml:"term"`
	// Weight is between 0 and 1; 1 where the file states none.
	Weight float64 `json:"weight,omitempty" yaml:"weight,omitempty"`
	// Not lists longer strings inside which the term means nothing.
	Not []string `json:"not,omitempty" yaml:"not,omitempty"`
}

// Rule is one rule of a pack.
type Rule struct {
	ID        string    `json:"id" yaml:"id"`
	Violation Violation `json:"violation" yaml:"violation"`
	Title     string    `json:"title,omitempty" yaml:"title,omitempty"`
	Basis     []Basis   `json:"basis,omitempty" yaml:"basis,omitempty"`
	// All, Any and None are ids of lexicons: each must be found, at least
	// one must be found, none may be found.
	All  []string `json:"all,omitempty" yaml:"all,omitempty"`
	Any  []string `json:"any,omitempty" yaml:"any,omitempty"`
	None []string `json:"none,omitempty" yaml:"none,omitempty"`
	// Where is an expression (expr-lang) over the listing's fields.
	Where    string   `json:"where,omitempty" yaml:"where,omitempty"`
	Score    float64  `json:"score" yaml:"score"`
	Reason   string   `json:"reason,omitempty" yaml:"reason,omitempty"`
	Examples Examples `json:"examples,omitzero" yaml:"examples,omitempty"`
}

// Basis is a legal basis and the day since which it holds.
type Basis struct {
	Law     string `json:"law" yaml:"law"`
	Article string `json:"article,omitempty" yaml:"article,omitempty"`
	Since   Date   `json:"since,omitzero" yaml:"since,omitempty"`
}

// Examples are listings that a rule must hit and must miss.
type Examples struct {
	Hit  []Example `json:"hit,omitempty" yaml:"hit,omitempty"`
	Miss []Example `json:"miss,omitempty" yaml:"miss,omitempty"`
}

// Example is a listing in short: a title, or the fields that matter. Price is
// a price text as a page shows it.
type Example struct {
	Title       string            `json:"title,omitempty" yaml:"title,omitempty"`
	Description string            `json:"description,omitempty" yaml:"description,omitempty"`
	Category    string            `json:"category,omitempty" yaml:"category,omitempty"`
	Price       string            `json:"price,omitempty" yaml:"price,omitempty"`
	Text        string            `json:"text,omitempty" yaml:"text,omitempty"`
	ShipsFrom   string            `json:"ships_from,omitempty" yaml:"ships_from,omitempty"`
	Seller      string            `json:"seller,omitempty" yaml:"seller,omitempty"`
	Attributes  map[string]string `json:"attributes,omitempty" yaml:"attributes,omitempty"`
}

// UnmarshalYAML accepts a bare string for {title: …}.
func (e *Example) UnmarshalYAML(unmarshal func(any) error) error {
	var title string
	if err := unmarshal(&title); err == nil {
		*e = Example{Title: title}
		return nil
	}
	type plain Example
	return unmarshal((*plain)(e))
}
