package index_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
)

func sortStrings(s []string) { slices.Sort(s) }

func TestSequence(t *testing.T) {
	for _, c := range []struct {
		text, sequence, needle string
		typos                  int
	}{
		{"耐 克", " 耐克 ", "耐克", 0},
		{"耐克af1,鞋", " 耐克 af 1 鞋 ", "耐克 af 1 鞋", 0},
		{"af", " af ", " af ", 0},
		{"nike", " nike ", " nike ", 1},
		{"superstar", " superstar ", " superstar ", 2},
		{"12345678", " 12345678 ", " 12345678 ", 0},
		{"x8k2", " x 8 k 2 ", " x 8 k 2 ", 0},
		{"café", " café ", " café ", 1},
		{"cafe\u0301", " cafe\u0301 ", " cafe\u0301 ", 1},
		{"かな한글", " かな한글 ", "かな한글", 0},
		{"💥!?\x00\xff", "  ", "  ", 0},
		{strings.Repeat("a", 70), " " + strings.Repeat("a", 64) + " aaaaaa ", " " + strings.Repeat("a", 64) + " aaaaaa ", 0},
	} {
		tokens := index.Tokens(c.text)
		if got := index.Sequence(tokens); got != c.sequence {
			t.Errorf("Sequence of %q: %q, want %q", c.text, got, c.sequence)
		}
		if got := index.Needle(tokens); got != c.needle {
			t.Errorf("Needle of %q: %q, want %q", c.text, got, c.needle)
		}
		if got := index.Typos(tokens); got != c.typos {
			t.Errorf("Typos of %q: %d, want %d", c.text, got, c.typos)
		}
		for _, token := range tokens {
			if c.text[token.Start:token.End] != token.Text {
				t.Errorf("token %q of %q stands at %d:%d", token.Text, c.text, token.Start, token.End)
			}
		}
	}
}

// FuzzHighlight holds that marks always lie within the text, in order and
// apart, whatever the text and the folding.
func FuzzHighlight(f *testing.F) {
	f.Add("耐 克 Nike af1", "耐克")
	f.Add("ß ﬁ ½ İ", "fi")
	f.Add("\xff耐\x00克\u0301", "克")
	f.Fuzz(func(t *testing.T, text, query string) {
		q := index.Query{Terms: []index.Term{{Text: query}}}
		for _, fold := range []func(string) string{nil, strings.ToUpper, func(s string) string { return s + s }} {
			end := -1
			for _, s := range index.NewHighlighter(q, fold, nil).Text("", text) {
				if s.Start <= end || s.End <= s.Start || s.End > len([]rune(text)) {
					t.Fatalf("span %v in %q for %q, after one that ends at %d", s, text, query, end)
				}
				end = s.End
			}
		}
	})
}

func TestRegionAndBand(t *testing.T) {
	for shown, want := range map[string]string{
		"福建省莆田市": "福建", "福建 莆田": "福建", "中国 广东广州": "广东", "内蒙古自治区": "内蒙古", "莆田": "莆田", "": "", " 东京 ": "东京",
	} {
		if got := index.Region(shown); got != want {
			t.Errorf("Region(%q) = %q, want %q", shown, got, want)
		}
	}
	for score, want := range map[float64]string{0: "0.0", 0.05: "0.0", 0.1: "0.1", 0.3: "0.3", 0.7: "0.7", 0.6999: "0.6", 0.93: "0.9", 1: "0.9"} {
		if got := index.Band(score); got != want {
			t.Errorf("Band(%v) = %q, want %q", score, got, want)
		}
	}
}

func TestNewDocument(t *testing.T) {
	seen := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	usd, _ := markwatch.ParseMoney("10", "USD")
	listing := markwatch.Listing{
		ID: "x", Title: "标题", Description: "描述\n二行", Text: "文字", Brand: "Nike", ShipsFrom: "莆田", Price: &usd, Sales: 3, FetchedAt: seen,
		Source: "s", Platform: "p", URL: "https://a.example/", Attributes: map[string]string{"产地": "越南"},
		Seller: &markwatch.Seller{Name: "小李", Region: "福建莆田", Contacts: []string{"WX:abc"}},
	}
	verdict := markwatch.Verdict{
		Score: 0.9, Flagged: true,
		Violations: map[markwatch.Violation]markwatch.ViolationVerdict{"piracy": {Flagged: true}, "counterfeit": {Flagged: true}, "fake-overseas": {}},
		Findings: []markwatch.Finding{
			{Matcher: "m", Rule: "r", Subject: "nike", Reason: markwatch.Text{ZH: "因为"}},
			{Matcher: "m", Rule: "r", Subject: "nike", Reason: markwatch.Text{ZH: "因为"}},
		},
	}
	in := index.Inputs{
		Fold:         strings.ToLower,
		SubjectNames: func(id string) []string { return []string{id + "名", id} },
		PriceCNY: func(m markwatch.Money) (decimal.Decimal, bool) {
			return m.Amount.Mul(decimal.NewFromInt(7)), m.Currency == "USD"
		},
		Units: func(markwatch.Listing, markwatch.Verdict, *markwatch.Lead) []string { return []string{"u"} },
	}
	price := 70.0
	want := index.Document{
		ID: "x", Title: "标题", Description: "描述\n二行", Text: "文字", Seller: "小李", SellerRegion: "福建莆田", Place: "莆田",
		Source: "s", Platform: "p", URL: "https://a.example/", Brand: "Nike", Names: []string{"nike名", "nike"}, Subjects: []string{"nike"},
		Violations: []string{"counterfeit", "piracy"}, Rules: []string{"m/r"}, Units: []string{"u"}, Reasons: []string{"因为"},
		Flagged: true, Score: 0.9, PriceCNY: &price, Sales: 3, FirstSeen: seen, LastSeen: seen,
		Folded: "描述 二行\nwx:abc\n越南\n文字\n",
	}
	if diff := cmp.Diff(want, index.NewDocument(listing, verdict, nil, in)); diff != "" {
		t.Errorf("of a listing (-want +got):\n%s", diff)
	}
	lead := markwatch.Lead{Number: "2026-0001", Status: markwatch.LeadReview, Assignee: "zhang", FirstSeen: seen.AddDate(0, 0, -9), LastSeen: seen.AddDate(0, 0, 1)}
	want.Lead, want.Number, want.Status, want.Assignee = true, "2026-0001", "review", "zhang"
	want.FirstSeen, want.LastSeen = lead.FirstSeen, lead.LastSeen
	if diff := cmp.Diff(want, index.NewDocument(listing, verdict, &lead, in)); diff != "" {
		t.Errorf("of a lead (-want +got):\n%s", diff)
	}
	in.PriceCNY = nil
	if d := index.NewDocument(listing, verdict, nil, in); d.PriceCNY != nil {
		t.Errorf("dollars without a rate have the price %v", *d.PriceCNY)
	}
}
