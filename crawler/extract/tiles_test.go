package extract_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/markwatch/markwatch/crawler/extract"
)

// layout is a result page in the manner of some market: how a tile is written,
// with {n} for the offer's number, {title}, {price} (an amount), {shop}.
type layout struct {
	address, frame, tile string
	currency             string
	price                string // how the amount is written, %d for the whole part
	shop                 bool
}

// TestTilesOfManyLayouts: titles, prices and shops of result pages are found
// whatever the blocks are called; class names are hashed, absent or speaking.
func TestTilesOfManyLayouts(t *testing.T) {
	const nav = `<div class="header"><a href="/">Home</a><a href="/cart">0</a><form><input name=q></form></div><div class="filters"><a href="?p=1">¥0-100</a><a href="?p=2">¥100-200</a></div>`
	for name, l := range map[string]layout{
		"hashed classes, integer and decimal part apart": {"https://s.taobao.com/search?q=x", nav + `<div id="content_items_wrapper">%s</div>`,
			`<div class="search-content-col"><a href="//item.taobao.com/item.htm?id={n}&skuId=1" class="doubleCardWrapper--_6NpK_ey"><div class="mainPicWrapper--qRLTAeii"><img src="//img/{n}.jpg"></div><div class="title--qJ7Xg_90" title="{title}"><span class=""><span>{title}</span></span></div><div class="priceWrapper--dBtPZ2K1"><div class="innerPriceWrapper--aAJhHXD4"><span class="unit--D3KGoaOM">¥</span><span class="priceInt--yqqZMJ5a">{price}</span><span class="priceFloat--XpixvyQ1">.00</span></div><span class="realSales--XZJiepmt">500+人付款</span><div class="procity--wlcT2xH9"><span>浙江</span></div></div></a><a class="shopName--hdF527QA" href="//store.taobao.com/{n}"><span>{shop}</span></a></div>`, "CNY", "", true},
		"no classes at all": {"https://www.goofish.com/search?q=x", nav + `<main><div>%s</div></main>`,
			`<a href="https://www.goofish.com/item?id={n}&categoryId=1"><div><img src="/{n}.jpg"></div><div><span>{title}</span></div><div><span>¥</span><span>{price}</span></div><div><span>12人想要</span></div></a>`, "CNY", "", false},
		"speaking classes": {"https://s.1688.com/selloffer/offer_search.htm?keywords=x", nav + `<div class="offer-list-wrapper"><ul>%s</ul></div>`,
			`<li class="sm-offer-item"><div class="img"><a href="https://detail.1688.com/offer/{n}.html" target="_blank"><img src="/{n}.jpg" alt="{title}"></a></div><div class="title"><a href="https://detail.1688.com/offer/{n}.html">{title}</a></div><div class="desc-row"><span class="price-item">¥<em>{price}</em></span><span class="sale">成交 3000+ 件</span></div><div class="company"><a class="companyName" href="//shop{n}.1688.com">{shop}</a></div></li>`, "CNY", "", true},
		"hidden whole price beside parts": {"https://www.amazon.com/s?k=x", nav + `<div class="s-main-slot">%s</div>`,
			`<div data-asin="B0000{n}" data-component-type="s-search-result" class="s-result-item"><div><a href="/Name/dp/B0000{n}/ref=sr_1"><img class="s-image" src="/{n}.jpg" alt="{title}"></a></div><h2><a href="/Name/dp/B0000{n}/ref=sr_1"><span>{title}</span></a></h2><div><span aria-label="4.5 out of 5 stars">4.5</span><a href="/Name/dp/B0000{n}#reviews">1,234</a></div><a href="/Name/dp/B0000{n}/ref=sr_1"><span class="a-price"><span class="a-offscreen">${price}.99</span><span aria-hidden="true"><span class="a-price-symbol">$</span><span class="a-price-whole">{price}<span class="a-price-decimal">.</span></span><span class="a-price-fraction">99</span></span></span> <span class="a-price a-text-price"><span class="a-offscreen">$999.00</span></span></a><div>FREE delivery Tue, Mar 5</div></div>`, "USD", "99", false},
		"auction market": {"https://www.ebay.com/sch/i.html?_nkw=x", nav + `<ul class="srp-results">%s</ul>`,
			`<li class="s-item" id="item{n}"><div class="s-item__wrapper"><div class="s-item__image"><a href="https://www.ebay.com/itm/{n}?hash=1"><img src="/{n}.jpg" alt="{title}"></a></div><div class="s-item__info"><a class="s-item__link" href="https://www.ebay.com/itm/{n}?hash=1"><h3 class="s-item__title">{title}</h3></a><div class="s-item__subtitle"><span>Brand New</span></div><div class="s-item__details"><span class="s-item__price">${price}.50</span><span class="s-item__shipping">+$4.99 shipping</span><span class="s-item__location">from China</span></div></div></div></li>`, "USD", "50", false},
		"Brazilian market": {"https://loja.example.com.br/busca?q=x", nav + `<ol class="ui-search-layout">%s</ol>`,
			`<li class="ui-search-layout__item"><div class="poly-card"><img src="/{n}.jpg" title="{title}"><div class="poly-card__content"><h3 class="poly-component__title-wrapper"><a href="https://loja.example.com.br/p/{n}" class="poly-component__title">{title}</a></h3><span class="poly-component__seller">Por {shop}</span><div class="poly-component__price"><s aria-label="Antes"><span>R$</span><span>9.999</span></s><div><span class="andes-money-amount"><span>R$</span><span>{price}</span></span><span>18% OFF</span></div><span>em 10x R$ 9,90 sem juros</span></div></div></div></li>`, "BRL", "", false},
		"Japanese market": {"https://search.example.jp/search/mall/x/", nav + `<div class="searchresults">%s</div>`,
			`<div class="searchresultitem"><div class="image"><a href="https://item.example.jp/shop/{n}/"><img src="/{n}.jpg" alt="{title}"></a></div><div class="content title"><h2><a href="https://item.example.jp/shop/{n}/">{title}</a></h2></div><div class="content description price"><span class="important">{price}円<span>～</span></span><span class="with-shipping">送料無料</span></div><div class="content merchant"><a href="https://www.example.jp/{n}s/">{shop}</a></div></div>`, "JPY", "", true},
		"Polish market with articles": {"https://market.example.pl/listing?string=x", nav + `<section>%s</section>`,
			`<article class="mx7m_1 mnyp_co"><div><a href="https://market.example.pl/oferta/nazwa-{n}"><img alt="" src="/{n}.jpg"></a></div><div><h2 class="mgn2_14"><a href="https://market.example.pl/oferta/nazwa-{n}">{title}</a></h2><div>Stan: Nowy</div><div aria-label="{price},49 zł aktualna cena"><span>{price},<span class="mgn2_14">49</span>&nbsp;<span>zł</span></span></div><div>z dostawą 999,99 zł</div></div></article>`, "PLN", "49", false},
		"table rows": {"https://shop.example.de/suche?q=x", nav + `<table>%s</table>`,
			`<tr><td><a href="/artikel/{n}.html"><img src="/{n}.jpg"></a></td><td><a href="/artikel/{n}.html">{title}</a><br>Art.-Nr. {n}</td><td class="preis">{price},- €</td><td><form action="/cart/add"><button>In den Warenkorb</button></form></td></tr>`, "EUR", "", false},
		"cards that are anchors, price first": {"https://www.example.vn/search?keyword=x", nav + `<ul class="shopee-search-item-result__items">%s</ul>`,
			`<li class="col-xs-2-4"><a href="/san-pham-i.11.{n}"><div><img src="/{n}.jpg" alt="{title}"></div><div class="pX"><div class="line-clamp-2">{title}</div><div class="pY"><span class="aS">₫</span><span class="aT">{price}.000</span></div><div>Đã bán 1,2k</div><div>TP. Hồ Chí Minh</div></div></a></li>`, "VND", "000", false},
	} {
		t.Run(name, func(t *testing.T) {
			var rows strings.Builder
			const tiles = 7
			for i := range tiles {
				rows.WriteString(strings.NewReplacer("{n}", fmt.Sprint(70012345+i), "{title}", fmt.Sprintf("Canvas rucksack model K%d 布包 %d 号", i, i), "{price}", fmt.Sprint(120+i), "{shop}", fmt.Sprintf("Shop No%d 店", i)).Replace(l.tile))
			}
			d, err := extract.Parse(page(l.address, []byte("<!doctype html><title>x</title><body>"+fmt.Sprintf(l.frame, rows.String())+`<div class="footer">© 2026</div>`)))
			if err != nil {
				t.Fatal(err)
			}
			found := d.Listings(extract.Options{})
			if len(found) != tiles {
				t.Fatalf("%d listings of %d", len(found), tiles)
			}
			for i, got := range found {
				if want := fmt.Sprintf("Canvas rucksack model K%d 布包 %d 号", i, i); got.Title != want {
					t.Errorf("title %q, want %q", got.Title, want)
				}
				want := fmt.Sprint(120 + i)
				switch l.price {
				case "":
				case "000":
					want += "000"
				default:
					want += "." + l.price
				}
				if got.Price == nil || !sameAmount(want, got.Price.AmountText()) && got.Price.AmountText() != want || got.Price.Currency != l.currency {
					t.Errorf("price %v, want %s %s", got.Price, want, l.currency)
				}
				if want := fmt.Sprintf("Shop No%d 店", i); l.shop && (got.Seller == nil || got.Seller.Name != want) {
					t.Errorf("seller %+v, want %s", got.Seller, want)
				}
				if !strings.Contains(got.URL, fmt.Sprint(70012345+i)) {
					t.Errorf("address %s", got.URL)
				}
				if len(got.Images) != 1 {
					t.Errorf("pictures %q", got.Images)
				}
			}
		})
	}
}
