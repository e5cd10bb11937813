package frontier_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/store/storetest"
)

// BenchmarkAdd adds pages of 50 links, of which so many are new.
func BenchmarkAdd(b *testing.B) {
	for _, fresh := range []int{50, 5, 0} {
		b.Run(fmt.Sprintf("new=%d", fresh), func(b *testing.B) {
			bed := newBed(b, storetest.SQLite, frontier.Budget{})
			common := links("a.example", 0, 50)
			bed.add(common...)
			next := 1000
			for b.Loop() {
				page := append(append([]frontier.Link(nil), common[fresh:]...), links("a.example", next, next+fresh)...)
				next += fresh
				bed.add(page...)
			}
			b.ReportMetric(float64(50*b.N)/b.Elapsed().Seconds(), "links/s")
		})
	}
}

// BenchmarkPage is a page's whole effect on SQLite, claim included: its entry
// finished, 50 links of which five are new, so many listings and verdicts of
// some two kilobytes, counts.
func BenchmarkPage(b *testing.B) {
	for _, listings := range []int{1, 20} {
		b.Run(fmt.Sprintf("listings=%d", listings), func(b *testing.B) {
			bed := newBed(b, storetest.SQLite, frontier.Budget{})
			ctx := context.Background()
			common := links("a.example", 0, 45)
			bed.add(common...)
			bed.add(links("a.example", 1_000_000, 1_000_000+b.N+10_000)...)
			lease := bed.fetchJob("a.example")
			var ready []frontier.Entry
			next := 10_000_000
			b.ResetTimer()
			for i := range b.N {
				if len(ready) == 0 {
					ready = bed.claim(lease, 8)
				}
				e := ready[0]
				ready = ready[1:]
				page := append(append([]frontier.Link(nil), common...), links("a.example", next, next+5)...)
				next += 5
				bed.tx(func(tx *sql.Tx) error {
					if err := bed.t.Finish(ctx, tx, lease, e, markwatch.PageFetched, ""); err != nil {
						return err
					}
					d := store.PageDelta{Outcome: markwatch.PageFetched}
					for n := range listings {
						l := markwatch.Listing{
							ID: fmt.Sprintf("p-%d-%d", i, n), Source: "shop", URL: e.URL, Title: strings.Repeat("耐克", 20),
							Description: strings.Repeat("描述", 200), FetchedAt: time.Now(),
						}
						v := markwatch.Verdict{ID: l.ID, Flagged: i%20 == 0, Findings: []markwatch.Finding{{Matcher: "m", Reason: markwatch.Text{ZH: strings.Repeat("理由", 50)}}}}
						p, err := bed.s.PutListing(ctx, tx, scan, l, v, store.PutOptions{})
						if err != nil {
							return err
						}
						d.Count(p)
					}
					if _, err := bed.t.Add(ctx, tx, scan, "shop", page); err != nil {
						return err
					}
					return bed.s.CountPage(ctx, tx, scan, d)
				})
				bed.t.Learn(scan, page)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
		})
	}
}
