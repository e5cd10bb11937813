package matchers_test

import (
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers"
)

// An attribute that is named for a paper and holds no number counts, whatever
// it says instead; one that holds a number, or says that the paper is there,
// does not.
func TestUnnumberedAttributes(t *testing.T) {
	set := ruleSet(t, `
lexicons: [{id: own.paper, terms: [证号, certificate]}]
rules:
  - id: own-withheld
    violation: certification-mark
    basis: [{law: x, since: 2020-01-01}]
    where: 'unnumbered("own.paper") > 0'
    score: 0.9
    reason: "{own.paper}"
`)
	for _, c := range []struct {
		name, value string
		want        bool
	}{
		{"登记证号", "隔壁县合作社的", true},
		{"登记证号", "后面再给", true},
		{"登记证号", "PD1", true},
		{"Certificate", "ask factory", true},
		{"登记证号", "PD20091234", false},
		{"登记证号", "有", false},
		{"登记证号", "随箱", false},
		{"Certificate", "included", false},
		{"颜色", "隔壁县合作社的", false},
	} {
		v := set.Check(matchers.Input{Listing: markwatch.Listing{ID: "x", Title: "水壶", Attributes: map[string]string{c.name: c.value}}})
		if v.Flagged != c.want {
			t.Errorf("%s: %s: flagged %v, want %v", c.name, c.value, v.Flagged, c.want)
		}
		if v.Flagged && v.Findings[0].Evidence[0].Text != c.value {
			t.Errorf("%s: %s: quotes %q", c.name, c.value, v.Findings[0].Evidence[0].Text)
		}
	}
}
