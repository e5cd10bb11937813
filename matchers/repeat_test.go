package matchers

import (
	"slices"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

func TestKnownSellersAddToASuspicion(t *testing.T) {
	day := func(y int) (d markwatch.Date) { d.Time = time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC); return d }
	base := markwatch.Lists{
		Lexicons: append(shippedLexicons(t), markwatch.Lexicon{ID: "goods", Terms: []markwatch.Term{{Term: "香烟"}}}),
		Rules:    []markwatch.Rule{{ID: "r", Violation: "tobacco", All: []string{"goods"}, Score: 0.4}},
	}
	suspect := markwatch.Listing{ID: "x", Platform: "mall", Title: "香烟", Seller: &markwatch.Seller{
		ID: "7", Name: "老烟铺", License: "91110000600037341L", Accounts: []markwatch.Account{{Kind: "wechat", Value: "LaoYan"}},
	}}
	innocent := suspect
	innocent.Title = "茶叶"
	invalid := suspect
	invalid.Seller = &markwatch.Seller{Name: "别家", License: "91110000600037341A"}
	for name, c := range map[string]struct {
		known   Sellers
		listing markwatch.Listing
		rule    string // "" where nothing is added
	}{
		"nobody known":          {nil, suspect, ""},
		"by platform and id":    {Sellers{{Platform: "mall", ID: "7"}}, suspect, "blacklisted"},
		"by licence":            {Sellers{{License: "91110000600037341l"}}, suspect, "blacklisted"},
		"by account":            {Sellers{{Accounts: []markwatch.Account{{Kind: "wechat", Value: "laoyan"}}}}, suspect, "blacklisted"},
		"by name on a platform": {Sellers{{Platform: "mall", Name: "老煙鋪"}}, suspect, "blacklisted"},
		"name elsewhere":        {Sellers{{Platform: "other", Name: "老烟铺"}}, suspect, ""},
		"another id":            {Sellers{{Platform: "mall", ID: "8"}}, suspect, ""},
		"not yet":               {Sellers{{Platform: "mall", ID: "7", Since: day(2030)}}, suspect, ""},
		"no longer":             {Sellers{{Platform: "mall", ID: "7", Until: day(2020)}}, suspect, ""},
		"confirmed before":      {Sellers{{Platform: "mall", ID: "7", Leads: []string{"2026-0001", "2026-0002"}}}, suspect, "confirmed-before"},
		"innocent goods":        {Sellers{{Platform: "mall", ID: "7"}}, innocent, ""},
		"invalid licence":       {nil, invalid, "invalid-license"},
	} {
		s, err := Compile(Knowledge{Lists: base, Sellers: c.known})
		if err != nil {
			t.Fatal(err)
		}
		v := s.Check(Input{Listing: c.listing, At: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)})
		i := slices.IndexFunc(v.Findings, func(f markwatch.Finding) bool { return f.Matcher == "repeat" })
		switch {
		case c.rule == "" && i >= 0:
			t.Errorf("%s: %+v", name, v.Findings[i])
		case c.rule == "" && c.listing.Title == "茶叶" && v.Score != 0:
			t.Errorf("%s: a seller alone makes a score of %v", name, v.Score)
		case c.rule != "" && (i < 0 || v.Findings[i].Rule != c.rule || v.Score <= 0.4):
			t.Errorf("%s: score %v, findings %+v", name, v.Score, v.Findings)
		}
	}
}
