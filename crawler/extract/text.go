package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/atom"
)

// maxText bounds the visible text that is put together, in bytes.
const maxText = 1 << 20

// Title is the page's title element, white space squeezed.
func (d *Document) Title() string { return d.title }

// Text is the visible text, one line a block, white space squeezed.
func (d *Document) Text() string { return d.textOf(0, int32(len(d.texts)), "\n", nil) }

// textOf joins the text runs [from, to): runs of one block are joined with a
// space where the page had one, blocks with sep. Runs that skip returns true
// for are left out.
func (t *tree) textOf(from, to int32, sep string, skip func(i int32) bool) string {
	var b strings.Builder
	last := int32(-1)
	for i := from; i < to; i++ {
		run := &t.texts[i]
		if t.elems[run.in].flags&inHidden != 0 || skip != nil && skip(i) {
			continue
		}
		block := t.block(run.in)
		if b.Len() > 0 {
			switch {
			case block != last:
				b.WriteString(sep)
			case run.apart || startsSpace(run.text) || endsSpace(t.texts[i-1].text):
				b.WriteByte(' ')
			}
		}
		last = block
		writeSqueezed(&b, run.text)
		if b.Len() > maxText {
			break
		}
	}
	return b.String()
}

// inside is the visible text of an element, on one line.
func (t *tree) inside(i int32) string {
	return strings.TrimSpace(t.textOf(t.elems[i].text, t.elems[i].tend, " ", nil))
}

// block is the nearest element that a browser starts a new line for.
func (t *tree) block(i int32) int32 {
	for i >= 0 {
		switch t.elems[i].n.DataAtom {
		case atom.A, atom.Span, atom.B, atom.Strong, atom.Em, atom.I, atom.U, atom.Font, atom.Small, atom.Sub, atom.Sup, atom.Label, atom.S, atom.Del, atom.Ins, atom.Mark, atom.Code, atom.Bdi, atom.Data, atom.Time:
			i = t.elems[i].parent
		default:
			return i
		}
	}
	return i
}

func startsSpace(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsSpace(r)
}

func endsSpace(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsSpace(r)
}

func blank(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' {
			continue
		}
		if c < 0x80 {
			return false
		}
		return strings.TrimFunc(s[i:], invisible) == ""
	}
	return true
}

func invisible(r rune) bool {
	return unicode.IsSpace(r) || r == 0x200b || r == 0xfeff || r == 0x200e || r == 0x200f
}

// squeeze trims a text and makes every run of white space one space.
func squeeze(s string) string {
	s = strings.TrimSpace(s)
	if squeezed(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	writeSqueezed(&b, s)
	return b.String()
}

// squeezed reports whether a trimmed text has single spaces only; most have.
func squeezed(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == ' ':
			if i == 0 || i == len(s)-1 || s[i+1] == ' ' {
				return false
			}
		case c < ' ':
			return false
		case c == 0xc2: // U+0085 and U+00A0
			if i+1 < len(s) && (s[i+1] == 0x85 || s[i+1] == 0xa0) {
				return false
			}
		case c == 0xe1 || c == 0xe2 || c == 0xe3 && i+2 < len(s) && s[i+1] == 0x80 && s[i+2] == 0x80:
			if r, _ := utf8.DecodeRuneInString(s[i:]); unicode.IsSpace(r) {
				return false
			}
		}
	}
	return true
}

func hasDigit(s string) bool {
	for i := 0; i < len(s); i++ {
		if digit(s[i]) {
			return true
		}
	}
	return false
}

func writeSqueezed(b *strings.Builder, s string) {
	if s = strings.TrimSpace(s); squeezed(s) {
		b.WriteString(s)
		return
	}
	pending := false
	wrote := false
	start := -1
	for i, r := range s {
		if unicode.IsSpace(r) || r == 0 {
			if start >= 0 {
				b.WriteString(s[start:i])
				start = -1
			}
			pending = wrote
			continue
		}
		if start < 0 {
			if pending {
				b.WriteByte(' ')
				pending = false
			}
			start = i
			wrote = true
		}
	}
	if start >= 0 {
		b.WriteString(s[start:])
	}
}

// clip bounds a text from a page at a rune border, n in bytes.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
