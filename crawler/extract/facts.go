package extract

import (
	"regexp"
	"strings"

	"github.com/shopspring/decimal"
	"golang.org/x/net/html/atom"

	"github.com/markwatch/markwatch"
)

var (
	salesPattern = regexp.MustCompile(`(?i)(?:已售|月销|销量|总销量|已拼|热卖|累计销量|累计售出|成交|付款)\s*[:\x{ff1a}]?\s*(\d[\d.,]*)\s*(万|千|k|w)?\s*\+?\s*(?:件|笔|单|份|人)?|(\d[\d.,]*)\s*(万|千|k|w)?\s*\+?\s*(?:人付款|人收货|人购买|人已购买|人拼单|人想要|件已售|笔成交|items?\s+sold|sold|bought|orders|verkauft|vendus|vendidos|venduti)`)
	// quantity is a pack size: 230ml*2, 50g×3, 两瓶装, 一箱6瓶, 2盒装
	quantityPattern = regexp.MustCompile(`(?i)\d+(?:\.\d+)?\s*(?:ml|毫升|l|升|g|克|kg|千克|公斤|斤|oz)\s*[*×xX]\s*\d{1,4}\s*(?:瓶|盒|袋|包|罐|支|片|件|桶|箱)?|[一二两三四五六七八九十\d]{1,3}\s*(?:瓶|盒|袋|包|罐|支|片|件|双|条|桶|箱|只)装|(?:一箱|整箱|每箱)\s*\d{1,3}\s*(?:瓶|盒|袋|包|罐|支)|\d{1,3}\s*(?:瓶|盒|袋|包|罐|支|桶)\s*/\s*(?:箱|盒|提|件)|\bpack of \d{1,3}\b|\b\d{1,3}[- ]?pack\b|\bset of \d{1,3}\b`)
	deliveryPattern = regexp.MustCompile(`(?:付款后|下单后|预计|承诺)?\s*(?:\d{1,3}\s*(?:-|~|至|到)?\s*\d{0,3}\s*(?:小时|天|个工作日|工作日|日)内?\s*(?:内)?\s*(?:发货|送达|到货|到达|寄出)|(?:次日|隔日|当日|当天|次晨)(?:达|送达|发货))`)
	creditCode      = regexp.MustCompile(`\b[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}\b`)
)

var salesHints = newWords("已售", "月销", "销量", "已拼", "热卖", "售出", "成交", "付款", "收货", "购买", "拼单", "想要")
var latinSalesHints = newWords("sold", "bought", "orders", "verkauft", "vendus", "vendidos", "venduti")

// salesOf reads a count of units sold: the text as shown and its lower bound.
func salesOf(s string) (string, int64, bool) {
	if !strings.ContainsAny(s, "0123456789") {
		return "", 0, false
	}
	if !salesHints.in(s) && !latinSalesHints.in(strings.ToLower(s)) {
		return "", 0, false
	}
	m := salesPattern.FindStringSubmatchIndex(s)
	if m == nil {
		return "", 0, false
	}
	num, unit := 2, 4
	if m[2] < 0 {
		num, unit = 6, 8
	}
	digits := strings.ReplaceAll(s[m[num]:m[num+1]], ",", "")
	v, err := decimal.NewFromString(strings.Trim(digits, "."))
	if err != nil {
		return "", 0, false
	}
	if m[unit] >= 0 {
		switch strings.ToLower(s[m[unit]:m[unit+1]]) {
		case "万", "w":
			v = v.Shift(4)
		case "千", "k":
			v = v.Shift(3)
		}
	}
	if v.GreaterThan(decimal.NewFromInt(1e12)) {
		return "", 0, false
	}
	return squeeze(s[m[0]:m[1]]), v.IntPart(), true
}

// quantityOf reads the pack size out of a title.
func quantityOf(title string) string {
	if !strings.ContainsAny(title, "0123456789一二两三四五六七八九十") {
		return ""
	}
	return squeeze(quantityPattern.FindString(fold(title)))
}

// sellerKind is what a shop's name claims.
func sellerKind(name string) markwatch.SellerKind {
	switch {
	case strings.Contains(name, "旗舰店") || strings.Contains(strings.ToLower(name), "official store") || strings.Contains(strings.ToLower(name), "flagship"):
		return markwatch.SellerFlagship
	case strings.Contains(name, "专营店") || strings.Contains(name, "专卖店") || strings.Contains(name, "店"):
		return markwatch.SellerShop
	}
	return ""
}

// label is what a row of a page calls its value, with the field it fills.
var labelField = map[string]string{
	"发货地": "ships", "发货地址": "ships", "所在地": "ships", "所在地区": "ships", "宝贝所在地": "ships", "地区": "ships", "ships from": "ships", "item location": "ships", "luogo": "ships", "artikelstandort": "ships", "location": "ships", "发往": "",
	"配送": "delivery", "物流": "delivery", "发货时间": "delivery", "delivery": "delivery", "配送时间": "delivery", "发货": "delivery", "estimated delivery": "delivery",
	"店铺": "seller", "店铺名称": "seller", "店铺名": "seller", "卖家": "seller", "掌柜": "seller", "商家": "seller", "seller": "seller", "sold by": "seller", "verkäufer": "seller", "venditore": "seller", "vendeur": "seller", "anbieter": "seller", "vendor": "seller", "公司名称": "seller",
	"品牌": "brand", "品牌名称": "brand", "brand": "brand", "marke": "brand", "marca": "brand", "marque": "brand", "merk": "brand", "märke": "brand", "ブランド": "brand", "브랜드": "brand", "бренд": "brand", "značka": "brand", "marka": "brand", "manufacturer": "brand", "hersteller": "brand", "producent": "brand", "מותג": "brand", "יצרן": "brand",
	"货号": "sku", "商品编号": "sku", "商品编码": "sku", "sku": "sku", "item number": "sku", "model no": "", "artikelnummer": "sku", "art.-nr.": "sku", "artikel-nr.": "sku", "numero oggetto": "sku", "item no": "sku", "item #": "sku", "product code": "sku", "ean": "gtin", "isbn": "gtin", "gtin": "gtin", "barcode": "gtin", "条形码": "gtin", "条码": "gtin", "codice ean": "gtin", "product id": "sku", "ad id": "sku", "anzeigennummer": "sku", "anzeigen-nr.": "sku", "inserat-nr.": "sku", "ref.": "sku", "nr ref.": "sku", "numer referencyjny": "sku", "referencja": "sku", "web code": "sku", "מק\"ט": "sku", "상품번호": "sku", "商品番号": "sku",
	"成色": "condition", "新旧程度": "condition", "condition": "condition", "zustand": "condition", "condizione": "condition", "état": "condition", "stan": "condition", "condizioni dell'oggetto": "condition",
	"规格": "quantity", "净含量": "quantity", "包装规格": "quantity", "数量": "",
	"月销量": "sales", "销量": "sales", "累计销量": "sales",
	"统一社会信用代码": "license", "营业执照号": "license", "注册号": "license",
}

// colons end a label: the ASCII one and the full-width one of Chinese text,
// escaped here and elsewhere because the two look alike.
const colons = ":\uff1a"

// fill puts a labelled value into its field; every pair is an attribute too.
func (d *Document) fill(r *reading, label, text string) {
	key := strings.ToLower(strings.TrimRight(squeeze(label), colons+". "))
	field, known := labelField[key]
	if !known {
		field = labelField[key+"."]
	}
	text = squeeze(text)
	if text == "" || len(text) > 400 {
		return
	}
	switch field {
	case "ships":
		set(&r.ShipsFrom, clip(text, 100))
	case "delivery":
		set(&r.Delivery, clip(text, 200))
	case "brand":
		set(&r.Brand, brandText(text))
	case "sku":
		// the number is the first word; what follows is another part of the row
		if number, _, _ := strings.Cut(text, " "); len(number) <= 40 && strings.ContainsAny(number, "0123456789") {
			set(&r.SKU, number)
		}
	case "gtin":
		if code := onlyDigits(text); len(text) <= 20 && len(code) >= 8 {
			set(&r.gtin, code)
		}
	case "condition":
		if r.Condition == "" {
			r.Condition = conditionOf(text)
		}
	case "quantity":
		set(&r.Quantity, clip(text, 100))
	case "seller":
		if r.seller().Name == "" && len([]rune(text)) <= 60 {
			r.Seller.Name = text
			r.Seller.Kind = sellerKind(text)
		}
	case "license":
		if code := creditCode.FindString(text); code != "" {
			r.seller().License = code
		}
	case "sales":
		if s, n, ok := salesOf("销量" + text); ok && r.SalesText == "" {
			r.SalesText, r.Sales = strings.TrimPrefix(s, "销量"), n
		}
	}
}

func set(field *string, text string) {
	if *field == "" {
		*field = text
	}
}

// specifications reads tables, definition lists and "label: value" rows.
func (d *Document) specifications(r *reading) {
	for _, i := range d.tables {
		e := &d.elems[i]
		if e.flags&(inChrome|inAside|inReview) != 0 || e.tend-e.text > 1500 {
			continue
		}
		if e.n.DataAtom == atom.Dl {
			d.definitions(i, r)
		} else {
			d.table(i, r)
		}
	}
	for i := range d.elems {
		e := &d.elems[i]
		if e.flags&(inChrome|inAside|inReview|inHidden) != 0 || e.tend-e.text == 0 || e.tend-e.text > 6 {
			continue
		}
		switch e.n.DataAtom {
		case atom.Li, atom.P, atom.Div, atom.Span, atom.Tr:
			d.pair(int32(i), r)
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
	r.attribute(label, text)
	d.fill(r, label, text)
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
		at := strings.IndexAny(text, colons)
		if at <= 0 || strings.HasPrefix(text[at:], "://") {
			return
		}
		label, value := squeeze(text[:at]), strings.TrimLeft(text[at:], colons+" ")
		_, known := labelField[strings.ToLower(label)]
		if known || e.n.DataAtom == atom.Li && len([]rune(label)) <= 12 && e.flags&inLink == 0 {
			d.pairOf(r, label, value)
		}
		return
	}
	first := squeeze(d.texts[e.text].text)
	if len(first) > 60 || d.texts[e.text].in == i && strings.TrimRight(first, colons) == first {
		return
	}
	key := strings.ToLower(strings.TrimRight(first, colons+" "))
	if _, known := labelField[key]; known {
		d.pairOf(r, first, d.firstValue(e.text+1, e.tend))
	}
}

// firstValue is the text of the first block among the runs [from, to): what
// follows it in the row are buttons and links.
func (d *Document) firstValue(from, to int32) string {
	end := from + 1
	for end < to && d.block(d.texts[end].in) == d.block(d.texts[from].in) && d.elems[d.texts[end].in].flags&inLink == d.elems[d.texts[from].in].flags&inLink {
		end++
	}
	return squeeze(d.textOf(from, end, " ", nil))
}
