package extract

import (
	"encoding/json"
	"sort"
	"strings"

	"github.com/markwatch/markwatch"
)

// stateMarks stand before the data that a page hands to its own scripts.
var stateMarks = []string{"__NEXT_DATA__", "__NUXT__", "__INITIAL_STATE__", "__PRELOADED_STATE__", "__APOLLO_STATE__", "__INITIAL_DATA__", "__STORE__", "__APP_DATA__", "window.__data", "digitalData", "productJson", "var meta", "window.pageData", "initialState", "goodsData", "itemData", "detailData", "g_config", "pageConfig"}

// stateKeys name the members of such data by what they hold, lower case
// without separators, the better name first.
var stateKeys = map[string][]string{
	"title":  {"title", "goodsname", "productname", "itemname", "goodstitle", "subject", "name", "skuname", "producttitle", "contentname", "displayname"},
	"price":  {"couponprice", "finalprice", "saleprice", "currentprice", "actualprice", "promotionprice", "sellprice", "price", "pricevalue", "minprice", "mingroupprice", "activityprice", "discountprice", "offerprice", "jdprice", "productprice", "unitprice", "value"},
	"list":   {"originalprice", "marketprice", "listprice", "lineprice", "tagprice", "reserveprice"},
	"id":     {"itemid", "goodsid", "productid", "skuid", "offerid", "wareid", "id"},
	"shop":   {"shopname", "storename", "shoptitle", "mallname", "suppliername", "companyname", "vendorname", "sellername"},
	"nick":   {"sellernick", "sellernickname", "usernick"},
	"seller": {"sellerid", "shopid", "storeid", "mallid", "venderid", "supplierid", "sellerloginid"},
	"brand":  {"brandname", "brand", "itembrand", "productbrand", "manufacturername", "manufacturer", "vendor", "productvendor", "make"},
	"image":  {"pic", "image", "mainimage", "picurl", "imageurl", "hdthumburl", "images", "src"},
	"ships":  {"shipsfrom", "deliveryfrom", "sendcity", "sendaddress", "from", "deliveryaddress"},
	"sales":  {"sellcount", "soldcount", "totalsoldquantity", "salestip", "sales", "sidesalestip"},
	"money":  {"currency", "currencycode", "pricecurrency"},
}

// nickLabel is the attribute that keeps a seller's own name beside the shop's.
const nickLabel = "卖家昵称"

// state reads the page's embedded data: of all objects in it the one that is
// most like the page's offer.
func (d *Document) state() *reading {
	if d.stated {
		return d.stateRead
	}
	d.stated = true
	// data layers repeat for statistics what the markup says for all; they are
	// read where it says nothing of the price
	priced := false
	for i := range d.structured() {
		priced = priced || d.marked[i].Price != nil
	}
	var roots []any
	for _, s := range d.scripts {
		if len(roots) >= maxRoots {
			break
		}
		found := stateIn(s, d.prof.state)
		if len(found) == 0 && !priced {
			found = literalsIn(s)
		}
		roots = append(roots, found...)
	}
	if len(roots) == 0 {
		return nil
	}
	_, heading := d.heading()
	c := stateSearch{page: letters(heading + " " + d.title + " " + d.metaContent("og:title")), item: d.ident.item}
	for _, root := range roots {
		c.visit(root, 0, "")
	}
	if c.score < 4 {
		return nil
	}
	r := &reading{origin: markwatch.OriginState}
	d.fromState(r, c.best, c.money)
	// what the offer's own object leaves out may stand beside it
	for _, root := range roots {
		if m, ok := root.(map[string]any); ok {
			d.sellerState(r, m, 0)
		}
	}
	if nick := r.Attributes[nickLabel]; nick != "" && (r.Seller == nil || r.Seller.Name == "") {
		r.seller().Name = nick
	}
	d.stateRead = r
	return r
}

// stateIn finds the data of one script: the whole of a JSON script, else what
// follows a mark; own are those of the page's market.
func stateIn(s string, own []string) []any {
	t := strings.TrimSpace(s)
	if strings.HasPrefix(t, "{") && strings.HasSuffix(t, "}") && len(t) > 40 {
		if v, ok := parseJSON(t); ok {
			return []any{v}
		}
		return nil
	}
	if !strings.Contains(s, ":") {
		return nil
	}
	var out []any
	dunder := strings.Contains(s, "__")
	if dunder && strings.Contains(s, streamMark) {
		return literalsIn(streamed(s))
	}
	read := map[int]int{} // where objects that were read begin and end
	if dunder {
		for _, at := range firstDunders(s) {
			if at < 0 || len(out) >= maxMarked {
				continue
			}
			open := strings.IndexByte(s[at:min(len(s), at+201)], '{')
			if open < 0 || read[at+open] > 0 {
				continue
			}
			p := lenient{s: s, i: at + open}
			if v, ok := p.value(0); ok {
				out = append(out, v)
				read[at+open] = p.i
			}
		}
	}
	return append(out, assigned(s, own, maxMarked-len(out), read)...)
}

// firstDunders are the ends of the first place of each of stateMarks that
// begins with two underscores, -1 where the script has none, in their order.
func firstDunders(s string) []int {
	ends := make([]int, 0, len(stateMarks))
	for _, mark := range stateMarks {
		if mark[0] == '_' {
			ends = append(ends, -1)
		}
	}
	for at := 0; ; {
		i := strings.Index(s[at:], "__")
		if i < 0 {
			return ends
		}
		at += i
		n := 0
		for _, mark := range stateMarks {
			if mark[0] != '_' {
				continue
			}
			if ends[n] < 0 && strings.HasPrefix(s[at:], mark) {
				ends[n] = at + len(mark)
			}
			n++
		}
		at++
	}
}

// maxMarked bounds the data that is read out of one script.
const maxMarked = 4

// assigned reads the objects of a script that stand behind a mark and an equals
// sign, a colon or a bracket, without those that were read, by begin and end.
func assigned(s string, own []string, most int, read map[int]int) []any {
	var out []any
	for i := 0; i < len(s) && len(out) < most; i++ {
		open := strings.IndexByte(s[i:], '{')
		if open < 0 {
			break
		}
		i += open
		if end := read[i]; end > 0 {
			i = max(i, end-1)
			continue
		}
		front := strings.TrimRight(s[max(0, i-80):i], " \t\r\n")
		if front == "" {
			continue
		}
		switch front[len(front)-1] {
		case '=', ':', '(', '|':
		default:
			continue
		}
		if front = strings.TrimRight(front, " \t\r\n=:(|\"'"); !endsMarked(front, own) && !endsMarked(front, stateMarks) {
			continue
		}
		p := lenient{s: s, i: i}
		if v, ok := p.value(0); ok {
			out = append(out, v)
		}
		i = max(i, p.i-1)
	}
	return out
}

func endsMarked(s string, marks []string) bool {
	for _, mark := range marks {
		if strings.HasSuffix(s, mark) {
			return true
		}
	}
	return false
}

type stateSearch struct {
	page, item string
	best       map[string]any
	money      string // currency that stands with the best or around it
	score      int
	seen       int
}

func (c *stateSearch) visit(v any, depth int, money string) {
	c.seen++
	if depth > 14 || c.seen > 60_000 {
		return
	}
	switch v := v.(type) {
	case []any:
		for i, inner := range v {
			if i >= 60 {
				return
			}
			c.visit(inner, depth+1, money)
		}
	case map[string]any:
		var keys []string
		title, rank := "", 0
		for k, inner := range v {
			switch inner.(type) {
			case map[string]any, []any:
				keys = append(keys, k)
			}
			switch u, ok := useOf(k); {
			case !ok:
			case u.purpose == "money":
				if text := scalar(inner); currencyCode(text) != "" {
					money = text
				}
			case u.purpose == "title" && (title == "" || u.rank < rank):
				if text := scalar(inner); text != "" {
					title, rank = text, u.rank
				}
			}
		}
		if s := c.rate(v, title); s > c.score {
			c.best, c.money, c.score = v, money, s
		}
		sort.Strings(keys)
		for _, k := range keys {
			c.visit(v[k], depth+1, money)
		}
	}
}

// rate says how like the page's offer an object with a title is.
func (c *stateSearch) rate(m map[string]any, title string) int {
	if len(title) < 3 {
		return 0
	}
	s := 0
	key := letters(title)
	switch {
	case len(key) >= 6 && strings.Contains(c.page, key):
		s += 3
	case len(c.page) > 0:
		return 0 // another offer, or no offer at all
	}
	have := members(m)
	if have["price"] != "" {
		s += 2
	}
	if id := have["id"]; id != "" {
		s++
		if id == c.item && c.item != "" {
			s += 2
		}
	}
	if have["image"] != "" {
		s++
	}
	if have["brand"] != "" {
		s++
	}
	return s
}

// keyUse says what a key of embedded data is good for.
type keyUse struct {
	purpose string
	rank    int
}

// keyUses is stateKeys the other way round; read-only after it was made.
var keyUses = invertKeys()

func invertKeys() map[string]keyUse {
	m := map[string]keyUse{}
	for purpose, keys := range stateKeys {
		for rank, k := range keys {
			m[k] = keyUse{purpose, rank}
		}
	}
	return m
}

// useOf looks a key up without regard to case and separators.
func useOf(key string) (keyUse, bool) {
	var buf [32]byte
	n := 0
	for i := 0; i < len(key); i++ {
		c := key[i]
		switch {
		case c == '_' || c == '-' || c == '.':
			continue
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		if n == len(buf) {
			return keyUse{}, false
		}
		buf[n] = c
		n++
	}
	u, ok := keyUses[string(buf[:n])]
	return u, ok
}

// members are the texts that an object has for each purpose, under the best of
// its keys.
func members(m map[string]any) map[string]string {
	var out map[string]string
	var ranks map[string]keyUse
	for k, v := range m {
		u, ok := useOf(k)
		if !ok {
			continue
		}
		if have, taken := ranks[u.purpose]; taken && have.rank <= u.rank {
			continue
		}
		s := scalar(v)
		if s == "" {
			continue
		}
		if out == nil {
			out, ranks = map[string]string{}, map[string]keyUse{}
		}
		out[u.purpose], ranks[u.purpose] = s, u
	}
	return out
}

// scalar is the text of a value: a string, a number, or the value member of an
// object such as {"value": 12.5, "currency": "USD"}.
func scalar(v any) string {
	switch v := v.(type) {
	case string:
		return squeeze(clip(v, 2000))
	case json.Number:
		return v.String()
	case map[string]any:
		for _, k := range []string{"value", "amount", "price", "name", "url", "formatedAmount", "formattedPrice"} {
			if inner, ok := v[k]; ok {
				switch inner.(type) {
				case string, json.Number:
					return scalar(inner)
				}
			}
		}
	case []any:
		if len(v) > 0 {
			switch v[0].(type) {
			case string, json.Number:
				return scalar(v[0])
			}
		}
	}
	return ""
}

func (d *Document) fromState(r *reading, m map[string]any, money string) {
	have := members(m)
	r.Title = plainText(have["title"])
	r.Brand = brandText(have["brand"])
	r.product = true
	currency := currencyCode(firstText(have["money"], moneyWithin(m), money))
	if price, ok := d.declaredMoney(have["price"], currency); ok && price.Amount.IsPositive() {
		r.Price, r.PriceText = &price, have["price"]
	}
	if price, ok := d.declaredMoney(have["list"], currency); ok && price.Amount.IsPositive() {
		r.ListPrice = &price
	}
	if r.Price == nil && r.ListPrice != nil { // the only price that the data has
		r.Price, r.PriceText, r.ListPrice = r.ListPrice, have["list"], nil
	}
	if id := have["id"]; len(id) <= 40 {
		r.ItemID = id
	}
	if pic := d.picture(have["image"]); pic != "" {
		r.image(pic)
	}
	set(&r.ShipsFrom, clip(have["ships"], 60))
	if text, n, ok := salesOf(have["sales"]); ok {
		r.SalesText, r.Sales = text, n
	}
	d.sellerState(r, m, 0)
}

// moneyWithin is the currency that stands inside a price's own object:
// {"price": {"value": 64.9, "currency": "SGD"}}.
func moneyWithin(m map[string]any) string {
	for k, v := range m {
		inner, ok := v.(map[string]any)
		if u, known := useOf(k); ok && known && u.purpose == "price" {
			if code := members(inner)["money"]; currencyCode(code) != "" {
				return code
			}
		}
	}
	return ""
}

// streamMark stands before the parts in which a page of Next.js streams its
// data: calls with a number and a text.
const streamMark = "__next_f.push("

// streamed joins the texts of such calls.
func streamed(s string) string {
	var b strings.Builder
	for b.Len() < maxScript {
		i := strings.Index(s, streamMark)
		if i < 0 {
			break
		}
		s = s[i+len(streamMark):]
		quote := strings.IndexByte(s, '"')
		if quote < 0 || quote > 20 {
			continue
		}
		p := lenient{s: s, i: quote}
		b.WriteString(p.str('"'))
		s = s[min(p.i, len(s)):]
	}
	return b.String()
}

// sellerState finds the shop in the offer's data, not in lists of others.
func (d *Document) sellerState(r *reading, m map[string]any, depth int) {
	if depth > 3 || r.Seller != nil && r.Seller.Name != "" && r.Seller.ID != "" && r.Attributes[nickLabel] != "" {
		return
	}
	have := members(m)
	if nick := have["nick"]; nick != "" && r.Attributes[nickLabel] == "" && len([]rune(nick)) <= 60 {
		r.attribute(nickLabel, nick)
	}
	if name := have["shop"]; name != "" && len([]rune(name)) <= 60 && (r.Seller == nil || r.Seller.Name == "") {
		r.seller().Name = name
		if id := have["seller"]; id != "" && len(id) <= 40 && r.Seller.ID == "" {
			r.Seller.ID = id
		}
	}
	keys := make([]string, 0, len(m))
	for k, v := range m {
		if _, ok := v.(map[string]any); ok {
			keys = append(keys, k)
		}
	}
	sort.Strings(keys)
	for _, k := range keys {
		d.sellerState(r, m[k].(map[string]any), depth+1)
	}
}
