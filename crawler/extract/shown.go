package extract

import (
	"sort"
	"strings"
	"unicode"

	"golang.org/x/net/html/atom"

	"github.com/markwatch/markwatch"
)

// priceRun is one price that the page shows.
type priceRun struct {
	foundPrice
	text  int32 // text run in which it begins
	in    int32 // element around that run
	flags flags
	line  string // the line that it stands in
}

// maxPrices bounds the prices that one page shows.
const maxPrices = 3000

// shownPrices reads the prices of the visible text, line by line: text runs of
// one block are one line, so that a sign and a number in elements of their own
// are one price. A line ends where struck text begins or ends.
func (d *Document) shownPrices() []priceRun {
	if d.ran {
		return d.runs
	}
	d.ran = true
	h := priceHint{locale: d.locale}
	if h.locale.currency == "" {
		h.locale.currency = d.prof.currency
	}
	var line priceLine
	previous := ""
	flush := func() {
		if line.b.Len() == 0 {
			return
		}
		text := line.b.String()
		if line.digits && len(text) <= 600 && len(d.runs) < maxPrices {
			d.linePrices(&line, text, previous, h)
		}
		previous = text
		line.reset()
	}
	for i := range d.texts {
		run := &d.texts[i]
		block := d.lineOf(run.in)
		struck := d.elems[run.in].flags & inStruck
		if line.b.Len() > 0 && (block != line.block || struck != line.struck) {
			flush()
		}
		if line.b.Len() == 0 {
			line.block, line.struck = block, struck
		}
		d.appendRun(&line, int32(i))
	}
	flush()
	return d.runs
}

// lineOf is the block of an element; the element that is named a price is a
// line of its own where it is inline.
func (d *Document) lineOf(i int32) int32 {
	block := d.block(i)
	for j := i; j > block && j >= 0; j = d.elems[j].parent {
		p := d.elems[j].parent
		if p >= 0 && d.elems[j].flags&inPrice != 0 && d.elems[p].flags&inPrice == 0 {
			return j
		}
	}
	return block
}

type priceLine struct {
	b      strings.Builder
	starts []int   // byte offset of each run
	runs   []int32 // and its index
	block  int32
	struck flags
	digits bool
}

func (l *priceLine) reset() {
	l.b.Reset()
	l.starts, l.runs = l.starts[:0], l.runs[:0]
	l.digits = false
}

func (d *Document) appendRun(l *priceLine, i int32) {
	text := d.texts[i].text
	if l.b.Len() > 700 {
		return
	}
	if l.b.Len() > 0 {
		so := l.b.String()
		last := so[len(so)-1]
		trimmed := strings.TrimSpace(text)
		switch {
		// cents that stand raised beside the amount: $12<sup>99</sup>
		case digit(last) && len(trimmed) == 2 && digit(trimmed[0]) && digit(trimmed[1]) && d.cents(i) && !hasDecimals(so):
			l.b.WriteByte('.')
		case startsSpace(text) || endsSpace(d.texts[i-1].text):
			l.b.WriteByte(' ')
		case digit(last) && trimmed != "" && digit(trimmed[0]):
			l.b.WriteByte(' ') // two numbers in two elements are two numbers
		}
	}
	l.starts = append(l.starts, l.b.Len())
	l.runs = append(l.runs, i)
	s := fold(strings.TrimSpace(text))
	if !squeezed(s) {
		s = squeeze(s)
	}
	if !l.digits {
		l.digits = hasDigit(s) || strings.Contains(s, "元")
	}
	l.b.WriteString(s)
}

// hasDecimals reports whether the number that ends a text has a point or comma
// that is none of thousands.
func hasDecimals(s string) bool {
	i := len(s)
	for i > 0 && digit(s[i-1]) {
		i--
	}
	return i > 0 && (s[i-1] == '.' || s[i-1] == ',') && len(s)-i != 3
}

// cents reports whether two digits in an element of their own are the decimals
// of the amount before them: they stand raised, or right behind it within a
// price that is in a currency of two decimals.
func (d *Document) cents(run int32) bool {
	in := d.texts[run].in
	if d.raised(in) {
		return true
	}
	before := &d.texts[run-1]
	if places, known := decimals[d.fallbackCurrency()]; known && places == 0 {
		return false
	}
	return d.elems[in].flags&d.elems[before.in].flags&inPrice != 0 && !d.texts[run].apart && !startsSpace(d.texts[run].text) && !endsSpace(before.text) && d.elems[in].parent == before.in
}

func (d *Document) raised(i int32) bool {
	n := d.elems[i].n
	return n.DataAtom == atom.Sup || named(n, "cents", "cent", "decimal", "decimals", "fraction", "sup", "superscript", "pennies")
}

// linePrices reads one line. A number without a currency counts in an element
// that is named a price; the line before may be the label that names its kind.
func (d *Document) linePrices(l *priceLine, text, previous string, h priceHint) {
	priced := false
	for _, r := range l.runs {
		if d.elems[d.texts[r].in].flags&inPrice != 0 {
			priced = true
		}
	}
	if priced {
		h.assume = d.fallbackCurrency()
	} else if !mayHoldPrice(text) {
		return
	}
	wordy := countLetters(text)
	for _, f := range findPrices(text, h) {
		if !f.signed && !priced && !f.labels {
			continue
		}
		if !f.signed && priced && (len(text) > 60 || !f.labels && wordy > maxWordy) {
			continue
		}
		if !f.signed && f.Money.Amount.IsZero() {
			continue
		}
		if !f.signed && !priced && !labelAdjoins(text, &f) {
			continue // "Delivery by Jan 28"
		}
		if !f.signed && !priced && f.Money.Currency == "" {
			if f.Money.Currency = d.fallbackCurrency(); f.Money.Currency == "" {
				continue
			}
		}
		if f.weak && !priced && !f.labels && f.Money.Currency != h.locale.currency && f.Money.Currency != regionCurrency[h.locale.region] {
			continue // letters that are a sign elsewhere
		}
		k := sort.Search(len(l.starts), func(i int) bool { return l.starts[i] > max(0, f.at-1) }) - 1
		run := l.runs[max(k, 0)]
		in := d.texts[run].in
		p := priceRun{foundPrice: f, text: run, in: in, flags: d.elems[in].flags, line: text}
		if p.flags&inStruck != 0 {
			p.struck = true
		}
		if kind := d.namedKind(in); kind != "" && p.Kind == markwatch.PriceListed && !p.struck {
			p.Kind = kind
		}
		if !f.labels && len(previous) > 0 && len(previous) <= 30 && k <= 1 && p.Kind == markwatch.PriceListed && !freeWords.in(strings.ToLower(previous)) {
			kind, struck, _ := kindOf(previous, "")
			p.Kind = kind
			p.struck = p.struck || struck
		}
		d.runs = append(d.runs, p)
	}
}

// freeWords in the line before a price say that something else costs nothing.
var freeWords = newWords("free", "gratis", "kostenlos", "gratuit", "grátis", "darmow", "zdarma", "包邮", "免运费", "免邮", "무료", "無料", "бесплатн", "ücretsiz")

// namedKind is the kind of a price that the names of the elements right around
// it say.
func (d *Document) namedKind(in int32) markwatch.PriceKind {
	for j, up := in, 0; j >= 0 && up < 2; j, up = d.elems[j].parent, up+1 {
		n := d.elems[j].n
		switch {
		case len(n.Attr) == 0:
		case named(n, "unit") && named(n, "price", "per", "base"), named(n, "perunit", "baseprice", "grundpreis"):
			return markwatch.PriceUnit
		case named(n, "shipping", "postage", "freight", "shipment"):
			return markwatch.PriceShipping
		case named(n, "installment", "installments", "instalment", "instalments", "monthly", "deposit"):
			return markwatch.PriceDeposit
		case named(n, "member", "vip", "plus"):
			return markwatch.PriceMember
		}
	}
	return ""
}

// labelAdjoins reports whether the word that names an unsigned number a price
// is the one right before it.
func labelAdjoins(line string, f *foundPrice) bool {
	i := strings.Index(line, f.Text)
	if i <= 0 {
		return false
	}
	before := strings.TrimRight(line[:i], " "+colons)
	if j := strings.LastIndexByte(before, ' '); j >= 0 {
		before = before[j+1:]
	}
	_, _, labels := kindOf(before, "")
	return labels
}

// maxWordy is how many letters may stand around a number without a currency in
// an element that is named a price; more of them say something else.
const maxWordy = 10

func countLetters(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// mayHoldPrice is a quick look before a line is read in full.
func mayHoldPrice(s string) bool {
	for i, r := range s {
		if r == '$' {
			return true
		}
		if r >= 'A' && r <= 'Z' {
			// a code or letter sign stands beside a number, perhaps behind a space
			if (i == 0 || !isLetter(s[i-1])) && (digitSoon(s[i:]) || i > 0 && digit(s[i-1]) || i > 1 && digit(s[i-2])) {
				return true
			}
			continue
		}
		if r >= 0x80 && (len(table.first[unicode.ToLower(r)]) > 0 || r == '价') {
			return true
		}
		if r == 'k' || r == 'z' || r == 'l' || r == 'e' || r == ':' { // kr, zł, lei, euro, :-
			if i > 0 && (digit(s[i-1]) || s[i-1] == ' ') {
				return true
			}
		}
	}
	return false
}

// digitSoon reports whether a number follows within a sign's length.
func digitSoon(s string) bool {
	for i := 1; i < len(s) && i < 7; i++ {
		if digit(s[i]) {
			return true
		}
	}
	return false
}
