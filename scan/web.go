package scan

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler"
	"github.com/markwatch/markwatch/crawler/extract"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/store"
)

// webSession fetches from a host on the network.
type webSession struct {
	s     *Scanner
	watch *watch
	web   *crawler.Session
	walls *walls
	// shown is what came over the wire to the browser.
	shown    atomic.Int64
	mu       sync.Mutex
	spent    int64 // the part of the traffic that was told
	pictures pictureSessions
	// wary says that the source turned us away on its last night.
	wary bool
}

// Take asks for an address, as a conditional request where an earlier answer
// left something to compare with, and reads what came.
func (w *webSession) Take(ctx context.Context, entry frontier.Entry, known *store.Visit) (effect, error) {
	if reason, trapped := crawler.Trap(entry.URL, w.s.now()); trapped && entry.Depth > 0 {
		return effect{outcome: markwatch.PageFailed, reason: "trap: " + reason}, nil
	}
	req := crawler.Request{URL: entry.URL}
	if known != nil && known.Knowledge == w.watch.form {
		req.ETag, req.LastModified = known.ETag, known.LastModified
		if known.Capture.Snapshot != "" {
			req.Prior = &known.Capture
		}
	}
	e, err := w.take(ctx, entry, known, req)
	e.traffic = w.spend()
	return e, err
}

// spend is what came over the wire since it was last asked for.
func (w *webSession) spend() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.web.Traffic() + w.shown.Load() + w.pictures.traffic()
	news := all - w.spent
	w.spent = all
	return news
}

func (w *webSession) take(ctx context.Context, entry frontier.Entry, known *store.Visit, req crawler.Request) (effect, error) {
	page, err := w.web.Fetch(ctx, req)
	lost := known != nil && known.Capture.Snapshot == ""
	if markwatch.ErrorCode(err) == markwatch.CodeNotFound && req.Prior != nil {
		// The capture that the server confirmed is no longer there.
		lost = true
		page, err = w.web.Fetch(ctx, crawler.Request{URL: entry.URL})
	}
	if err != nil {
		return w.fault(err)
	}
	digest := digestOf(page.Body)
	same := known != nil && known.Knowledge == w.watch.form && digest == known.Digest
	// Where the earlier capture is gone and the page came in full again, it is
	// read again, so that its offers stand on the new one.
	if page.Unchanged || same && (!lost || page.Snapshot == "") {
		w.walls.passed()
		return w.confirmed(known, page), nil
	}
	e, err := w.read(ctx, entry, page)
	if err != nil {
		return effect{}, err
	}
	if e.outcome == markwatch.PageBlocked {
		e.turnedAway = w.blocked()
		return e, nil
	}
	w.walls.passed()
	w.fetchPictures(ctx, &e)
	if !e.unshown && (e.outcome == markwatch.PageFetched || e.outcome == markwatch.PageEmpty) {
		e.visit = w.remember(entry, page, digest, &e)
		if same && e.visit.Digest != "" {
			e.outcome = markwatch.PageUnchanged
			e.visit.ChangedAt, e.visit.Interval, e.visit.Unchanged = known.ChangedAt, known.Interval, known.Unchanged+1
		}
	}
	return e, nil
}

// fault looks into an answer that is no page: a wall that came with an error
// status, or word that the offer is gone.
func (w *webSession) fault(err error) (effect, error) {
	var fetch *crawler.FetchError
	if !errors.As(err, &fetch) {
		return effect{}, err
	}
	if fetch.Reason == "http-404" || fetch.Reason == "http-410" {
		w.walls.passed()
		return effect{outcome: fetch.Outcome, reason: fetch.Error(), gone: true}, nil
	}
	if fetch.Outcome == markwatch.PageBlocked && !fetch.Retry {
		return effect{outcome: fetch.Outcome, reason: fetch.Error(), turnedAway: w.blocked()}, nil
	}
	if fetch.Page == nil {
		return effect{}, err
	}
	doc, parseErr := extract.Parse(fetch.Page)
	if parseErr != nil {
		return effect{}, err
	}
	if sign, blocked := crawler.Blocked(fetch.Page, doc.Title(), doc.Text()); blocked {
		return effect{outcome: markwatch.PageBlocked, reason: sign, turnedAway: w.blocked()}, nil
	}
	return effect{}, err
}

// blocked slows the host down and tells whether to leave it alone.
func (w *webSession) blocked() bool {
	w.web.Blocked()
	return w.walls.met(w.wary)
}

// confirmed is the effect of a page that is as it was.
func (w *webSession) confirmed(known *store.Visit, page *markwatch.Page) effect {
	v := *known
	v.CheckedAt = page.FetchedAt
	v.Unchanged++
	renewed := !page.Unchanged
	if renewed {
		// The content came again with validators of its own.
		v.ETag, v.LastModified = validators(page)
	}
	return effect{outcome: markwatch.PageUnchanged, visit: &v, confirmed: true, renewed: renewed, snapshot: v.Capture.Snapshot}
}

// remember is what is kept of a page that was read.
func (w *webSession) remember(entry frontier.Entry, page *markwatch.Page, digest string, e *effect) *store.Visit {
	v := &store.Visit{
		Source: entry.Source, Key: entry.Key, URL: entry.URL, Digest: digest, Knowledge: w.watch.form,
		CheckedAt: page.FetchedAt, ChangedAt: page.FetchedAt,
		Always: entry.Depth == 0 || e.leadsOn(w.watch, entry),
	}
	v.ETag, v.LastModified = validators(page)
	v.Capture = captureOf(page)
	if page.Truncated || e.rendered {
		// Half a page, or the shell of one, must not be taken for the whole
		// one next time.
		v.ETag, v.LastModified, v.Digest = "", "", ""
	}
	for _, l := range e.links {
		v.Links = append(v.Links, remembered(entry, l))
	}
	for _, l := range e.listings {
		v.Listings = append(v.Listings, l.ID)
	}
	return v
}

func captureOf(page *markwatch.Page) markwatch.Capture {
	return markwatch.Capture{Snapshot: page.Snapshot, URL: page.FinalURL, At: page.FetchedAt, PayloadDigest: page.PayloadDigest}
}

// validators are what a conditional request may ask with next time. They
// belong to the address that answered, so that a page behind a redirect has
// none.
func validators(page *markwatch.Page) (etag, lastModified string) {
	if page.FinalURL != page.URL {
		return "", ""
	}
	return page.Header.Get("ETag"), page.Header.Get("Last-Modified")
}

func digestOf(body []byte) string {
	sum := sha256.Sum256(body)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Release is when the host may be asked again.
func (w *webSession) Release() time.Time { return w.web.Release() }

// Close gives the connections back.
func (w *webSession) Close() {
	w.web.Close()
	w.pictures.close()
}
