package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/notices"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/web"
)

const (
	// savedHour is the hour of the day from which saved searches are looked
	// through: the night's scans are over, the day's work has not begun.
	savedHour = 7
	// savedLook is how often it is looked whether one is due.
	savedLook = 10 * time.Minute
	// savedMost is how many hits a search may have to be kept: what it found
	// is remembered hit by hit.
	savedMost = 50_000
	// savedNamed is how many new hits a notice names one by one.
	savedNamed = 5
)

// deskSaved shows the desk the saved searches.
type deskSaved struct {
	*store.Store
	app *app
}

// SaveSearch keeps a search and notes what it finds now.
func (d deskSaved) SaveSearch(ctx context.Context, s markwatch.SavedSearch) (markwatch.SavedSearch, error) {
	return d.app.keepSearch(ctx, s)
}

// saveSearch keeps a search and notes what it finds now, so that what comes
// later is new. The error has markwatch.CodeInvalid where the query cannot be
// read or finds too much.
func (a *app) saveSearch(ctx context.Context, f markwatch.SavedSearch) (markwatch.SavedSearch, error) {
	f, err := a.keepSearch(ctx, f)
	if err != nil {
		return f, err
	}
	return f, a.audit(ctx, "saved-search", f.ID, f.Name+": "+f.Query)
}

// keepSearch is saveSearch without its line in the audit log, which the desk
// writes by itself.
func (a *app) keepSearch(ctx context.Context, f markwatch.SavedSearch) (markwatch.SavedSearch, error) {
	hits, err := a.savedHits(ctx, f)
	if err != nil {
		return f, err
	}
	if f, err = a.store.PutSavedSearch(ctx, f); err != nil {
		return f, err
	}
	if f.CheckedAt.IsZero() {
		if _, err := a.store.NoteSavedHits(ctx, f.ID, hits, time.Now(), nil); err != nil {
			return f, err
		}
	}
	return a.store.SavedSearch(ctx, f.Owner, f.ID)
}

// savedHits are the ids of everything that a saved search finds.
func (a *app) savedHits(ctx context.Context, f markwatch.SavedSearch) ([]string, error) {
	q, err := index.ParseQuery(f.Query)
	if err != nil {
		return nil, err
	}
	q.Location = a.cfg.Deployment.Location()
	// Whose search it is sees no more by it than on the desk. Owners of the
	// command line are nobody there and have no bounds.
	owner, err := a.store.User(ctx, f.Owner)
	switch {
	case err == nil:
		web.BoundQuery(&q, owner.Bounds)
	case markwatch.ErrorCode(err) != markwatch.CodeNotFound:
		return nil, err
	}
	var ids []string
	for id, err := range a.index.All(ctx, q) {
		if err != nil {
			return nil, err
		}
		if len(ids) == savedMost {
			return nil, markwatch.Errorf(markwatch.CodeInvalid, "检索「%s」超过 %d 条,请缩小范围 the search finds more than that; narrow it down", f.Name, savedMost)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// checkSaved looks through the hits of the saved searches that are due, and
// tells of new ones. A search that cannot be looked through keeps no other
// back.
func (a *app) checkSaved(ctx context.Context, due func(markwatch.SavedSearch) bool) (checked []markwatch.SavedSearch, err error) {
	list, err := a.store.SavedSearches(ctx, "")
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		if !due(f) {
			continue
		}
		err := a.checkOne(ctx, f)
		if ctx.Err() != nil {
			return checked, ctx.Err()
		}
		if err == nil {
			f, err = a.store.SavedSearch(ctx, f.Owner, f.ID)
		}
		if err != nil {
			a.say("⚠ %s: %v", f.Name, err)
			continue
		}
		checked = append(checked, f)
	}
	return checked, nil
}

func (a *app) checkOne(ctx context.Context, f markwatch.SavedSearch) error {
	hits, err := a.savedHits(ctx, f)
	if err != nil {
		return err
	}
	at := time.Now()
	_, err = a.store.NoteSavedHits(ctx, f.ID, hits, at, func(ctx context.Context, tx *sql.Tx, fresh []string) error {
		jobs := a.jobs.Load()
		if !f.Notify || len(fresh) == 0 || jobs == nil || a.notices == nil {
			return nil
		}
		return a.notices.SendTx(ctx, jobs, tx, savedEvent(f, at, len(hits), fresh, a.titles))
	})
	return err
}

// titles gives the titles of listings, read beside a transaction.
func (a *app) titles(ids []string) []string {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeMost)
	defer cancel()
	var out []string
	for _, id := range ids {
		if h, err := a.hit(ctx, id); err == nil {
			out = append(out, h.row()[0]+" "+h.Listing.Title)
		}
	}
	return out
}

// savedEvent tells of new hits.
func savedEvent(f markwatch.SavedSearch, at time.Time, total int, fresh []string, titles func([]string) []string) notices.Event {
	named := strings.Join(titles(fresh[:min(len(fresh), savedNamed)]), "\n")
	return notices.Event{
		ID:   "saved-search/" + f.ID + "/" + at.UTC().Format(time.RFC3339),
		Kind: notices.SavedSearch, Severity: notices.Info, At: at, Link: "/?" + url.Values{"q": {f.Query}, "sort": {string(index.SortNewest)}}.Encode(),
		Title: markwatch.Text{
			ZH: fmt.Sprintf("检索「%s」有 %d 条新命中", f.Name, len(fresh)),
			EN: fmt.Sprintf("the search %q has %d new hits", f.Name, len(fresh)),
		},
		Text: inBoth(named, ""),
		Facts: []notices.Fact{
			{Name: markwatch.Text{ZH: "检索", EN: "Query"}, Value: f.Query},
			{Name: markwatch.Text{ZH: "新命中", EN: "New hits"}, Value: fmt.Sprint(len(fresh))},
			{Name: markwatch.Text{ZH: "全部命中", EN: "All hits"}, Value: fmt.Sprint(total)},
		},
	}
}

// savedDue says whether a search is to be looked through: once a day, from
// savedHour on.
func savedDue(f markwatch.SavedSearch, now time.Time) bool {
	morning := time.Date(now.Year(), now.Month(), now.Day(), savedHour, 0, 0, 0, now.Location())
	return !now.Before(morning) && f.CheckedAt.Before(morning)
}

// watchSaved looks through the saved searches every morning until ctx ends.
func (a *app) watchSaved(ctx context.Context) error {
	tick := time.NewTicker(savedLook)
	defer tick.Stop()
	for {
		now := time.Now().In(a.cfg.Deployment.Location())
		if _, err := a.checkSaved(ctx, func(f markwatch.SavedSearch) bool { return savedDue(f, now) }); err != nil && ctx.Err() == nil {
			a.log.ErrorContext(ctx, "looking through saved searches", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
