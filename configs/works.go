package configs

import (
	"strings"

	"github.com/markwatch/markwatch"
)

// works validates works.yaml.
func (l *loader) works(f loaded[worksFile]) []markwatch.Work {
	c, known := checker{f.doc}, ids{}
	types := words(markwatch.WorkTypes())
	for i := range f.content.Works {
		w, p := &f.content.Works[i], (*keyPath)(nil).key("works").at(i)
		known.check(c, p.key("id"), w.ID, strictID)
		if c.required(p.key("type"), string(w.Type)) {
			c.oneOf(p.key("type"), string(w.Type), types...)
		}
		if len(w.Titles) == 0 {
			c.fail(p.key("titles"), "", "is missing; a work has at least one title")
		}
		c.texts(p.key("titles"), w.Titles)
		c.texts(p.key("ambiguous"), w.Ambiguous)
		c.texts(p.key("sounds"), w.Sounds)
		c.texts(p.key("creators"), w.Creators)
		for j, isbn := range w.ISBN {
			if at := p.key("isbn").at(j); c.required(at, isbn) && !validISBN(isbn) {
				c.fail(at, "", "is %q, which is no ISBN: its length or its check digit is wrong", isbn)
			}
		}
		c.money(p.key("price"), w.Price)
		c.domains(p.key("official").key("domains"), w.Official.Domains)
		c.shops(p.key("official").key("shops"), w.Official.Shops)
		if from, to := w.Protect.From, w.Protect.To; !from.IsZero() && !to.IsZero() && to.Before(from.Time) {
			c.fail(p.key("protected").key("to"), "", "lies before from")
		}
	}
	return f.content.Works
}

// words turns the values of an enumeration into plain strings.
func words[T ~string](values []T) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = string(v)
	}
	return list
}

// validISBN checks the check digit of an ISBN of 10 or 13 digits (ISO 2108);
// hyphens and spaces do not count.
func validISBN(s string) bool {
	s = strings.NewReplacer("-", "", " ", "").Replace(s)
	sum := 0
	for i, r := range s {
		digit := int(r - '0')
		if len(s) == 10 && i == 9 && (r == 'X' || r == 'x') {
			digit = 10
		} else if r < '0' || r > '9' {
			return false
		}
		switch {
		case len(s) == 10:
			sum += (10 - i) * digit
		case i%2 == 0:
			sum += digit
		default:
			sum += 3 * digit
		}
	}
	return len(s) == 10 && sum%11 == 0 || len(s) == 13 && sum%10 == 0
}
