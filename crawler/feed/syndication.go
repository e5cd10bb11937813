package feed

import (
	"strings"
)

// feedLink is a link of the document itself; rel=next is where a paged feed
// goes on (RFC 5005 section 3).
func (r *reader) feedLink(n *node) bool {
	if strings.EqualFold(n.attr("rel"), "next") && r.Next == "" {
		r.Next = r.address(n.attr("href"))
	}
	return true
}

// item is an entry of RSS. Its page is the link, the address that a service
// put its own before, or the guid where it says that it is an address.
func (r *reader) item(n *node) bool {
	link := n.value("origlink", "feedburner")
	for _, candidate := range []func() string{
		func() string { return n.value("link", "", "g") },
		func() string { return entryLink(n) },
		func() string {
			if guid := n.kid("guid", ""); guid != nil && !strings.EqualFold(guid.attr("isPermaLink"), "false") && isAddress(strings.TrimSpace(guid.text)) {
				return guid.text
			}
			return ""
		},
		func() string { return n.attr("about") },
	} {
		if link == "" {
			link = candidate()
		}
	}
	return r.syndicated(n, "<item>", link, firstOf(n.value("updated", "atom"), n.value("pubdate", ""), n.value("date", "dc", ""), n.value("modified", "")))
}

// entry is an entry of Atom.
func (r *reader) entry(n *node) bool {
	outer := r.base
	r.rebase(n.attrs)
	defer func() { r.base = outer }()
	link := entryLink(n)
	if id := n.value("id", "atom", ""); link == "" && isAddress(id) {
		link = id
	}
	return r.syndicated(n, "<entry>", firstOf(link, n.value("link", "g")), firstOf(n.value("updated", "atom", ""), n.value("modified", "atom", ""), n.value("published", "atom", "")))
}

// entryLink is the page of an Atom entry: the link of rel=alternate, which is
// also the one without rel, HTML before other types (RFC 4287 section 4.2.7.2).
func entryLink(n *node) string {
	best, rank := "", 0
	for _, k := range n.kids {
		if k.name != "link" || k.ns != "atom" && k.ns != "" || k.attr("href") == "" {
			continue
		}
		score := 0
		if rel := strings.ToLower(k.attr("rel")); rel == "" || rel == "alternate" {
			score = 2
			if kind := strings.ToLower(k.attr("type")); kind == "" || strings.Contains(kind, "html") {
				score = 3
			}
		}
		if score > rank {
			best, rank = k.attr("href"), score
		}
	}
	return best
}

// syndicated is what RSS and Atom have in common: a page, and an offer where
// the entry carries a price.
func (r *reader) syndicated(n *node, where, link, modified string) bool {
	title := firstOf(n.value("title", "", "atom", "g"), n.value("title", "media"), n.value("name", "", "g"))
	if link != "" {
		if !r.add(&r.Pages, where, link, modified, title) {
			return false
		}
	} else if !priced(n) {
		r.problem("%s without an address: %q", where, shorten(title, 80))
		return true
	}
	if !priced(n) {
		return true
	}
	return r.goods(n, where, link, title)
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
