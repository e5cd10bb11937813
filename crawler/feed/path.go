package feed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/markwatch/markwatch"
)

// step is one step of a path into JSON.
type step struct {
	key   string
	index int
	kind  stepKind
}

type stepKind int

const (
	stepKey stepKind = iota
	stepIndex
	stepAll
)

const maxSteps = 32

// parsePath reads a path: keys set apart by dots, [n] for one element of a
// list, * or [*] for all members, ["a.b"] for a key with a dot in it. A list
// where a key is asked for stands for all its elements, so that data.list and
// data.list[*] are one. "" is the document itself; a leading $ means the same.
func parsePath(path string) ([]step, error) {
	bad := func(why string) error {
		return markwatch.Errorf(markwatch.CodeInvalid, "%q is no path into JSON: %s", path, why)
	}
	var steps []step
	rest := strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(path), "$"), ".")
	for rest != "" {
		if len(steps) == maxSteps {
			return nil, bad(fmt.Sprintf("it has more than %d steps", maxSteps))
		}
		if rest[0] == '[' {
			inside, after, closed := strings.Cut(rest[1:], "]")
			if quote := rest[1:min(2, len(rest))]; quote == `"` || quote == "'" {
				inside, after, closed = strings.Cut(rest[2:], quote+"]")
				if inside != "" {
					steps = append(steps, step{key: inside})
				}
			} else if inside == "*" || inside == "" {
				steps = append(steps, step{kind: stepAll})
			} else {
				n, err := strconv.Atoi(inside)
				if err != nil || n < 0 {
					return nil, bad("[" + inside + "] is no number of an element")
				}
				steps = append(steps, step{kind: stepIndex, index: n})
			}
			if !closed {
				return nil, bad("a [ is not closed")
			}
			rest = strings.TrimPrefix(after, ".")
			continue
		}
		end := strings.IndexAny(rest, ".[")
		if end < 0 {
			end = len(rest)
		}
		key := rest[:end]
		if key == "" {
			return nil, bad("a key is missing between two dots")
		}
		if key == "*" {
			steps = append(steps, step{kind: stepAll})
		} else {
			steps = append(steps, step{key: key})
		}
		rest = strings.TrimPrefix(rest[end:], ".")
	}
	return steps, nil
}

// walk yields what a path leads to, in document order, a list as its elements.
// It returns false where yield did. The document stays text until an item is
// reached, so that a long one costs little more than its bytes.
func walk(raw json.RawMessage, steps []step, yield func(json.RawMessage) bool) bool {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return true
	}
	if len(steps) == 0 {
		if raw[0] == '[' {
			return members(raw, func(_ string, _ int, v json.RawMessage) bool { return walk(v, nil, yield) })
		}
		return yield(raw)
	}
	s, list := steps[0], raw[0] == '['
	switch {
	case raw[0] != '{' && !list:
		return true
	case s.kind == stepKey && list:
		return members(raw, func(_ string, _ int, v json.RawMessage) bool { return walk(v, steps, yield) })
	case s.kind == stepIndex && !list:
		return true
	}
	return members(raw, func(key string, i int, v json.RawMessage) bool {
		if s.kind == stepKey && key != s.key || s.kind == stepIndex && i != s.index {
			return true
		}
		return walk(v, steps[1:], yield)
	})
}

// members yields the members of an object or a list that is known to be
// correct JSON.
func members(raw json.RawMessage, yield func(key string, i int, v json.RawMessage) bool) bool {
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return true
	}
	for i := 0; d.More(); i++ {
		key := ""
		if raw[0] == '{' {
			t, err := d.Token()
			if err != nil {
				return true
			}
			key, _ = t.(string)
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return true
		}
		if !yield(key, i, v) {
			return false
		}
	}
	return true
}

// find is what a path leads to in an item: nil, one value or a list of them.
func find(v any, steps []step) any {
	if len(steps) == 0 {
		return v
	}
	s := steps[0]
	switch v := v.(type) {
	case map[string]any:
		switch s.kind {
		case stepKey:
			return find(v[s.key], steps[1:])
		case stepAll:
			var all []any
			for _, inner := range sortedValues(v) {
				all = gather(all, find(inner, steps[1:]))
			}
			return some(all)
		}
	case []any:
		if s.kind == stepIndex {
			if s.index < len(v) {
				return find(v[s.index], steps[1:])
			}
			return nil
		}
		if s.kind == stepAll {
			steps = steps[1:]
		}
		var all []any
		for _, inner := range v {
			all = gather(all, find(inner, steps))
		}
		return some(all)
	}
	return nil
}

func gather(all []any, v any) []any {
	switch v := v.(type) {
	case nil:
		return all
	case []any:
		return append(all, v...)
	default:
		return append(all, v)
	}
}

// some is a list, or nil where it is empty.
func some(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list
}
