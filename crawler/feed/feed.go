// Package feed reads the documents by which a site tells machines what it has:
// sitemaps and their indexes, RSS, Atom, and JSON endpoints whose paths the
// source gives. It is pure, and what it reads is hostile: sizes, depths and
// counts are bounded, and a broken document gives what could be read of it
// beside a problem that says so.
package feed

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/extract"
)

// Kind is what a document turned out to be.
type Kind string

// The kinds of feed.
const (
	Sitemap      Kind = "sitemap"       // https://www.sitemaps.org/protocol.html
	SitemapIndex Kind = "sitemap-index" // the same, of sitemaps
	Text         Kind = "text"          // the same, one address a line
	RSS          Kind = "rss"           // 0.9x, 1.0 (RDF) and 2.0
	Atom         Kind = "atom"          // RFC 4287
	JSON         Kind = "json"          // by the source's paths, or https://www.jsonfeed.org
)

// Feed is what a document tells.
type Feed struct {
	Kind Kind
	// Feeds are further sitemaps, Pages the pages, both in document order.
	Feeds, Pages []Link
	// Listings are the offers that the document itself describes: items of a
	// JSON endpoint, and entries of RSS and Atom that carry a price.
	Listings []markwatch.Listing
	// Next is the address where the document goes on; empty at its end.
	Next string
	// Problems are what could not be read, for people; at most maxProblems.
	Problems []string
	// dropped counts the problems beyond the limit.
	dropped int
}

// Link is an address with what the feed says of it.
type Link struct {
	// URL is absolute, http or https, in the form of package canonical.
	URL string
	// Modified is when the page last changed, as the site says; zero where it
	// does not.
	Modified time.Time
	Title    string
}

const (
	// maxEntries is the protocol's limit for one sitemap, and ours for the rest.
	maxEntries = 50_000
	// maxBytes bounds a document after decompression.
	maxBytes    = 64 << 20
	maxProblems = 50
	maxTitle    = 1000
)

// Parse reads a feed. Its kind is told from the content, whatever the declared
// type. src gives the paths of JSON and the platform's id, and may be nil. The
// error has CodeInvalid where the document is none of the kinds.
func Parse(page *markwatch.Page, src *markwatch.Source) (*Feed, error) {
	if page.Status >= http.StatusBadRequest {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "the feed's address answered with status %d", page.Status)
	}
	base, err := baseOf(page)
	if err != nil {
		return nil, err
	}
	if src == nil {
		src = &markwatch.Source{ID: page.Source}
	}
	f := &Feed{}
	if page.Truncated {
		f.problem("a limit cut the document")
	}
	body, err := f.inflate(page.Body)
	if err != nil {
		return nil, err
	}
	text, err := extract.DecodeText(body, declaredCharset(page, body))
	if err != nil {
		return nil, fmt.Errorf("decoding the feed: %w", err)
	}
	r := reader{Feed: f, page: page, src: src, base: base, text: strings.TrimSpace(text)}
	if err := r.read(); err != nil {
		return nil, err
	}
	if next := nextHeader(page.Header); f.Next == "" && next != "" {
		f.Next = r.address(next)
	}
	if f.Next == r.address(base.String()) {
		f.Next = ""
	}
	if f.dropped > 0 {
		f.Problems = append(f.Problems, fmt.Sprintf("%d further problems", f.dropped))
	}
	return f, nil
}

// reader reads one document into its Feed.
type reader struct {
	*Feed
	page *markwatch.Page
	src  *markwatch.Source
	base *url.URL
	text string
}

func (r *reader) read() error {
	if strings.HasPrefix(r.text, "<") {
		return r.readXML()
	}
	if raw, ok := jsonBody(r.text); ok {
		return r.readJSON(raw)
	}
	return r.readText()
}

func baseOf(page *markwatch.Page) (*url.URL, error) {
	raw := page.FinalURL
	if raw == "" {
		raw = page.URL
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "the feed's address %q is not absolute", raw)
	}
	return u, nil
}

// inflate takes gzip off a body that servers hand out as a file of that kind.
func (f *Feed) inflate(body []byte) ([]byte, error) {
	if len(body) > maxBytes {
		f.problem("the document is longer than %d bytes; the rest was left out", maxBytes)
		body = body[:maxBytes]
	}
	if !bytes.HasPrefix(body, []byte("\x1f\x8b")) {
		return body, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "the feed's gzip cannot be read")
	}
	out, err := io.ReadAll(io.LimitReader(z, maxBytes+1))
	if len(out) > maxBytes {
		f.problem("the document inflates to more than %d bytes; the rest was left out", maxBytes)
		return out[:maxBytes], nil
	}
	if err != nil && len(out) == 0 {
		return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "the feed's gzip cannot be read")
	}
	if err != nil {
		f.problem("the gzip breaks off: %v", err)
	}
	return out, nil
}

var prologCharset = regexp.MustCompile(`^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']`)

// declaredCharset is that of the XML prolog, which whoever wrote the document
// knew, else that of the header.
func declaredCharset(page *markwatch.Page, body []byte) string {
	if m := prologCharset.FindSubmatch(body[:min(len(body), 512)]); m != nil {
		return string(m[1])
	}
	_, params, err := mime.ParseMediaType(page.ContentType())
	if err != nil {
		return ""
	}
	return params["charset"]
}

// address is the canonical form of an address in the document, "" for what is
// none.
func (r *reader) address(ref string) string {
	if ref = strings.TrimSpace(ref); ref == "" {
		return ""
	}
	u, _ := extract.Address(r.base, ref)
	return u
}

// add puts a link on one of the two lists; it returns false where the list is
// full.
func (r *reader) add(to *[]Link, where, ref, modified, title string) bool {
	if len(*to) >= maxEntries {
		r.problem("there are more than %d entries; the rest was left out", maxEntries)
		return false
	}
	u := r.address(ref)
	if u == "" {
		r.problem("%s: %q is no address of a page", where, shorten(ref, 80))
		return true
	}
	l := Link{URL: u, Title: shorten(extract.PlainText(title), maxTitle)}
	if modified = strings.TrimSpace(modified); modified != "" {
		var ok bool
		if l.Modified, ok = extract.ParseTime(modified, nil); !ok {
			r.problem("%s: %q is no date", where, shorten(modified, 40))
		}
	}
	*to = append(*to, l)
	return true
}

// offer finishes a listing; it returns false where the list is full.
func (r *reader) offer(where string, rec *extract.Record) bool {
	if len(r.Listings) >= maxEntries {
		r.problem("there are more than %d items; the rest was left out", maxEntries)
		return false
	}
	l, err := rec.Listing()
	if err != nil {
		r.problem("%s: %v", where, err)
		return true
	}
	l.Source, l.FetchedAt, l.Snapshot = r.src.ID, r.page.FetchedAt, r.page.Snapshot
	r.Listings = append(r.Listings, l)
	return true
}

// record starts the record of an item. Where nothing names a currency, a
// source inside China means its own.
func (r *reader) record() *extract.Record {
	rec := extract.NewRecord(markwatch.OriginState, r.src, r.base)
	if r.src.Region != "" {
		rec.Assume = markwatch.CNY
	}
	return rec
}

func (f *Feed) problem(format string, args ...any) {
	if len(f.Problems) >= maxProblems {
		f.dropped++
		return
	}
	f.Problems = append(f.Problems, fmt.Sprintf(format, args...))
}

var errUnknown = errors.New("it is no sitemap, RSS, Atom, JSON or list of addresses")

func notAFeed(what string) error {
	return markwatch.WrapError(markwatch.CodeInvalid, errUnknown, "the feed's address answers with %s", what)
}

// nextHeader is the target of rel=next in the Link header (RFC 8288).
func nextHeader(h http.Header) string {
	for _, line := range h.Values("Link") {
		for part := range strings.SplitSeq(line, ",") {
			target, params, found := strings.Cut(part, ">")
			target = strings.TrimSpace(target)
			if !found || !strings.HasPrefix(target, "<") {
				continue
			}
			params = strings.ToLower(strings.ReplaceAll(params, " ", ""))
			if strings.Contains(params, `rel="next"`) || strings.Contains(params, "rel=next") {
				return target[1:]
			}
		}
	}
	return ""
}

// shorten bounds a text at a character's border, n in bytes.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
