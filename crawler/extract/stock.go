package extract

import (
	"strings"

	"golang.org/x/net/html"

	"github.com/markwatch/markwatch"
)

// outWords say that nothing is left.
var outWords = newWords(
	"已售罄", "售罄", "已卖出", "已售完", "已售空", "卖光了", "抢光", "暂时缺货", "无货", "缺货", "补货中", "到货通知", "已卖完", "售完", "補貨中", "缺貨", "已售完",
	"売り切れ", "在庫なし", "在庫切れ", "品切れ", "完売", "入荷待ち", "取り扱いできません", "품절", "매진", "재고없음", "재고 없음", "판매종료", "판매 종료", "구매불가",
	"sold out", "soldout", "out of stock", "out-of-stock", "currently unavailable", "no longer available", "temporarily unavailable", "not available", "item unavailable", "unavailable online", "notify me when", "email me when", "back in stock",
	"ausverkauft", "nicht verfügbar", "nicht lieferbar", "nicht auf lager", "vergriffen", "nicht mehr verfügbar", "nicht vorrätig",
	"épuisé", "rupture de stock", "en rupture", "indisponible", "non disponible", "plus disponible", "agotado", "sin stock", "no disponible", "sin existencias", "fuera de stock",
	"esaurito", "non disponibile", "esgotado", "indisponível", "sem estoque", "sem stock", "fora de estoque",
	"uitverkocht", "niet op voorraad", "niet leverbaar", "niet beschikbaar", "brak w magazynie", "niedostępny", "niedostępna", "wyprzedan", "brak towaru",
	"vyprodáno", "není skladem", "nedostupné", "vypredané", "nie je skladom", "slut i lager", "slutsåld", "ej i lager", "udsolgt", "ikke på lager", "utsolgt", "loppu varastosta", "loppuunmyyty", "ei varastossa", "tilapäisesti loppu",
	"elfogyott", "nincs raktáron", "nem elérhető", "stoc epuizat", "indisponibil", "tükendi", "stokta yok", "stokta bulunmuyor",
	"нет в наличии", "распродано", "товар закончился", "нет на складе", "немає в наявності", "закінчився", "εξαντλ", "μη διαθέσιμο", "изчерпан", "rasprodano",
	"אזל מהמלאי", "אזל המלאי", "לא במלאי", "غير متوفر", "نفذت الكمية", "نفدت الكمية", "hết hàng", "สินค้าหมด", "หมดสต็อก", "stok habis", "stok kosong", "habis terjual")

// goneWords say that the offer itself has ended.
var goneWords = newWords("商品已下架", "宝贝已下架", "此商品已下架", "该商品已下架", "商品不存在", "宝贝不存在", "已下柜", "该商品已失效", "this listing has ended", "this item is no longer for sale", "this listing was ended", "this ad has expired", "bidding has ended", "auction ended", "anzeige wurde gelöscht", "inserzione scaduta", "ogłoszenie nieaktualne", "annonce a expiré", "anuncio caducado")

// inWords say that goods are there.
var inWords = newWords("有货", "现货", "有現貨", "現貨", "在庫あり", "재고 있음", "in stock", "auf lager", "sofort lieferbar", "lieferbar", "vorrätig", "en stock", "en existencia", "disponible", "disponibile", "disponível", "em stock", "em estoque", "op voorraad", "dostępny", "w magazynie", "skladem", "na sklade", "skladom", "i lager", "på lager", "varastossa", "raktáron", "în stoc", "stokta var", "в наличии", "в наявності", "διαθέσιμο", "במלאי", "còn hàng", "มีสินค้า", "พร้อมส่ง", "tersedia")

// preorderWords say that goods are sold before they are there.
var preorderWords = newWords("预售", "預購", "予約受付", "予約する", "예약구매", "예약 구매", "pre-order", "preorder", "vorbestell", "précommand", "pré-venda", "preordina", "preventa", "przedsprzedaż", "предзаказ", "förbeställ")

// stock reads availability of the page's own offer: an end of the sale, a
// button to buy that can be pressed, words or names of classes that deny it, a
// button that cannot be pressed, an invitation to write to the seller. What
// stands in rows of other goods says nothing.
func (d *Document) stock(r *reading, lines []pageLine, heading int32) {
	denied, stated, early := false, false, false
	for i := range lines {
		line := &lines[i]
		if len(line.text) > 90 {
			continue
		}
		lower := line.lower
		if goneWords.in(lower) && !d.inTiles(line.from) {
			r.Availability = markwatch.Gone
			return
		}
		if outWords.in(lower) {
			denied = denied || !d.inTiles(line.from)
			continue
		}
		stated = stated || inWords.in(lower) && !d.inTiles(line.from)
		early = early || preorderWords.in(lower) && len(lower) <= 40
	}
	enabled, disabled, invited := false, false, false
	for i := range d.buttons() {
		switch b := &d.presses[i]; {
		case d.inTiles(b.text) || d.elems[b.in].flags&(inAside|inReview) != 0:
		case b.invites:
			invited = true
		case b.disabled:
			disabled = true
		default:
			enabled = true
		}
	}
	switch class := d.stockByName(heading); {
	case class == markwatch.OutOfStock && !enabled:
		r.Availability = class
	case enabled && early:
		r.Availability = markwatch.Preorder
	case enabled:
		r.Availability = markwatch.InStock
	case denied:
		r.Availability = markwatch.OutOfStock
	case class != "":
		r.Availability = class
	case early && disabled:
		r.Availability = markwatch.Preorder
	case disabled, invited, stated:
		r.Availability = markwatch.InStock
	}
}

// inTiles reports whether a text run stands in a row of three blocks or more
// that are built alike, each with a price.
func (d *Document) inTiles(run int32) bool {
	for i := range d.tileGroups() {
		if g := &d.groups[i]; len(g.tiles) >= minTiles && g.holds(run) {
			return true
		}
	}
	return false
}

// stockReach is how far behind the heading a note on stock may stand, in text
// runs.
const stockReach = 150

// stockByName reads availability off the class names of the elements around
// the heading and of the notes behind it, as shop systems write them:
// "product outofstock", "stock in-stock".
func (d *Document) stockByName(heading int32) markwatch.Availability {
	if heading < 0 {
		return ""
	}
	for i := heading; i >= 0; i = d.elems[i].parent {
		if a := namedStock(d.elems[i].n); a != "" {
			return a
		}
	}
	from, to := d.elems[heading].text, d.elems[heading].tend+stockReach
	found := markwatch.Availability("")
	for i := heading; i < int32(len(d.elems)) && d.elems[i].text < to; i++ {
		e := &d.elems[i]
		if e.text < from || e.tend == e.text || e.tend-e.text > 6 || e.flags&passing != 0 || len(e.n.Attr) == 0 || d.inTiles(e.text) {
			continue
		}
		if a := namedStock(e.n); a != "" && found != markwatch.InStock {
			found = a
		}
	}
	return found
}

func namedStock(n *html.Node) markwatch.Availability {
	for class := range strings.FieldsSeq(clip(attr(n, "class"), 600)) {
		if len(class) < 7 || len(class) > 40 || !strings.Contains(class, "tock") && !strings.Contains(class, "out") && !strings.Contains(class, "vailable") {
			continue
		}
		switch s := noMarks.Replace(strings.ToLower(class)); {
		case strings.HasSuffix(s, "outofstock"), strings.HasSuffix(s, "soldout"), s == "notavailable", s == "productunavailable", s == "isunavailable":
			return markwatch.OutOfStock
		case s == "instock", s == "stockinstock", s == "productinstock", s == "availabilityinstock":
			return markwatch.InStock
		}
	}
	return ""
}

// available maps the words of schema.org, Open Graph, Google's feeds and
// ordinary pages.
func available(s string) markwatch.Availability {
	s = strings.ToLower(strings.TrimSpace(s))
	words := s
	if i := strings.LastIndexAny(s, "/#"); i >= 0 && strings.Contains(s, "schema") {
		s = s[i+1:]
	}
	s = strings.NewReplacer(" ", "", "_", "", "-", "", ".", "").Replace(strings.TrimSpace(s))
	switch s {
	case "instock", "instoreonly", "onlineonly", "limitedavailability", "limitedstock", "available", "availableforpurchase", "availablefororder", "有货", "现货", "true", "1", "yes", "y", "onsale", "lowstock", "stock", "instockonline", "instockavailable":
		return markwatch.InStock
	case "outofstock", "soldout", "oos", "unavailable", "notavailable", "notinstock", "outstock", "无货", "缺货", "售罄", "false", "0", "no", "n", "reserved":
		return markwatch.OutOfStock
	case "preorder", "presale", "backorder", "madetoorder", "backordered", "预售":
		return markwatch.Preorder
	case "discontinued", "下架", "已下架":
		return markwatch.Gone
	}
	switch {
	case len(words) > 80 || len(words) < 4:
		return ""
	case strings.Contains(s, "outofstock") || strings.Contains(s, "soldout") || outWords.in(words):
		return markwatch.OutOfStock
	case strings.Contains(s, "instock") || inWords.in(words):
		return markwatch.InStock
	case strings.Contains(s, "preorder") || strings.Contains(s, "backorder") || preorderWords.in(words):
		return markwatch.Preorder
	}
	return ""
}
