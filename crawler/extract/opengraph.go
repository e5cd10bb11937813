package extract

import (
	"strings"

	"github.com/markwatch/markwatch"
)

// openGraph reads https://ogp.me and the product tags that shops add to it
// (Facebook's catalogue tags, Twitter's product card).
func (d *Document) openGraph() reading {
	r := reading{origin: markwatch.OriginOpenGraph}
	r.Title = d.withoutSite(clip(d.metaContent("og:title", "twitter:title"), 1000))
	r.Description = clip(plainText(d.metaContent("og:description", "twitter:description")), 20_000)
	for _, m := range d.metas {
		if m.key == "og:image" || m.key == "og:image:url" || m.key == "og:image:secure_url" || m.key == "twitter:image" {
			r.image(d.picture(m.content))
		}
	}
	kind := strings.ToLower(d.metaContent("og:type"))
	r.product = kind == "product" || strings.HasSuffix(kind, ":product") || strings.HasPrefix(kind, "product.") || strings.HasSuffix(kind, ":item")
	r.Brand = brandText(d.metaContent("product:brand", "og:brand", "brand", "product:brand:name"))
	r.SKU = clip(d.metaContent("product:retailer_item_id", "product:sku", "og:sku", "product:retailer_part_no"), 100)
	r.Condition = conditionOf(d.metaContent("product:condition", "og:condition"))
	r.Availability = available(d.metaContent("product:availability", "og:availability"))
	r.Category = categoryText(d.metaContent("product:category"))
	currency := currencyCode(d.metaContent("product:sale_price:currency", "product:price:currency", "og:price:currency", "og:currency"))
	sale := d.metaContent("product:sale_price:amount", "product:sale_price")
	price := d.metaContent("product:price:amount", "og:price:amount", "product:price", "og:price", "price")
	for _, n := range []string{"1", "2", "3"} {
		data := d.metaContent("twitter:data" + n)
		switch label := strings.ToLower(d.metaContent("twitter:label" + n)); {
		case strings.Contains(label, "price") || label == "preis" || label == "prix" || label == "prezzo" || label == "precio":
			price = firstText(price, data)
		case label == "brand":
			set(&r.Brand, brandText(data))
		case label == "availability":
			if r.Availability == "" {
				r.Availability = available(data)
			}
		}
	}
	original := d.metaContent("product:original_price:amount", "product:original_price", "og:price:standard_amount")
	text := firstText(sale, price)
	if m, ok := d.declaredMoney(text, currency); ok {
		r.Price, r.PriceText = &m, text
		r.product = r.product || m.Amount.IsPositive()
	}
	if sale != "" && original == "" {
		original = price
	}
	if m, ok := d.declaredMoney(original, currency); ok && r.Price != nil && m.Amount.GreaterThan(r.Price.Amount) {
		r.ListPrice = &m
	}
	return r
}

// withoutSite cuts the site's name off a title: "Teddy | Shop" is Teddy where
// the page calls its site Shop or its host is shop.example. Only what stands
// behind a separator is ever cut.
func (d *Document) withoutSite(title string) string {
	title = squeeze(title)
	for range 3 {
		cut := false
		for _, sep := range []string{" | ", " - ", " – ", " — ", " :: ", "-", "|", "_", " · "} {
			i := strings.LastIndex(title, sep)
			if i <= 0 {
				continue
			}
			front, rest := strings.TrimSpace(title[:i]), strings.TrimSpace(title[i+len(sep):])
			if len(front) >= 2 && d.namesSite(rest) {
				title, cut = front, true
				break
			}
		}
		if !cut {
			break
		}
	}
	return title
}

func (d *Document) namesSite(s string) bool {
	key := letters(s)
	if key == "" || len(s) > 80 {
		return false
	}
	if site := letters(d.metaContent("og:site_name", "application-name")); site != "" && (strings.Contains(key, site) || len(key) >= 4 && strings.Contains(site, key)) {
		return true
	}
	for part := range strings.SplitSeq(d.url.Hostname(), ".") {
		if part = letters(part); len(part) >= 4 && strings.HasPrefix(key, part) {
			return true
		}
	}
	for _, word := range siteWords {
		if strings.HasSuffix(s, word) && len(s) <= len(word)+18 {
			return true
		}
	}
	return false
}

// siteWords end the names that Chinese markets put behind a title.
var siteWords = []string{"淘宝网", "天猫Tmall.com", "tmall.com天猫", "天猫", "京东", "闲鱼", "商城", "旗舰店", "官网", "拼多多", "苏宁易购", "当当网", "阿里巴巴", "图片 价格 品牌 评论", "【图片 价格 品牌 报价】"}

// letters keeps the letters and digits of a name, lower case.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r < 0x80 && !digit(byte(r)) && (r < 'a' || r > 'z'), r == ' ', r == '\u00a0':
			return -1
		}
		return r
	}, s)
}
