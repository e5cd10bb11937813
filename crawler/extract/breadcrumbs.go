package extract

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// breadcrumbs is the page's category path: the BreadcrumbList of its markup,
// else the links of an element that is named one. The home page and the offer
// itself are left out.
func (d *Document) breadcrumbs() string {
	for _, tops := range [][]*item{d.ldItems, d.microItems} {
		for _, it := range tops {
			if parts := d.crumbs(it, 0); len(parts) > 0 {
				return strings.Join(parts, " > ")
			}
		}
	}
	for i := range d.elems {
		n := d.elems[i].n
		if !named(n, "breadcrumb", "breadcrumbs", "crumb", "crumbs", "crumbwrap") || d.elems[i].tend-d.elems[i].text > 60 {
			continue
		}
		var parts []string
		for j := int32(i) + 1; j < d.elems[i].end; j++ {
			if d.elems[j].n.DataAtom == atom.A {
				parts = append(parts, d.inside(j))
			}
		}
		if parts = d.path(parts); len(parts) > 0 {
			return strings.Join(parts, " > ")
		}
	}
	return ""
}

func (d *Document) crumbs(it *item, depth int) []string {
	if it.is("breadcrumblist") {
		var parts []string
		for _, e := range it.things("itemlistelement") {
			name := e.text("name")
			if name == "" {
				name = e.text("item")
			}
			parts = append(parts, name)
		}
		return d.path(parts)
	}
	if depth > 2 {
		return nil
	}
	for _, inner := range it.things("breadcrumb") {
		if parts := d.crumbs(inner, depth+1); len(parts) > 0 {
			return parts
		}
	}
	return nil
}

var homeWords = map[string]bool{"home": true, "首页": true, "主页": true, "homepage": true, "start": true, "startseite": true, "accueil": true, "strona główna": true, "inicio": true, "home page": true, "トップ": true, "홈": true, "全部": true, "all": true, "": true}

func (d *Document) path(parts []string) []string {
	var out []string
	title := letters(d.title)
	_, shown := d.heading()
	heading := letters(shown)
	for i, p := range parts {
		p = strings.Trim(squeeze(p), " >›»/|")
		if homeWords[strings.ToLower(p)] || len(p) > 120 || len(out) >= 10 {
			continue
		}
		if i == 0 && d.namesSite(p) || strings.HasPrefix(p, "http") {
			continue
		}
		if lower := strings.ToLower(p); strings.HasPrefix(lower, "see more") || strings.HasPrefix(lower, "view all") || strings.HasPrefix(lower, "back to") {
			continue
		}
		if i == len(parts)-1 && heading != "" && letters(p) == heading {
			continue
		}
		if i == len(parts)-1 && len(letters(p)) > 12 && strings.HasPrefix(title, letters(p)) {
			continue
		}
		out = append(out, p)
	}
	return out
}
