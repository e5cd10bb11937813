package feed

import (
	"strings"

	"github.com/markwatch/markwatch/crawler/extract"
)

// goodsFields are the elements of shops' feeds by local name, in any
// namespace, with the field that each fills: Google Merchant Center's product
// data (https://support.google.com/merchants/answer/7052112), which most shops
// speak, WooCommerce and Shopify's own.
var goodsFields = map[string]string{
	"id": "item_id", "item_id": "item_id", "product_id": "item_id", "sku": "sku", "description": "description", "summary": "description", "content": "description", "encoded": "description",
	"brand": "brand", "vendor": "brand", "manufacturer": "brand", "availability": "availability", "stock_status": "availability", "condition": "condition",
	"product_type": "category", "category": "category", "type": "category",
	"image_link": "images", "additional_image_link": "images", "image": "images", "image_url": "images",
	"mpn": "attributes.MPN", "gtin": "attributes.GTIN", "ean": "attributes.GTIN", "isbn": "attributes.ISBN", "color": "attributes.颜色", "size": "attributes.尺寸", "material": "attributes.材质",
	"country_of_origin": "attributes.产地", "seller_name": "seller.name", "external_seller_id": "seller.id", "shop_name": "seller.name", "currency": "currency",
	"unit_pricing_measure": "quantity", "ships_from_country": "ships_from",
}

// paidNames are elements of the price that a buyer pays, the better first;
// struckNames those of the price before.
var (
	paidNames   = []string{"sale_price", "saleprice", "special_price", "price", "current_price"}
	struckNames = []string{"regular_price", "list_price", "msrp", "compare_at_price", "price"}
)

func priced(n *node) bool { return amount(n, paidNames...) != "" }

// amount is the first price among the children of those names, or among the
// variants that Shopify puts into an entry. A currency stands in an attribute
// where it does not stand beside the number.
func amount(n *node, names ...string) string {
	for _, name := range names {
		for _, k := range n.kids {
			if k.name == name {
				if s := strings.TrimSpace(k.text); s != "" {
					return strings.TrimSpace(s + " " + k.attr("currency"))
				}
			}
		}
	}
	for _, k := range n.kids {
		if k.name == "variant" {
			if s := amount(k, names...); s != "" {
				return s
			}
		}
	}
	return ""
}

// goods reads the offer of an entry.
func (r *reader) goods(n *node, where, link, title string) bool {
	rec := r.record()
	set := func(field, text string) {
		if err := rec.Set(field, text); err != nil {
			r.problem("%s %q: %v", where, shorten(extract.PlainText(title), 60), err)
		}
	}
	set("title", title)
	set("url", link)
	set("price", amount(n, paidNames...))
	set("list_price", amount(n, struckNames...))
	for _, k := range n.kids {
		text := strings.TrimSpace(k.text)
		switch {
		case k.ns == "media" && (k.name == "content" || k.name == "thumbnail"):
			set("images", k.attr("url"))
			continue
		case k.name == "enclosure" && strings.HasPrefix(k.attr("type"), "image/"):
			set("images", k.attr("url"))
			continue
		case k.name == "image" && text == "":
			text = k.value("loc", "image", "")
		case k.name == "id" && k.ns != "g": // an Atom id names the entry
			continue
		case k.name == "category" && k.attr("term") != "":
			text = k.attr("term")
		}
		if field := goodsFields[k.name]; field != "" {
			set(field, text)
		}
	}
	if v := n.kid("variant", "shop", ""); v != nil {
		set("sku", v.value("sku", "shop", ""))
	}
	return r.offer(where+" "+shorten(title, 60), rec)
}
