package regions

import "maps"

// Codes yields every code that stands for a place.
func Codes(t *Table) func(func(string) bool) {
	return func(yield func(string) bool) {
		for code := range maps.Keys(t.byCode) {
			if !placeholder(t.byCode[code].Name) && !yield(code) {
				return
			}
		}
	}
}
