package extract

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/canonical"
)

// Record puts one offer together from values that somebody hands over field by
// field: an item of a feed, a row of a table. Values are read as those of a
// page are, and the offer gets the id that its page would give it.
type Record struct {
	src      *markwatch.Source
	base     *url.URL
	rd       reading
	l        *markwatch.Listing // that of rd
	stated   string             // platform as the record names it
	prices   map[string]string  // by field; read when the currency is known
	currency string
	// Assume is the currency of a number that neither the record nor the
	// market of its address gives one; empty for none.
	Assume string
	// Zone is that of times without one; UTC where nil.
	Zone *time.Location
}

// NewRecord starts an empty record. src gives its id and platform and may be
// nil, base resolves relative addresses and may be nil.
func NewRecord(from markwatch.Origin, src *markwatch.Source, base *url.URL) *Record {
	r := &Record{src: src, base: base, rd: reading{origin: from}}
	r.l = &r.rd.Listing
	return r
}

// Bounds of what one record brings, in bytes.
const (
	maxRecordLine = 1000
	maxRecordText = 20_000
)

// Set reads the text of one field. field is a key of a listing (title, price,
// seller.name, attributes.产地, …) or "currency"; a field that has a value
// keeps it, an empty text says nothing. The error tells what is wrong with the
// text; the record is none the worse for it.
func (r *Record) Set(field, text string) error {
	text = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\ufffd"))
	if text == "" {
		return nil
	}
	if text[0] == '[' || text[0] == '{' {
		if composite(field) {
			if v, ok := parseJSON(text); ok {
				return r.SetValue(field, v)
			}
		}
	}
	if key, ok := strings.CutPrefix(field, "attributes."); ok {
		r.attribute(key, text)
		return nil
	}
	if to := r.plain(field); to != nil {
		set(to, clip(squeeze(text), maxRecordLine))
		r.mark(field)
		return nil
	}
	switch field {
	case "description", "text":
		to := &r.l.Text
		if field == "description" {
			to = &r.l.Description
		}
		set(to, clip(plainText(text), maxRecordText))
		r.mark(field)
	case "title":
		set(&r.l.Title, clip(plainText(text), maxRecordLine))
		r.mark(field)
	case "brand":
		set(&r.l.Brand, brandText(text))
		r.mark(field)
	case "category":
		set(&r.l.Category, categoryText(squeeze(text)))
		r.mark(field)
	case "platform":
		set(&r.stated, clip(squeeze(text), 100))
	case "currency":
		set(&r.currency, clip(text, 40))
	case "price", "list_price", "price_max", "price_text":
		if r.prices == nil {
			r.prices = map[string]string{}
		}
		if r.prices[field] == "" {
			r.prices[field] = clip(squeeze(text), maxRecordLine)
		}
	case "source", "snapshot", "origins", "pictures":
		// what keeps the record says these
	default:
		return r.read(field, text)
	}
	return nil
}

// plain is the field that takes its text as it stands, nil where it needs to
// be read.
func (r *Record) plain(field string) *string {
	switch field {
	case "id":
		return &r.l.ID
	case "item_id":
		return &r.l.ItemID
	case "sku":
		return &r.l.SKU
	case "quantity":
		return &r.l.Quantity
	case "ships_from":
		return &r.l.ShipsFrom
	case "delivery":
		return &r.l.Delivery
	case "sales_text":
		return &r.l.SalesText
	case "seller", "seller.name":
		return &r.rd.seller().Name
	case "seller.id":
		return &r.rd.seller().ID
	case "seller.region":
		return &r.rd.seller().Region
	}
	return nil
}

// read reads the fields whose texts may be wrong.
func (r *Record) read(field, text string) error {
	ok := true
	switch field {
	case "url":
		if r.l.URL == "" {
			r.l.URL, ok = r.address(text)
		}
	case "availability":
		r.l.Availability = markwatch.Availability(firstText(string(r.l.Availability), string(stock(text))))
		ok = r.l.Availability != ""
	case "condition":
		r.l.Condition = markwatch.Condition(firstText(string(r.l.Condition), string(conditionOf(text))))
		ok = r.l.Condition != ""
	case "sales":
		var shown string
		if shown, r.l.Sales, ok = salesOf("销量" + text); ok {
			set(&r.l.SalesText, strings.TrimPrefix(shown, "销量"))
		}
	case "rating":
		if n := text; plainDecimal(n) {
			r.l.Rating = ratingOf(n, "")
			ok = r.l.Rating > 0 || strings.Trim(n, "0.") == ""
		} else {
			ok = false
		}
	case "images":
		for part := range strings.FieldsFuncSeq(text, func(c rune) bool { return c == ' ' || c == '\n' || c == '|' || c == ';' || c == '\t' }) {
			for _, one := range splitAddresses(part) {
				ok = r.image(one) && ok
			}
		}
	case "attributes":
		r.pairs(text)
	case "shares":
		r.l.Shares = append(r.l.Shares, sharesIn(text)...)
		ok = len(r.l.Shares) > 0
	case "tracking":
		r.l.Tracking = append(r.l.Tracking, markwatch.Tracking{Number: clip(squeeze(text), 100)})
	case "fetched_at":
		if r.l.FetchedAt.IsZero() {
			r.l.FetchedAt, ok = ParseTime(text, r.Zone)
		}
	case "seller.url":
		set(&r.rd.seller().URL, firstOK(r.address(text)))
		ok = r.l.Seller.URL != ""
	case "seller.kind":
		if kind := markwatch.SellerKind(text); slices.Contains([]markwatch.SellerKind{markwatch.SellerPersonal, markwatch.SellerShop, markwatch.SellerFlagship}, kind) {
			r.rd.seller().Kind = kind
		} else {
			r.rd.seller().Kind = statedKind(text)
		}
		ok = r.l.Seller.Kind != ""
	case "seller.license":
		set(&r.rd.seller().License, labelledLicense(text))
		ok = r.l.Seller.License != ""
	case "seller.contacts", "seller.accounts":
		r.contact(text)
	case "prices":
		ok = false // as JSON alone
	default:
		return markwatch.Errorf(markwatch.CodeInvalid, "%q is no field of a listing", field)
	}
	if !ok {
		return markwatch.Errorf(markwatch.CodeInvalid, "%q cannot be read as %s", clip(squeeze(text), 80), field)
	}
	r.mark(field)
	return nil
}

// stock reads an availability; a bare number is how many are left.
func stock(text string) markwatch.Availability {
	if n, err := decimal.NewFromString(text); err == nil && plainDecimal(text) {
		if n.IsPositive() {
			return markwatch.InStock
		}
		return markwatch.OutOfStock
	}
	switch strings.ToLower(text) {
	case "在售", "上架", "已上架", "出售中", "in_stock", "in-stock", "active", "on sale":
		return markwatch.InStock
	case "gone", "已删除", "删除", "已停售", "停售":
		return markwatch.Gone
	}
	return available(text)
}

func firstOK(s string, ok bool) string {
	if !ok {
		return ""
	}
	return s
}

// address is the canonical form of an address. People leave the scheme out.
func (r *Record) address(text string) (string, bool) {
	if strings.ContainsAny(text, " \t\r\n") {
		return "", false
	}
	if r.base != nil {
		return Address(r.base, text)
	}
	switch {
	case strings.HasPrefix(text, "//"):
		text = "https:" + text
	case !strings.Contains(text, "://"):
		if host, _, _ := strings.Cut(text, "/"); !strings.Contains(host, ".") || strings.ContainsAny(host, "@\\") {
			return "", false
		}
		text = "https://" + text
	}
	u, err := canonical.URL(text)
	return u, err == nil
}

// mark says where a field came from.
func (r *Record) mark(field string) {
	switch field {
	case "id", "seller.id", "seller.url", "seller.region", "seller.license", "seller.accounts", "fetched_at":
		return
	case "seller.name", "seller.kind":
		field = "seller"
	case "sales_text":
		field = "sales"
	}
	origin(r.l, field, r.rd.origin)
}

// Listing is the offer that the values make. FetchedAt is what the record
// said; the snapshot is left to the caller. It returns an error of CodeInvalid
// where the title is missing, or everything that an id could be derived from.
func (r *Record) Listing() (markwatch.Listing, error) {
	l := r.l
	if l.Seller != nil && emptySeller(l.Seller) {
		l.Seller = nil
	}
	prof, err := r.identify()
	switch {
	case l.Title == "" && err != nil:
		return markwatch.Listing{}, fmt.Errorf("the title is missing, and %w", err)
	case l.Title == "":
		return markwatch.Listing{}, markwatch.Errorf(markwatch.CodeInvalid, "the title is missing")
	case err != nil:
		return markwatch.Listing{}, err
	}
	r.settlePrices(prof)
	if l.Seller != nil && l.Seller.Kind == "" {
		l.Seller.Kind = sellerKind(l.Seller.Name)
	}
	if l.Quantity == "" {
		if l.Quantity = quantityOf(l.Title); l.Quantity != "" {
			r.mark("quantity")
		}
	}
	return *l, nil
}
