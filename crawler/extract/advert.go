package extract

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// AdvertAttribute is the attribute under which a result tile that the page
// calls an advertisement keeps the page's word for it. Paid tiles are offers
// like the others, but stand apart: they follow no search.
const AdvertAttribute = "广告标识"

// advertWords are all that a badge on a paid tile says.
var advertWords = map[string]bool{
	"广告": true, "推广": true, "赞助": true, "廣告": true, "贊助": true, "ad": true, "ads": true, "sponsored": true, "promoted": true, "advertisement": true, "gesponsert": true, "anzeige": true, "patrocinado": true, "sponsorisé": true, "publicité": true, "annonce": true, "sponsorizzato": true, "gesponsord": true, "sponsorowane": true, "reklama": true, "promowane": true, "sponzorováno": true, "реклама": true, "광고": true, "pr": true, "スポンサー": true, "広告": true, "tài trợ": true, "quảng cáo": true, "โฆษณา": true, "iklan": true, "ממומן": true, "إعلان": true,
}

// advert is the word by which a tile is called paid: the whole text of a run,
// or what a badge's picture says; "" where it is not.
func (d *Document) advert(t int32) string {
	e := &d.elems[t]
	for i := e.text; i < e.tend; i++ {
		text := d.texts[i].text
		if len(text) > 60 || d.elems[d.texts[i].in].flags&inPrice != 0 {
			continue
		}
		if word := strings.Trim(squeeze(text), "()[]【】·: "); advertWords[strings.ToLower(word)] {
			return word
		}
	}
	for i := t; i < e.end; i++ {
		n := d.elems[i].n
		if n.DataAtom == atom.Img && advertWords[strings.ToLower(squeeze(attr(n, "alt")))] {
			return squeeze(attr(n, "alt"))
		}
		if n.DataAtom != atom.A && len(n.Attr) > 0 && d.elems[i].tend-d.elems[i].text <= 2 && named(n, "sponsored", "promoted", "advert", "advertisement") {
			return firstText(clip(d.inside(i), 40), "sponsored")
		}
	}
	return ""
}
