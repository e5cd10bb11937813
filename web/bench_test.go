package web_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/store"
)

// The pages of a small market, from the request to the last byte.
func BenchmarkPages(b *testing.B) {
	for name, path := range map[string]string{"search": "/?q=鞋", "lead": "/leads/demo-1001"} {
		b.Run(name, func(b *testing.B) {
			desk := newBench(b, market()...)
			c := desk.login()
			for b.Loop() {
				if res, _ := c.get(path); res.StatusCode != http.StatusOK {
					b.Fatal(res.Status)
				}
			}
		})
	}
}

// The page of three hundred sources, each with a sparkline.
func BenchmarkSources(b *testing.B) {
	state := nights()
	for i := range 300 {
		s := state.sources[2]
		s.ID = fmt.Sprintf("%s-%d", s.ID, i)
		state.sources = append(state.sources, s)
	}
	c := newBench(b).operate(state).login()
	for b.Loop() {
		if res, _ := c.get("/sources"); res.StatusCode != http.StatusOK {
			b.Fatal(res.Status)
		}
	}
}

// manyLeads is how many leads the pages of a whole deployment are measured
// with.
const manyLeads = 100_000

// The pages with a hundred thousand leads. Beside the mean, the 99th percentile
// of single requests is reported, in milliseconds.
func BenchmarkPagesOfManyLeads(b *testing.B) {
	desk := newBench(b)
	desk.many(manyLeads)
	c := desk.login()
	for _, page := range []struct{ name, path string }{
		{"search", "/"}, {"search-words", "/?q=空军一号+莆田"}, {"search-filter", "/?q=price:<300&f=region:福建&x=status:dismissed"},
		{"lead", "/leads/n-004711"}, {"sellers", "/sellers"}, {"dashboard", "/dashboard"},
	} {
		b.Run(page.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				if res, _ := c.get(page.path); res.StatusCode != http.StatusOK {
					b.Fatal(res.Status)
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}

// many stores leads of a thousand sellers and two hundred brands.
func (b *bench) many(n int) {
	b.t.Helper()
	words := [...]string{"空军一号", "纯原", "莆田", "小白鞋", "高仿", "男女同款", "专柜验货", "公司级", "直邮", "代购"}
	places := [...]string{"福建省莆田市", "广东省广州市", "贵州省贵阳市", "浙江省义乌市", "北京"}
	offers := make([]offer, n)
	for i := range offers {
		title := ""
		for j := range 5 {
			title += words[(i*(j+3)+i/7+j*i/11)%len(words)] + " "
		}
		l := markwatch.Listing{
			ID: fmt.Sprintf("n-%06d", i), Source: "sample-market", URL: fmt.Sprintf("https://market.example/item/%d", i), Title: title + fmt.Sprint(i),
			Description: title, Seller: &markwatch.Seller{Name: fmt.Sprintf("店铺%d", i%1000), Region: places[i%len(places)], Accounts: []markwatch.Account{{Kind: "wechat", Value: fmt.Sprintf("wx_%d", i%900)}}},
		}
		price := cny(fmt.Sprint(50 + i%900))
		l.Price = &price
		offers[i] = offer{Listing: l, Verdict: judged(l, markwatch.Finding{
			Matcher: "pricing", Rule: "below-floor", Violation: markwatch.Counterfeit, Subject: fmt.Sprintf("brand-%d", i%200), Score: 0.5 + float64(i%50)/100,
			Reason: markwatch.Text{ZH: "低于最低正品价", EN: "below the floor"}, Facts: map[string]string{"price_cny": price.AmountText(), "reference_cny": "799", "floor": "0.5"},
		})}
	}
	for from := 0; from < n; from += 20_000 {
		b.store20k(offers[from:min(from+20_000, n)])
	}
}

// store20k stores offers without counting a scan's pages.
func (b *bench) store20k(offers []offer) {
	b.t.Helper()
	ctx := b.t.Context()
	scan, err := b.store.StartScan(ctx, "sample-market", now)
	if err != nil {
		b.t.Fatal(err)
	}
	docs := make([]index.Document, 0, len(offers))
	err = b.store.Tx(ctx, func(tx *sql.Tx) error {
		docs = docs[:0]
		for _, o := range offers {
			if _, err := b.store.PutListing(ctx, tx, scan, o.Listing, o.Verdict, store.PutOptions{At: now, IndexAll: true}); err != nil {
				return err
			}
			docs = append(docs, index.NewDocument(o.Listing, o.Verdict, &markwatch.Lead{
				Number: o.Listing.ID, Status: markwatch.LeadNew, FirstSeen: now.AddDate(0, 0, -len(docs)%30), LastSeen: now,
			}, index.Inputs{}))
		}
		if _, err := b.store.FinishScan(ctx, tx, scan, store.Finish{Complete: true, At: now}); err != nil {
			return err
		}
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.index.Put(ctx, docs); err != nil {
		b.t.Fatal(err)
	}
}
