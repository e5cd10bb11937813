package extract

import (
	"strings"

	"golang.org/x/net/html/atom"

	"github.com/markwatch/markwatch"
)

// aboutWords head the part of a page that describes the offer.
var aboutWords = map[string]bool{"商品详情": true, "宝贝详情": true, "产品详情": true, "商品描述": true, "宝贝描述": true, "产品描述": true, "商品介绍": true, "产品介绍": true, "图文详情": true, "详情描述": true, "商品说明": true, "詳細": true, "商品説明": true, "상품설명": true,
	"description": true, "product description": true, "item description": true, "about this item": true, "product details": true, "about this product": true, "overview": true,
	"beschreibung": true, "produktbeschreibung": true, "artikelbeschreibung": true, "descrizione": true, "descripción": true, "descrição": true, "opis": true, "opis produktu": true, "omschrijving": true, "popis": true, "beskrivning": true, "описание": true, "תיאור": true}

// Bounds of a description found by its heading: its text runs, and the headings
// that are tried.
const (
	maxAbout      = 400
	maxAboutHeads = 20
)

// about is the description that stands under a heading for it: what follows
// the heading in the nearest element around it that holds more.
func (d *Document) about() string {
	heads := 0
	for i := range d.texts {
		run := &d.texts[i]
		if len(run.text) > 60 {
			continue
		}
		f := d.elems[run.in].flags
		if f&(inHidden|inChrome|inAside|inReview|inLink) != 0 || !aboutWords[strings.ToLower(strings.TrimRight(squeeze(run.text), colons+" "))] {
			continue
		}
		if heads++; heads > maxAboutHeads {
			return ""
		}
		for at, up := run.in, 0; at >= 0 && up < 4; at, up = d.elems[at].parent, up+1 {
			end := d.elems[at].tend
			if end <= int32(i)+1 {
				continue
			}
			if end-int32(i) > maxAbout || d.elems[at].n.DataAtom == atom.Body {
				break
			}
			if text := strings.TrimSpace(d.textOf(int32(i)+1, end, "\n", d.isLinkOrButton)); len([]rune(text)) >= 4 {
				return clip(text, 20_000)
			}
		}
	}
	return ""
}

func (d *Document) isLinkOrButton(run int32) bool {
	return d.elems[d.texts[run].in].flags&inLink != 0 || d.onButton(run)
}

// onButton reports whether a text run is what a button says.
func (d *Document) onButton(run int32) bool {
	for i, up := d.texts[run].in, 0; i >= 0 && up < 4; i, up = d.elems[i].parent, up+1 {
		switch d.elems[i].n.DataAtom {
		case atom.Button, atom.Select, atom.Option, atom.Textarea:
			return true
		}
	}
	return false
}

// gallery are the pictures of the offer where no markup names any: those whose
// alternative text is the title, else those of an element that is named a
// gallery.
func (d *Document) gallery(title string, r *reading) {
	key := letters(title)
	for _, i := range d.images {
		if d.elems[i].flags&(inAside|inChrome|inReview|inHidden) != 0 {
			continue
		}
		n := d.elems[i].n
		if alt := letters(attr(n, "alt")); len(alt) >= 6 && len(key) >= 6 && (strings.Contains(key, alt) || strings.Contains(alt, key)) {
			r.image(d.picture(imageSource(n)))
			continue
		}
		for j, up := d.elems[i].parent, 0; j >= 0 && up < 5; j, up = d.elems[j].parent, up+1 {
			if named(d.elems[j].n, "gallery", "swiper", "thumbs", "thumbnails", "mainimage", "zoom", "preview", "album") {
				r.image(d.picture(imageSource(n)))
				break
			}
		}
	}
	if len(r.Images) > 0 {
		origin(&r.Listing, "images", markwatch.OriginText)
	}
}

// sellerLink is the address of the anchor that bears the seller's name.
func (d *Document) sellerLink(name string) string {
	if len(name) < 4 {
		return ""
	}
	for _, i := range d.anchors {
		e := &d.elems[i]
		if n := e.tend - e.text; n == 0 || n > 3 || e.flags&inAside != 0 {
			continue
		}
		if !strings.Contains(d.texts[e.text].text, name) {
			continue
		}
		if d.inside(i) == name {
			if address := d.absolute(attr(e.n, "href")); address != "" && address != d.canonical {
				return address
			}
		}
	}
	return ""
}

// mainPart is the part of the texts that the page itself calls its main part,
// where the offer's heading stands in it; else all.
func (d *Document) mainPart(heading int32) (from, to int32) {
	from, to = 0, int32(len(d.texts))
	if heading < 0 {
		return from, to
	}
	for i := d.elems[heading].parent; i >= 0; i = d.elems[i].parent {
		if n := d.elems[i].n; n.DataAtom == atom.Main || attr(n, "role") == "main" {
			return d.elems[i].text, d.elems[i].tend
		}
	}
	return from, to
}

// legalWords stand in the lines by which a site identifies itself.
var legalWords = newWords("icp备", "icp证", "公网安备", "增值电信", "经营许可证", "版权所有", "all rights reserved", "copyright", "©")

// idle reports whether a line of the page is about the site: its licence
// lines. What is only links or buttons is left out beside.
func idle(line string) bool {
	return len(line) < 400 && legalWords.in(strings.ToLower(line))
}
