package web

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
)

func span(start, end int) markwatch.Span { return markwatch.Span{Start: start, End: end} }

func TestSegments(t *testing.T) {
	for _, test := range []struct {
		name  string
		text  string
		marks []mark
		want  []segment
	}{
		{"no marks", "耐克", nil, []segment{{Text: "耐克"}}},
		{"empty text", "", []mark{{Span: span(0, 3)}}, nil},
		{"a quote in Chinese", "「耐 克」鞋", []mark{{Span: span(1, 4), title: "拆写"}},
			[]segment{{Text: "「"}, {Text: "耐 克", Quote: true, Title: "拆写"}, {Text: "」鞋"}}},
		{"quotes that overlap", "abcd", []mark{{Span: span(0, 3), title: "x"}, {Span: span(1, 4), title: "y"}},
			[]segment{{Text: "a", Quote: true, Title: "x"}, {Text: "bc", Quote: true, Title: "x · y"}, {Text: "d", Quote: true, Title: "y"}}},
		{"a match inside a quote", "abc", []mark{{Span: span(0, 3), title: "x"}, {Span: span(1, 2), hit: true}},
			[]segment{{Text: "a", Quote: true, Title: "x"}, {Text: "b", Quote: true, Hit: true, Title: "x"}, {Text: "c", Quote: true, Title: "x"}}},
		{"out of the text", "ab", []mark{{Span: span(-5, 1)}, {Span: span(7, 9)}, {Span: span(2, 1)}},
			[]segment{{Text: "a", Quote: true}, {Text: "b"}}},
		{"the same rule twice", "ab", []mark{{Span: span(0, 2), title: "x"}, {Span: span(0, 2), title: "x"}},
			[]segment{{Text: "ab", Quote: true, Title: "x"}}},
	} {
		if diff := cmp.Diff(test.want, segments(test.text, test.marks)); diff != "" {
			t.Errorf("%s:\n%s", test.name, diff)
		}
	}
}

// Marks never change a text, whatever they and the text are.
func TestMarksKeepTheText(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	alphabet := []string{"耐", "克", "a", " ", "\u200b", "\u202e", "𝔸", "é", "\xff", "\x00", "<", "&", "\n", "🈲", "\xe8\x80"}
	for range 3000 {
		var b strings.Builder
		for range r.IntN(30) {
			b.WriteString(alphabet[r.IntN(len(alphabet))])
		}
		var marks []mark
		for range r.IntN(8) {
			start := r.IntN(40) - 5
			marks = append(marks, mark{Span: span(start, start+r.IntN(12)-2), hit: r.IntN(2) == 0, title: alphabet[r.IntN(4)]})
		}
		checkSegments(t, b.String(), marks)
	}
}

func FuzzSegments(f *testing.F) {
	f.Add("「耐 克」空军一号", 1, 4, 2, 9)
	f.Add("\xff\xfe莆田", -1, 3, 0, 100)
	f.Fuzz(func(t *testing.T, text string, a, b, c, d int) {
		checkSegments(t, text, []mark{{Span: span(a, b), title: "x"}, {Span: span(c, d), hit: true}})
	})
}

func checkSegments(t *testing.T, text string, marks []mark) {
	t.Helper()
	var joined strings.Builder
	at := 0
	for _, s := range segments(text, marks) {
		joined.WriteString(s.Text)
		end := at + utf8.RuneCountInString(s.Text)
		for i := at; i < end; i++ {
			quoted, hit := false, false
			for _, m := range marks {
				if m.Start <= i && i < m.End {
					quoted, hit = quoted || !m.hit, hit || m.hit
				}
			}
			if quoted != s.Quote || hit != s.Hit {
				t.Fatalf("%q %v: code point %d is in %+v", text, marks, i, s)
			}
		}
		at = end
	}
	if joined.String() != text {
		t.Fatalf("marked with %v, %q became %q", marks, text, joined.String())
	}
}
