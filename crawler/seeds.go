package crawler

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/canonical"
)

// Seed is an address that a scan starts from.
type Seed struct {
	// URL is canonical.
	URL string
	// Name is the protected name or keyword that the address asks for, by which
	// coverage is told; several are joined with " ". Empty for a plain address.
	Name string
}

const (
	// pagesMost bounds {page:a-b}.
	pagesMost = 10_000
	// seedsMost bounds the seeds of one source.
	seedsMost = 2_000_000
)

// Seeds expands a source's start addresses: {brand} stands for each name of
// each brand, {work} for each title of each work, {keyword} for each keyword of
// the source, {page:a-b} for the numbers from a to b. Values are percent-encoded
// as UTF-8. The order is fixed: start by start, and within a start the first
// page of every name before the second of any, so that a night's budget reaches
// all names. An address that comes twice is left out. The seeds of good starts
// are returned beside the error (CodeInvalid) that tells of the bad ones.
func Seeds(src *markwatch.Source, lists markwatch.Lists) ([]Seed, error) {
	if src.Kind == markwatch.KindArchive || src.Kind == markwatch.KindTable {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "source %s: a source of kind %s has files and no addresses", src.ID, src.Kind)
	}
	var seeds []Seed
	var errs []error
	seen := map[string]bool{}
	for _, start := range src.Start {
		err := expand(start, src, lists, func(s Seed) error {
			if !seen[s.URL] {
				if len(seeds) >= seedsMost {
					return fmt.Errorf("more than %d addresses", seedsMost)
				}
				seen[s.URL] = true
				seeds = append(seeds, s)
			}
			return nil
		})
		if err != nil {
			errs = append(errs, fmt.Errorf("start %q: %w", start, err))
		}
	}
	if len(errs) > 0 {
		return seeds, markwatch.WrapError(markwatch.CodeInvalid, errors.Join(errs...), "source %s", src.ID)
	}
	return seeds, nil
}

// variable is one placeholder with what it stands for. Placeholders of one
// name stand for the same value.
type variable struct {
	name   string
	values []string
	page   bool
}

func expand(start string, src *markwatch.Source, lists markwatch.Lists, emit func(Seed) error) error {
	pieces, names, err := placeholders(start)
	if err != nil {
		return err
	}
	vars := make([]variable, 0, len(names))
	for _, name := range names {
		v := variable{name: name}
		switch name {
		case "brand":
			for i := range lists.Brands {
				v.values = append(v.values, brandNames(&lists.Brands[i])...)
			}
		case "work":
			for i := range lists.Works {
				v.values = append(v.values, lists.Works[i].Titles...)
			}
		case "keyword":
			v.values = src.Keywords
		default:
			v.page = true
			if v.values, err = pages(name); err != nil {
				return err
			}
		}
		if v.values = distinct(v.values); len(v.values) == 0 {
			return fmt.Errorf("there is nothing to put for {%s}", name)
		}
		vars = append(vars, v)
	}
	// Pages turn slowest.
	slices.SortStableFunc(vars, func(a, b variable) int {
		switch {
		case a.page && !b.page:
			return -1
		case b.page && !a.page:
			return 1
		}
		return 0
	})
	var errs []error
	values := map[string]string{}
	var walk func(i int) error
	walk = func(i int) error {
		if i < len(vars) {
			for _, value := range vars[i].values {
				values[vars[i].name] = value
				if err := walk(i + 1); err != nil {
					return err
				}
			}
			return nil
		}
		u, err := canonical.URL(fill(pieces, values))
		if err != nil {
			// One name that makes no address (too long) costs no other.
			if len(errs) < 5 {
				errs = append(errs, err)
			}
			return nil
		}
		var shown []string
		for _, v := range vars {
			if !v.page {
				shown = append(shown, values[v.name])
			}
		}
		return emit(Seed{URL: u, Name: strings.Join(shown, " ")})
	}
	if err := walk(0); err != nil {
		return err
	}
	return errors.Join(errs...)
}

// placeholders cuts a start address at its placeholders: pieces alternate
// between text and names. names holds each name once.
func placeholders(start string) (pieces, names []string, err error) {
	for {
		text, rest, found := strings.Cut(start, "{")
		pieces = append(pieces, text)
		if !found {
			return pieces, names, nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return nil, nil, fmt.Errorf("{%s is not closed", rest)
		}
		if name != "brand" && name != "work" && name != "keyword" && !strings.HasPrefix(name, "page:") {
			return nil, nil, fmt.Errorf("{%s} is not one of {brand}, {work}, {keyword}, {page:a-b}", name)
		}
		pieces = append(pieces, name)
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		start = after
	}
}

// fill joins the pieces, with each value encoded for where it stands.
func fill(pieces []string, values map[string]string) string {
	var b strings.Builder
	query := false
	for i, p := range pieces {
		if i%2 == 0 {
			query = query || strings.Contains(p, "?")
			b.WriteString(p)
			continue
		}
		if query {
			b.WriteString(url.QueryEscape(values[p]))
		} else {
			b.WriteString(url.PathEscape(values[p]))
		}
	}
	return b.String()
}

func pages(name string) ([]string, error) {
	first, last, ok := strings.Cut(strings.TrimPrefix(name, "page:"), "-")
	a, errA := strconv.Atoi(strings.TrimSpace(first))
	z, errZ := strconv.Atoi(strings.TrimSpace(last))
	if !ok || errA != nil || errZ != nil || a < 0 || z < a || z-a >= pagesMost {
		return nil, fmt.Errorf("{%s} is no range of at most %d pages such as {page:1-5}", name, pagesMost)
	}
	out := make([]string, 0, z-a+1)
	for n := a; n <= z; n++ {
		out = append(out, strconv.Itoa(n))
	}
	return out, nil
}

// brandNames returns a brand's names, the Chinese one first.
func brandNames(b *markwatch.Brand) []string {
	out := make([]string, 0, len(b.Names))
	if zh, ok := b.Names["zh"]; ok {
		out = append(out, zh)
	}
	for _, lang := range slices.Sorted(maps.Keys(b.Names)) {
		if lang != "zh" {
			out = append(out, b.Names[lang])
		}
	}
	return out
}

// distinct drops blank and repeated values and keeps the order.
func distinct(values []string) []string {
	seen := make(map[string]bool, len(values))
	out := make([]string, 0, len(values))
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" && !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}
