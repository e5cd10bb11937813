package crawler

import (
	"fmt"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/canonical"
)

// Scope tells which addresses belong to a source.
//
// A pattern is host/path, without scheme; * stands for any characters. The
// host of a pattern is held against the host alone and the path, with its
// query, against the rest, so that no address can smuggle an allowed host into
// its path. A pattern */x means x anywhere in the path of any host. A pattern
// without a path means the whole host. A port is written where it is not the
// scheme's own.
type Scope struct {
	allow, deny, listing []scopePattern
	hosts                map[string]bool // of the start pages, where allow is absent
}

type scopePattern struct{ host, path glob }

// NewScope compiles a source's patterns. Errors have CodeInvalid.
func NewScope(src *markwatch.Source) (*Scope, error) {
	s := &Scope{hosts: map[string]bool{}}
	for _, list := range []struct {
		key      string
		patterns []string
		to       *[]scopePattern
	}{{"allow", src.Allow, &s.allow}, {"deny", src.Deny, &s.deny}, {"listing", src.Listing, &s.listing}} {
		for _, p := range list.patterns {
			compiled, err := newScopePattern(p)
			if err != nil {
				return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "source %s: %s: pattern %q", src.ID, list.key, p)
			}
			*list.to = append(*list.to, compiled)
		}
	}
	if len(src.Allow) > 0 || src.Kind == markwatch.KindArchive || src.Kind == markwatch.KindTable {
		return s, nil
	}
	for _, start := range src.Start {
		u, err := anyOf(start)
		if err != nil {
			return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "source %s: start", src.ID)
		}
		host, _ := splitCanonical(u)
		s.hosts[host] = true
	}
	return s, nil
}

// anyOf is one of the addresses that a start stands for; all are on one host.
func anyOf(start string) (string, error) {
	pieces, names, err := placeholders(start)
	if err != nil {
		return "", err
	}
	values := map[string]string{}
	for _, name := range names {
		values[name] = "1"
	}
	return canonical.URL(fill(pieces, values))
}

// Follow tells whether a canonical address may be fetched: allow names it, or
// it is on the host of a start page where allow is absent, and deny does not.
func (s *Scope) Follow(url string) bool {
	host, path := splitCanonical(url)
	if host == "" || matchAny(s.deny, host, path) {
		return false
	}
	return s.hosts[host] || matchAny(s.allow, host, path)
}

// Listing tells whether a canonical address is, by the source's own patterns,
// a page that holds one offer.
func (s *Scope) Listing(url string) bool {
	host, path := splitCanonical(url)
	return host != "" && matchAny(s.listing, host, path)
}

func matchAny(patterns []scopePattern, host, path string) bool {
	for _, p := range patterns {
		if p.host.match(host) && p.path.match(path) {
			return true
		}
	}
	return false
}

func newScopePattern(raw string) (scopePattern, error) {
	p := strings.TrimSpace(raw)
	if _, rest, ok := strings.Cut(p, "://"); ok {
		p = rest
	}
	host, path, hasPath := strings.Cut(p, "/")
	if host == "" {
		return scopePattern{}, fmt.Errorf("no host; write host/path, or */path for any host")
	}
	if !hasPath {
		path = "*"
	}
	if !strings.Contains(host, "*") {
		u, err := canonical.URL("http://" + host + "/")
		if err != nil {
			return scopePattern{}, err
		}
		host, _ = splitCanonical(u)
	}
	// Addresses are canonical, so the pattern must be: its query sorted, its
	// characters encoded alike.
	u, err := canonical.URL("http://pattern.invalid/" + path)
	if err != nil {
		return scopePattern{}, err
	}
	_, path = splitCanonical(u)
	if host == "*" {
		path = "*" + path
	}
	return scopePattern{host: newGlob(strings.ToLower(host)), path: newGlob(path)}, nil
}

// splitCanonical returns host (with a port that is not the default) and the
// path with its query.
func splitCanonical(u string) (host, path string) {
	_, rest, ok := strings.Cut(u, "://")
	if !ok {
		return "", ""
	}
	host, path, ok = strings.Cut(rest, "/")
	if !ok {
		return "", ""
	}
	return host, "/" + path
}
