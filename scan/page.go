package scan

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"mime"
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler"
	"github.com/markwatch/markwatch/crawler/canonical"
	"github.com/markwatch/markwatch/crawler/extract"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/matchers"
	"github.com/markwatch/markwatch/store"
)

// effect is all that one page does to the record. It is committed as a whole.
type effect struct {
	outcome  markwatch.PageOutcome
	reason   string
	links    []frontier.Link
	listings []markwatch.Listing
}

// read turns a page into its effect: links within the source's scope and the
// listings on it. It touches nothing.
func (w *watch) read(entry frontier.Entry, page *markwatch.Page) effect {
	if !isHTML(page) {
		return effect{outcome: markwatch.PageFetched, reason: "not-html"}
	}
	doc, err := extract.Parse(page)
	if err != nil {
		return effect{outcome: markwatch.PageUndecodable, reason: err.Error()}
	}
	if reason, blocked := crawler.Blocked(page, doc.Title(), doc.Text()); blocked {
		return effect{outcome: markwatch.PageBlocked, reason: reason}
	}
	e := effect{outcome: markwatch.PageFetched, links: w.follow(entry, doc.Links())}
	holdsOffer := w.scope.Listing(page.FinalURL)
	e.listings = doc.Listings(extract.Options{Source: w.source, Listing: holdsOffer})
	if len(e.listings) == 0 && (holdsOffer || doc.Text() == "") {
		e.outcome = markwatch.PageEmpty
	}
	return e
}

// isHTML says whether a page is worth parsing. A page without a declared type
// is; browsers guess too.
func isHTML(page *markwatch.Page) bool {
	declared := page.ContentType()
	if declared == "" {
		return true
	}
	media, _, err := mime.ParseMediaType(declared)
	if err != nil {
		media = strings.ToLower(declared)
	}
	return strings.Contains(media, "html") || strings.Contains(media, "xml") || strings.HasPrefix(media, "text/plain")
}

// follow keeps the links that the source's scope and depth allow.
func (w *watch) follow(entry frontier.Entry, links []extract.Link) []frontier.Link {
	if w.source.Kind == markwatch.KindArchive || w.source.Limits.Depth > 0 && entry.Depth >= w.source.Limits.Depth {
		return nil
	}
	var keep []frontier.Link
	for _, l := range links {
		if w.scope.Follow(l.URL) {
			keep = append(keep, frontier.Link{
				URL: l.URL, Key: canonical.Key(l.URL), Host: canonical.Host(l.URL), Depth: entry.Depth + 1, Name: entry.Name,
			})
		}
	}
	return keep
}

// commit writes a page's whole effect in one transaction: its address done,
// its links, listings, verdicts and leads, and the scan's counts. A worker
// that lost its host writes nothing.
func (s *Scanner) commit(ctx context.Context, lease frontier.Lease, entry frontier.Entry, e effect) error {
	err := s.store.Tx(ctx, func(tx *sql.Tx) error {
		if err := s.frontier.Finish(ctx, tx, lease, entry, e.outcome, e.reason); err != nil {
			return err
		}
		delta := store.PageDelta{Outcome: e.outcome}
		if err := s.putListings(ctx, tx, entry.Scan, e.listings, &delta); err != nil {
			return err
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
	if len(e.listings) > 0 {
		s.fed()
	}
	return nil
}

// putListings merges each listing with what is known of the offer, judges it
// and stores both.
func (s *Scanner) putListings(ctx context.Context, tx *sql.Tx, scanID string, listings []markwatch.Listing, delta *store.PageDelta) error {
	if len(listings) == 0 {
		return nil
	}
	// One order for all pages: two that share offers cannot wait for each other.
	slices.SortFunc(listings, func(a, b markwatch.Listing) int { return strings.Compare(a.ID, b.ID) })
	ids := make([]string, 0, len(listings))
	for _, l := range listings {
		ids = append(ids, l.ID)
	}
	prior, err := s.store.Prior(ctx, tx, ids)
	if err != nil {
		return err
	}
	for _, l := range listings {
		if known, ok := prior[l.ID]; ok {
			l = store.Merge(known, l)
		}
		verdict := s.matchers.Check(matchers.Input{Listing: l, At: s.now()})
		put, err := s.store.PutListing(ctx, tx, scanID, l, verdict, store.PutOptions{IndexAll: s.indexAll})
		if err != nil {
			return err
		}
		delta.Count(put)
		prior[l.ID] = l
	}
	return nil
}

// fail records that a page could not be had: tried again later where that may
// help, counted as what it is otherwise.
func (s *Scanner) fail(ctx context.Context, lease frontier.Lease, entry frontier.Entry, cause error) error {
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
		if sign, blocked := blockedAnswer(fetch.Page); blocked {
			outcome, reason, retry = markwatch.PageBlocked, sign, false
		}
	}
	return s.store.Tx(ctx, func(tx *sql.Tx) error {
		if retry {
			again, err := s.frontier.Retry(ctx, tx, lease, entry, s.now().Add(max(retryAfter, backoff(s.retry, entry.Faults))), reason)
			if err != nil || again {
				return err
			}
		} else if err := s.frontier.Finish(ctx, tx, lease, entry, outcome, reason); err != nil {
			return err
		}
		delta := store.PageDelta{Outcome: outcome}
		if fetch != nil && (fetch.Reason == "http-404" || fetch.Reason == "http-410") {
			gone, err := s.store.MarkGone(ctx, tx, entry.Scan, entry.URL, s.now(), store.PutOptions{IndexAll: s.indexAll})
			if err != nil {
				return err
			}
			delta.Listings.Gone = len(gone)
		}
		return s.store.CountPage(ctx, tx, entry.Scan, delta)
	})
}

// backoff is how long an address waits after one more ordinary fault than it
// had: once to twice the first wait, doubled with each, at random so that those
// which failed together do not come back together.
func backoff(first time.Duration, faults int) time.Duration {
	base := first << min(faults, 6)
	return base + rand.N(base)
}

// blockedAnswer looks for a wall in the body of an error status.
func blockedAnswer(page *markwatch.Page) (reason string, blocked bool) {
	if page == nil {
		return "", false
	}
	doc, err := extract.Parse(page)
	if err != nil {
		return "", false
	}
	return crawler.Blocked(page, doc.Title(), doc.Text())
}
