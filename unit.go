package markwatch

// Unit is an authority that receives leads.
type Unit struct {
	ID        string    `json:"id" yaml:"id"`
	Name      string    `json:"name" yaml:"name"`
	Authority Authority `json:"authority" yaml:"authority"`
	// Regions are GB/T 2260 codes; a code covers the codes beneath it.
	Regions []string `json:"regions,omitempty" yaml:"regions,omitempty"`
	Contact string   `json:"contact,omitempty" yaml:"contact,omitempty"`
	// Fields are the columns of lists that may leave to this unit, by their
	// key; all where none is named.
	Fields []string `json:"fields,omitempty" yaml:"fields,omitempty"`
	// Formats are the forms of the list: xlsx, csv, ndjson; the first two where
	// none is named.
	Formats []string `json:"formats,omitempty" yaml:"formats,omitempty"`
}

// Authority is a branch of supervision.
type Authority string

// The branches that routes name.
const (
	AuthorityMarket      Authority = "market"
	AuthorityCopyright   Authority = "copyright"
	AuthorityCulture     Authority = "culture"
	AuthorityMedicine    Authority = "medicine"
	AuthorityTobacco     Authority = "tobacco"
	AuthorityCustoms     Authority = "customs"
	AuthorityPost        Authority = "post"
	AuthorityIP          Authority = "ip"
	AuthorityAgriculture Authority = "agriculture"
	AuthorityForestry    Authority = "forestry"
	AuthorityHealth      Authority = "health"
	AuthorityTelecom     Authority = "telecom"
	AuthorityPolice      Authority = "police"
)

// Authorities returns every branch, in the order of the format.
func Authorities() []Authority {
	return []Authority{
		AuthorityMarket, AuthorityCopyright, AuthorityCulture, AuthorityMedicine, AuthorityTobacco,
		AuthorityCustoms, AuthorityPost, AuthorityIP, AuthorityAgriculture, AuthorityForestry,
		AuthorityHealth, AuthorityTelecom, AuthorityPolice,
	}
}

// Route says which branch, in which place, is competent for a violation.
type Route struct {
	Violation Violation   `json:"violation" yaml:"violation"`
	Authority Authority   `json:"authority,omitempty" yaml:"authority,omitempty"`
	Place     Place       `json:"place,omitempty" yaml:"place,omitempty"`
	Copy      []Authority `json:"copy,omitempty" yaml:"copy,omitempty"`
	Basis     string      `json:"basis,omitempty" yaml:"basis,omitempty"`
	Since     Date        `json:"since,omitzero" yaml:"since,omitempty"`
	// When is an expression (expr-lang); empty is always.
	When string `json:"when,omitempty" yaml:"when,omitempty"`
	// To sends past the rule of place, to a region's code or a unit's id.
	To RouteTarget `json:"to,omitzero" yaml:"to,omitempty"`
}

// RouteTarget is a fixed addressee of a route.
type RouteTarget struct {
	Region string `json:"region,omitempty" yaml:"region,omitempty"`
	Unit   string `json:"unit,omitempty" yaml:"unit,omitempty"`
}

// Place is what decides the competent region.
type Place string

// The places that routes name.
const (
	PlaceSeller   Place = "seller"
	PlaceOperator Place = "operator"
	PlacePlatform Place = "platform"
	PlaceSource   Place = "source"
	PlacePosting  Place = "posting"
	PlaceServer   Place = "server"
)

// Places returns every place, in the order of the format.
func Places() []Place {
	return []Place{PlaceSeller, PlaceOperator, PlacePlatform, PlaceSource, PlacePosting, PlaceServer}
}
