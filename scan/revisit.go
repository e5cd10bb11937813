package scan

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/canonical"
	"github.com/markwatch/markwatch/crawler/extract"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/store"
)

// readingForm names what a source's pages are read with: a visit of another
// form is no reason to leave a page unread.
func readingForm(src *markwatch.Source) (string, error) {
	// What decides which links and listings a page gives.
	settings, err := json.Marshal([]any{src.Kind, src.Allow, src.Deny, src.Listing, src.Fields, src.JSON, src.Render, src.Start})
	if err != nil {
		return "", fmt.Errorf("source %s: %w", src.ID, err)
	}
	sum := sha256.Sum256(settings)
	return extract.Form + "-" + hex.EncodeToString(sum[:8]), nil
}

// settle sets when a page is due again. An unchanged page waits half as long
// again as last time; a changed one, and one with a suspect offer, comes back
// sooner. The wait differs by up to a tenth from page to page, so that those
// which were found together do not come back together.
func (w *watch) settle(v *store.Visit) {
	lo, hi := time.Duration(w.source.Revisit.Min), time.Duration(w.source.Revisit.Max)
	switch {
	case v.Unchanged > 0:
		v.Interval += v.Interval / 2
	case v.Flagged:
		v.Interval = lo
	default:
		v.Interval = 2 * lo
	}
	v.Interval = min(max(v.Interval, lo), hi)
	v.DueAt = v.CheckedAt.Add(v.Interval - spread(v.Key, v.Interval/10))
}

// spread is a part of d that depends on the key alone.
func spread(key string, d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	sum := sha256.Sum256([]byte(key))
	return time.Duration(binary.BigEndian.Uint64(sum[:8]) % uint64(d))
}

// due tells whether a page must be asked for.
func (w *watch) due(v *store.Visit, now time.Time) bool {
	return v == nil || v.Always || v.Knowledge != w.form || !now.Before(v.DueAt)
}

// leadsOn tells whether a page is one that shows the way to offers, as result
// pages do: those are asked for in every scan.
func (e *effect) leadsOn(w *watch, entry frontier.Entry) bool {
	if w.scope.Listing(entry.URL) {
		return false
	}
	for _, l := range e.listings {
		if canonical.Key(l.URL) == entry.Key {
			return false
		}
	}
	if len(e.listings) >= 2 {
		return true
	}
	if len(w.source.Listing) == 0 {
		return false
	}
	for _, l := range e.links {
		if w.scope.Listing(l.URL) {
			return true
		}
	}
	return false
}
