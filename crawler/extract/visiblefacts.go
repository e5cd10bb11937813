package extract

import (
	"strings"

	"github.com/markwatch/markwatch"
)

// maxOtherText bounds the text that a listing carries beside its fields.
const maxOtherText = 8000

var outWords = newWords("已售罄", "售罄", "已卖出", "已售完", "卖光了", "暂时缺货", "无货", "缺货", "sold out", "out of stock", "currently unavailable", "no longer available", "ausverkauft", "nicht verfügbar", "épuisé", "agotado", "esaurito", "non disponibile", "brak w magazynie", "niedostępny", "품절", "売り切れ", "在庫なし", "нет в наличии", "אזל מהמלאי")
var goneWords = newWords("商品已下架", "宝贝已下架", "此商品已下架", "该商品已下架", "商品不存在", "宝贝不存在", "已下柜", "this listing has ended", "this item is no longer for sale", "this listing was ended")

var deliveryWords = newWords("发货", "发出", "到手", "到达", "秒发", "隔天到", "送达", "到货", "次日达", "隔日达", "当日达", "次晨达", "寄出")

// contactWords invite to buy where a page has no cart: classifieds, second-hand
// markets, auctions.
var contactWords = newWords("我想要", "聊一聊", "联系卖家", "联系商家", "contact seller", "contact the seller", "message seller", "chat with seller", "send message", "reply to ad", "make an offer", "place bid", "anbieter kontaktieren", "nachricht", "contatta", "contacter", "wyślij wiadomość", "email user")

// visibleFacts reads what stands in the page's running text: units sold,
// delivery, stock, shares, contacts, parcels, and the text that matchers look
// through.
func (d *Document) visibleFacts(r *reading, heading int32) {
	text, lines := d.lines()
	r.Text = d.otherText(lines, heading)
	d.stock(r, lines)
	for i := range lines {
		line := lines[i].text
		if r.SalesText == "" && len(line) < 300 {
			if s, n, ok := salesOf(line); ok {
				r.SalesText, r.Sales = s, n
			}
		}
		if r.Delivery == "" && deliveryWords.in(line) {
			r.Delivery = squeeze(deliveryPattern.FindString(fold(clip(line, 500))))
		}
	}
	r.Tracking = d.parcels(lines)
	r.Shares = sharesIn(text)
	for _, a := range d.anchors {
		if href := attr(d.elems[a].n, "href"); strings.Contains(href, "magnet:") || strings.Contains(href, "ed2k:") || netdisk(hostOf(href)) {
			at := d.elems[a].text
			around := d.textOf(at, min(at+8, int32(len(d.texts))), " ", nil)
			r.Shares = joinShares(r.Shares, sharesIn(href+" "+around))
		}
	}
	shown, accounts := d.linkedContacts(contactsIn(text))
	if len(shown) > 0 {
		r.seller().Contacts, r.seller().Accounts = shown, accounts
	}
	if r.Seller == nil || r.Seller.License == "" {
		if code := licenseIn(text); code != "" {
			r.seller().License = code
		}
	}
	d.shop(r)
}

// lines is the visible text of the page's own part, as a whole and line by
// line; the lines share the text's memory.
func (d *Document) lines() (string, []pageLine) {
	var b strings.Builder
	b.Grow(16 << 10)
	type mark struct {
		start, end int
		from, to   int32
	}
	var marks []mark
	last := int32(-1)
	for i := range d.texts {
		run := &d.texts[i]
		if d.elems[run.in].flags&(inHidden|inChrome|inAside) != 0 {
			continue
		}
		if block := d.block(run.in); block != last || len(marks) == 0 {
			if b.Len() > 0 {
				b.WriteByte('\n')
			}
			last = block
			marks = append(marks, mark{start: b.Len(), from: int32(i)})
		} else if run.apart || startsSpace(run.text) || endsSpace(d.texts[i-1].text) {
			b.WriteByte(' ')
		}
		writeSqueezed(&b, run.text)
		m := &marks[len(marks)-1]
		m.end, m.to = b.Len(), int32(i)+1
		if b.Len() > 200_000 {
			break
		}
	}
	text := b.String()
	lines := make([]pageLine, len(marks))
	for i, m := range marks {
		lines[i] = pageLine{text: text[m.start:m.end], from: m.from, to: m.to}
	}
	return text, lines
}

// otherText is what matchers look through beside the fields: the lines of the
// main part without those that only lead elsewhere, buttons, and the lines by
// which the site identifies itself.
func (d *Document) otherText(lines []pageLine, heading int32) string {
	from, to := d.mainPart(heading)
	var b strings.Builder
	for i := range lines {
		l := &lines[i]
		if l.from < from || l.from >= to || d.leadsAway(l) || idle(l.text) {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(l.text)
		if b.Len() > maxOtherText {
			break
		}
	}
	return clip(b.String(), maxOtherText)
}

// leadsAway reports whether a short line is made of links and buttons only.
func (d *Document) leadsAway(l *pageLine) bool {
	if len(l.text) > 200 || strings.Contains(l.text, "://") {
		return false
	}
	for run := l.from; run < l.to; run++ {
		if !d.isLinkOrButton(run) && hasLetters(d.texts[run].text) {
			return false
		}
	}
	return true
}

func joinShares(have, more []markwatch.Share) []markwatch.Share {
next:
	for _, m := range more {
		for i := range have {
			if have[i].URL == m.URL {
				set(&have[i].Code, m.Code)
				continue next
			}
		}
		if len(have) < maxShares {
			have = append(have, m)
		}
	}
	return have
}

// stock reads availability: words that deny it in a short line of the page,
// else a button to buy or to write to the seller.
func (d *Document) stock(r *reading, lines []pageLine) {
	denied, invited := false, false
	for i := range lines {
		line := lines[i].text
		if len(line) > 60 {
			continue
		}
		lower := strings.ToLower(line)
		if goneWords.in(lower) {
			r.Availability = markwatch.Gone
			return
		}
		denied = denied || outWords.in(lower)
		invited = invited || contactWords.in(lower)
	}
	switch {
	case d.sells():
		r.Availability = markwatch.InStock
	case denied:
		r.Availability = markwatch.OutOfStock
	case invited:
		r.Availability = markwatch.InStock
	}
}

// shop finds the seller by an element that is named one.
func (d *Document) shop(r *reading) {
	if r.Seller != nil && r.Seller.Name != "" {
		return
	}
	for i := range d.elems {
		e := &d.elems[i]
		n := e.n
		if e.flags&(inAside|inReview|inHidden|inHeading) != 0 || len(n.Attr) == 0 || e.tend-e.text == 0 || e.tend-e.text > 4 {
			continue
		}
		if !named(n, "name", "nick", "shopname", "storename", "sellername", "username") || !named(n, "shop", "store", "seller", "merchant", "vendor", "shopname", "storename", "sellername") {
			continue
		}
		d.tileSeller(int32(i), r)
		if r.Seller != nil && r.Seller.Name != "" {
			return
		}
	}
}
