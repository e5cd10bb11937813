package extract

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"

	"github.com/markwatch/markwatch"
)

// Options say what is known of a page beforehand.
type Options struct {
	// Source gives the selectors of `fields` and the id of the platform; nil
	// where the page comes from none.
	Source *markwatch.Source
	// Listing is set where the page is known to hold one offer.
	Listing bool
}

// Listings are the offers on the page: the tiles of a result page, the one
// offer of a detail page, none where the page is neither. FetchedAt, Snapshot
// and Source are the page's.
func (d *Document) Listings(opts Options) []markwatch.Listing {
	if d.page.Status >= http.StatusBadRequest {
		return nil
	}
	sel := d.compileFields(opts.Source)
	if sel != nil && sel.items != nil {
		items := d.selectedItems(sel)
		return d.finishAll(items, opts, len(items) == 1)
	}
	found := d.structured()
	tiles := d.tileGroups()
	var out []reading
	listed := false
	switch main := d.mainProduct(found, opts, tiles); {
	case main != nil:
		out = []reading{d.detail(main, sel, tiles, opts)}
	case d.isList(found, tiles) && !d.declaresOffer() && !d.stands(tiles):
		out, listed = d.list(found, tiles), true
	default:
		if r, ok := d.unmarked(sel, tiles, opts); ok {
			out = []reading{r}
		}
	}
	return d.finishAll(out, opts, !listed)
}

// structured are the offers of the markup made for machines.
func (d *Document) structured() []reading {
	if d.parsed {
		return d.marked
	}
	d.parsed = true
	d.marked = append(d.jsonLDReadings(), d.microdataReadings()...)
	if len(d.typed) > 0 {
		d.marked = append(d.marked, d.rdfaReadings()...)
	}
	return d.marked
}

// mainProduct is the offer that the page is about: what the markup of the best
// syntax names, where it is one offer or one of several agrees with the page's
// own address or title. It returns nil for lists.
func (d *Document) mainProduct(found []reading, opts Options, tiles []tileGroup) *reading {
	if d.ident.list && !opts.Listing {
		return nil
	}
	single := opts.Listing || d.ident.item != ""
	var best *reading
	score := 0
	perOrigin := map[markwatch.Origin]int{}
	for i := range found {
		perOrigin[found[i].origin]++
	}
	_, heading := d.heading()
	page := letters(heading + " " + d.title + " " + d.metaContent("og:title"))
	for i := range found {
		r := &found[i]
		if r.Title == "" && r.Price == nil {
			continue
		}
		s := 1
		if perOrigin[r.origin] == 1 {
			s += 2
		}
		if r.URL != "" && r.URL == d.canonical {
			s += 3
		}
		if key := letters(r.Title); key != "" && len(key) >= 4 && (strings.Contains(page, key) || heading != "" && strings.Contains(key, letters(heading))) {
			s += 3
		}
		if id := identifyText(r.URL); id.item != "" && id.item == d.ident.item {
			s += 3
		}
		if r.Price != nil {
			s++
		}
		if s > score {
			best, score = r, s
		}
	}
	if best == nil {
		return nil
	}
	if single || score >= 5 {
		return best
	}
	// one product without agreement: a detail page unless the page is plainly a list
	if perOrigin[best.origin] == 1 && !d.plainList(tiles) {
		return best
	}
	return nil
}

// plainList reports whether a row of tiles is what the page is made of.
func (d *Document) plainList(tiles []tileGroup) bool {
	return len(tiles) > 0 && len(tiles[0].tiles) >= 4 && tiles[0].score >= 20
}

// isList decides whether the page lists offers.
func (d *Document) isList(found []reading, tiles []tileGroup) bool {
	if d.ident.item != "" {
		return false
	}
	if len(found) >= 2 {
		return true
	}
	if len(tiles) == 0 {
		return false
	}
	g := &tiles[0]
	if d.elems[g.tiles[0]].flags&(inChrome|inReview) != 0 {
		return false
	}
	return d.ident.list || g.sure || g.score >= 20
}

// list are the offers of a result page: the tiles of the best row, each joined
// with what the markup says of the same address, then the markup's others.
func (d *Document) list(found []reading, tiles []tileGroup) []reading {
	var out []reading
	at := map[string]int{}
	if len(tiles) > 0 && tiles[0].score >= 8 {
		for _, r := range d.tileReadings(&tiles[0]) {
			if r.URL != "" {
				at[r.URL] = len(out)
			}
			out = append(out, stamped(r))
		}
	}
	for i := range found {
		r := found[i]
		if !r.product && r.Price == nil {
			continue
		}
		if j, ok := at[r.URL]; ok && r.URL != "" {
			merged := merge([]*reading{&r, &out[j]})
			out[j] = merged
			continue
		}
		if r.URL != "" {
			at[r.URL] = len(out)
		}
		out = append(out, stamped(r))
		if len(out) >= maxProducts {
			break
		}
	}
	return out
}

// stands reports whether an offer stands out among the rows of a page.
func (d *Document) stands(tiles []tileGroup) bool {
	look := d.look(tiles)
	return d.oneOffer(&look, tiles)
}

// declaresOffer reports whether the page's own tags name a price: a page of one
// offer, whatever else it shows.
func (d *Document) declaresOffer() bool {
	og := d.openGraph()
	return og.product && og.Price != nil
}

// finishAll completes the offers; alone is set where the page is that of its
// one offer.
func (d *Document) finishAll(readings []reading, opts Options, alone bool) []markwatch.Listing {
	out := make([]markwatch.Listing, 0, len(readings))
	ids := map[string]bool{}
	for i := range readings {
		if readings[i].Title == "" {
			continue
		}
		l := d.finish(&readings[i], opts, alone)
		if ids[l.ID] {
			continue
		}
		ids[l.ID] = true
		out = append(out, l)
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// finish gives a listing its address, platform, number and id.
func (d *Document) finish(r *reading, opts Options, alone bool) markwatch.Listing {
	l := r.Listing
	id := d.ident
	own := alone
	if l.URL != "" && l.URL != d.canonical {
		if u, err := url.Parse(l.URL); err == nil {
			if _, other := identify(u); !alone || other.item != "" && id.item == "" {
				id, own = other, false
			}
		}
	}
	if alone {
		l.URL = d.canonical
	} else if l.URL == "" || l.URL == d.canonical {
		id = identity{platform: d.ident.platform}
	}
	l.Platform = firstText(id.platform, d.ident.platform)
	if opts.Source != nil && opts.Source.Platform.ID != "" {
		l.Platform = opts.Source.Platform.ID
	}
	if l.ItemID == "" || id.item != "" {
		l.ItemID = firstText(id.item, l.ItemID)
	}
	if id.address != "" {
		l.URL = firstText(d.absolute(id.address), l.URL)
	}
	if l.SKU == "" && own {
		l.SKU = id.sku
	}
	address := l.URL
	if address == "" || !alone && address == d.canonical {
		l.URL = d.canonical
		address = d.canonical + "#" + stablePart(&l)
	}
	l.ID = id.listingID(&l, address)
	if l.Quantity == "" {
		if q := quantityOf(l.Title); q != "" {
			l.Quantity = q
			origin(&l, "quantity", l.Origins["title"])
		}
	}
	l.Source, l.FetchedAt, l.Snapshot = d.page.Source, d.page.FetchedAt, d.page.Snapshot
	if l.Source == "" && opts.Source != nil {
		l.Source = opts.Source.ID
	}
	return l
}

// stablePart tells offers of one address apart: their own number, else a hash
// of the title.
func stablePart(l *markwatch.Listing) string {
	if part := firstText(l.ItemID, l.SKU); part != "" {
		return part
	}
	sum := sha256.Sum256([]byte(letters(l.Title)))
	return hex.EncodeToString(sum[:6])
}

func origin(l *markwatch.Listing, field string, from markwatch.Origin) {
	if from == "" {
		return
	}
	if l.Origins == nil {
		l.Origins = map[string]markwatch.Origin{}
	}
	l.Origins[field] = from
}
