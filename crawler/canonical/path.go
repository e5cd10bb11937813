package canonical

import (
	"slices"
	"strings"
)

// cleanPath resolves dot segments (RFC 3986 section 5.2.4), drops session ids
// from path parameters and shortens percent-encoding. Empty segments stay:
// servers tell /a//b from /a/b.
func cleanPath(p string) string {
	if p == "" {
		return "/"
	}
	segments := strings.Split(escape(strings.ReplaceAll(p, `\`, "/"), false)[1:], "/")
	out := segments[:0]
	for i, s := range segments {
		if strings.IndexByte(s, ';') >= 0 {
			s = dropSession(s)
		}
		last := i == len(segments)-1
		switch s {
		case ".":
			if last {
				out = append(out, "")
			}
		case "..":
			if len(out) > 0 {
				out = out[:len(out)-1]
			}
			if last {
				out = append(out, "")
			}
		default:
			out = append(out, s)
		}
	}
	return "/" + strings.Join(out, "/")
}

// dropSession removes ;jsessionid=… and the like from one segment.
func dropSession(segment string) string {
	parts := strings.Split(segment, ";")
	kept := parts[:1]
	for _, p := range parts[1:] {
		name, _, _ := strings.Cut(p, "=")
		if !session(strings.ToLower(name)) {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, ";")
}

// cleanQuery sorts the parameters by name and drops those that say nothing of
// the page.
func cleanQuery(q string) string {
	if q == "" {
		return ""
	}
	type param struct{ name, text string }
	var params []param
	for text := range strings.SplitSeq(escape(q, true), "&") {
		name, _, _ := strings.Cut(text, "=")
		if text == "" || dropped(strings.ToLower(name)) {
			continue
		}
		params = append(params, param{name, text})
	}
	slices.SortStableFunc(params, func(a, b param) int { return strings.Compare(a.name, b.name) })
	var b strings.Builder
	b.Grow(len(q))
	for i, p := range params {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.text)
	}
	return b.String()
}

// Escape returns the shortest percent-encoding of a path with its query, in
// which robots.txt rules (RFC 9309 section 2.2.2) and scope patterns are
// compared with addresses.
func Escape(pathAndQuery string) string { return escape(pathAndQuery, true) }

const upperHex = "0123456789ABCDEF"

// escape decodes what need not be encoded (RFC 3986 unreserved characters),
// writes the rest in upper case, and encodes what may not stand raw. A percent
// sign that starts no escape becomes %25, as browsers send it on to servers
// that would refuse it.
func escape(s string, query bool) string {
	clean := true
	for i := 0; i < len(s) && clean; i++ {
		clean = s[i] != '%' && raw(s[i], query)
	}
	if clean {
		return s
	}
	b := make([]byte, 0, len(s)+16)
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			c = unhex(s[i+1])<<4 | unhex(s[i+2])
			i += 2
			if unreserved(c) {
				b = append(b, c)
				continue
			}
		} else if c != '%' && raw(c, query) {
			b = append(b, c)
			continue
		}
		b = append(b, '%', upperHex[c>>4], upperHex[c&15])
	}
	return string(b)
}

// raw tells whether a byte may stand unencoded. The apostrophe in a query is
// encoded, as browsers do in http addresses.
func raw(c byte, query bool) bool {
	if unreserved(c) {
		return true
	}
	switch c {
	case '!', '$', '&', '(', ')', '*', '+', ',', ';', '=', ':', '@', '/', '[', ']':
		return true
	case '?':
		return query
	case '\'':
		return !query
	}
	return false
}

func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}
