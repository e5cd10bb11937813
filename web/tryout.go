package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
)

// TriedPage is what the extractors read out of one page.
type TriedPage struct {
	// Outcome is what became of the page, Final its address after redirects.
	Outcome  markwatch.PageOutcome
	Status   int
	Final    string
	Listings []markwatch.Listing
	Verdicts []markwatch.Verdict
}

// Extractor fetches one address as a source's crawler would, within robots.txt
// and its bounds, and reads it; nothing is kept.
type Extractor interface {
	TryExtract(ctx context.Context, source, address string) (TriedPage, error)
}

// tryTimeout bounds one try.
const tryTimeout = 45 * time.Second

// maxTried bounds the listings that a try shows.
const maxTried = 10

// tryView is the page on which extraction is tried.
type tryView struct {
	Source, Name, Address, Problem string
	Done                           bool
	Outcome                        markwatch.PageOutcome
	Status                         int
	Final                          string
	Found                          int64
	Listings                       []triedListing
}

type triedListing struct {
	Title  string
	Score  scoreGlyph
	Badges []badge
	Fields []fieldView
}

func (d *desk) tryPage(w http.ResponseWriter, r *http.Request) {
	v, err := d.tryFor(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.render(w, r, http.StatusOK, "tryout", d.cat.text(language(r), "try.title"), v)
}

// tryFor is the page before anything was tried.
func (d *desk) tryFor(r *http.Request) (tryView, error) {
	v := tryView{Source: r.PathValue("id")}
	if d.cfg.Extractor == nil || d.cfg.Sources == nil {
		return v, markwatch.Errorf(markwatch.CodeNotFound, "%s", r.URL.Path)
	}
	list, err := d.cfg.Sources.Sources(r.Context())
	if err != nil {
		return v, err
	}
	for _, s := range list {
		if s.ID == v.Source {
			v.Name = d.sourceName(s.ID)
			return v, nil
		}
	}
	return v, markwatch.Errorf(markwatch.CodeNotFound, "%s", r.URL.Path)
}

func (d *desk) tryExtraction(w http.ResponseWriter, r *http.Request) {
	l := language(r)
	v, err := d.tryFor(r)
	if err == nil {
		v.Address = strings.TrimSpace(r.PostForm.Get("address"))
		err = d.audit(r, actorOf(r), AuditTryExtracted, v.Source, v.Address)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	if v.Address = outsideURL(v.Address); v.Address == "" {
		v.Address, v.Problem = r.PostForm.Get("address"), d.cat.text(l, "try.address")
		d.render(w, r, http.StatusBadRequest, "tryout", d.cat.text(l, "try.title"), v)
		return
	}
	tried, err := d.extracted(r, v.Source, v.Address)
	if err != nil {
		v.Problem = sentence(l, err)
	} else {
		v.Done, v.Outcome, v.Status, v.Final, v.Found = true, tried.Outcome, tried.Status, outsideURL(tried.Final), int64(len(tried.Listings))
	}
	for i, listing := range tried.Listings[:min(len(tried.Listings), maxTried)] {
		t := triedListing{}
		t.Title, _ = clip(listing.Title, leadTitle)
		var verdict markwatch.Verdict
		if i < len(tried.Verdicts) {
			verdict = tried.Verdicts[i]
			t.Badges = d.badges(l, verdict)
		}
		t.Score, t.Fields = newScoreGlyph(verdict.Score), d.fields(l, listing, verdict)
		v.Listings = append(v.Listings, t)
	}
	d.render(w, r, http.StatusOK, "tryout", d.cat.text(l, "try.title"), v)
}

// extracted tries extraction on one address.
func (d *desk) extracted(r *http.Request, source, address string) (TriedPage, error) {
	ctx, cancel := context.WithTimeout(r.Context(), tryTimeout)
	defer cancel()
	return d.cfg.Extractor.TryExtract(ctx, source, address)
}
