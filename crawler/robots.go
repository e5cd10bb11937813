package crawler

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/markwatch/markwatch/crawler/canonical"
)

// robotsMost is how much of a robots.txt is read (RFC 9309 section 2.5 asks for
// 500 KiB at least).
const robotsMost = 500 << 10

// robotsFile is a parsed robots.txt (RFC 9309). Lines that mean nothing are
// passed over, so that one slip does not void the file.
type robotsFile struct{ groups []robotsGroup }

type robotsGroup struct {
	agents []string // product tokens in lower case, or *
	rules  []robotsRule
	delay  time.Duration
}

type robotsRule struct {
	allow bool
	// pattern is held against the address, strict against the form in which
	// the reserved characters of its query are encoded too.
	pattern, strict glob
	length          int // of the pattern in octets, by which the most specific wins
}

// parseRobots reads the first 500 KiB of a file.
func parseRobots(data []byte) *robotsFile {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if len(data) > robotsMost {
		data = data[:robotsMost]
		// The last line may be cut, and half a path forbids more than a whole one.
		data = data[:max(0, bytes.LastIndexAny(data, "\r\n"))]
	}
	f := &robotsFile{}
	agentsOpen := false
	for line := range strings.FieldsFuncSeq(string(data), func(r rune) bool { return r == '\n' || r == '\r' }) {
		line, _, _ = strings.Cut(line, "#")
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		key, value = strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
		if key == "user-agent" {
			if !agentsOpen {
				f.groups = append(f.groups, robotsGroup{})
				agentsOpen = true
			}
			g := &f.groups[len(f.groups)-1]
			g.agents = append(g.agents, agentToken(value))
			continue
		}
		if len(f.groups) == 0 {
			continue
		}
		g := &f.groups[len(f.groups)-1]
		switch key {
		case "allow", "disallow":
			agentsOpen = false
			if value != "" {
				g.rules = append(g.rules, newRobotsRule(key == "allow", value))
			}
		case "crawl-delay":
			// No part of the RFC, whose other records must not end a group.
			if n, err := strconv.ParseFloat(value, 64); err == nil && n > 0 && n < 1e6 {
				g.delay = max(g.delay, time.Duration(n*float64(time.Second)))
			}
		}
	}
	return f
}

func newRobotsRule(allow bool, value string) robotsRule {
	if value[0] != '/' && value[0] != '*' {
		value = "/" + value
	}
	pattern, anchored := strings.CutSuffix(value, "$")
	pattern = strings.ReplaceAll(canonical.Escape(pattern), "$", "%24")
	length, end := len(pattern)+1, ""
	if !anchored {
		length, end = length-1, "*"
	}
	return robotsRule{allow: allow, pattern: newGlob(pattern + end), strict: newGlob(strictQuery(pattern) + end), length: length}
}

// literal encodes the characters of an address that mean something else in a
// rule, where they are written so too (RFC 9309 section 2.2.3).
func literal(path string) string {
	if !strings.ContainsAny(path, "*$") {
		return path
	}
	return strings.NewReplacer("*", "%2A", "$", "%24").Replace(path)
}

// strictQuery encodes what of a query may stand both ways: addresses in
// parameters, as in the table of RFC 9309 section 2.2.2.
func strictQuery(path string) string {
	before, query, ok := strings.Cut(path, "?")
	if !ok || !strings.ContainsAny(query, ":/") {
		return path
	}
	return before + "?" + strings.NewReplacer(":", "%3A", "/", "%2F").Replace(query)
}

// agentToken returns the product token of a User-Agent in lower case:
// "markwatch" of "markwatch/1.0 (+https://…)".
func agentToken(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if strings.HasPrefix(s, "*") {
		return "*"
	}
	end := strings.IndexFunc(s, func(r rune) bool { return (r < 'a' || r > 'z') && r != '-' && r != '_' })
	if end >= 0 {
		s = s[:end]
	}
	return s
}

// group joins the groups of the first token that has any (RFC 9309 section
// 2.2.1), or those of everybody.
func (f *robotsFile) group(tokens []string) robotsGroup {
	for _, token := range append(tokens[:len(tokens):len(tokens)], "*") {
		var joined robotsGroup
		for _, g := range f.groups {
			for _, a := range g.agents {
				if a == token {
					joined.agents = g.agents
					joined.rules = append(joined.rules, g.rules...)
					joined.delay = max(joined.delay, g.delay)
					break
				}
			}
		}
		if joined.agents != nil {
			return joined
		}
	}
	return robotsGroup{}
}

// allowed applies the most specific rule; allow wins between equals (RFC 9309
// section 2.2.2). /robots.txt itself is always allowed.
func (g robotsGroup) allowed(u *url.URL) bool {
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if path == "/robots.txt" {
		return true
	}
	if u.RawQuery != "" || u.ForceQuery {
		path += "?" + u.RawQuery
	}
	path = literal(canonical.Escape(path))
	strict := strictQuery(path)
	best, allow := -1, true
	for _, r := range g.rules {
		if r.length < best || r.length == best && !r.allow {
			continue
		}
		if r.pattern.match(path) || r.strict.match(strict) {
			best, allow = r.length, r.allow
		}
	}
	return allow
}
