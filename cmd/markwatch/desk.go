package main

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/configs"
	"github.com/markwatch/markwatch/evidence"
	"github.com/markwatch/markwatch/leads/dispatch"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/web"
)

// desk wires the web pages.
func (a *app) desk(people *accounts.Accounts, ops *operations, office *dispatch.Office, runner *dispatch.Runner) (http.Handler, error) {
	if err := a.gauges(ops); err != nil {
		return nil, err
	}
	signIn, err := a.signIn()
	if err != nil {
		return nil, err
	}
	details := scanDetails{a.store, ops.scanner}
	return web.New(web.Config{
		Searcher: a.index,
		Leads:    a.store,
		Listings: deskListings{a.store},
		History:  deskHistory{a.store},
		Pages:    deskPages{a},
		Scans:    deskScans{a.store},
		Finder:   a.index, Screenshots: deskShots{a},
		Progress: ops, Sources: ops, ScanDetail: details, Trend: details,
		Metrics: a.metrics.Handler(), MetricsAllow: a.metricsAllow(),
		Audit: a.store.Audit, AuditLog: a.store,
		Subject:    func(id string) (web.Subject, bool) { s, ok := a.known.Load().subjects[id]; return s, ok },
		SourceName: a.sourceName,
		Accounts:   people, SignIn: signIn, UnitsOf: a.unitsOf, Handling: deskHandling{a}, Saved: deskSaved{a.store, a},
		Dispatch: office, Runner: runner, Reports: deskReports{a},
		Units: func() []markwatch.Unit { return a.known.Load().lists.Units.Units },
		Lists: a.store, CheckLists: a.checkLists, Rules: deskRules{a, &sync.Mutex{}}, Extractor: deskExtractor{a}, Blacklist: deskBlacklist{a.store},
		Proxies:   configs.Networks(a.cfg.Deployment.Server.Proxies),
		PublicURL: a.cfg.Deployment.Server.URL,
		Location:  a.cfg.Deployment.Location(),
		Now:       time.Now,
		Logger:    a.log,
	})
}

func (a *app) sourceName(id string) string {
	for _, s := range a.cfg.Lists.Sources {
		if s.ID == id && s.Name != "" {
			return s.Name
		}
	}
	return id
}

// newSubjects describes every protected brand and work. A brand has an
// official price only where all its products share one; a lead's own finding
// says which product was meant.
func newSubjects(lists markwatch.Lists) map[string]web.Subject {
	subjects := map[string]web.Subject{}
	for _, b := range lists.Brands {
		s := web.Subject{Name: inBoth(b.Names["zh"], b.Names["en"]), Floor: b.Floor}
		if s.Name.ZH == "" {
			for _, n := range b.Names {
				s.Name = inBoth(n, n)
			}
		}
		if len(b.Products) == 1 {
			s.Official = b.Products[0].Price
		}
		subjects[b.ID] = s
	}
	for _, w := range lists.Works {
		subjects[w.ID] = web.Subject{Name: inBoth(w.Titles[0], w.Titles[len(w.Titles)-1]), Official: w.Price}
	}
	return subjects
}

// inBoth fills the language that has no name with the other's.
func inBoth(zh, en string) markwatch.Text {
	if zh == "" {
		zh = en
	}
	if en == "" {
		en = zh
	}
	return markwatch.Text{ZH: zh, EN: en}
}

type deskListings struct{ *store.Store }

// Listing returns a listing with its newest verdict.
func (d deskListings) Listing(ctx context.Context, id string) (markwatch.Listing, markwatch.Verdict, error) {
	r, err := d.Store.Listing(ctx, id)
	return r.Listing, r.Verdict, err
}

type deskHistory struct{ *store.Store }

// PriceHistory returns what the offer cost on earlier days: a point where each
// stretch of an unchanged price begins, and one where it was seen last.
func (d deskHistory) PriceHistory(ctx context.Context, id string) ([]web.PricePoint, error) {
	changes, err := d.History(ctx, id)
	var points []web.PricePoint
	for _, c := range changes {
		if c.Price == nil {
			continue
		}
		points = append(points, web.PricePoint{At: c.FirstSeen, Price: *c.Price})
		if c.LastSeen.After(c.FirstSeen) {
			points = append(points, web.PricePoint{At: c.LastSeen, Price: *c.Price})
		}
	}
	return points, err
}

type deskScans struct{ *store.Store }

// LastScans returns the newest coverage records.
func (d deskScans) LastScans(ctx context.Context, limit int) ([]markwatch.ScanSummary, error) {
	return d.Scans(ctx, store.ScanFilter{Limit: limit})
}

type deskPages struct{ *app }

// Page reads a captured page back: from the product's own captures, or from
// the WARC file of an archive source.
func (d deskPages) Page(ctx context.Context, snapshot string) (*markwatch.Page, error) {
	page, err := d.archive.Page(ctx, snapshot)
	if markwatch.ErrorCode(err) != markwatch.CodeNotFound {
		return page, err
	}
	path := d.archiveFile(snapshot)
	if path == "" {
		return nil, err
	}
	_, id, _ := strings.Cut(snapshot, "#")
	return evidence.ReadPage(ctx, path, id)
}

// deskShots finds pictures of pages among the captures: a rendered page's is
// kept under urn:view: and its address, and refers to the page (see
// docs/rendering.md).
type deskShots struct{ *app }

func (d deskShots) find(ctx context.Context, l markwatch.Listing) (evidence.Entry, bool, error) {
	if l.URL == "" || l.Snapshot == "" {
		return evidence.Entry{}, false, nil
	}
	around := l.FetchedAt
	entries, err := d.archive.Find(ctx, "urn:view:"+l.URL, around.Add(-time.Hour), around.Add(time.Hour))
	for _, e := range entries {
		if e.Refers == l.Snapshot {
			return e, true, nil
		}
	}
	return evidence.Entry{}, false, err
}

// HasScreenshot looks for the picture.
func (d deskShots) HasScreenshot(ctx context.Context, l markwatch.Listing) (bool, error) {
	_, found, err := d.find(ctx, l)
	return found, err
}

// Screenshot reads the picture.
func (d deskShots) Screenshot(ctx context.Context, l markwatch.Listing) ([]byte, error) {
	e, found, err := d.find(ctx, l)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, markwatch.Errorf(markwatch.CodeNotFound, "no screenshot was kept of this listing")
	}
	page, err := d.archive.Page(ctx, e.Snapshot())
	if err != nil {
		return nil, err
	}
	return page.Body, nil
}
