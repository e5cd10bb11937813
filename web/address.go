package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
)

// Bounds of what one address of the search page may ask for.
const (
	maxQuery   = 1000 // code points
	maxFilters = 40
	maxPage    = 1_000_000
)

// choice is one value of one field that hits must have, or must not.
type choice struct {
	Field index.Field
	Value string
	Not   bool
}

// address is what the address of a search page says: words, choices, order,
// page. It is written back by url, so that every link on the page is a change
// of one thing.
type address struct {
	Text    string
	Choices []choice
	Sort    index.Sort
	Page    int // from 1
}

// readAddress reads ?q=…&f=field:value&x=field:value&sort=…&p=…. Choices of
// fields that cannot be counted and orders that do not exist are an error of
// CodeInvalid.
func readAddress(r *http.Request) (address, error) { return addressOf(r.URL.Query()) }

// addressOf reads the parameters of a search.
func addressOf(q url.Values) (address, error) {
	a := address{Text: strings.TrimSpace(q.Get("q")), Sort: index.Sort(q.Get("sort")), Page: 1}
	if _, cut := clip(a.Text, maxQuery); cut {
		return address{}, markwatch.Errorf(markwatch.CodeInvalid, "the query is longer than %d characters", maxQuery)
	}
	if a.Sort != "" && !slices.Contains(index.Sorts(), a.Sort) {
		return address{}, markwatch.Errorf(markwatch.CodeInvalid, "there is no order %q", a.Sort)
	}
	if p := q.Get("p"); p != "" {
		n, err := strconv.Atoi(p)
		if err != nil || n < 1 || n > maxPage {
			return address{}, markwatch.Errorf(markwatch.CodeInvalid, "there is no page %q", p)
		}
		a.Page = n
	}
	if len(q["f"])+len(q["x"]) > maxFilters {
		return address{}, markwatch.Errorf(markwatch.CodeInvalid, "more than %d filters", maxFilters)
	}
	for _, name := range [...]string{"f", "x"} {
		for _, v := range q[name] {
			field, value, ok := strings.Cut(v, ":")
			info, known := index.Field(field).Info()
			if !ok || value == "" || !known || !info.Facet {
				return address{}, markwatch.Errorf(markwatch.CodeInvalid, "there is no filter %q", v)
			}
			a.Choices = append(a.Choices, choice{Field: info.Field, Value: value, Not: name == "x"})
		}
	}
	return a, nil
}

// values writes the address, without the page where it is the first.
func (a address) values() url.Values {
	q := url.Values{}
	if a.Text != "" {
		q.Set("q", a.Text)
	}
	for _, c := range a.Choices {
		name := "f"
		if c.Not {
			name = "x"
		}
		q.Add(name, string(c.Field)+":"+c.Value)
	}
	if a.Sort != "" && a.Sort != index.Sorts()[0] {
		q.Set("sort", string(a.Sort))
	}
	if a.Page > 1 {
		q.Set("p", strconv.Itoa(a.Page))
	}
	return q
}

func (a address) url() string {
	if q := a.values().Encode(); q != "" {
		return "/?" + q
	}
	return "/"
}

// export is the address of the whole search as a file.
func (a address) export(format string) string {
	q := a.onPage(1).values()
	q.Set("format", format)
	return "/export?" + q.Encode()
}

func (a address) has(c choice) bool { return slices.Contains(a.Choices, c) }

// with adds a choice and takes its opposite away.
func (a address) with(c choice) address {
	opposite := c
	opposite.Not = !c.Not
	a.Choices = slices.DeleteFunc(slices.Clone(a.Choices), func(o choice) bool { return o == c || o == opposite })
	a.Choices = append(a.Choices, c)
	a.Page = 1
	return a
}

func (a address) without(c choice) address {
	a.Choices = slices.DeleteFunc(slices.Clone(a.Choices), func(o choice) bool { return o == c })
	a.Page = 1
	return a
}

func (a address) cleared() address {
	a.Choices, a.Page = nil, 1
	return a
}

func (a address) sorted(s index.Sort) address {
	a.Sort, a.Page = s, 1
	return a
}

func (a address) onPage(p int) address {
	a.Page = p
	return a
}

// filter puts the choices into a query.
func (a address) filter(q *index.Query) {
	for _, c := range a.Choices {
		into := &q.Filters
		if c.Not {
			into = &q.Exclude
		}
		if *into == nil {
			*into = map[index.Field][]string{}
		}
		(*into)[c.Field] = append((*into)[c.Field], c.Value)
	}
}
