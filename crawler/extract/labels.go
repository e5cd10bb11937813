package extract

import (
	"strings"

	"golang.org/x/net/html/atom"

	"github.com/markwatch/markwatch"
)

// label is what a row of a page calls its value, with the field it fills.
var labelField = map[string]string{
	"发货地": "ships", "发货地址": "ships", "宝贝所在地": "ships", "商品所在地": "ships", "仓库所在地": "ships", "ships from": "ships", "item location": "ships", "luogo": "ships", "artikelstandort": "ships", "location": "ships", "发往": "",
	"所在地": "region", "所在地区": "region", "店铺所在地": "region", "卖家所在地": "region", "公司所在地": "region", "地区": "region", "seller location": "region",
	"类型": "kind", "店铺类型": "kind", "卖家类型": "kind", "商家类型": "kind", "主体类型": "kind", "seller type": "kind",
	"商品描述": "page", "库存": "page", "价格": "page", "售价": "page", "一口价": "page", "原价": "page", "市场价": "page", "现价": "page", "运费": "page", "邮费": "page", "price": "page", "availability": "page", "stock": "page", "shipping": "page",
	"配送": "delivery", "物流": "delivery", "发货时间": "delivery", "delivery": "delivery", "配送时间": "delivery", "发货": "delivery", "estimated delivery": "delivery",
	"店铺": "seller", "店铺名称": "seller", "店铺名": "seller", "卖家": "seller", "掌柜": "seller", "商家": "seller", "seller": "seller", "sold by": "seller", "verkäufer": "seller", "venditore": "seller", "vendeur": "seller", "anbieter": "seller", "vendor": "seller", "公司名称": "seller",
	"品牌": "brand", "品牌名称": "brand", "brand": "brand", "marke": "brand", "marca": "brand", "marque": "brand", "merk": "brand", "märke": "brand", "ブランド": "brand", "브랜드": "brand", "бренд": "brand", "značka": "brand", "marka": "brand", "manufacturer": "brand", "hersteller": "brand", "producent": "brand", "מותג": "brand", "יצרן": "brand",
	"make": "brand", "maker": "brand", "brand name": "brand", "výrobce": "brand", "výrobca": "brand", "виробник": "brand", "производитель": "brand", "марка": "brand", "торговая марка": "brand", "メーカー": "brand", "제조사": "brand", "제조사/브랜드": "brand", "thương hiệu": "brand", "ยี่ห้อ": "brand", "แบรนด์": "brand", "merek": "brand", "jenama": "brand", "varumärke": "brand", "mærke": "brand", "merke": "brand", "merkki": "brand", "tuotemerkki": "brand", "márka": "brand", "gyártó": "brand", "marcă": "brand", "producător": "brand", "proizvođač": "brand", "العلامة التجارية": "brand", "الماركة": "brand", "μάρκα": "brand", "κατασκευαστής": "brand", "бранд": "brand", "gamintojas": "brand", "zīmols": "brand", "tootja": "brand", "markası": "brand", "商标": "brand", "品牌名": "brand",
	"id": "sku", "mpn": "mpn", "kod producenta": "mpn", "código do fabricante": "mpn", "réf. fabricant": "mpn", "model number": "mpn", "part number": "mpn", "manufacturer part number": "mpn", "herstellernummer": "mpn", "model no.": "mpn", "modell-nr": "mpn", "型番": "mpn", "모델명": "mpn",
	"货号": "sku", "商品编号": "sku", "商品编码": "sku", "sku": "sku", "item number": "sku", "model no": "", "artikelnummer": "sku", "art.-nr.": "sku", "artikel-nr.": "sku", "numero oggetto": "sku", "item no": "sku", "item #": "sku", "product code": "sku", "ean": "gtin", "isbn": "gtin", "gtin": "gtin", "barcode": "gtin", "条形码": "gtin", "条码": "gtin", "codice ean": "gtin", "product id": "sku", "ad id": "sku", "anzeigennummer": "sku", "anzeigen-nr.": "sku", "inserat-nr.": "sku", "ref.": "sku", "nr ref.": "sku", "numer referencyjny": "sku", "referencja": "sku", "web code": "sku", "מק\"ט": "sku", "상품번호": "sku", "商品番号": "sku",
	"item id": "sku", "item code": "sku", "product number": "sku", "product no": "sku", "listing id": "sku", "style number": "sku", "style #": "sku", "stock code": "sku", "stock number": "sku", "catalog number": "sku", "artikelnr": "sku", "artikel nr": "sku", "artikelcode": "sku", "bestellnummer": "sku", "bestell-nr": "sku", "produktnummer": "sku", "varenummer": "sku", "varenr": "sku", "tuotenumero": "sku", "cikkszám": "sku", "kod produktu": "sku", "kód produktu": "sku", "kód zboží": "sku", "kód tovaru": "sku", "артикул": "sku", "код товара": "sku", "код товару": "sku", "ürün kodu": "sku", "stok kodu": "sku", "mã sản phẩm": "sku", "mã sp": "sku", "รหัสสินค้า": "sku", "kode produk": "sku", "codice prodotto": "sku", "codice articolo": "sku", "cod. articolo": "sku", "referencia": "sku", "riferimento": "sku", "reference": "sku", "referenz": "sku", "référence": "sku", "referência": "sku", "réf": "sku", "código": "sku", "cod": "sku", "cód": "sku", "商品コード": "sku", "品番": "sku", "상품코드": "sku", "货品编号": "sku", "宝贝编号": "sku", "ebay item number": "sku", "ebay-artikelnummer": "sku", "ad #": "sku", "ad number": "sku", "annuncio id": "sku", "id annuncio": "sku", "id ogłoszenia": "sku", "annons-id": "sku", "upc": "gtin",
	"成色": "condition", "新旧程度": "condition", "condition": "condition", "zustand": "condition", "condizione": "condition", "état": "condition", "stan": "condition", "condizioni dell'oggetto": "condition", "estado": "condition", "состояние": "condition", "стан": "condition", "durum": "condition", "stare": "condition", "állapot": "condition", "kunto": "condition", "skick": "condition", "tilstand": "condition", "stav": "condition", "staat": "condition", "商品の状態": "condition", "상태": "condition", "tình trạng": "condition", "สภาพ": "condition", "kondisi": "condition",
	"规格": "quantity", "净含量": "quantity", "包装规格": "quantity",
	"月销量": "sales", "销量": "sales", "累计销量": "sales",
	"统一社会信用代码": "license", "营业执照号": "license", "注册号": "license",
}

// colons end a label: the ASCII one and the full-width one of Chinese text,
// escaped here and elsewhere because the two look alike.
const colons = ":\uff1a"

// indexColon is where the first of colons stands, -1 where there is none.
func indexColon(s string) int {
	at := strings.IndexByte(s, ':')
	if wide := strings.Index(s, "\uff1a"); wide >= 0 && (at < 0 || wide < at) {
		return wide
	}
	return at
}

// labelOf is the field that a label fills; known is false for labels that are
// nobody's but the goods'.
func labelOf(label string) (field string, known bool) {
	key := strings.ToLower(strings.TrimRight(squeeze(label), colons+". "))
	if field, known = labelField[key]; !known {
		field, known = labelField[key+"."]
	}
	return field, known
}

// fill puts a labelled value into its field. It returns true where the pair
// speaks of the sale (shop, dispatch, units sold) and not of the goods, so that
// it is no attribute; a second, different value under such a label is one.
func (d *Document) fill(r *reading, label, text string) bool {
	field, _ := labelOf(label)
	text = squeeze(text)
	if text == "" || len(text) > 400 {
		return false
	}
	put := func(to *string, text string) bool {
		set(to, text)
		return *to == text
	}
	switch field {
	case "page":
		return true
	case "ships":
		return put(&r.ShipsFrom, clip(text, 100))
	case "delivery":
		return put(&r.Delivery, clip(text, 200))
	case "region":
		if len([]rune(text)) <= 40 {
			return put(&r.seller().Region, text)
		}
	case "kind":
		if kind := statedKind(text); kind != "" {
			r.kindStated = true
			r.seller().Kind = kind
			return true
		}
	case "brand":
		set(&r.Brand, brandText(text))
	case "sku":
		// the number is the first word; what follows is another part of the row
		if number, _, _ := strings.Cut(text, " "); len(number) <= 40 && hasDigit(number) {
			set(&r.SKU, number)
		}
	case "mpn":
		if len(text) <= 60 {
			set(&r.mpn, text)
		}
	case "gtin":
		if code := isbnSigns(text); len(text) <= 24 && (validGTIN(code) || validISBN(code)) {
			set(&r.gtin, code)
		}
		return !hasDigit(text) // an explanation of the label
	case "condition":
		if r.Condition == "" {
			r.Condition = conditionOf(text)
			return bareCondition[strings.ToLower(text)]
		}
	case "quantity":
		set(&r.Quantity, clip(text, 100))
	case "seller":
		if len([]rune(text)) <= 60 {
			if r.seller().Name == "" {
				r.Seller.Name = text
				if !r.kindStated {
					r.Seller.Kind = sellerKind(text)
				}
			}
			return r.Seller.Name == text
		}
	case "license":
		if code := labelledLicense(text); code != "" {
			return put(&r.seller().License, code)
		}
	case "sales":
		if s, n, ok := salesOf("销量" + text); ok && r.SalesText == "" {
			r.SalesText, r.Sales = strings.TrimPrefix(s, "销量"), n
			return true
		}
		return squeeze(r.SalesText) == text
	}
	return false
}

// bareCondition are conditions in words that say nothing beside it.
var bareCondition = map[string]bool{"二手": true, "全新": true, "翻新": true, "官方翻新": true, "new": true, "used": true, "refurbished": true, "neu": true, "gebraucht": true}

// statedKind is what a page says of its seller under a label for it.
func statedKind(s string) markwatch.SellerKind {
	s = strings.ToLower(s)
	switch {
	case len(s) > 40:
		return ""
	case strings.Contains(s, "个人") || strings.HasPrefix(s, "private") || strings.HasPrefix(s, "individual"):
		return markwatch.SellerPersonal
	case strings.Contains(s, "旗舰") || strings.Contains(s, "flagship"):
		return markwatch.SellerFlagship
	case strings.Contains(s, "企业") || strings.Contains(s, "店铺") || strings.Contains(s, "专营") || strings.Contains(s, "专卖") || strings.Contains(s, "商家") || strings.HasPrefix(s, "business"):
		return markwatch.SellerShop
	}
	return ""
}

func set(field *string, text string) {
	if *field == "" {
		*field = text
	}
}

// specifications reads tables, definition lists and "label: value" rows.
func (d *Document) specifications(r *reading) {
	for i := range d.elems {
		e := &d.elems[i]
		size := e.tend - e.text
		if size == 0 || size > 1500 || e.flags&(inChrome|inAside|inReview) != 0 {
			continue
		}
		switch e.n.DataAtom {
		case atom.Dl:
			d.definitions(int32(i), r)
		case atom.Table:
			d.table(int32(i), r)
		case atom.Li, atom.P, atom.Div, atom.Span, atom.Tr:
			if size <= 6 && e.flags&inHidden == 0 {
				d.pair(int32(i), r)
			}
		}
	}
}

// table reads rows of one label and one value, or two such pairs.
func (d *Document) table(i int32, r *reading) {
	e := &d.elems[i]
	for j := i + 1; j < e.end; j++ {
		if d.elems[j].n.DataAtom != atom.Tr {
			continue
		}
		var cells []int32
		for c := j + 1; c < d.elems[j].end; c = d.elems[c].end {
			if a := d.elems[c].n.DataAtom; a == atom.Td || a == atom.Th {
				cells = append(cells, c)
			}
		}
		if len(cells) != 2 && len(cells) != 4 {
			continue
		}
		for k := 0; k+1 < len(cells); k += 2 {
			d.pairOf(r, d.inside(cells[k]), d.inside(cells[k+1]))
		}
	}
}

func (d *Document) definitions(i int32, r *reading) {
	label := ""
	for j := i + 1; j < d.elems[i].end; j++ {
		switch d.elems[j].n.DataAtom {
		case atom.Dt:
			label = d.inside(j)
		case atom.Dd:
			if label != "" {
				d.pairOf(r, label, d.inside(j))
				label = ""
			}
		}
	}
}

func (d *Document) pairOf(r *reading, label, text string) {
	label = strings.TrimRight(squeeze(label), colons+" ")
	if n := len([]rune(label)); n == 0 || n > 40 || !hasLetters(label) || text == "" || len(text) > 500 || strings.ContainsAny(label, "。!?\uff01\uff1f¥\uffe5$€") {
		return
	}
	if d.fill(r, label, text) {
		return
	}
	r.attribute(label, text)
}

// pair reads a row of a label and a value: <li>品牌: Nike</li>, or two elements
// side by side of which the first is a known label.
func (d *Document) pair(i int32, r *reading) {
	e := &d.elems[i]
	if e.tend-e.text == 1 {
		text := d.texts[e.text].text
		if len(text) > 300 {
			return
		}
		d.written(text, e.n.DataAtom == atom.Li && e.flags&inLink == 0, r)
		return
	}
	first := squeeze(d.texts[e.text].text)
	if len(first) > 60 || d.texts[e.text].in == i && strings.TrimRight(first, colons) == first {
		return
	}
	if _, known := labelOf(first); known && !d.labels(e.text+1) {
		d.pairOf(r, first, d.firstValue(e.text+1, e.tend))
	}
}

// written reads "label: value" in one text, or several such behind each other
// where each has a known label: 发货地: 北京 配送: 次日达. A label that is not
// known counts only where any says that the text is a row of a list.
func (d *Document) written(text string, row bool, r *reading) {
	at := indexColon(text)
	if at <= 0 || strings.HasPrefix(text[at:], "://") {
		return
	}
	label, value := squeeze(text[:at]), strings.TrimLeft(text[at:], colons+" ")
	field, known := labelOf(label)
	if !known && (!row || len([]rune(label)) > 12) {
		return
	}
	if field != "" {
		if next := nextLabel(value); next > 0 {
			d.written(value[next:], false, r)
			value = value[:next]
		}
	}
	d.pairOf(r, label, strings.TrimRight(value, " ;,|/\uff1b\uff0c"))
}

// nextLabel is where a known label with its colon begins inside a value, or -1.
func nextLabel(value string) int {
	for from := 0; ; {
		at := indexColon(value[from:])
		if at < 0 {
			return -1
		}
		at += from
		begin := strings.LastIndexAny(value[:at], " \t\n;,|/\uff1b\uff0c\u3000\u00a0") + 1
		for begin < at && value[begin]&0xc0 == 0x80 {
			begin++ // the separator was of several bytes
		}
		if begin > 0 && begin < at {
			if _, known := labelOf(value[begin:at]); known {
				return begin
			}
		}
		from = at + 1
	}
}

// firstValue is the text of the first block among the runs [from, to): what
// follows it in the row are buttons and links.
func (d *Document) firstValue(from, to int32) string {
	end := from + 1
	for end < to && !d.labels(end) && d.block(d.texts[end].in) == d.block(d.texts[from].in) && d.elems[d.texts[end].in].flags&inLink == d.elems[d.texts[from].in].flags&inLink {
		end++
	}
	return squeeze(d.textOf(from, end, " ", nil))
}

// labels reports whether a text run begins another pair of the same row.
func (d *Document) labels(run int32) bool {
	text := d.texts[run].text
	at := indexColon(text)
	if at <= 0 || at > 60 {
		return false
	}
	_, known := labelOf(text[:at])
	return known
}
