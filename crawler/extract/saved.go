package extract

import (
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html/atom"
)

// savedFrom is the comment that browsers write into a page that they save, the
// "mark of the web".
var savedFrom = regexp.MustCompile(`<!--\s*saved from url=\(\d{4}\)(https?://[^\s<>]+)`)

// savedHead is how much of a page is looked at for that comment.
const savedHead = 4096

// declaredAddress is where a page says it stands, for pages that come from a
// file and have no address of their own: its canonical link, og:url, or the
// comment of the browser that saved it; nil where it says nothing.
func (d *Document) declaredAddress() *url.URL {
	var candidates []string
	for _, n := range d.links {
		if n.DataAtom == atom.Link && relHas(attr(n, "rel"), "canonical") {
			candidates = append(candidates, attr(n, "href"))
		}
	}
	candidates = append(candidates, d.metaContent("og:url"))
	if m := savedFrom.FindSubmatch(d.page.Body[:min(len(d.page.Body), savedHead)]); m != nil {
		candidates = append(candidates, string(m[1]))
	}
	for _, raw := range candidates {
		u, err := url.Parse(strings.TrimSpace(raw))
		if err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" {
			return u
		}
	}
	return nil
}
