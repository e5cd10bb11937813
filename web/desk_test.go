package web_test

import (
	"context"
	"database/sql"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/index/bleve"
	"github.com/markwatch/markwatch/leads/dispatch"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/web"
)

// now is the clock of the desk under test.
var now = time.Date(2026, 11, 21, 9, 30, 0, 0, index.China())

// bench is a desk over a real store and a real index.
type bench struct {
	t      testing.TB
	store  *store.Store
	index  *bleve.Index
	people *accounts.Accounts
	server *httptest.Server
	pages  map[string]*markwatch.Page
	work   office
	room   *dispatch.Office
	runner *dispatch.Runner
	dir    string

	mu      sync.Mutex
	audited []markwatch.AuditEntry
	clock   time.Time // of the accounts
}

func (b *bench) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.clock
}

// pass lets time go by for sessions, links and locks.
func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clock = b.clock.Add(d)
}

func newBench(t testing.TB, offers ...offer) *bench {
	t.Helper()
	b := newEmptyBench(t)
	b.add(markwatch.User{ID: "zhangmin", Name: "张敏", Role: markwatch.RoleAdministrator})
	b.put(offers...)
	return b
}

// newEmptyBench is a desk at its first start.
func newEmptyBench(t testing.TB) *bench {
	t.Helper()
	dir := t.TempDir()
	st, err := store.Open(t.Context(), filepath.Join(dir, "desk.db"), store.Options{TimeZone: index.China(), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	ix, err := bleve.Open(bleve.Options{Dir: filepath.Join(dir, "index")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ix.Close() })
	b := &bench{t: t, store: st, index: ix, clock: now, pages: map[string]*markwatch.Page{}, work: newOffice(t), dir: dir}
	b.openRoom()
	b.people = accounts.New(st, accounts.Options{Now: b.now, Argon2: accounts.Argon2{Time: 1, Memory: 64, Threads: 1}})
	h, err := web.New(b.config())
	if err != nil {
		t.Fatal(err)
	}
	b.server = httptest.NewServer(h)
	t.Cleanup(b.server.Close)
	return b
}

func (b *bench) config() web.Config {
	floor := decimal.RequireFromString("0.5")
	return web.Config{
		Saved: saved{b.store, b.index}, Handling: b.work, UnitsOf: b.work.unitsOf, Units: units,
		Searcher: b.index, Leads: b.store, Listings: listings{b.store}, History: history{b.store}, Pages: pages(b.pages), Scans: scans{b.store}, Finder: b.index,
		Audit: func(_ context.Context, e markwatch.AuditEntry) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.audited = append(b.audited, e)
			if b.store == nil {
				return nil
			}
			return b.store.Audit(b.t.Context(), e)
		},
		Subject: func(id string) (web.Subject, bool) {
			names := map[string]markwatch.Text{
				"nike": {ZH: "耐克", EN: "Nike"}, "sk-ii": {ZH: "SK-II", EN: "SK-II"}, "dyson": {ZH: "戴森", EN: "Dyson"},
				"wandering-earth-2": {ZH: "流浪地球2", EN: "The Wandering Earth II"},
			}
			name, ok := names[id]
			return web.Subject{Name: name, Floor: &floor}, ok
		},
		SourceName: func(id string) string {
			return map[string]string{"sample-market": "示例商城", "second-hand": "旧物集市"}[id]
		},
		Dispatch: b.room, Runner: b.runner, Reports: figures{b},
		Accounts: b.people, AuditLog: b.store, Lists: b.store, Blacklist: blacklist{b.store}, Location: index.China(), Now: func() time.Time { return now },
	}
}

// put stores offers as scans would have and feeds the index.
func (b *bench) put(offers ...offer) {
	b.t.Helper()
	ctx := b.t.Context()
	nights := 1
	for _, o := range offers {
		nights = max(nights, len(o.prices))
	}
	for _, source := range [...]string{"second-hand", "sample-market"} {
		for day := range nights {
			at := now.AddDate(0, 0, day+1-nights).Truncate(24 * time.Hour).Add(-6 * time.Hour)
			scan, err := b.store.StartScan(ctx, source, at)
			if err != nil {
				b.t.Fatal(err)
			}
			err = b.store.Tx(ctx, func(tx *sql.Tx) error {
				for _, o := range offers {
					if o.Listing.Source != source {
						continue
					}
					l := o.Listing
					l.FetchedAt = at
					if len(o.prices) > 0 {
						m := cny(o.prices[min(day, len(o.prices)-1)])
						l.Price = &m
					}
					put, err := b.store.PutListing(ctx, tx, scan, l, o.Verdict, store.PutOptions{At: at, IndexAll: true})
					if err != nil {
						return err
					}
					d := store.PageDelta{Outcome: markwatch.PageFetched, Violations: map[markwatch.Violation]int{}}
					d.Listings.Seen = 1
					if put.New {
						d.Listings.New = 1
					}
					if put.LeadNew {
						d.Leads.New = 1
					}
					for _, v := range put.Violations {
						d.Violations[v]++
					}
					if err := b.store.CountPage(ctx, tx, scan, d); err != nil {
						return err
					}
				}
				if source == "second-hand" {
					for range 3 {
						if err := b.store.CountPage(ctx, tx, scan, store.PageDelta{Outcome: markwatch.PageBlocked}); err != nil {
							return err
						}
					}
					return b.store.WarnScan(ctx, tx, scan, "old.example: 403, 3 次,已退避")
				}
				return nil
			})
			if err != nil {
				b.t.Fatal(err)
			}
			err = b.store.Tx(ctx, func(tx *sql.Tx) error {
				_, err := b.store.FinishScan(ctx, tx, scan, store.Finish{Complete: source != "second-hand", At: at.Add(17 * time.Minute)})
				return err
			})
			if err != nil {
				b.t.Fatal(err)
			}
		}
	}
	b.reindex()
}

// reindex feeds the index with what the store holds.
func (b *bench) reindex() {
	b.t.Helper()
	var docs []index.Document
	for r, err := range b.store.AllIndexDocs(b.t.Context(), true) {
		if err != nil {
			b.t.Fatal(err)
		}
		docs = append(docs, index.NewDocument(r.Listing, r.Verdict, r.Lead, index.Inputs{Units: b.work.unitsOf}))
	}
	if err := b.index.Put(b.t.Context(), docs); err != nil {
		b.t.Fatal(err)
	}
}

// password is everybody's.
const password = "莆田的鞋不是耐克的鞋"

func (b *bench) add(users ...markwatch.User) {
	b.t.Helper()
	for _, u := range users {
		if err := b.people.Add(b.t.Context(), u, password); err != nil {
			b.t.Fatal(err)
		}
	}
}

// link is the token of a login link.
func (b *bench) link(user string) string {
	b.t.Helper()
	token, err := b.people.NewLink(b.t.Context(), user, markwatch.LinkLogin, time.Hour)
	if err != nil {
		b.t.Fatal(err)
	}
	return token
}

func (b *bench) audits(action web.AuditAction) []markwatch.AuditEntry {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Collect(func(yield func(markwatch.AuditEntry) bool) {
		for _, e := range b.audited {
			if e.Action == string(action) && !yield(e) {
				return
			}
		}
	})
}

// The readers below are how the desk's narrow interfaces meet the store.

type listings struct{ *store.Store }

func (s listings) Listing(ctx context.Context, id string) (markwatch.Listing, markwatch.Verdict, error) {
	r, err := s.Store.Listing(ctx, id)
	return r.Listing, r.Verdict, err
}

type history struct{ *store.Store }

func (s history) PriceHistory(ctx context.Context, id string) ([]web.PricePoint, error) {
	changes, err := s.History(ctx, id)
	var out []web.PricePoint
	for _, c := range changes {
		if c.Price != nil {
			out = append(out, web.PricePoint{At: c.FirstSeen, Price: *c.Price}, web.PricePoint{At: c.LastSeen, Price: *c.Price})
		}
	}
	return out, err
}

type scans struct{ *store.Store }

func (s scans) LastScans(ctx context.Context, limit int) ([]markwatch.ScanSummary, error) {
	return s.Scans(ctx, store.ScanFilter{Limit: limit})
}

type pages map[string]*markwatch.Page

func (p pages) Page(_ context.Context, snapshot string) (*markwatch.Page, error) {
	if page, ok := p[snapshot]; ok {
		return page, nil
	}
	return nil, markwatch.Errorf(markwatch.CodeNotFound, "no capture %s", snapshot)
}

// client is a browser without script.
type client struct {
	*http.Client
	b *bench
}

func (b *bench) stranger() *client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	c := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &client{c, b}
}

func (b *bench) login() *client {
	b.t.Helper()
	return b.loginAs("zhangmin")
}

func (b *bench) loginAs(user string) *client {
	b.t.Helper()
	c := b.stranger()
	res, _ := c.post("/login", url.Values{"token": {b.link(user)}})
	if res.StatusCode != http.StatusSeeOther {
		b.t.Fatalf("login answered %d", res.StatusCode)
	}
	return c
}

func (c *client) get(path string) (*http.Response, string) {
	c.b.t.Helper()
	req, err := http.NewRequest(http.MethodGet, c.b.server.URL+path, nil)
	if err != nil {
		c.b.t.Fatal(err)
	}
	return c.do(req)
}

func (c *client) post(path string, form url.Values, header ...string) (*http.Response, string) {
	c.b.t.Helper()
	req, err := http.NewRequest(http.MethodPost, c.b.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		c.b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return c.do(req)
}

func (c *client) do(req *http.Request) (*http.Response, string) {
	c.b.t.Helper()
	res, err := c.Do(req)
	if err != nil {
		c.b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		c.b.t.Fatal(err)
	}
	return res, string(body)
}
