package matchers_test

import (
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers"
)

// A term of validity that has run out on the day of the check counts, by the
// last of its dates; one that runs, has no end or tells no date does not.
func TestLapsedAttributes(t *testing.T) {
	set := ruleSet(t, `
lexicons: [{id: own.term, terms: [有效期, valid until]}]
rules:
  - id: own-lapsed
    violation: certification-mark
    basis: [{law: x, since: 2020-01-01}]
    where: 'lapsed("own.term") > 0'
    score: 0.9
    reason: "{own.term}"
`)
	at := time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, value string
		want        bool
	}{
		{"证书有效期", "2016.03-2019.03", true},
		{"证书有效期", "2016.03-2029.03", false},
		{"证书有效期至", "2026年5月19日", true},
		{"证书有效期至", "2026年5月20日", false},
		{"有效期", "2026/05", false},
		{"有效期", "2026/04", true},
		{"Valid until", "2020-01-31", true},
		{"有效期", "2019.01.01起 长期", false},
		{"有效期", "三年", false},
		{"有效期", "至2021", true},
		{"有效期", "2016-2026", false},
		{"有效期", "2016-2025年", true},
		{"有效期", "2019", false},
		{"生产日期", "2019-01-02", false},
	} {
		l := markwatch.Listing{ID: "x", Title: "水壶", Attributes: map[string]string{c.name: c.value}}
		v := set.Check(matchers.Input{Listing: l, At: at})
		if v.Flagged != c.want {
			t.Errorf("%s: %s: flagged %v, want %v", c.name, c.value, v.Flagged, c.want)
		}
		if v.Flagged && v.Findings[0].Evidence[0].Text != c.value {
			t.Errorf("%s: %s: quotes %q", c.name, c.value, v.Findings[0].Evidence[0].Text)
		}
		if set.Check(matchers.Input{Listing: l}).Flagged {
			t.Errorf("%s: %s: flagged without a day to hold it against", c.name, c.value)
		}
	}
}
