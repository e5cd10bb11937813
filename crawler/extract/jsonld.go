package extract

import (
	"encoding/json"
	"html"
	"strings"

	"github.com/markwatch/markwatch"
)

// jsonLD reads the page's JSON-LD blocks (https://www.w3.org/TR/json-ld11/) as
// far as shops use it: types and properties of the schema.org vocabulary,
// @graph, nesting and references by @id within the page.
func (d *Document) jsonLD() []*item {
	var tops []*item
	byID := map[string]*item{}
	for _, block := range d.ld {
		if v, ok := parseJSON(block); ok {
			tops = append(tops, ldTop(v, byID, 0)...)
		}
	}
	for _, it := range tops {
		resolveIDs(it, byID, 0)
	}
	return tops
}

// ldTop are the things that stand at the top of a block or in its @graph.
func ldTop(v any, byID map[string]*item, depth int) []*item {
	if depth > 4 {
		return nil
	}
	switch v := v.(type) {
	case []any:
		var out []*item
		for _, inner := range v {
			out = append(out, ldTop(inner, byID, depth+1)...)
		}
		return out
	case map[string]any:
		var out []*item
		if graph, ok := v["@graph"]; ok {
			out = ldTop(graph, byID, depth+1)
		}
		if v["@type"] != nil || len(out) == 0 {
			out = append(out, ldItem(v, byID))
		}
		return out
	}
	return nil
}

func ldItem(m map[string]any, byID map[string]*item) *item {
	it := &item{}
	for key, v := range m {
		switch key {
		case "@type", "type":
			for _, t := range ldTexts(v) {
				it.types = append(it.types, localName(t))
			}
			if key == "@type" {
				continue
			}
		case "@id":
			it.id, _ = v.(string)
			continue
		case "@context", "@graph":
			continue
		case "@reverse":
			continue
		}
		ldAdd(it, key, v, byID)
	}
	if it.id != "" && len(it.props) > 0 {
		if have := byID[it.id]; have == nil || len(have.props) < len(it.props) {
			byID[it.id] = it
		}
	}
	return it
}

func ldAdd(it *item, key string, v any, byID map[string]*item) {
	switch v := v.(type) {
	case string:
		it.add(key, value{text: ldText(v)})
	case json.Number:
		it.add(key, value{text: v.String()})
	case bool:
		if v {
			it.add(key, value{text: "true"})
		} else {
			it.add(key, value{text: "false"})
		}
	case map[string]any:
		if inner, ok := v["@value"].(string); ok {
			it.add(key, value{text: ldText(inner)})
			return
		}
		if list, ok := v["@list"]; ok {
			ldAdd(it, key, list, byID)
			return
		}
		it.add(key, value{item: ldItem(v, byID)})
	case []any:
		for _, inner := range v {
			if _, nested := inner.([]any); !nested {
				ldAdd(it, key, inner, byID)
			}
		}
	}
}

func ldTexts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, inner := range v {
			if s, ok := inner.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// ldText takes off entities that were escaped once too often.
func ldText(s string) string {
	if strings.Contains(s, "&") && strings.Contains(s, ";") {
		return html.UnescapeString(s)
	}
	return s
}

// resolveIDs puts the thing of the page in the place of a bare {"@id": …}.
func resolveIDs(it *item, byID map[string]*item, depth int) {
	if depth > 8 {
		return
	}
	for _, values := range it.props {
		for i := range values {
			inner := values[i].item
			if inner == nil {
				continue
			}
			if len(inner.props) == 0 && inner.id != "" {
				if target := byID[inner.id]; target != nil && target != it {
					values[i].item = target
				}
				continue
			}
			resolveIDs(inner, byID, depth+1)
		}
	}
}

func (d *Document) jsonLDReadings() []reading {
	d.ldItems = d.jsonLD()
	return d.products(d.ldItems, markwatch.OriginJSONLD)
}
