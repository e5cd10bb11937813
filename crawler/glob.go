package crawler

import "strings"

// glob is a pattern in which * stands for any characters, slashes too. It
// matches a whole string, in time linear in the string.
type glob struct{ parts []string }

func newGlob(pattern string) glob { return glob{parts: strings.Split(pattern, "*")} }

func (g glob) match(s string) bool {
	first, last := g.parts[0], g.parts[len(g.parts)-1]
	if len(g.parts) == 1 {
		return s == first
	}
	if !strings.HasPrefix(s, first) {
		return false
	}
	s = s[len(first):]
	for _, part := range g.parts[1 : len(g.parts)-1] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return strings.HasSuffix(s, last)
}
