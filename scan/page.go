package scan

import (
	"bytes"
	"mime"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler"
	"github.com/markwatch/markwatch/crawler/canonical"
	"github.com/markwatch/markwatch/crawler/extract"
	"github.com/markwatch/markwatch/crawler/feed"
	"github.com/markwatch/markwatch/crawler/frontier"
)

// read turns a page into its effect: links within the source's scope and the
// listings on it. It touches nothing.
func (w *watch) read(entry frontier.Entry, page *markwatch.Page) effect {
	if isFeed(w.source, page) {
		// Interfaces show walls too. Whatever else a feed says is its own.
		if reason, blocked := crawler.Blocked(page, "", string(page.Body)); blocked {
			return effect{outcome: markwatch.PageBlocked, reason: reason}
		}
		return w.readFeed(entry, page)
	}
	if !isHTML(page) {
		return effect{outcome: markwatch.PageFetched, reason: "not-html", snapshot: page.Snapshot}
	}
	doc, err := extract.Parse(page)
	if err != nil {
		return effect{outcome: markwatch.PageUndecodable, reason: err.Error()}
	}
	if reason, blocked := crawler.Blocked(page, doc.Title(), doc.Text()); blocked {
		return effect{outcome: markwatch.PageBlocked, reason: reason}
	}
	if reason, missing := crawler.SoftMissing(page, doc.Title(), doc.Text()); missing {
		return effect{outcome: markwatch.PageFailed, reason: reason, gone: true}
	}
	e := effect{outcome: markwatch.PageFetched, snapshot: page.Snapshot}
	if w.followsPages() {
		e.links = w.follow(entry, doc.Links())
	}
	holdsOffer := w.scope.Listing(page.FinalURL)
	e.listings = doc.Listings(extract.Options{Source: w.source, Listing: holdsOffer})
	if len(e.listings) == 0 && (holdsOffer || doc.Text() == "") {
		e.outcome = markwatch.PageEmpty
	}
	if w.source.Kind == markwatch.KindFeed && entry.Depth == 0 && len(e.links)+len(e.listings) == 0 {
		e.outcome = markwatch.PageEmpty
		e.warnings = append(e.warnings, "订阅源的地址给出的是普通网页 the feed's address answers with a web page: "+entry.URL)
	}
	if shape, trapped := w.sameness.of(entry.Scan).Seen(page.FinalURL, doc.Text()); trapped && entry.Depth > 0 {
		// The offers count, but the way goes on elsewhere.
		e.links, e.reason = nil, "trap: "+shape
		e.warnings = append(e.warnings, "网页千篇一律,不再跟进其链接 pages that are all alike, their links are not followed: "+shape)
	}
	return e
}

// followsPages says that the links of pages lead on: a feed names its pages
// itself, unless the source says what else may be followed, and a file has
// nowhere to lead.
func (w *watch) followsPages() bool {
	switch w.source.Kind {
	case markwatch.KindMarketplace, markwatch.KindSite:
		return true
	case markwatch.KindFeed:
		return len(w.source.Allow) > 0
	default:
		return false
	}
}

// isFeed says whether a page is a sitemap, a feed or a JSON answer. Sites name
// their sitemaps as starts too.
func isFeed(src *markwatch.Source, page *markwatch.Page) bool {
	switch src.Kind {
	case markwatch.KindFeed:
		return !isMarkup(page)
	case markwatch.KindMarketplace, markwatch.KindSite:
		head := bytes.TrimLeft(page.Body[:min(len(page.Body), 1024)], "\xef\xbb\xbf \t\r\n")
		return bytes.HasPrefix(head, []byte("<?xml")) && !bytes.Contains(bytes.ToLower(head), []byte("<html")) || bytes.HasPrefix(head, []byte("<urlset")) ||
			bytes.HasPrefix(head, []byte("<sitemapindex")) || bytes.HasPrefix(head, []byte("<rss"))
	default:
		return false
	}
}

// isMarkup says whether a page begins as a web page does.
func isMarkup(page *markwatch.Page) bool {
	head := bytes.ToLower(page.Body[:min(len(page.Body), 1024)])
	return bytes.Contains(head, []byte("<html")) || bytes.Contains(head, []byte("<!doctype html"))
}

// readFeed takes a feed's addresses and offers.
func (w *watch) readFeed(entry frontier.Entry, page *markwatch.Page) effect {
	f, err := feed.Parse(page, w.source)
	if err != nil {
		return effect{outcome: markwatch.PageUndecodable, reason: err.Error()}
	}
	e := effect{outcome: markwatch.PageFetched, snapshot: page.Snapshot, listings: f.Listings}
	for _, p := range f.Problems {
		e.warnings = append(e.warnings, "订阅源有误,其余已读 feed has a fault, the rest was read: "+p)
	}
	add := func(raw string, depth int) (key string, ok bool) {
		url, err := canonical.URL(raw)
		if err != nil || !w.scope.Follow(url) {
			return "", false
		}
		l := linkFrom(entry, url)
		l.Depth = depth
		e.links = append(e.links, l)
		return l.Key, true
	}
	// Further sitemaps and the next part of a list are of the same depth: it is
	// the same list.
	for _, l := range f.Feeds {
		add(l.URL, entry.Depth)
	}
	if f.Next != "" {
		add(f.Next, entry.Depth)
	}
	if deepest := w.source.Limits.Depth; deepest > 0 && entry.Depth >= deepest {
		return e
	}
	for _, l := range f.Pages {
		if key, ok := add(l.URL, entry.Depth+1); ok && !l.Modified.IsZero() {
			if e.hasten == nil {
				e.hasten = map[string]time.Time{}
			}
			e.hasten[key] = l.Modified
		}
	}
	if len(e.links) == 0 && len(e.listings) == 0 {
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
	if w.source.Limits.Depth > 0 && entry.Depth >= w.source.Limits.Depth {
		return nil
	}
	var keep []frontier.Link
	for _, l := range links {
		if w.scope.Follow(l.URL) {
			keep = append(keep, linkFrom(entry, l.URL))
		}
	}
	return keep
}

// sameList stands before a remembered address that continues the list on which
// it was found, as the next page of a feed does, and so is no deeper than it.
const sameList = "="

// remembered is how a page's link is kept for the next scan.
func remembered(entry frontier.Entry, l frontier.Link) string {
	if l.Depth <= entry.Depth {
		return sameList + l.URL
	}
	return l.URL
}

// known turns remembered addresses into links, as far as the depth still
// allows them.
func (w *watch) known(entry frontier.Entry, urls []string) []frontier.Link {
	deepest := w.source.Limits.Depth > 0 && entry.Depth >= w.source.Limits.Depth
	links := make([]frontier.Link, 0, len(urls))
	for _, kept := range urls {
		url, same := strings.CutPrefix(kept, sameList)
		if deepest && !same {
			continue
		}
		l := linkFrom(entry, url)
		if same {
			l.Depth = entry.Depth
		}
		links = append(links, l)
	}
	return links
}

func linkFrom(entry frontier.Entry, url string) frontier.Link {
	return frontier.Link{URL: url, Key: canonical.Key(url), Host: canonical.Host(url), Depth: entry.Depth + 1, Name: entry.Name}
}
