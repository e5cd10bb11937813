package markwatch

import (
	"fmt"
	"strings"
)

// ListKind names one of the lists that are kept as numbered versions.
type ListKind string

// The lists.
const (
	ListBrands   ListKind = "brands"
	ListWorks    ListKind = "works"
	ListLexicons ListKind = "lexicons"
	ListRules    ListKind = "rules"
	ListSources  ListKind = "sources"
	ListUnits    ListKind = "units"
)

// ListKinds returns every list, in the order in which verdicts cite them.
func ListKinds() []ListKind {
	return []ListKind{ListBrands, ListWorks, ListLexicons, ListRules, ListSources, ListUnits}
}

// Lists is the content of a configuration folder that matchers, crawler and
// routing work with. It is read-only after it was loaded.
type Lists struct {
	Brands   []Brand
	Works    []Work
	Lexicons []Lexicon
	Rules    []Rule
	Sources  []Source
	Units    Units
	// Probes are the packs' offers with a known verdict. They are no list:
	// they try the others.
	Probes []Probe
}

// Units is the content of units.yaml.
type Units struct {
	Units  []Unit  `json:"units" yaml:"units"`
	Routes []Route `json:"routes" yaml:"routes"`
}

// Versions says which version of each list is meant; a list that was never
// stored has version 0.
type Versions map[ListKind]int

// String is the form that verdicts cite: "brands@12 works@3 lexicons@2 rules@7".
// Lists that say nothing of suspicion (sources, units) are left out.
func (v Versions) String() string {
	var b strings.Builder
	for _, k := range []ListKind{ListBrands, ListWorks, ListLexicons, ListRules} {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%s@%d", k, v[k])
	}
	return b.String()
}
