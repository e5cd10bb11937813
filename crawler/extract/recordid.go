package extract

import (
	"net/url"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

// listingID derives an offer's id. A result tile, the offer's own page and a
// row about it must give one id. All know the address and a number that stands
// in it; a number that only one of them states counts where the market is
// known, since its addresses hold it too.
func (id identity) listingID(l *markwatch.Listing, address string) string {
	number := id.item
	if number == "" && (id.platform != "" || address == "") {
		number = l.ItemID
	}
	return markwatch.ListingID(l.Platform, number, address)
}

// marketNames are the names by which tables call the markets of profiles.
var marketNames = map[string]string{
	"淘宝": "taobao", "淘宝网": "taobao", "天猫": "tmall", "京东": "jd", "京东商城": "jd", "阿里巴巴": "1688", "拼多多": "pinduoduo", "闲鱼": "xianyu",
	"苏宁": "suning", "苏宁易购": "suning", "当当": "dangdang", "当当网": "dangdang", "考拉": "kaola", "网易考拉": "kaola", "唯品会": "vip",
	"小红书": "xiaohongshu", "有赞": "youzan", "微店": "weidian", "孔夫子旧书网": "kongfz", "亚马逊": "amazon", "速卖通": "aliexpress",
}

// identify gives the offer its platform, number, address and id.
func (r *Record) identify() (profile, error) {
	l := r.l
	var prof profile
	var id identity
	if u, err := url.Parse(l.URL); err == nil && l.URL != "" {
		prof, id = identify(u)
	}
	own := ""
	if r.src != nil {
		l.Source, own = r.src.ID, r.src.Platform.ID
	}
	stated := firstText(marketNames[r.stated], r.stated)
	if stated != "" && id.platform != "" {
		stated = id.platform // the address knows the market by its own id
	}
	l.Platform = firstText(stated, own, id.platform)
	if l.URL == "" {
		if prof = profileOf(l.Platform); prof.address != "" && l.ItemID != "" && !strings.ContainsAny(l.ItemID, "/?#%& ") {
			id = identity{platform: prof.platform, item: l.ItemID, address: strings.Replace(prof.address, "%s", l.ItemID, 1)}
		}
	}
	if id.item != "" {
		l.ItemID = id.item
	}
	if id.address != "" {
		if address, ok := r.address(id.address); ok {
			l.URL = address
		}
	}
	set(&l.SKU, id.sku)
	switch {
	case l.ID != "":
		l.ID = statedID(l.ID, firstText(l.Platform, l.Source))
	case l.URL != "" || l.Platform != "" && l.ItemID != "":
		l.ID = id.listingID(l, l.URL)
	case l.ItemID != "":
		return prof, markwatch.Errorf(markwatch.CodeInvalid, "there is an item_id without an address, and neither the record nor the source's platform.id names the platform")
	default:
		return prof, markwatch.Errorf(markwatch.CodeInvalid, "there is no id, no url and no item_id")
	}
	return prof, nil
}

// statedID keeps an id that is safe in a path and derives one from any other.
func statedID(id, platform string) string {
	if markwatch.ListingID("x", id, "") == "x-"+id {
		return id
	}
	return markwatch.ListingID(firstText(platform, "x"), id, "")
}

// profileOf is the row of a market that writes addresses of items.
func profileOf(platform string) profile {
	for _, row := range profiles {
		if row.platform == platform && row.address != "" {
			return row
		}
	}
	return profile{}
}

// settlePrices reads the prices, now that the currency and the market are
// known. A text that is no price stays as the price that is shown.
func (r *Record) settlePrices(prof profile) {
	l := r.l
	h := hintLocale(r.currency)
	region := ""
	if u, err := url.Parse(l.URL); err == nil {
		region = regionOf(u.Hostname(), "")
	}
	if h.assume == "" {
		h.assume = firstText(prof.currency, regionCurrency[region], r.Assume)
	}
	if h.locale.currency == "" {
		h.locale = locale{currency: h.assume, region: region}
	}
	set(&l.PriceText, r.prices["price_text"])
	if text := r.prices["price"]; text != "" {
		if p, ok := recordPrice(text, h); ok {
			l.Price, l.PriceMax = &p.Money, p.Max
			r.mark("price")
		}
		set(&l.PriceText, text)
	} else if text := l.PriceText; text != "" {
		if p, ok := recordPrice(text, h); ok {
			l.Price, l.PriceMax = &p.Money, p.Max
			r.mark("price")
		}
	}
	if p, ok := recordPrice(r.prices["price_max"], h); ok && l.Price != nil && p.Money.Currency == l.Price.Currency && p.Money.Amount.GreaterThan(l.Price.Amount) {
		l.PriceMax = &p.Money
	}
	if p, ok := recordPrice(r.prices["list_price"], h); ok && (l.Price == nil || p.Money.Currency == l.Price.Currency && p.Money.Amount.GreaterThan(l.Price.Amount)) {
		l.ListPrice = &p.Money
		r.mark("list_price")
	}
}

// recordPrice reads a plain decimal as such and any other text as a price.
func recordPrice(text string, h priceHint) (Price, bool) {
	if text == "" || strings.HasPrefix(text, "-") {
		return Price{}, false
	}
	if plainDecimal(text) {
		amount, err := decimal.NewFromString(text)
		return Price{Text: text, Money: markwatch.Money{Amount: amount, Currency: h.assume}, Kind: markwatch.PriceListed}, err == nil
	}
	return choosePrice(text, h)
}
