package configs

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/andybalholm/cascadia"
	"github.com/markwatch/markwatch"
	"github.com/robfig/cron/v3"
	"golang.org/x/net/http/httpguts"
)

// sources validates sources/*.yaml and fills in the defaults.
func (l *loader) sources(files []loaded[sourcesFile]) []markwatch.Source {
	var all []markwatch.Source
	known := ids{}
	for _, f := range files {
		c := checker{f.doc}
		for i := range f.content.Sources {
			s, p := &f.content.Sources[i], (*keyPath)(nil).key("sources").at(i)
			known.check(c, p.key("id"), s.ID, looseID)
			c.source(p, s)
			sourceDefaults(s)
		}
		all = append(all, f.content.Sources...)
	}
	return all
}

var sourceKinds = []string{
	string(markwatch.KindMarketplace), string(markwatch.KindSite), string(markwatch.KindFeed),
	string(markwatch.KindArchive), string(markwatch.KindTable),
}

// readsFiles says whether a source starts from files and not from addresses.
func readsFiles(k markwatch.SourceKind) bool {
	return k == markwatch.KindArchive || k == markwatch.KindTable
}

func (c checker) source(p *keyPath, s *markwatch.Source) {
	if c.required(p.key("kind"), string(s.Kind)) {
		c.oneOf(p.key("kind"), string(s.Kind), sourceKinds...)
	}
	if len(s.Start) == 0 {
		c.fail(p.key("start"), "", "is missing; a source has at least one start")
	}
	for i, start := range s.Start {
		c.start(p.key("start").at(i), s, start)
	}
	c.texts(p.key("keywords"), s.Keywords)
	c.patterns(p.key("allow"), s.Allow)
	c.patterns(p.key("deny"), s.Deny)
	c.patterns(p.key("listing"), s.Listing)
	c.schedule(p.key("schedule"), s.Schedule)

	limits := p.key("limits")
	c.notNegative(limits.key("pages"), int64(s.Limits.Pages))
	c.notNegative(limits.key("depth"), int64(s.Limits.Depth))
	polite := p.key("politeness")
	if n := s.Politeness.Parallel; n < 0 || n > 64 {
		c.fail(polite.key("parallel"), "", "must be between 1 and 64, not %d", n)
	}
	c.oneOf(polite.key("robots"), s.Politeness.Robots, "obey", "ignore")
	if s.Politeness.Robots == "ignore" && strings.TrimSpace(s.Politeness.RobotsReason) == "" {
		c.fail(polite.key("robots_reason"), "", "is missing; ignoring robots.txt needs a written reason")
	}
	if lo, hi := s.Revisit.Min, s.Revisit.Max; lo > 0 && hi > 0 && lo > hi {
		c.fail(p.key("revisit").key("min"), "", "is longer than max")
	}
	c.oneOf(p.key("catch_up"), s.CatchUp, "skip", "run")
	c.oneOf(p.key("keep").key("pages"), s.Keep.Pages, "all", "flagged")
	c.notNegative(p.key("keep").key("days"), int64(s.Keep.Days))
	c.oneOf(p.key("pictures"), s.Pictures, "none", "flagged", "all")
	c.request(p.key("request"), s.Request)
	c.oneOf(p.key("render"), s.Render, "never", "auto", "always")
	c.oneOf(p.key("private_addresses"), s.PrivateAddresses, "refuse", "allow")
	c.region(p.key("region"), s.Region)
	c.oneOf(p.key("platform").key("kind"), s.Platform.Kind, "platform", "own-site", "other")
	c.reading(p, s)
}

var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)
var pageRange = regexp.MustCompile(`^page:(\d{1,6})-(\d{1,6})$`)

// start checks one start of a source and the placeholders in it.
func (c checker) start(p *keyPath, s *markwatch.Source, start string) {
	if !c.required(p, start) {
		return
	}
	if readsFiles(s.Kind) {
		if _, err := path.Match(start, ""); err != nil {
			c.fail(p, "", "is %q, which is no file name or pattern: %v", start, err)
		}
		return
	}
	for _, m := range placeholder.FindAllStringSubmatch(start, -1) {
		name := m[1]
		switch r := pageRange.FindStringSubmatch(name); {
		case name == "brand", name == "work":
		case name == "keyword":
			if len(s.Keywords) == 0 {
				c.fail(p, "", "asks for {keyword}, but the source has no keywords")
			}
		case r != nil:
			if number(r[1]) > number(r[2]) {
				c.fail(p, "", "counts backwards in {%s}", name)
			}
		default:
			c.fail(p, similar(name, []string{"brand", "work", "keyword", "page:1-5"}),
				"holds the unknown placeholder {%s}; there are {brand}, {work}, {keyword} and {page:1-5}", name)
		}
	}
	u, err := url.Parse(placeholder.ReplaceAllString(start, "1"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		c.fail(p, "", "must be an address that begins with http:// or https://")
	}
}

func number(digits string) (n int) {
	_, _ = fmt.Sscan(digits, &n)
	return n
}

// patterns checks patterns host/path with * wildcards.
func (c checker) patterns(p *keyPath, patterns []string) {
	for i, s := range patterns {
		if !c.required(p.at(i), s) {
			continue
		}
		if scheme, rest, ok := strings.Cut(s, "://"); ok && !strings.ContainsAny(scheme, "/*") {
			c.fail(p.at(i), rest, "is a pattern host/path, which has no scheme")
		} else if strings.ContainsAny(s, " \t\r\n\\") {
			c.fail(p.at(i), "", "is %q; a pattern host/path holds no spaces and no backslashes", s)
		}
	}
}

// schedule checks a cron line of five fields or a descriptor such as @daily.
func (c checker) schedule(p *keyPath, line string) {
	if line == "" {
		return
	}
	// The parser takes a zone in front of the fields, and panics where
	// nothing follows it; the deployment's time zone holds for all sources.
	if strings.Contains(line, "TZ=") {
		c.fail(p, "", "names a time zone; time_zone in markwatch.yaml holds for all schedules")
		return
	}
	schedule, err := cron.ParseStandard(line)
	if err != nil {
		c.fail(p, "", "is %q, which is no cron line such as 0 2 * * *: %v", line, err)
		return
	}
	if schedule.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		c.fail(p, "", "is %q, a time that never comes", line)
	}
}

func (c checker) request(p *keyPath, r markwatch.Request) {
	for name, value := range r.Headers {
		if !httpguts.ValidHeaderFieldName(name) {
			c.fail(p.key("headers").key(name), "", "is no name of an HTTP header")
		}
		c.headerValue(p.key("headers").key(name), value)
	}
	c.headerValue(p.key("user_agent"), r.UserAgent)
	c.oneOf(p.key("http"), r.HTTP, "1.1", "2")
	c.optionalURL(p.key("proxy"), r.Proxy, "http", "https", "socks5", "socks5h")
}

// reading checks what says how a page, a feed or a table is read.
func (c checker) reading(p *keyPath, s *markwatch.Source) {
	names := listingFields()
	// A record may state its currency apart from its prices.
	recordFields := append(slices.Clone(names), "currency")
	for field, selector := range s.Fields {
		at := p.key("fields").key(field)
		c.listingField(at, field, append([]string{"items"}, names...))
		if c.required(at, selector) {
			c.selector(at, selector)
		}
	}
	for field, jsonPath := range s.JSON.Fields {
		at := p.key("json").key("fields").key(field)
		c.listingField(at, field, recordFields)
		if c.required(at, jsonPath) {
			path, unit, marked := strings.Cut(jsonPath, "|")
			if marked && strings.TrimSpace(unit) != "cents" {
				c.fail(at, "cents", "is %q; after | there is cents alone, for a number of hundredths", jsonPath)
			}
			c.jsonPath(at, path)
		}
	}
	c.jsonPath(p.key("json").key("items"), s.JSON.Items)
	for column, field := range s.Columns {
		c.listingField(p.key("columns").key(column), field, recordFields)
	}
	c.notNegative(p.key("expect").key("listings"), int64(s.Expect.Listings))
	for field, share := range s.Expect.Coverage {
		at := p.key("expect").key("coverage").key(field)
		c.listingField(at, field, names)
		c.unit(at, share)
	}
}

// jsonSteps is a path into JSON: keys set apart by dots, [n], [*] and ["a.b"];
// a leading $ is the document. It is the grammar by which package feed reads.
var jsonSteps = regexp.MustCompile(`^\s*\$?\.?(([^.\[\]\s][^.\[\]]*|\[(\d{0,9}|\*|"[^"]+"|'[^']+')\])` +
	`(\.[^.\[\]]+|\.?\[(\d{0,9}|\*|"[^"]+"|'[^']+')\])*)?\s*$`)

func (c checker) jsonPath(p *keyPath, path string) {
	if !jsonSteps.MatchString(path) {
		c.fail(p, "", "is %q, which is no path into JSON such as data.list or items[0].price", path)
	}
}

var selectorAttribute = regexp.MustCompile(`@[A-Za-z_][A-Za-z0-9_:.-]*$`)

// selector checks "selector@attribute"; either part may stand alone.
func (c checker) selector(p *keyPath, s string) {
	css := strings.TrimSpace(selectorAttribute.ReplaceAllString(s, ""))
	if css == "" {
		return
	}
	if _, err := cascadia.ParseGroup(css); err != nil {
		c.fail(p, "", "is %q, which is no CSS selector: %v", s, err)
	}
}

// sourceDefaults fills in what a source leaves out.
func sourceDefaults(s *markwatch.Source) {
	limits := map[markwatch.SourceKind]markwatch.Limits{
		markwatch.KindMarketplace: {Pages: 50_000, Depth: 4, Bytes: 8 << 20, Traffic: 20 << 30, Time: hours(6)},
		markwatch.KindSite:        {Pages: 50_000, Depth: 8, Bytes: 8 << 20, Traffic: 20 << 30, Time: hours(6)},
		markwatch.KindFeed:        {Pages: 10_000, Depth: 2, Bytes: 64 << 20, Traffic: 20 << 30, Time: hours(6)},
		markwatch.KindArchive:     {Pages: 10_000_000, Depth: 1, Bytes: 32 << 20, Time: hours(24)},
		markwatch.KindTable:       {Pages: 10_000_000, Depth: 1, Bytes: 8 << 20, Time: hours(24)},
	}[s.Kind]
	fill(&s.Limits.Pages, limits.Pages)
	fill(&s.Limits.Depth, limits.Depth)
	fill(&s.Limits.Bytes, limits.Bytes)
	fill(&s.Limits.Traffic, limits.Traffic)
	fill(&s.Limits.Time, limits.Time)
	if s.Politeness.Delay == nil {
		delay := markwatch.Duration(time.Second)
		if readsFiles(s.Kind) {
			delay = 0
		}
		s.Politeness.Delay = &delay
	}
	fill(&s.Politeness.Parallel, 1)
	fill(&s.Politeness.Robots, "obey")
	fill(&s.Revisit.Min, min(hours(24), orElse(s.Revisit.Max, hours(24))))
	fill(&s.Revisit.Max, max(hours(7*24), s.Revisit.Min))
	fill(&s.CatchUp, "skip")
	fill(&s.Keep.Pages, "flagged")
	fill(&s.Keep.Days, 90)
	fill(&s.Pictures, "none")
	fill(&s.Request.HTTP, "1.1")
	fill(&s.Render, "never")
	fill(&s.PrivateAddresses, "refuse")
	fill(&s.Name, s.ID)
	switch s.Kind {
	case markwatch.KindMarketplace:
		fill(&s.Platform.Kind, "platform")
	case markwatch.KindSite:
		fill(&s.Platform.Kind, "own-site")
	default:
		fill(&s.Platform.Kind, "other")
	}
}

func hours(n int) markwatch.Duration { return markwatch.Duration(time.Duration(n) * time.Hour) }

func orElse(d, def markwatch.Duration) markwatch.Duration {
	fill(&d, def)
	return d
}
