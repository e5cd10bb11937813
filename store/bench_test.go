package store_test

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/store/storetest"
)

// benchEngines runs a benchmark on each engine that can be had.
func benchEngines(b *testing.B, run func(b *testing.B, s *store.Store)) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		if name == "postgres" && os.Getenv(storetest.PostgresURL) == "" {
			continue
		}
		b.Run(name, func(b *testing.B) { run(b, storetest.Open(b, dsn(b), store.Options{})) })
	}
}

const benchVisits = 100_000

// benchVisit is a page of a market with 50 links: the navigation that all of
// its pages share, then offers that hardly any two share.
func benchVisit(n int) store.Visit {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	url := fmt.Sprintf("https://market.example/item/%d", 600_000_000_000+random.Int64N(100_000_000_000))
	v := store.Visit{
		Source: "market", Key: benchKey(n), URL: url, ETag: `"` + hash(url)[:32] + `"`, LastModified: "Fri, 20 Nov 2026 12:00:00 GMT",
		Digest:    "sha256:" + hash(url),
		Capture:   markwatch.Capture{Snapshot: "market-20261120-200000-00001.warc.gz#urn:uuid:" + hash(url)[:36], URL: url, At: at, PayloadDigest: "sha256:" + hash(url+"wire")},
		CheckedAt: at, ChangedAt: at, DueAt: at.Add(24 * time.Hour), Interval: 24 * time.Hour, Knowledge: "extract-3-0011223344556677",
		Listings: []string{fmt.Sprintf("market-%d", n)},
	}
	for i := range 15 {
		v.Links = append(v.Links, fmt.Sprintf("https://market.example/category/%d?page=1", i*37))
	}
	for range 35 {
		v.Links = append(v.Links, fmt.Sprintf("https://market.example/item/%d", 600_000_000_000+random.Int64N(100_000_000_000)))
	}
	return v
}

func benchKey(n int) string { return hash(fmt.Sprint(n))[:32] }

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// BenchmarkVisits measures what remembering 100,000 pages costs: bytes on the
// disk a page, storing and confirming a page, and reading 200 of them.
func BenchmarkVisits(b *testing.B) {
	benchEngines(b, func(b *testing.B, s *store.Store) {
		ctx := b.Context()
		before := size(b, s)
		for from := 0; from < benchVisits; from += 100 {
			err := s.Tx(ctx, func(tx *sql.Tx) error {
				for n := from; n < from+100; n++ {
					if err := s.PutVisit(ctx, tx, benchVisit(n)); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		bytes := float64(size(b, s)-before) / benchVisits
		each := func(name string, f func(tx *sql.Tx, n int) error) {
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					err := s.Tx(ctx, func(tx *sql.Tx) error { return f(tx, rand.IntN(benchVisits)) })
					if err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(bytes, "bytes/visit")
			})
		}
		each("put", func(tx *sql.Tx, n int) error { return s.PutVisit(ctx, tx, benchVisit(n)) })
		each("confirm", func(tx *sql.Tx, n int) error {
			return s.ConfirmVisit(ctx, tx, "market", benchKey(n), at.Add(time.Hour), at.Add(40*time.Hour), 30*time.Hour, 1)
		})
		each("hasten 500", func(tx *sql.Tx, n int) error {
			news := map[string]time.Time{}
			for i := range 500 {
				news[benchKey((n+i)%benchVisits)] = at.Add(-time.Hour)
			}
			_, err := s.HastenVisits(ctx, tx, "market", news)
			return err
		})
		b.Run("read 200", func(b *testing.B) {
			for b.Loop() {
				keys := make([]string, 200)
				for i := range keys {
					keys[i] = benchKey(rand.IntN(benchVisits))
				}
				if _, err := s.Visits(ctx, "market", keys); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}

// size is how many bytes the database takes.
func size(b *testing.B, s *store.Store) (n int64) {
	b.Helper()
	query := `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`
	if !s.Embedded() {
		query = `SELECT pg_total_relation_size('visits')`
	}
	if err := s.DB().QueryRowContext(b.Context(), query).Scan(&n); err != nil {
		b.Fatal(err)
	}
	return n
}

// BenchmarkSeenAgain measures what it costs the record that an offer's page
// is seen again: stored from a page that was read, touched because the page is
// unchanged, or carried because it is not due, with the page's count.
func BenchmarkSeenAgain(b *testing.B) {
	benchEngines(b, func(b *testing.B, s *store.Store) {
		ctx := b.Context()
		const all = 10_000
		offer := func(n int) markwatch.Listing {
			l := page()
			l.ID, l.URL = fmt.Sprintf("p-%06d", n), fmt.Sprintf("https://shop.example/%d", n)
			l.Text = strings.Repeat("好评 五星 物流很快 ", 150)
			return l
		}
		read := func(tx *sql.Tx, scan string, n int) (d store.PageDelta, err error) {
			l := offer(n)
			known, err := s.Prior(ctx, tx, []string{l.ID})
			if err != nil {
				return d, err
			}
			if k, ok := known[l.ID]; ok {
				l = store.Merge(k, l)
			}
			p, err := s.PutListing(ctx, tx, scan, l, markwatch.Verdict{ID: l.ID}, store.PutOptions{At: at})
			d.Count(p)
			return d, err
		}
		first, err := s.StartScan(ctx, "shop", at)
		if err != nil {
			b.Fatal(err)
		}
		for from := 0; from < all; from += 100 {
			err := s.Tx(ctx, func(tx *sql.Tx) error {
				for n := from; n < from+100; n++ {
					if _, err := read(tx, first, n); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		for name, again := range map[string]func(tx *sql.Tx, scan string, n int) (store.PageDelta, error){
			"stored": read,
			"touched": func(tx *sql.Tx, scan string, n int) (store.PageDelta, error) {
				return s.TouchListings(ctx, tx, scan, "shop", []string{offer(n).ID}, at, store.PutOptions{})
			},
			"carried": func(tx *sql.Tx, scan string, n int) (store.PageDelta, error) {
				return s.CarryListings(ctx, tx, scan, "shop", []string{offer(n).ID})
			},
		} {
			b.Run(name, func(b *testing.B) {
				for n := 0; b.Loop(); n++ {
					err := s.Tx(ctx, func(tx *sql.Tx) error {
						d, err := again(tx, fmt.Sprint(name, n/all), n%all)
						if err != nil {
							return err
						}
						d.Outcome = markwatch.PageUnchanged
						return s.CountPage(ctx, tx, first, d)
					})
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	})
}
