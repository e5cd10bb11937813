package matchers

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/markwatch/markwatch"
)

// parcel is one parcel's trace.
type parcel struct {
	carrier string
	number  markwatch.Evidence
	// page is the tracking page that the seller names.
	page  markwatch.Evidence
	steps []step
}

// step is one event with its place told apart.
type step struct {
	event    markwatch.TraceEvent
	quote    markwatch.Evidence
	domestic bool
	known    bool
}

// lines is a range of code points of a field that holds the lines of a trace.
type lines struct{ field, start, end int }

// parcels returns the traces that the listing holds: those that were read from
// the page, else the one whose lines stand in its text.
func (r *reading) parcels() []parcel {
	if r.traced {
		return r.traces
	}
	r.traced = true
	for i, tr := range r.listing.Tracking {
		base := "tracking[" + strconv.Itoa(i) + "]."
		p := parcel{
			carrier: tr.Carrier,
			number:  markwatch.Evidence{Field: base + "number", Text: tr.Number, Role: markwatch.RoleFact},
			page:    markwatch.Evidence{Field: base + "url", Text: tr.URL, Role: markwatch.RoleFact},
		}
		for j, e := range tr.Events {
			path := base + "events[" + strconv.Itoa(j) + "]."
			s := step{event: e}
			s.domestic, s.known = r.domesticPlace(path, e.Place)
			at := "text"
			if e.Place != "" {
				at = "place"
			}
			s.quote = r.whole(path+at, markwatch.RoleFact)
			p.steps = append(p.steps, s)
		}
		if len(p.steps) > 0 {
			r.traces = append(r.traces, p)
		}
	}
	if len(r.traces) > 0 {
		return r.traces
	}
	for i := range r.fields {
		if path := r.fields[i].path; path == "text" || path == "description" {
			if p := r.writtenTrace(i); len(p.steps) > 1 {
				r.traces = append(r.traces, p)
			}
		}
	}
	return r.traces
}

var (
	// traceLine is how pages write an event: a day, a time, what happened.
	traceLine = regexp.MustCompile(`^(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]*(\d{1,2}):(\d{2})(?::\d{2})?\s*(.+)$`)
	// carried are the words of carriers, which tell an event from a dated
	// review.
	carried = regexp.MustCompile(`(?i)揽|收寄|收件|签收|妥投|派件|派送|投递|到达|离开|出口|互换局|海关|清关|放行|航班|起飞|中转|转运|分拨|营业部|网点|发往|封发|arriv|depart|transit|deliver|customs|accepted|posted|picked up`)
)

// writtenTrace reads the events that stand in a field line by line, the
// earliest first.
func (r *reading) writtenTrace(f int) parcel {
	var p parcel
	at := 0
	for line := range strings.Lines(r.fields[f].text) {
		from, n := at, utf8.RuneCountInString(line)
		at += n
		trimmed := strings.TrimSpace(line)
		if !strings.HasPrefix(trimmed, "20") || !carried.MatchString(trimmed) {
			continue
		}
		m := traceLine.FindStringSubmatch(trimmed)
		if m == nil {
			continue
		}
		var date [5]int
		for i := range date {
			date[i], _ = strconv.Atoi(m[i+1])
		}
		lead, _, _ := strings.Cut(line, trimmed)
		from += utf8.RuneCountInString(lead)
		to := from + utf8.RuneCountInString(trimmed)
		s := step{
			event: markwatch.TraceEvent{At: time.Date(date[0], time.Month(date[1]), date[2], date[3], date[4], 0, 0, time.UTC), Text: m[6]},
			quote: r.span(f, from, to, markwatch.RoleFact),
		}
		s.domestic, s.known = r.placeWithin(f, from, to)
		p.steps = append(p.steps, s)
		r.traceLines = append(r.traceLines, lines{f, from, to})
	}
	slices.SortStableFunc(p.steps, func(a, b step) int { return a.event.At.Compare(b.event.At) })
	return p
}

// placeWithin says whether the first place that is named in a range of code
// points lies in mainland China: known says that one is named.
func (r *reading) placeWithin(f, from, to int) (domestic, known bool) {
	first := to
	for i, lexicon := range [...]string{"domestic-place", "foreign-place"} {
		for _, m := range r.all(lexicon) {
			if m.field == f && m.hit.Start >= from && m.hit.Start < first {
				first, domestic, known = m.hit.Start, i == 0, true
			}
		}
	}
	return domestic, known
}

// domesticPlace says whether a place of a parcel's trace lies in mainland
// China: known says that one can tell.
func (r *reading) domesticPlace(path, place string) (domestic, known bool) {
	ms := r.within(r.all("domestic-place"), path)
	fs := r.within(r.all("foreign-place"), path)
	switch {
	case len(fs) > 0 && len(ms) == 0:
		return false, true
	case len(ms) > 0:
		return true, true
	}
	if strings.ContainsAny(place, "省市县区镇乡") || countryCN.MatchString(place) {
		return true, true
	}
	return false, false
}

// countryCN is how carriers write the country behind a town: Yangjiang, CN.
var countryCN = regexp.MustCompile(`[,，/\s(（](?:CN|CHN|China|CHINA|PRC|中国)\s*[)）]?$`)

// outsideTrace drops the mentions that stand in lines of a parcel's trace,
// which says where a parcel passed and not where the seller is.
func (r *reading) outsideTrace(ms []mention) []mention {
	r.parcels()
	return slices.DeleteFunc(ms, func(m mention) bool {
		return slices.ContainsFunc(r.traceLines, func(l lines) bool {
			return l.field == m.field && m.hit.Start >= l.start && m.hit.Start < l.end
		})
	})
}
