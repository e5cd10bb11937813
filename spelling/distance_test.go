package spelling_test

import (
	"testing"

	"github.com/markwatch/markwatch/spelling"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b  string
		limit int
		want  int
	}{
		{"", "", 9, 0}, {"nike", "nike", 9, 0}, {"nike", "nkie", 9, 1}, {"adidas", "addidas", 9, 1}, {"adidas", "adias", 9, 1}, {"耐克", "奈克", 9, 1},
		{"ca", "abc", 9, 3}, // a pair that was changed round is not changed again
		{"kitten", "sitting", 9, 3}, {"", "abc", 9, 3}, {"abc", "", 2, 3}, {"a", "abcd", 2, 3},
	} {
		if got := spelling.Distance([]rune(c.a), []rune(c.b), c.limit); got != c.want {
			t.Errorf("%q and %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
