package extract

import (
	"sort"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// buyWords stand on the button of an offer and hardly elsewhere.
var buyWords = newWords(
	"加入购物车", "立即购买", "立刻购买", "马上购买", "加购物车", "立即抢购", "马上抢购", "马上抢", "立即下单", "立即订购", "立即预订", "发起拼单", "单独购买", "我想要", "联系卖家",
	"加入購物車", "立即購買", "直接購買", "放入購物車", "立即結帳",
	"カートに入れる", "カートに追加", "カートへ入れる", "カゴに入れる", "かごに追加", "買い物かご", "今すぐ買う", "購入手続き", "購入する", "購入",
	"장바구니", "구매하기", "바로구매", "바로 구매", "카트에 담기",
	"add to cart", "add to basket", "add to bag", "add to trolley", "add to my bag", "add to shopping", "buy now", "buy it now", "order now", "buy tickets", "get tickets", "purchase now", "contact seller",
	"in den warenkorb", "in den einkaufswagen", "in die einkaufstasche", "zum warenkorb hinzu", "jetzt kaufen", "sofort kaufen", "sofort-kaufen", "jetzt bestellen",
	"ajouter au panier", "ajouter à mon panier", "ajouter au sac", "acheter maintenant", "ajouter au caddie",
	"añadir al carrito", "agregar al carrito", "añadir a la cesta", "añadir a cesta", "agregar a la bolsa", "añadir a la bolsa", "agregar al carro", "comprar ahora", "comprar",
	"adicionar ao carrinho", "adicionar à sacola", "adicionar ao cesto", "comprar agora",
	"aggiungi al carrello", "metti nel carrello", "aggiungi alla borsa", "acquista", "compralo subito",
	"in winkelwagen", "in winkelmand", "in mijn winkel", "toevoegen aan winkel", "nu bestellen", "bestel nu",
	"do koszyka", "kup teraz", "kup na raty", "do košíku", "do košíka", "přidat do", "koupit", "kúpiť", "v košarico", "u košaricu", "u korpu",
	"lägg i varukorg", "lägg i kundvagn", "lägg till i varukorg", "köp nu", "læg i kurv", "læg i indkøb", "tilføj til kurv", "køb nu", "legg i handle", "kjøp nå", "lisää ostoskoriin", "lisää koriin", "osta nyt",
	"kosárba", "adaugă în coș", "adauga in cos", "adaugă în coş", "sepete ekle", "satın al", "hemen al", "į krepšelį", "pievienot grozam", "lisa ostukorvi", "lisa korvi",
	"в корзину", "купить", "до кошика", "в кошик", "купити", "добави в количката", "προσθήκη στο καλάθι", "στο καλάθι",
	"הוסף לסל", "הוספה לסל", "הוסף לעגלה", "הוספה לעגלה", "קנה עכשיו", "לרכישה",
	"أضف إلى", "أضف للسلة", "اشتر الآن", "اشتري الآن", "افزودن به سبد",
	"thêm vào giỏ", "mua ngay", "cho vào giỏ", "ใส่ตะกร้า", "ลงในตะกร้า", "หยิบใส่ตะกร้า", "ซื้อเลย", "ซื้อสินค้า", "ลงรถเข็น", "ke keranjang", "masukkan keranjang", "beli sekarang", "ke troli")

// buyVerbs say the same where they are all that a button says.
var buyVerbs = map[string]bool{"购买": true, "下单": true, "抢购": true, "buy": true, "purchase": true, "order": true, "kaufen": true, "bestellen": true, "acheter": true, "commander": true, "compra": true, "pedir": true, "kup": true, "köp": true, "køb": true, "kjøp": true, "osta": true, "kopen": true, "bestel": true, "megveszem": true, "cumpără": true, "al": true, "mua": true, "ซื้อ": true, "beli": true, "קנה": true, "αγορά": true, "구매": true, "買う": true}

// contactWords invite to buy where a page has no cart: classifieds, second-hand
// markets, auctions.
var contactWords = newWords("我想要", "聊一聊", "联系卖家", "联系商家", "联系客服", "我要购买",
	"contact seller", "contact the seller", "message seller", "chat with seller", "send message", "reply to ad", "make an offer", "make offer", "place bid", "bid now", "email seller", "email user", "show phone", "call seller",
	"anbieter kontaktieren", "verkäufer kontaktieren", "nachricht", "mitbieten", "contatta", "contacter", "envoyer un message", "contactar", "chatear", "wyślij wiadomość", "zadzwoń", "bericht sturen", "bieden", "skicka meddelande", "написать продавцу", "показать телефон", "написати", "出品者に質問", "입찰", "enviar mensagem", "liên hệ")

// button is a place where a page sells or invites to.
type button struct {
	text     int32 // text run at or after which it stands
	in       int32 // its element
	disabled bool
	invites  bool // to write to the seller; not to buy
}

// maxButtons bounds the buttons that are kept of a page.
const maxButtons = 200

// buttons are the page's buttons to buy or to write to the seller, in document
// order.
func (d *Document) buttons() []button {
	if d.pressed {
		return d.presses
	}
	d.pressed = true
	for i := range d.texts {
		text := d.texts[i].text
		in := d.texts[i].in
		if len(text) > 120 || len(text) < 2 || d.elems[in].flags&(inChrome|inHidden) != 0 || len(d.presses) >= maxButtons {
			continue
		}
		if !squeezed(text) {
			text = squeeze(text)
		}
		buys := buyWords.inFold(text)
		invites := !buys && contactWords.inFold(text)
		if !buys && !invites && (len(text) > 30 || !buyVerbs[strings.ToLower(text)]) || utf8.RuneCountInString(text) > 60 {
			continue
		}
		press, clicks := d.clickable(in)
		if !clicks && !buys && !invites {
			continue
		}
		d.presses = append(d.presses, button{text: int32(i), in: in, disabled: clicks && disabledNode(d.elems[press].n), invites: invites})
	}
	for i := range d.elems {
		e := &d.elems[i]
		if !d.pushes(e.n) || e.flags&(inChrome|inHidden) != 0 || len(d.presses) >= maxButtons {
			continue
		}
		d.presses = append(d.presses, button{text: e.text, in: int32(i), disabled: disabledNode(e.n)})
	}
	sort.SliceStable(d.presses, func(i, j int) bool { return d.presses[i].text < d.presses[j].text })
	return d.presses
}

// clickable is the element around a text that can be pressed, the text's own
// where none is known to be.
func (d *Document) clickable(in int32) (int32, bool) {
	for i, up := in, 0; i >= 0 && up < 4; i, up = d.elems[i].parent, up+1 {
		n := d.elems[i].n
		switch n.DataAtom {
		case atom.A, atom.Button, atom.Input:
			return i, true
		}
		if attr(n, "role") == "button" || named(n, "btn", "button", "buy", "addtocart") {
			return i, true
		}
	}
	return in, false
}

func disabledNode(n *html.Node) bool {
	if hasAttr(n, "disabled") || attr(n, "aria-disabled") == "true" {
		return true
	}
	for class := range strings.FieldsSeq(clip(attr(n, "class"), 500)) {
		if class == "disabled" || strings.HasSuffix(class, "--disabled") || strings.HasSuffix(class, "-disabled") && !strings.Contains(class, ":") {
			return true
		}
	}
	return false
}

// pushes reports whether an element without a text of its own is a button to
// buy: an input by its value, a button by its name, a form by its address.
func (d *Document) pushes(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Input, atom.Button:
		kind := strings.ToLower(attr(n, "type"))
		if n.DataAtom == atom.Input && kind != "submit" && kind != "button" && kind != "image" {
			return false
		}
		s := strings.ToLower(squeeze(clip(attr(n, "value")+" "+attr(n, "title")+" "+attr(n, "aria-label")+" "+attr(n, "alt"), 300)))
		return buyWords.in(s) || buysByName(attr(n, "name")+" "+attr(n, "id")+" "+attr(n, "class")+" "+attr(n, "data-action"))
	case atom.Form:
		action := strings.ToLower(attr(n, "action"))
		return strings.Contains(action, "/cart/add") || strings.Contains(action, "add-to-cart") || strings.Contains(action, "addtocart") || strings.Contains(action, "add_to_cart")
	}
	return false
}

// noMarks takes the marks out of a name of a class.
var noMarks = strings.NewReplacer("-", "", "_", "")

// buysByName reads the names that authors give to such buttons.
func buysByName(s string) bool {
	s = strings.ToLower(clip(s, 400))
	s = noMarks.Replace(s)
	return strings.Contains(s, "addtocart") || strings.Contains(s, "addtobasket") || strings.Contains(s, "addtobag") || strings.Contains(s, "buynow")
}

// sells reports whether the page has a button to buy.
func (d *Document) sells() bool {
	for i := range d.buttons() {
		if !d.presses[i].invites {
			return true
		}
	}
	return false
}
