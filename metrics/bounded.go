package metrics

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// other stands for every value past a label's bound.
const other = "other"

// maxLabel bounds the bytes of a label's value.
const maxLabel = 64

// bounded holds the values that a label may take.
type bounded struct {
	max int
	// open says that a value not seen before is admitted when it is counted.
	open bool

	mu     sync.RWMutex
	values map[string]bool
}

func newBounded(limit int, open bool) *bounded {
	return &bounded{max: limit, open: open, values: map[string]bool{}}
}

// admit says whether the value may stand in the label.
func (b *bounded) admit(v string) bool {
	if v == "" || len(v) > maxLabel || !utf8.ValidString(v) || strings.ContainsAny(v, "/\x00\n") {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.values[v] && len(b.values) < b.max {
		b.values[v] = true
	}
	return b.values[v]
}

// value is v where the label may take it.
func (b *bounded) value(v string) string {
	b.mu.RLock()
	known := b.values[v]
	b.mu.RUnlock()
	if known || b.open && b.admit(v) {
		return v
	}
	return other
}
