package configs

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// checker validates the values of one document.
type checker struct{ doc *document }

func (c checker) fail(p *keyPath, nearest, format string, args ...any) {
	c.doc.fail(p, nearest, format, args...)
}

// fill sets an empty value to its default.
func fill[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

// required says whether the value is there.
func (c checker) required(p *keyPath, value string) bool {
	if strings.TrimSpace(value) != "" {
		return true
	}
	if c.doc.has(p) {
		c.fail(p, "", "is empty")
	} else {
		c.fail(p, "", "is missing")
	}
	return false
}

// oneOf checks a value of a closed set; empty is left to required.
func (c checker) oneOf(p *keyPath, value string, allowed ...string) {
	if value != "" && !slices.Contains(allowed, value) {
		c.fail(p, similar(value, allowed), "is %q, must be one of %s", value, strings.Join(allowed, ", "))
	}
}

// oneOfKeys is oneOf for the key of a mapping.
func (c checker) oneOfKeys(p *keyPath, key string, allowed []string) {
	if !slices.Contains(allowed, key) {
		c.fail(p, similar(key, allowed), "is not a known name")
	}
}

// texts checks that no entry of a list is empty.
func (c checker) texts(p *keyPath, list []string) {
	for i, s := range list {
		c.required(p.at(i), s)
	}
}

func (c checker) unit(p *keyPath, v float64) {
	if v < 0 || v > 1 {
		c.fail(p, "", "must be between 0 and 1, not %v", v)
	}
}

func (c checker) notNegative(p *keyPath, v int64) {
	if v < 0 {
		c.fail(p, "", "must not be negative")
	}
}

// The forms of ids. Those of brands and works stand in addresses and file
// names of the product; the others may follow the names of sites.
var (
	strictID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
	looseID  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
)

// ids finds duplicates of one kind of id over all files.
type ids map[string]string

func (known ids) check(c checker, p *keyPath, id string, form *regexp.Regexp) {
	if !c.required(p, id) {
		return
	}
	if !form.MatchString(id) {
		allowed := "small letters, digits and -"
		if form == looseID {
			allowed = "letters, digits, ., _ and -"
		}
		c.fail(p, "", "is %q, must be made of %s, at most 64", id, allowed)
		return
	}
	if first, ok := known[id]; ok {
		c.fail(p, "", "is %q, which stands at %s already", id, first)
		return
	}
	n, _ := p.find(c.doc.root)
	known[id] = fmt.Sprintf("%s:%d", c.doc.file, n.Line)
}

// optionalURL checks an address. It is never quoted, since it may hold a
// password or a key.
func (c checker) optionalURL(p *keyPath, raw string, schemes ...string) {
	if raw == "" {
		return
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "mailto" && u.Host == "" || !slices.Contains(schemes, strings.ToLower(u.Scheme)) {
		c.fail(p, "", "is no address that begins with %s://", strings.Join(schemes, ":// or "))
	}
}

func (c checker) headerValue(p *keyPath, value string) {
	if !httpguts.ValidHeaderFieldValue(value) {
		c.fail(p, "", "holds a line break or a control character, which no HTTP header may")
	}
}

var domainName = regexp.MustCompile(`^(\*\.)?([\pL\pN]([\pL\pN-]*[\pL\pN])?\.)+[\pL\pN]([\pL\pN-]*[\pL\pN])?$`)

func (c checker) domains(p *keyPath, list []string) {
	for i, s := range list {
		if c.required(p.at(i), s) && !domainName.MatchString(s) {
			host := ""
			if u, err := url.Parse(s); err == nil && domainName.MatchString(u.Hostname()) {
				host = u.Hostname()
			}
			c.fail(p.at(i), host, "is %q, must be a domain without scheme and path", s)
		}
	}
}

// provinces are the first two digits of codes of GB/T 2260.
var provinces = strings.Fields("11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82")

var regionCode = regexp.MustCompile(`^\d{2}(\d{2}){0,2}$`)

func (c checker) region(p *keyPath, code string) {
	switch {
	case code == "":
	case !regionCode.MatchString(code):
		c.fail(p, "", "is %q, must be a GB/T 2260 code of 2, 4 or 6 digits", code)
	case !slices.Contains(provinces, code[:2]):
		c.fail(p, "", "is %q, and no province has the code %s in GB/T 2260", code, code[:2])
	}
}
