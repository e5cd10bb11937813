package extract

import (
	"strings"

	"github.com/markwatch/markwatch"
)

// maxOtherText bounds the text that a listing carries beside its fields.
const maxOtherText = 8000

var deliveryWords = newWords("发货", "发出", "到手", "到达", "秒发", "隔天到", "送达", "到货", "次日达", "隔日达", "当日达", "次晨达", "寄出")

// visibleFacts reads what stands in the page's running text: units sold,
// delivery, stock, shares, contacts, parcels, and the text that matchers look
// through.
func (d *Document) visibleFacts(r *reading, heading int32) {
	text, lines := d.lines()
	r.Text = d.otherText(lines, heading)
	d.stock(r, lines, heading)
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
		if href := attr(d.elems[a].n, "href"); shares(href) {
			at := d.elems[a].text
			around := d.textOf(at, min(at+8, int32(len(d.texts))), " ", nil)
			r.Shares = joinShares(r.Shares, sharesIn(href+" "+around))
		}
	}
	shown, accounts := d.linkedContacts(contactsIn(text, d.locale.region))
	if len(shown) > 0 {
		r.seller().Contacts, r.seller().Accounts = shown, accounts
	}
	if r.Seller == nil || r.Seller.License == "" {
		if code := licenseIn(text); code != "" {
			r.seller().License = code
		}
	}
	rightsIn(text, r)
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
	lower := strings.ToLower(text)
	lines := make([]pageLine, len(marks))
	for i, m := range marks {
		l := pageLine{text: text[m.start:m.end], from: m.from, to: m.to}
		if len(lower) == len(text) {
			l.lower = lower[m.start:m.end]
		} else { // a few letters change their length
			l.lower = strings.ToLower(l.text)
		}
		lines[i] = l
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
