package feed

import (
	"bufio"
	"strconv"
	"strings"
)

// sitemapURL is one page of a sitemap. A news sitemap
// (https://www.google.com/schemas/sitemap-news/0.9) gives it a title.
func (r *reader) sitemapURL(n *node) bool {
	title, modified := "", n.value("lastmod", "")
	if news := n.kid("news", "news"); news != nil {
		title = news.value("title", "news", "")
		if modified == "" {
			modified = news.value("publication_date", "news", "")
		}
	}
	return r.add(&r.Pages, "<url>", n.value("loc", ""), modified, title)
}

func (r *reader) sitemapSitemap(n *node) bool {
	return r.add(&r.Feeds, "<sitemap>", n.value("loc", ""), n.value("lastmod", ""), "")
}

// readText reads a list of addresses, one a line. The first lines decide
// whether it is one.
func (r *reader) readText() error {
	const judged = 20
	good, seen := 0, 0
	for line := range strings.Lines(r.text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if seen++; isAddress(line) {
			good++
		}
		if seen == judged {
			break
		}
	}
	if good == 0 || good*2 < seen {
		return notAFeed("text that is no list of addresses")
	}
	r.Kind = Text
	lines := bufio.NewScanner(strings.NewReader(r.text))
	lines.Buffer(make([]byte, 0, 4096), maxBytes)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		switch {
		case line == "":
		case !isAddress(line):
			r.problem("line %d: %q is no address of a page", n, shorten(line, 80))
		case !r.add(&r.Pages, "line "+strconv.Itoa(n), line, "", ""):
			return nil
		}
	}
	return nil
}

func isAddress(line string) bool {
	lower := strings.ToLower(line[:min(len(line), 8)])
	return (strings.HasPrefix(lower, "http://") || lower == "https://") && !strings.ContainsAny(line, " \t<>\"")
}
