package scan

import (
	"context"
	"fmt"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/store"
)

// session takes the addresses of one host on the network, or the parts of one
// file.
type session interface {
	// Take returns what an address gave; known is what is remembered of it, or
	// nil. The error is the address's own fault.
	Take(ctx context.Context, entry frontier.Entry, known *store.Visit) (effect, error)
	// Release is when the host may be asked again; zero is at once.
	Release() time.Time
	Close()
}

// effect is all that one address does to the record. It is committed as a
// whole.
type effect struct {
	outcome  markwatch.PageOutcome
	reason   string
	links    []frontier.Link
	listings []markwatch.Listing
	// snapshot is the capture that the listings were read from.
	snapshot string
	// visit is what to remember of the address; nil leaves what is known.
	visit *store.Visit
	// confirmed says that the page is as it was: the listings of the visit are
	// seen again without being read.
	confirmed bool
	// renewed says that the visit of a confirmed page has more to remember
	// than that: validators.
	renewed bool
	// hasten brings addresses forward that were last looked at before a time.
	hasten map[string]time.Time
	// gone says that the address answers that there is nothing any more.
	gone bool
	// traffic is what came over the wire for it.
	traffic int64
	rows    markwatch.RowCounts
	// rendered says that a browser made the page: what came over the wire
	// tells nothing of whether it has changed.
	rendered bool
	// unshown says that a browser ought to have shown the page and did not:
	// nothing is remembered of it, so that it is asked for again.
	unshown bool
	// warnings are for the scan's record.
	warnings []string
	// turnedAway says that the host shows walls only and is left alone for
	// the rest of the night.
	turnedAway bool
}

// open opens what a host's job takes its addresses from.
func (s *Scanner) open(ctx context.Context, w *watch, lease frontier.Lease) (session, error) {
	switch w.source.Kind {
	case markwatch.KindArchive:
		return newArchiveSession(w, lease.Host), nil
	case markwatch.KindTable:
		return newTableSession(w, lease.Host), nil
	}
	states, err := s.store.SourceStates(ctx)
	if err != nil {
		return nil, err
	}
	web, err := s.crawler.Host(w.source, lease.Host)
	if err != nil {
		return nil, fmt.Errorf("opening host %s: %w", lease.Host, err)
	}
	if lease.Orphaned {
		// The worker before may have asked the host a moment before it died.
		lease.FreeAt = s.now().Add(w.delay())
	}
	web.NotBefore(lease.FreeAt)
	return &webSession{s: s, watch: w, web: web, walls: s.walls.of(lease.Scan, lease.Host), wary: states[w.source.ID].BlockedNights > 0}, nil
}

// delay is how long the source wants a host to be left alone between requests.
func (w *watch) delay() time.Duration {
	if d := w.source.Politeness.Delay; d != nil {
		return time.Duration(*d)
	}
	return crawler.DefaultDelay
}
