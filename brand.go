package markwatch

import "github.com/shopspring/decimal"

// Brand is a protected brand.
type Brand struct {
	ID string `json:"id" yaml:"id"`
	// Names by language: zh, en, ja, …; at least one.
	Names   map[string]string `json:"names" yaml:"names"`
	Aliases []string          `json:"aliases,omitempty" yaml:"aliases,omitempty"`
	// Ambiguous names are also ordinary words; they count only with the
	// brand's categories around them.
	Ambiguous []string `json:"ambiguous,omitempty" yaml:"ambiguous,omitempty"`
	// Sounds are names that are also looked for by how they sound, in other
	// characters or in pinyin: 奈克 and naike for 耐克.
	Sounds        []string `json:"sounds,omitempty" yaml:"sounds,omitempty"`
	Categories    []string `json:"categories,omitempty" yaml:"categories,omitempty"`
	Holder        string   `json:"holder,omitempty" yaml:"holder,omitempty"`
	Registrations []string `json:"registrations,omitempty" yaml:"registrations,omitempty"`
	// Origin is an ISO 3166-1 alpha-2 code.
	Origin string `json:"origin,omitempty" yaml:"origin,omitempty"`
	// Floor is the lowest genuine price ever seen, as a fraction of the
	// official price, where a product says nothing else; nil where unknown.
	Floor      *decimal.Decimal `json:"floor,omitempty" yaml:"floor,omitempty"`
	Products   []Product        `json:"products,omitempty" yaml:"products,omitempty"`
	Authorized Authorized       `json:"authorized,omitzero" yaml:"authorized,omitempty"`
	// Pictures are registered pictures, as paths in the configuration folder.
	Pictures []string `json:"pictures,omitempty" yaml:"pictures,omitempty"`
}

// Product is one line of a brand's goods with its official price.
type Product struct {
	Name    string   `json:"name" yaml:"name"`
	Aliases []string `json:"aliases,omitempty" yaml:"aliases,omitempty"`
	// Price is the official price of one unit.
	Price *Money `json:"price,omitempty" yaml:"price,omitempty"`
	// Unit is what that price buys, e.g. "230ml", where sizes differ.
	Unit  string           `json:"unit,omitempty" yaml:"unit,omitempty"`
	Floor *decimal.Decimal `json:"floor,omitempty" yaml:"floor,omitempty"`
}

// Authorized lists who may sell a brand's goods.
type Authorized struct {
	Shops   []ShopRef `json:"shops,omitempty" yaml:"shops,omitempty"`
	Domains []string  `json:"domains,omitempty" yaml:"domains,omitempty"`
	Since   Date      `json:"since,omitzero" yaml:"since,omitempty"`
}

// ShopRef points at a shop. A platform's own id weighs more than a name.
type ShopRef struct {
	Platform string `json:"platform,omitempty" yaml:"platform,omitempty"`
	ID       string `json:"id,omitempty" yaml:"id,omitempty"`
	Name     string `json:"name,omitempty" yaml:"name,omitempty"`
}

// UnmarshalYAML accepts a bare name for {name: …}.
func (s *ShopRef) UnmarshalYAML(unmarshal func(any) error) error {
	var name string
	if err := unmarshal(&name); err == nil {
		*s = ShopRef{Name: name}
		return nil
	}
	type plain ShopRef
	return unmarshal((*plain)(s))
}
