package scan

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler"
	"github.com/markwatch/markwatch/crawler/canonical"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/matchers"
	"github.com/markwatch/markwatch/store"
)

// commit writes a page's whole effect in one transaction: its address done,
// its links, listings, verdicts and leads, what is remembered of it, and the
// scan's counts. A worker that lost its host writes nothing.
func (s *Scanner) commit(ctx context.Context, w *watch, lease frontier.Lease, entry frontier.Entry, e effect) error {
	var delta store.PageDelta
	err := s.store.Tx(ctx, func(tx *sql.Tx) error {
		// The transaction may run more than once.
		delta = store.PageDelta{Outcome: e.outcome, Rows: e.rows}
		if err := s.frontier.Finish(ctx, tx, lease, entry, e.outcome, e.reason); err != nil {
			return err
		}
		if e.traffic > 0 {
			if err := s.frontier.Spend(ctx, tx, entry.Scan, e.traffic); err != nil {
				return err
			}
		}
		reopen, err := s.putOffers(ctx, tx, w, entry, &e, &delta)
		if err != nil {
			return err
		}
		if err := s.putVisit(ctx, tx, w, &e); err != nil {
			return err
		}
		if len(e.hasten) > 0 {
			if _, err := s.store.HastenVisits(ctx, tx, entry.Source, e.hasten); err != nil {
				return err
			}
		}
		for _, text := range e.warnings {
			if err := s.store.WarnScan(ctx, tx, entry.Scan, text); err != nil {
				return err
			}
		}
		if e.turnedAway {
			if err := s.frontier.GiveUp(ctx, tx, lease, frontier.OverHost); err != nil {
				return err
			}
			text := fmt.Sprintf("%s 一再拦截,今晚不再访问 %s", entry.Host, turnedAway)
			if err := s.store.WarnScan(ctx, tx, entry.Scan, text); err != nil {
				return err
			}
		}
		if len(reopen) > 0 {
			again, err := s.frontier.Reopen(ctx, tx, entry.Scan, entry.Source, reopen)
			if err != nil {
				return err
			}
			delta.Add(markwatch.PageNotDue, -again)
		}
		if _, err := s.frontier.Add(ctx, tx, entry.Scan, entry.Source, e.links); err != nil {
			return err
		}
		return s.store.CountPage(ctx, tx, entry.Scan, delta)
	})
	if err != nil {
		return fmt.Errorf("storing %s: %w", entry.URL, err)
	}
	s.frontier.Learn(entry.Scan, e.links)
	if len(e.listings) > 0 || e.confirmed {
		s.fed()
	}
	s.counted(entry.Source, delta)
	return nil
}

// putOffers stores what a page says of offers: those that it shows, those of
// an unchanged page, or that there is nothing any more. It returns the keys of
// the offers' own pages that a tile has news of.
func (s *Scanner) putOffers(ctx context.Context, tx *sql.Tx, w *watch, entry frontier.Entry, e *effect, delta *store.PageDelta) (reopen []string, err error) {
	switch {
	case e.confirmed:
		touched, err := s.store.TouchListings(ctx, tx, entry.Scan, entry.Source, e.visit.Listings, e.visit.CheckedAt, s.putOptions())
		delta.Merge(touched)
		return nil, err
	case e.gone:
		gone, err := s.store.MarkGone(ctx, tx, entry.Scan, entry.URL, s.now(), s.putOptions())
		delta.Merge(gone)
		return nil, err
	default:
		return s.putListings(ctx, tx, w, entry.Scan, e, delta)
	}
}

func (s *Scanner) putOptions() store.PutOptions { return store.PutOptions{IndexAll: s.indexAll} }

// putListings merges each listing with what is known of the offer, judges it
// and stores both.
func (s *Scanner) putListings(ctx context.Context, tx *sql.Tx, w *watch, scanID string, e *effect, delta *store.PageDelta) (reopen []string, err error) {
	if len(e.listings) == 0 {
		return nil, nil
	}
	listings := slices.Clone(e.listings)
	// One order for all pages: two that share offers cannot wait for each other.
	slices.SortFunc(listings, func(a, b markwatch.Listing) int { return strings.Compare(a.ID, b.ID) })
	ids := make([]string, 0, len(listings))
	for _, l := range listings {
		ids = append(ids, l.ID)
	}
	prior, err := s.store.Prior(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	tiles := tileNews{}
	var unseen []string
	for _, l := range listings {
		known, ok := prior[l.ID]
		if ok {
			merged := store.Merge(known, l)
			tiles.note(known, l, merged)
			l = merged
		}
		same, err := SamePictures(ctx, s.store, &l)
		if err != nil {
			return nil, err
		}
		verdict, prices := s.known.Load().matchers.Judge(matchers.Input{Listing: l, At: s.now(), Market: s.market.now(ctx, s), SamePictures: same})
		put, err := s.store.PutListing(ctx, tx, scanID, l, verdict, s.putOptions())
		if err != nil {
			return nil, err
		}
		if err := s.store.PutPrices(ctx, tx, &l, prices, s.now()); err != nil {
			return nil, err
		}
		if err := s.store.PutPictures(ctx, tx, &l, fetchedPictures(&l), citedPictures(&verdict), s.now()); err != nil {
			return nil, err
		}
		delta.Count(put)
		prior[l.ID] = l
		if put.Flagged && e.visit != nil {
			e.visit.Flagged = true
		}
		if put.LeadNew && l.Snapshot != "" && l.Snapshot != e.snapshot {
			// The page that the quotes stand on was innocent when it was
			// fetched, and its capture may be gone: it is captured again.
			unseen = append(unseen, l.Snapshot)
		}
	}
	if err := s.store.ForgetCaptures(ctx, tx, unseen); err != nil {
		return nil, err
	}
	return tiles.spread(ctx, tx, s, w)
}

// tileNews is what result tiles say of offers whose own pages are known.
type tileNews struct {
	changed, same map[string]bool // by the key of the offer's page
}

// note compares what was known of an offer with what a tile made of it.
func (t *tileNews) note(known, tile, merged markwatch.Listing) {
	if merged.URL == "" || !store.FromTile(tile) || store.FromTile(known) {
		return
	}
	if t.changed == nil {
		t.changed, t.same = map[string]bool{}, map[string]bool{}
	}
	key := canonical.Key(merged.URL)
	if store.Differs(known, merged) {
		t.changed[key] = true
	} else {
		t.same[key] = true
	}
}

// spread brings the pages of changed offers forward and lets those of
// unchanged ones wait.
func (t *tileNews) spread(ctx context.Context, tx *sql.Tx, s *Scanner, w *watch) (reopen []string, err error) {
	if len(t.changed) > 0 {
		now := map[string]time.Time{}
		for key := range t.changed {
			now[key] = time.Time{}
		}
		if _, err := s.store.HastenVisits(ctx, tx, w.source.ID, now); err != nil {
			return nil, err
		}
	}
	if len(t.same) > 0 {
		until := s.now().Add(2 * time.Duration(w.source.Revisit.Min))
		if err := s.store.DelayVisits(ctx, tx, w.source.ID, slices.Sorted(maps.Keys(t.same)), until, time.Duration(w.source.Revisit.Max)); err != nil {
			return nil, err
		}
	}
	return slices.Sorted(maps.Keys(t.changed)), nil
}

// putVisit remembers the page for the next scan.
func (s *Scanner) putVisit(ctx context.Context, tx *sql.Tx, w *watch, e *effect) error {
	if e.visit == nil {
		return nil
	}
	v := e.visit
	w.settle(v)
	if e.confirmed && !e.renewed {
		return s.store.ConfirmVisit(ctx, tx, v.Source, v.Key, v.CheckedAt, v.DueAt, v.Interval, v.Unchanged)
	}
	return s.store.PutVisit(ctx, tx, *v)
}

// leave commits the addresses whose turn has not come: nothing is asked for,
// the links that they hold lead on, and the offers on them stand as they were
// last read.
func (s *Scanner) leave(ctx context.Context, w *watch, lease frontier.Lease, entries []frontier.Entry, visits map[string]store.Visit) error {
	if len(entries) == 0 {
		return nil
	}
	var links []frontier.Link
	var listings []string
	for _, entry := range entries {
		v := visits[entry.Key]
		links = append(links, w.known(entry, v.Links)...)
		listings = append(listings, v.Listings...)
	}
	slices.Sort(listings)
	listings = slices.Compact(listings)
	var delta store.PageDelta
	err := s.store.Tx(ctx, func(tx *sql.Tx) error {
		if err := s.frontier.FinishMany(ctx, tx, lease, entries, markwatch.PageNotDue, ""); err != nil {
			return err
		}
		var err error
		if delta, err = s.store.CarryListings(ctx, tx, lease.Scan, lease.Source, listings); err != nil {
			return err
		}
		delta.Add(markwatch.PageNotDue, len(entries))
		if _, err := s.frontier.Add(ctx, tx, lease.Scan, lease.Source, links); err != nil {
			return err
		}
		return s.store.CountPage(ctx, tx, lease.Scan, delta)
	})
	if err != nil {
		return fmt.Errorf("leaving %d addresses of %s for later: %w", len(entries), lease.Host, err)
	}
	s.frontier.Learn(lease.Scan, links)
	s.counted(lease.Source, delta)
	return nil
}

// fail records that a page could not be had: tried again later where that may
// help, counted as what it is otherwise. traffic is what it cost all the same.
func (s *Scanner) fail(ctx context.Context, lease frontier.Lease, entry frontier.Entry, traffic int64, cause error) error {
	outcome, reason := markwatch.PageFailed, cause.Error()
	var retryAfter time.Duration
	retry := false
	var fetch *crawler.FetchError
	if errors.As(cause, &fetch) {
		switch fetch.Reason {
		case crawler.ReasonBackingOff:
			return &frontier.Pause{For: fetch.RetryAfter}
		case crawler.ReasonCapture:
			// What cannot be kept as evidence is not read either.
			return markwatch.WrapError(markwatch.CodeUnavailable, fetch, "不能保存网页证据 pages cannot be captured")
		}
		outcome, reason, retry, retryAfter = fetch.Outcome, fetch.Error(), fetch.Retry, fetch.RetryAfter
	}
	delta := store.PageDelta{Outcome: outcome}
	again := false
	err := s.store.Tx(ctx, func(tx *sql.Tx) (err error) {
		if traffic > 0 {
			if err := s.frontier.Spend(ctx, tx, entry.Scan, traffic); err != nil {
				return err
			}
		}
		if retry {
			again, err = s.frontier.Retry(ctx, tx, lease, entry, s.now().Add(max(retryAfter, backoff(s.retry, entry.Faults))), reason)
			if err != nil || again {
				return err
			}
		} else if err := s.frontier.Finish(ctx, tx, lease, entry, outcome, reason); err != nil {
			return err
		}
		return s.store.CountPage(ctx, tx, entry.Scan, delta)
	})
	if err == nil && !again {
		s.counted(entry.Source, delta)
	}
	return err
}

// backoff is how long an address waits after one more ordinary fault than it
// had: once to twice the first wait, doubled with each, at random so that those
// which failed together do not come back together.
func backoff(first time.Duration, faults int) time.Duration {
	base := first << min(faults, 6)
	return base + rand.N(base)
}
