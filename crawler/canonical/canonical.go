// Package canonical gives every page one address, so that the frontier fetches
// it once however many ways it is linked. The rules are those that change no
// answer of an ordinary server (RFC 3986 section 6.2, the parsing of special
// URLs in the WHATWG URL standard) and the dropping of parameters that only
// follow people around.
package canonical

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"

	"github.com/markwatch/markwatch"
)

// MaxLength is the longest canonical URL in bytes; longer ones come from traps
// and from pages that carry their state in the address.
const MaxLength = 4096

// maxRaw bounds the work done on an address before its length is known.
const maxRaw = 4 * MaxLength

// URL returns the canonical form of an absolute http or https address. Scheme
// and host are lower case, the host in punycode and without a default port,
// dot segments are resolved, percent-encoding is as short as it may be,
// parameters are sorted by name (those of one name keep their order), tracking
// parameters, session ids, user names and the fragment are gone. It is
// idempotent. Errors have CodeInvalid.
func URL(raw string) (string, error) {
	if len(raw) > maxRaw {
		return "", invalid(raw, "longer than %d bytes", maxRaw)
	}
	rest, ok := clean(raw), false
	var scheme string
	switch {
	case hasFoldPrefix(rest, "https:"):
		scheme, rest, ok = "https", rest[len("https:"):], true
	case hasFoldPrefix(rest, "http:"):
		scheme, rest, ok = "http", rest[len("http:"):], true
	}
	if !ok {
		return "", invalid(raw, "not an absolute http or https address")
	}
	if len(rest) < 2 || !isSlash(rest[0]) || !isSlash(rest[1]) {
		return "", invalid(raw, "no host")
	}
	rest, _, _ = strings.Cut(rest[2:], "#")
	end := strings.IndexAny(rest, `/\?`)
	if end < 0 {
		end = len(rest)
	}
	host, err := authority(rest[:end], scheme)
	if err != nil {
		return "", invalid(raw, "%s", err.Error())
	}
	path, query, _ := strings.Cut(rest[end:], "?")

	var b strings.Builder
	b.Grow(len(scheme) + 3 + len(rest) + 16)
	b.WriteString(scheme)
	b.WriteString("://")
	b.WriteString(host)
	b.WriteString(cleanPath(path))
	if q := cleanQuery(query); q != "" {
		b.WriteByte('?')
		b.WriteString(q)
	}
	if b.Len() > MaxLength {
		return "", invalid(raw, "longer than %d bytes", MaxLength)
	}
	return b.String(), nil
}

// Resolve returns the canonical form of a reference found on the page at base,
// or at its <base href>. References to other schemes (javascript:, mailto:,
// data:, tel:, app links) are errors with CodeInvalid, as are broken ones.
func Resolve(base *url.URL, ref string) (string, error) {
	if len(ref) > maxRaw {
		return "", invalid(ref, "longer than %d bytes", maxRaw)
	}
	ref, _, _ = strings.Cut(clean(ref), "#")
	if base == nil || hasScheme(ref) {
		return URL(ref)
	}
	origin := base.Scheme + "://" + base.Host
	path := base.EscapedPath()
	switch {
	case ref == "":
		if base.RawQuery != "" {
			path += "?" + base.RawQuery
		}
		return URL(origin + path)
	case len(ref) > 1 && isSlash(ref[0]) && isSlash(ref[1]):
		return URL(base.Scheme + ":" + ref)
	case isSlash(ref[0]):
		return URL(origin + ref)
	case ref[0] == '?':
		return URL(origin + path + ref)
	default:
		return URL(origin + path[:strings.LastIndexByte(path, '/')+1] + leadingSlash(path) + ref)
	}
}

// leadingSlash supplies the root that a base without a path leaves out.
func leadingSlash(path string) string {
	if path == "" {
		return "/"
	}
	return ""
}

// Key returns the fixed-length key of a canonical URL for the frontier's
// UNIQUE column: the first 128 bits of its SHA-256, 32 hexadecimal digits.
func Key(canonical string) string {
	sum := sha256.Sum256([]byte(canonical))
	return hex.EncodeToString(sum[:16])
}

// Host returns host:port of a canonical URL, the port always written, which is
// what politeness and dispatch go by. It returns "" for anything else.
func Host(canonical string) string {
	scheme, rest, ok := strings.Cut(canonical, "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	if rest == "" {
		return ""
	}
	if strings.LastIndexByte(rest, ':') > strings.LastIndexByte(rest, ']') {
		return rest
	}
	switch scheme {
	case "http":
		return rest + ":80"
	case "https":
		return rest + ":443"
	}
	return ""
}

// clean takes off what browsers take off: control characters and spaces at the
// ends, tabs and line breaks anywhere.
func clean(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	if strings.ContainsAny(s, "\t\r\n") {
		s = strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(s)
	}
	return s
}

// hasScheme tells whether ref starts with a scheme (RFC 3986 section 3.1).
func hasScheme(ref string) bool {
	for i := 0; i < len(ref); i++ {
		c := ref[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		case i > 0 && (c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.'):
		default:
			return i > 0 && c == ':'
		}
	}
	return false
}

func hasFoldPrefix(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// isSlash counts the backslash too, as browsers do in http addresses.
func isSlash(c byte) bool { return c == '/' || c == '\\' }

func invalid(raw, format string, args ...any) error {
	const shown = 120
	if len(raw) > shown {
		raw = strings.ToValidUTF8(raw[:shown], "") + "…"
	}
	args = append([]any{raw}, args...)
	return markwatch.Errorf(markwatch.CodeInvalid, "address %q: "+format, args...)
}
