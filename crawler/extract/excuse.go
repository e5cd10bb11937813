package extract

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// passing are the flags by which an element is passed over as no part of the
// page's own matter.
const passing = inChrome | inAside | inReview | inHidden

// excuse takes back what class names say of an element against what it holds:
// "header", "sidebar" or "hidden" on the element around the page's own heading,
// or around most of its text, is said of a layout and not of a part to pass
// over.
func (d *Document) excuse() {
	excused := map[int32]flags{}
	if h := d.ownHeading(); h >= 0 {
		for i := h; i >= 0; i = d.elems[i].parent {
			if i == h || d.elems[i].tend-d.elems[i].text > 1 {
				excused[i] |= inChrome | inAside | inReview
			}
		}
	}
	most := int32(len(d.texts)) * 6 / 10
	if most < 20 {
		most = 20
	}
	for i := int32(0); i < int32(len(d.elems)); {
		e := &d.elems[i]
		if e.tend-e.text < most {
			i = e.end // nothing inside holds more
			continue
		}
		if e.flags&passing != 0 {
			excused[i] |= passing
		}
		i++
	}
	top := int32(-1)
	for i, f := range excused {
		if d.elems[i].flags&f != 0 && (top < 0 || i < top) {
			top = i
		}
	}
	if top < 0 {
		return
	}
	for i := top; i < d.elems[top].end; i++ {
		e := &d.elems[i]
		f := ownFlags(e.n) &^ excused[i]
		if e.parent >= 0 {
			f |= d.elems[e.parent].flags
		}
		e.flags = f
	}
}

// ownHeading is the h1 (or h2, where no h1 does) that the title element or
// Open Graph title repeats and that does not name the site; else the only h1;
// else -1. It is found by what it says alone.
func (d *Document) ownHeading() int32 {
	title := letters(d.title + " " + d.metaContent("og:title"))
	best, length, only, h1s := int32(-1), 0, int32(-1), 0
	for rank, i := range d.heads {
		if rank > 60 {
			break
		}
		e := &d.elems[i]
		if e.n.DataAtom != atom.H1 && e.n.DataAtom != atom.H2 || e.tend-e.text > 12 {
			continue
		}
		text := squeeze(d.rawText(e.text, e.tend))
		if text == "" || d.namesSite(text) {
			continue
		}
		if e.n.DataAtom == atom.H1 {
			h1s++
			only = i
		}
		key := letters(text)
		n := len(key)
		if e.n.DataAtom == atom.H2 {
			n /= 2
		}
		if len(key) >= 6 && n > length && strings.Contains(title, key) {
			best, length = i, n
		}
	}
	if best < 0 && h1s == 1 {
		return only
	}
	return best
}

// rawText joins text runs, hidden ones too.
func (t *tree) rawText(from, to int32) string {
	var b strings.Builder
	for i := from; i < to && b.Len() < 1000; i++ {
		b.WriteString(t.texts[i].text)
		b.WriteByte(' ')
	}
	return b.String()
}
