package store_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

// BenchmarkLookThroughLeads goes through 10,000 leads as a whole, and as far as
// sellers and goods are told apart by them.
func BenchmarkLookThroughLeads(b *testing.B) {
	benchEngines(b, func(b *testing.B, s *store.Store) {
		const leads = 10_000
		scan, err := s.StartScan(b.Context(), "market", at)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Tx(b.Context(), func(tx *sql.Tx) error {
			for n := range leads {
				l, v := benchLead(n)
				if _, err := s.PutListing(b.Context(), tx, scan, l, v, store.PutOptions{At: at}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
		for name, all := range map[string]func() (n int, err error){
			"whole": func() (n int, err error) {
				for _, err := range s.Leads(b.Context(), store.LeadFilter{}) {
					if err != nil {
						return n, err
					}
					n++
				}
				return n, nil
			},
			"offers": func() (n int, err error) {
				for _, err := range s.Offers(b.Context(), markwatch.LeadDismissed) {
					if err != nil {
						return n, err
					}
					n++
				}
				return n, nil
			},
		} {
			b.Run(name, func(b *testing.B) {
				b.ReportAllocs()
				for range b.N {
					if n, err := all(); err != nil || n != leads {
						b.Fatal(n, err)
					}
				}
			})
		}
	})
}

// benchLead is a listing and a verdict as large as those of a market's item
// page are.
func benchLead(n int) (markwatch.Listing, markwatch.Verdict) {
	url := fmt.Sprintf("https://market.example/item/%d", n)
	l := markwatch.Listing{
		ID: markwatch.ListingID("", "", url), Source: "market", URL: url, Platform: "market.example", Title: fmt.Sprintf("高仿跑鞋 男女同款 原单 %d", n),
		Description: strings.Repeat(fmt.Sprintf("原单 %d 支持专柜验货,", n%97), 20), Text: strings.Repeat("买家评价:质量很好,和专柜的一样。", 40),
		Images:     []string{fmt.Sprintf("https://img.example/%d.jpg", n), fmt.Sprintf("https://img.example/%d-2.jpg", n)},
		Seller:     &markwatch.Seller{ID: fmt.Sprint(n / 10), Name: fmt.Sprintf("店%d", n/10)},
		Attributes: map[string]string{}, Origins: map[string]markwatch.Origin{}, FetchedAt: at,
	}
	for i := range 20 {
		l.Attributes[fmt.Sprintf("属性%d", i)] = "值"
		l.Origins[fmt.Sprintf("field%d", i)] = "json-ld"
	}
	v := markwatch.Verdict{ID: l.ID, Score: 0.9, Flagged: true, At: at, Knowledge: "brands@12 works@3 lexicons@2 rules@7 rates@2026-11-20",
		Violations: map[markwatch.Violation]markwatch.ViolationVerdict{markwatch.Counterfeit: {Score: 0.9, Flagged: true}}}
	for i := range 5 {
		v.Findings = append(v.Findings, markwatch.Finding{Matcher: "wording", Rule: fmt.Sprintf("rule-%d", i), Version: 3, Violation: markwatch.Counterfeit, Score: 0.5,
			Reason:   markwatch.Text{ZH: "标题含有售假用语「高仿」,且价格低于品牌底价", EN: "the title has a word of sellers of fakes, and the price is below the brand's floor"},
			Evidence: []markwatch.Evidence{{Field: "title", Text: "高仿"}, {Field: "description", Text: "原单"}}})
	}
	return l, v
}
