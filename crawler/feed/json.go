package feed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/extract"
)

// guards are put before JSON so that no other site's page can run it as a
// script; wrapper is the call or the assignment of JSONP.
var (
	guards  = []string{")]}',", ")]}'", "for(;;);", "for (;;);", "while(1);", "while (1);", "throw 1;", "{}&&", "/**/", "&&&START&&&"}
	wrapper = regexp.MustCompile(`^(?:try\s*\{\s*)?(?:typeof\s+[\w$.]{1,100}\s*={2,3}\s*['"]function['"]\s*&&\s*)?(?:(?:var|let|const)\s+)?[\w$][\w$.\[\]]{0,200}\s*[(=]\s*`)
)

// jsonBody takes guards and wrappers off and returns the text from its first
// bracket on; false where the text is no JSON.
func jsonBody(text string) (string, bool) {
	text = strings.TrimSpace(text)
	for cut := true; cut; {
		cut = false
		for _, g := range guards {
			if rest, ok := strings.CutPrefix(text, g); ok {
				text, cut = strings.TrimSpace(rest), true
			}
		}
	}
	if m := wrapper.FindStringIndex(text[:min(len(text), 1024)]); m != nil {
		text = strings.TrimSpace(text[m[1]:])
	}
	if text == "" || text[0] != '{' && text[0] != '[' {
		return "", false
	}
	// [2026-11-20 …] is a line of a log and {brace} a template
	rest := strings.TrimSpace(text[1:])
	return text, rest == "" || strings.ContainsRune(`{["}]0123456789-tfn'`, rune(rest[0]))
}

// maxDepthJSON bounds the nesting of one item.
const maxDepthJSON = 32

// readJSON reads the items of the source's path; without one, a JSON Feed
// (https://www.jsonfeed.org/version/1.1/).
func (r *reader) readJSON(text string) error {
	raw, err := r.firstValue(text)
	if err != nil {
		return err
	}
	r.Kind = JSON
	paths := r.src.JSON
	if paths.Items == "" && len(paths.Fields) == 0 {
		if !isJSONFeed(raw) {
			return markwatch.Errorf(markwatch.CodeInvalid, "the feed's address answers with JSON, and source %s has no json.items and json.fields to read it by", r.src.ID)
		}
		r.Next = r.nextOf(raw)
		r.jsonFeed(raw)
		return nil
	}
	items, err := parsePath(paths.Items)
	if err != nil {
		return fmt.Errorf("source %s: json.items: %w", r.src.ID, err)
	}
	fields, err := compileFields(paths.Fields)
	if err != nil {
		return fmt.Errorf("source %s: %w", r.src.ID, err)
	}
	r.Next = r.nextOf(raw)
	n := 0
	walk(raw, items, func(item json.RawMessage) bool {
		n++
		return r.jsonItem(item, fields, "item "+strconv.Itoa(n))
	})
	if n == 0 {
		r.problem("the path %q leads to no items", paths.Items)
	}
	return nil
}

// firstValue is the first value of a text; a broken one is repaired as far as
// it goes.
func (r *reader) firstValue(text string) (json.RawMessage, error) {
	var raw json.RawMessage
	err := json.NewDecoder(strings.NewReader(text)).Decode(&raw)
	if err == nil {
		return raw, nil
	}
	v, ok := extract.ParseJSON(text)
	if !ok {
		return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "the feed's JSON cannot be read")
	}
	if raw, err = json.Marshal(v); err != nil {
		return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "the feed's JSON cannot be read")
	}
	r.problem("broken JSON; what could be read of it was")
	return raw, nil
}

// fieldPath is a field of the listing with its place in an item.
type fieldPath struct {
	field string
	steps []step
	cents bool
}

// compileFields reads the paths of the fields. "|cents" behind a path says
// that the number there counts hundredths.
func compileFields(paths map[string]string) ([]fieldPath, error) {
	var fields []fieldPath
	for _, field := range slices.Sorted(maps.Keys(paths)) {
		path, unit, marked := strings.Cut(paths[field], "|")
		if marked && strings.TrimSpace(unit) != "cents" {
			return nil, markwatch.Errorf(markwatch.CodeInvalid, "json.fields.%s: %q is no unit; there is |cents", field, unit)
		}
		steps, err := parsePath(path)
		if err != nil {
			return nil, fmt.Errorf("json.fields.%s: %w", field, err)
		}
		fields = append(fields, fieldPath{field: field, steps: steps, cents: marked})
	}
	return fields, nil
}

// jsonItem reads one item as an offer.
func (r *reader) jsonItem(raw json.RawMessage, fields []fieldPath, where string) bool {
	item, err := decodeItem(raw)
	if err != nil {
		r.problem("%s: %v", where, err)
		return true
	}
	rec := r.record()
	for _, f := range fields {
		v := find(item, f.steps)
		if f.cents {
			v = fromCents(v)
		}
		if err := rec.SetValue(f.field, v); err != nil {
			r.problem("%s: %s: %v", where, f.field, err)
		}
	}
	before := len(r.Listings)
	if !r.offer(where, rec) {
		return false
	}
	if len(r.Listings) > before {
		l := &r.Listings[before]
		if l.URL != "" {
			r.Pages = append(r.Pages, Link{URL: l.URL, Title: l.Title})
		}
	}
	return true
}

func decodeItem(raw json.RawMessage) (any, error) {
	depth := 0
	d := json.NewDecoder(bytes.NewReader(raw))
	for {
		t, err := d.Token()
		if err != nil {
			break
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			if depth++; depth > maxDepthJSON {
				return nil, fmt.Errorf("it is nested more than %d deep", maxDepthJSON)
			}
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	d = json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}

// fromCents writes hundredths as a decimal; what is no plain number stays.
func fromCents(v any) any {
	text := extract.ValueText(v)
	n, err := decimal.NewFromString(text)
	if err != nil || len(text) > 24 || strings.ContainsAny(text, "eE") {
		return v
	}
	return n.Shift(-2).StringFixed(max(2, -n.Exponent()+2))
}

func sortedValues(m map[string]any) []any {
	values := make([]any, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		values = append(values, m[k])
	}
	return values
}

// nextPaths are where paged answers say the address of their next page.
var nextPaths = map[string][]string{
	"next": {"", "href"}, "next_url": {""}, "nextUrl": {""}, "next_page_url": {""}, "nextPageUrl": {""},
	"links": {"next", "next.href"}, "_links": {"next", "next.href"}, "paging": {"next"}, "pagination": {"next", "next_url"}, "meta": {"next"}, "data": {"next", "next_url"},
}

// nextOf is the address of the next page. A bare number or token is none.
func (r *reader) nextOf(raw json.RawMessage) string {
	next := ""
	if raw[0] != '{' {
		return next
	}
	members(raw, func(key string, _ int, v json.RawMessage) bool {
		for _, path := range nextPaths[key] {
			steps, err := parsePath(path)
			if err != nil || v[0] == '[' {
				continue
			}
			walk(v, steps, func(v json.RawMessage) bool {
				var text string
				if json.Unmarshal(v, &text) == nil && strings.ContainsAny(text, "/?") {
					next = r.address(text)
				}
				return false
			})
		}
		return next == ""
	})
	return next
}

func isJSONFeed(raw json.RawMessage) bool {
	var head struct {
		Version string `json:"version"`
	}
	return json.Unmarshal(raw, &head) == nil && strings.Contains(head.Version, "jsonfeed.org/version/")
}

func (r *reader) jsonFeed(raw json.RawMessage) {
	n := 0
	walk(raw, []step{{key: "items"}}, func(item json.RawMessage) bool {
		n++
		var e struct {
			URL, ID, Title string
			DateModified   string `json:"date_modified"`
			DatePublished  string `json:"date_published"`
		}
		where := "item " + strconv.Itoa(n)
		if err := json.Unmarshal(item, &e); err != nil {
			r.problem("%s: %v", where, err)
			return true
		}
		link := e.URL
		if link == "" && isAddress(e.ID) {
			link = e.ID
		}
		return r.add(&r.Pages, where, link, firstOf(e.DateModified, e.DatePublished), e.Title)
	})
}
