package extract

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Words by which authors of pages name the parts of an offer in class and id
// attributes. They are matched as whole parts of a name: "old-price",
// "oldPrice" and "old_price" are old and price. No word is of one site.
var naming = map[string]nameClass{
	"header": {chrome: true}, "footer": {chrome: true}, "nav": {chrome: true}, "navbar": {chrome: true},
	"navigation": {chrome: true}, "menu": {chrome: true}, "topbar": {chrome: true}, "toolbar": {chrome: true},
	"breadcrumb": {chrome: true}, "breadcrumbs": {chrome: true}, "cookie": {chrome: true}, "cookies": {chrome: true},
	"related": {aside: true}, "recommend": {aside: true}, "recommended": {aside: true}, "recommendation": {aside: true},
	"recommendations": {aside: true}, "recom": {aside: true}, "similar": {aside: true}, "crosssell": {aside: true}, "upsell": {aside: true},
	"carousel": {aside: true}, "minicart": {aside: true}, "sponsored": {aside: true},
	"sidebar": {aside: true}, "guess": {aside: true}, "alsobought": {aside: true}, "accessories": {aside: true}, "bundle": {aside: true},
	"old": {struck: true}, "was": {struck: true}, "strike": {struck: true}, "striked": {struck: true}, "strikethrough": {struck: true},
	"crossed": {struck: true}, "rrp": {struck: true}, "msrp": {struck: true}, "original": {struck: true}, "origin": {struck: true},
	"before": {struck: true}, "market": {struck: true}, "regular": {struck: true}, "del": {struck: true}, "line": {}, "through": {struck: true},
	"list":  {list: true},
	"price": {price: true}, "prices": {price: true}, "pricing": {price: true}, "prc": {price: true}, "amount": {price: true}, "cost": {price: true},
	"prix": {price: true}, "preis": {price: true}, "precio": {price: true}, "prezzo": {price: true}, "cena": {price: true}, "jiage": {price: true},
	"review": {review: true}, "reviews": {review: true}, "comment": {review: true}, "comments": {review: true}, "rating": {review: true},
	"pinglun": {review: true}, "feedback": {review: true},
}

type nameClass struct{ chrome, aside, struck, list, price, review bool }

func ownFlags(n *html.Node) flags {
	var f flags
	switch n.DataAtom {
	case atom.Nav, atom.Footer:
		f |= inChrome
	case atom.Aside:
		f |= inAside
	case atom.Del, atom.S, atom.Strike:
		f |= inStruck
	case atom.A:
		f |= inLink
	case atom.H1, atom.H2, atom.H3:
		f |= inHeading
	case atom.Body, atom.Html, atom.Main:
		return f // their class names speak of the page, not of a part
	}
	var price, struck, list bool
	for i := range n.Attr {
		a := &n.Attr[i]
		switch a.Key {
		case "class", "id":
			for words := (nameWords{s: a.Val}); ; {
				w := words.next()
				if w == nil {
					break
				}
				k, ok := naming[string(w)]
				if !ok {
					continue
				}
				switch {
				case k.chrome:
					f |= inChrome
				case k.aside:
					f |= inAside
				case k.review:
					f |= inReview
				}
				price = price || k.price
				struck = struck || k.struck
				list = list || k.list
			}
		case "itemprop":
			if a.Val == "price" {
				price = true
			}
		case "hidden":
			f |= inHidden
		case "style":
			if len(a.Val) < 500 {
				s := strings.ReplaceAll(strings.ToLower(a.Val), " ", "")
				if strings.Contains(s, "display:none") || strings.Contains(s, "visibility:hidden") {
					f |= inHidden
				}
				if strings.Contains(s, "line-through") {
					f |= inStruck
				}
			}
		}
	}
	if price {
		f |= inPrice
		if struck || list {
			f |= inStruck
		}
	} else if struck && (n.DataAtom == atom.Span || n.DataAtom == atom.I || n.DataAtom == atom.Em) {
		f |= inStruck
	}
	return f
}

// nameWords goes through the words of class names: parts between dashes,
// underscores and changes of case. It keeps to the stack, since every element
// of a page is asked.
type nameWords struct {
	s   string
	at  int
	buf [48]byte
}

// maxNames bounds how much of an element's names is looked at, in bytes.
const maxNames = 1000

// next is the next word in lower case, cut at 48 bytes, until the one after;
// nil at the end.
func (w *nameWords) next() []byte {
	n := 0
	for end := min(len(w.s), maxNames); w.at < end; w.at++ {
		c := w.s[w.at]
		switch {
		case c >= 'A' && c <= 'Z':
			// a capital begins a word unless it follows another capital
			if n > 0 && (w.s[w.at-1] < 'A' || w.s[w.at-1] > 'Z') {
				return w.buf[:n]
			}
			c += 'a' - 'A'
		case c >= 'a' && c <= 'z':
		case n > 0:
			return w.buf[:n]
		default:
			continue
		}
		if n < len(w.buf) {
			w.buf[n] = c
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return w.buf[:n]
}

// named reports whether an element's class, id or data-* name holds a word.
func named(n *html.Node, words ...string) bool {
	for i := range n.Attr {
		a := &n.Attr[i]
		if a.Key != "class" && a.Key != "id" && a.Key != "data-testid" && a.Key != "data-automation" {
			continue
		}
		for names := (nameWords{s: a.Val}); ; {
			w := names.next()
			if w == nil {
				break
			}
			for _, want := range words {
				if string(w) == want {
					return true
				}
			}
		}
	}
	return false
}
