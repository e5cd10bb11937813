package extract

import (
	"strings"

	"golang.org/x/net/html"
)

// item is a typed thing with properties: what JSON-LD, microdata and RDFa all
// say, each in its own way.
type item struct {
	types []string // local names, lower case: product, aggregateoffer
	id    string
	props map[string][]value // by local name, lower case
	node  *html.Node         // where it stands, for microdata and RDFa
}

// value is one value of a property: a text or a thing.
type value struct {
	text string
	item *item
}

func (it *item) is(types ...string) bool {
	for _, have := range it.types {
		for _, want := range types {
			if have == want {
				return true
			}
		}
	}
	return false
}

func (it *item) add(prop string, v value) {
	prop = localName(prop)
	if prop == "" || len(it.props) > 500 || len(it.props[prop]) > 500 {
		return
	}
	if it.props == nil {
		it.props = map[string][]value{}
	}
	it.props[prop] = append(it.props[prop], v)
}

// text is the first text among the values of the properties, a thing's name
// standing for the thing.
func (it *item) text(props ...string) string {
	for _, p := range props {
		for _, v := range it.props[p] {
			if s := v.name(); s != "" {
				return s
			}
		}
	}
	return ""
}

func (v value) name() string {
	if v.item == nil {
		return squeeze(v.text)
	}
	for _, p := range []string{"name", "@value", "alternatename", "url"} {
		for _, inner := range v.item.props[p] {
			if inner.item == nil && !blank(inner.text) {
				return squeeze(inner.text)
			}
		}
	}
	return ""
}

// things are the values of the properties that are things.
func (it *item) things(props ...string) []*item {
	var out []*item
	for _, p := range props {
		for _, v := range it.props[p] {
			if v.item != nil {
				out = append(out, v.item)
			}
		}
	}
	return out
}

// localName cuts the vocabulary off a type or property.
func localName(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.LastIndexAny(s, "/#"); i >= 0 && i < len(s)-1 {
		s = s[i+1:]
	} else if i := strings.LastIndexByte(s, ':'); i >= 0 {
		s = s[i+1:]
	}
	return strings.ToLower(s)
}
