package extract

import (
	"strings"

	"github.com/markwatch/markwatch"
)

// settleTitle prefers the heading where Open Graph alone gives a title that is
// longer for the search engines' sake.
func (d *Document) settleTitle(out *reading, og *reading, look *visible) {
	heading := look.title
	if out.Title == "" {
		out.Title = d.withoutSite(d.title)
		origin(&out.Listing, "title", markwatch.OriginText)
		return
	}
	out.Title = d.withoutFront(squeeze(out.Title))
	if run := d.withoutFront(d.longestRun(look.titleAt)); run != "" && out.Origins["title"] != markwatch.OriginSelector && says(out.Title) && cleaner(out.Title, run) {
		// the markup leaves out words that the buyer reads
		out.Title = run
		origin(&out.Listing, "title", markwatch.OriginText)
		return
	}
	if out.Origins["title"] != markwatch.OriginOpenGraph || heading == "" {
		return
	}
	if h, t := letters(heading), letters(og.Title); len(h) >= 6 && (strings.Contains(t, h) || !strings.Contains(h, t) && len([]rune(heading)) >= 8 && strings.Contains(letters(d.title), h)) {
		out.Title = heading
		origin(&out.Listing, "title", markwatch.OriginText)
	}
}

// longestRun is the longest text of one piece inside an element: a heading
// without what templates put beside the name in elements of their own.
func (d *Document) longestRun(i int32) string {
	if i < 0 {
		return ""
	}
	longest := ""
	for run := d.elems[i].text; run < d.elems[i].tend; run++ {
		if text := d.texts[run].text; len(text) > len(longest) && len(text) <= 600 {
			longest = text
		}
	}
	return squeeze(longest)
}

// withoutFront cuts what templates put before a name inside its own element
// ("Details about", a button, the price), where the page's title element or
// Open Graph title begins with the name.
func (d *Document) withoutFront(title string) string {
	for _, other := range []string{d.metaContent("og:title"), d.title} {
		other = d.withoutSite(other)
		if p, ok := choosePrice(head(other, 24), priceHint{}); ok && strings.HasPrefix(fold(other), p.Text) {
			other = strings.TrimLeft(strings.TrimPrefix(fold(other), p.Text), " ·-|:")
		}
		if len([]rune(other)) < 6 {
			continue
		}
		if i := strings.Index(title, other); i > 0 {
			return other
		}
		// the title may go on behind the name: compare the end of the heading
		for cut := strings.IndexByte(title, ' '); cut > 0 && cut < len(title)/2; {
			rest := title[cut+1:]
			if len([]rune(rest)) >= 10 && strings.HasPrefix(other, rest) {
				return rest
			}
			next := strings.IndexByte(rest, ' ')
			if next < 0 {
				break
			}
			cut += 1 + next
		}
	}
	return title
}

// settleNumber fills the offer's number. Of several numbers in the markup the
// one that stands in the page's address is the offer's; where the markup has
// none, the number in the address is, and a GTIN comes last.
func (d *Document) settleNumber(out *reading) {
	l := &out.Listing
	path := d.url.Path
	if l.SKU != "" && strings.ContainsAny(l.SKU, " \u00a0") && out.mpn != "" && strings.Contains(path, out.mpn) && !strings.Contains(path, l.SKU) {
		l.SKU, out.mpn = out.mpn, l.SKU
	}
	if l.ItemID == "" && d.ident.item == "" {
		if number := d.itemNumber(l.SKU); number != "" {
			l.ItemID = number
			origin(l, "item_id", markwatch.OriginText)
		}
	}
	if l.SKU != "" {
		return
	}
	from := markwatch.OriginText
	if l.SKU = firstText(d.ident.item, numberIn(path), out.gtin); l.SKU != "" {
		origin(l, "sku", from)
	}
}

// itemWords stand before the number of an offer in addresses.
var itemWords = map[string]bool{"item": true, "items": true, "product": true, "products": true, "goods": true, "detail": true, "details": true, "offer": true, "p": true, "dp": true, "listing": true, "prod": true, "artikel": true, "sku": true}

// itemNumber is the offer's number on a market that the table of profiles does
// not know: the declared one where the address holds it, else the number behind
// a word for goods in the address.
func (d *Document) itemNumber(declared string) string {
	path := d.url.Path
	number := numberIn(path)
	if number == "" {
		return ""
	}
	if declared == number {
		return number
	}
	at := strings.Index(path, number)
	before := strings.Trim(path[:at], "/")
	if i := strings.LastIndexByte(before, '/'); i >= 0 {
		before = before[i+1:]
	}
	rest := path[at+len(number):]
	if itemWords[strings.ToLower(before)] && (rest == "" || rest[0] == '.' || rest[0] == '/') {
		return number
	}
	return ""
}

// numberIn is the last number of five to twenty digits in a path.
func numberIn(path string) string {
	end := len(path)
	for end > 0 {
		for end > 0 && !digit(path[end-1]) {
			end--
		}
		start := end
		for start > 0 && digit(path[start-1]) {
			start--
		}
		if n := end - start; n >= 5 && n <= 20 {
			return path[start:end]
		}
		end = start
	}
	return ""
}

// settleSeller fills in what the page says of the seller that a reading of
// markup named: its kind, where it is stated and not guessed from the name, and
// its address.
func (d *Document) settleSeller(out, text *reading) {
	s := out.Seller
	if s == nil {
		return
	}
	if text.kindStated && text.Seller.Kind != "" {
		s.Kind = text.Seller.Kind
	}
	if s.URL == "" && s.Name != "" {
		s.URL = d.sellerLink(s.Name)
	}
}

// settleStock: an offer that names its price and nothing against it is on
// sale.
func (d *Document) settleStock(out *reading) {
	l := &out.Listing
	if l.Availability == "" && l.Price != nil && l.Price.Amount.IsPositive() {
		l.Availability = markwatch.InStock
		origin(l, "availability", l.Origins["price"])
	}
}
