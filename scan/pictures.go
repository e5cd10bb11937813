package scan

import (
	"context"
	"net/url"
	"strings"
	"sync"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler"
	"github.com/markwatch/markwatch/crawler/canonical"
	"github.com/markwatch/markwatch/matchers"
	"github.com/markwatch/markwatch/matchers/pictures"
)

// How many pictures are fetched of one offer, and of one page: the first ones
// show the goods, the rest is advertising.
const (
	picturesPerOffer = 4
	picturesPerPage  = 24
)

// pictureSessions are the sessions for pictures, one a host; pictures mostly lie on
// hosts of their own.
type pictureSessions struct {
	mu   sync.Mutex
	open map[string]*crawler.Session
}

func (p *pictureSessions) of(w *webSession, host string) (*crawler.Session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s, ok := p.open[host]; ok {
		return s, nil
	}
	s, err := w.s.crawler.Pictures(w.watch.source, host)
	if err != nil {
		return nil, err
	}
	if p.open == nil {
		p.open = map[string]*crawler.Session{}
	}
	p.open[host] = s
	return s, nil
}

func (p *pictureSessions) traffic() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	var sum int64
	for _, s := range p.open {
		sum += s.Traffic()
	}
	return sum
}

func (p *pictureSessions) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.open {
		s.Close()
	}
}

// fetchPictures fetches the pictures of a page's offers, as the source asks:
// of none, of those that are flagged, or of all. A picture that cannot be had
// costs the offer nothing.
func (w *webSession) fetchPictures(ctx context.Context, e *effect) {
	mode := w.watch.source.Pictures
	if mode != "flagged" && mode != "all" {
		return
	}
	left := picturesPerPage
	for i := range e.listings {
		l := &e.listings[i]
		if len(l.Images) == 0 || mode == "flagged" && !w.s.known.Load().matchers.Check(matchers.Input{Listing: *l, At: w.s.now()}).Flagged {
			continue
		}
		for _, address := range l.Images[:min(len(l.Images), picturesPerOffer)] {
			if left == 0 || ctx.Err() != nil {
				return
			}
			left--
			if p, ok := w.picture(ctx, address); ok {
				l.Pictures = append(l.Pictures, p)
			}
		}
	}
}

func (w *webSession) picture(ctx context.Context, address string) (markwatch.Picture, bool) {
	p := markwatch.Picture{URL: address}
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(u.Scheme, "http") || u.Host == "" {
		return p, false
	}
	session, err := w.pictures.of(w, canonical.Host(address))
	if err != nil {
		return p, false
	}
	page, err := session.Fetch(ctx, crawler.Request{URL: address})
	if err != nil || page.Truncated {
		w.s.log.DebugContext(ctx, "a picture could not be had", "url", address, "error", err)
		return p, false
	}
	p.Snapshot = page.Snapshot
	hash, err := pictures.Of(page.Body)
	if err != nil {
		w.s.log.DebugContext(ctx, "a picture cannot be told from others", "url", address, "error", err)
		return p, p.Snapshot != ""
	}
	p.Hash = hash.String()
	return p, true
}
