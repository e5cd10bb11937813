package extract

import (
	"net/url"
	"strings"

	"golang.org/x/net/html/atom"

	"github.com/markwatch/markwatch/crawler/canonical"
)

// Link is an address that a page points at.
type Link struct {
	// URL is absolute, http or https, in the form of package canonical.
	URL string
	// Text is what a reader clicks on; empty for links without one.
	Text string
	// NoFollow is set where the page asks not to follow it (rel=nofollow on
	// the link or nofollow among the page's robots directives).
	NoFollow bool
}

// maxLinks bounds what one page may put into the frontier.
const maxLinks = 20_000

// resolveBase sets the address that links resolve against: the first <base>
// that is http or https, else the page's own.
func (d *Document) resolveBase() {
	d.base = d.url
	for _, n := range d.links {
		if n.DataAtom != atom.Base || !hasAttr(n, "href") {
			continue
		}
		if ref, err := d.url.Parse(strings.TrimSpace(attr(n, "href"))); err == nil && (ref.Scheme == "http" || ref.Scheme == "https") {
			d.base = ref
		}
		return
	}
}

// absolute resolves a link of the page to its canonical address, "" where it
// is none that can be fetched.
func (d *Document) absolute(ref string) string {
	ref = strings.TrimSpace(ref)
	if ref == "" || len(ref) > 8192 || ref[0] == '#' {
		return ""
	}
	if i := strings.IndexAny(ref, ":/?#"); i > 0 && ref[i] == ':' {
		if scheme := strings.ToLower(ref[:i]); scheme != "http" && scheme != "https" {
			return ""
		}
	}
	u, err := canonical.Resolve(d.base, ref)
	if err != nil {
		return ""
	}
	return u
}

// picture resolves the address of a picture, which is kept as written.
func (d *Document) picture(ref string) string { return pictureAddress(d.base, ref) }

func pictureAddress(base *url.URL, ref string) string {
	ref = strings.TrimSpace(ref)
	if ref == "" || len(ref) > 4096 {
		return ""
	}
	if base == nil {
		base = &url.URL{}
	}
	u, err := base.Parse(ref)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ""
	}
	return u.String()
}

// canonicalAddress is the page's own address: what it declares as canonical
// where that is on the same host and does not lead to the site's root, else
// the address that answered.
func (d *Document) canonicalAddress() string {
	own, err := canonical.URL(d.url.String())
	if err != nil {
		return ""
	}
	for _, n := range d.links {
		if n.DataAtom == atom.Link && relHas(attr(n, "rel"), "canonical") {
			declared := d.absolute(attr(n, "href"))
			u, err := url.Parse(declared)
			if declared == "" || err != nil || !strings.EqualFold(u.Hostname(), d.url.Hostname()) {
				break
			}
			if strings.Trim(u.Path, "/") == "" && strings.Trim(d.url.Path, "/") != "" {
				break
			}
			if _, id := identify(u); d.ident.item != "" && id.item != d.ident.item {
				break
			}
			return declared
		}
	}
	return own
}

// Links are the addresses that the page points at, each once, in document
// order: anchors and areas, next, previous and canonical link elements, and a
// meta refresh.
func (d *Document) Links() []Link {
	seen := map[string]int{}
	var out []Link
	noFollowAll := false
	if robots := strings.ToLower(d.metaContent("robots")); strings.Contains(robots, "nofollow") || robots == "none" {
		noFollowAll = true
	}
	add := func(ref, text, rel string) {
		u := d.absolute(ref)
		if u == "" || len(out) >= maxLinks {
			return
		}
		link := Link{URL: u, Text: clip(text, 300), NoFollow: noFollowAll || relHas(rel, "nofollow")}
		if i, ok := seen[u]; ok {
			if out[i].Text == "" {
				out[i].Text = link.Text
			}
			out[i].NoFollow = out[i].NoFollow && link.NoFollow
			return
		}
		seen[u] = len(out)
		out = append(out, link)
	}
	for _, n := range d.links {
		if rel := attr(n, "rel"); n.DataAtom == atom.Link && (relHas(rel, "next") || relHas(rel, "prev") || relHas(rel, "canonical")) {
			add(attr(n, "href"), "", rel)
		}
	}
	if target := refreshTarget(d.metaContent("refresh")); target != "" {
		add(target, "", "")
	}
	for _, i := range d.anchors {
		n := d.elems[i].n
		text := d.inside(i)
		if text == "" {
			text = squeeze(attr(n, "title"))
		}
		add(attr(n, "href"), text, attr(n, "rel"))
	}
	for i := range d.elems {
		if n := d.elems[i].n; n.DataAtom == atom.Area {
			add(attr(n, "href"), squeeze(attr(n, "alt")), attr(n, "rel"))
		}
	}
	return out
}

func relHas(rel, word string) bool {
	if rel == "" {
		return false
	}
	for w := range strings.FieldsSeq(rel) {
		if strings.EqualFold(w, word) {
			return true
		}
	}
	return false
}

// refreshTarget reads the address of <meta http-equiv=refresh content="5; url=…">.
func refreshTarget(content string) string {
	_, rest, ok := strings.Cut(content, ";")
	if !ok {
		if _, rest, ok = strings.Cut(content, ","); !ok {
			return ""
		}
	}
	rest = strings.TrimSpace(rest)
	if len(rest) < 4 || !strings.EqualFold(rest[:3], "url") {
		return ""
	}
	rest = strings.TrimSpace(rest[3:])
	rest, ok = strings.CutPrefix(rest, "=")
	if !ok {
		return ""
	}
	return strings.Trim(strings.TrimSpace(rest), `"'`)
}
