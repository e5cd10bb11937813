package crawler

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// The reasons that Trap gives.
const (
	TrapLong       = "long-address"
	TrapDeep       = "deep-path"
	TrapRepeating  = "repeating-path"
	TrapParameters = "many-parameters"
	TrapNested     = "nested-parameters"
	TrapCalendar   = "far-calendar"
)

const (
	// trapLength is the longest address in bytes that pages are linked by.
	trapLength = 2000
	// trapSegments and trapParameters are the most that addresses of shops
	// have; faceted searches come to a dozen.
	trapSegments   = 20
	trapParameters = 40
	// trapRepeats is how often a part of the path stands in it where links that
	// are taken relative to the wrong page lead ever deeper.
	trapRepeats = 3
	// calendarPast and calendarAhead are the years in which a calendar is worth
	// reading.
	calendarPast  = 2
	calendarAhead = 1
	// unescapes is how many layers of percent-encoding are looked through.
	unescapes = 4
)

// Trap tells whether an address shows by itself that it belongs to a space
// without end: calendars, paths that repeat themselves, addresses that carry
// older ones inside. It knows nothing of the page, whose likeness to others
// Sameness sees.
func Trap(address string, now time.Time) (reason string, trapped bool) {
	if len(address) > trapLength {
		return TrapLong, true
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", false
	}
	segments := strings.FieldsFunc(u.EscapedPath(), func(r rune) bool { return r == '/' })
	switch {
	case len(segments) > trapSegments:
		return TrapDeep, true
	case repeats(segments):
		return TrapRepeating, true
	case strings.Count(u.RawQuery, "&")+1 > trapParameters:
		return TrapParameters, true
	case nested(u.RawQuery):
		return TrapNested, true
	case farCalendar(u, now):
		return TrapCalendar, true
	}
	return "", false
}

// repeats tells whether a segment stands in a path three times, or a sequence
// three times one after the other. Numbers and the words that filters are
// filled with repeat in honest paths: /list/0/0/0/, /all/all/all/.
func repeats(segments []string) bool {
	count := map[string]int{}
	for _, s := range segments {
		if filler(s) {
			continue
		}
		if count[s]++; count[s] >= trapRepeats {
			return true
		}
	}
	return false
}

// filler tells whether a segment says nothing that could repeat by mistake.
func filler(segment string) bool {
	switch strings.ToLower(segment) {
	case "all", "any", "none", "%E5%85%A8%E9%83%A8", "%e5%85%a8%e9%83%a8":
		return true
	}
	return !strings.ContainsFunc(segment, unicode.IsLetter)
}

// nestedNames are the parameters that carry a session or the address of the
// page before; an address that carries itself grows with every link.
var nestedNames = regexp.MustCompile(`(?i)(?:^|[?&;])(\w*(?:sess(?:ion)?_?id|sessid|return|redirect|referr?er|back_?url|from_?url|goto|continue|jump)\w*|sid|url|next|ref|from|u|to)=`)

// nested tells whether such a parameter stands inside itself three deep, or a
// session in a session.
func nested(query string) bool {
	if !strings.Contains(query, "=") {
		return false
	}
	plain := len(nestedNames.FindAllStringIndex(query, -1))
	for range unescapes {
		next, err := url.QueryUnescape(query)
		if err != nil || next == query {
			break
		}
		query = next
	}
	count := map[string]int{}
	total, most, session := 0, 0, false
	for _, m := range nestedNames.FindAllStringSubmatch(query, -1) {
		name := strings.ToLower(m[1])
		total++
		count[name]++
		most = max(most, count[name])
		session = session || count[name] > 1 && (name == "sid" || strings.Contains(name, "sess"))
	}
	return total > plain && (most >= trapRepeats || session) || most > trapRepeats
}

var (
	calendarWord = regexp.MustCompile(`(?i)^(?:(?:event[_-]?)?calendars?|cal|events?|agenda|schedules?|planner|bookings?|reservations?|rili|wannianli|huangli|日历|万年历|黄历|日程|排期)(?:\.\w{2,5})?$`)
	calendarDate = regexp.MustCompile(`^((?:1[6-9]|[2-9]\d)\d\d)[._-]?(?:0[1-9]|1[0-2])(?:[._-]?[0-3]\d)?$`)
	yearName     = regexp.MustCompile(`(?i)^(?:\w*_)?(?:year|yr|nian|y)$`)
	monthName    = regexp.MustCompile(`(?i)^(?:\w*_)?(?:month|mon|yue|m)$`)
)

// farCalendar tells whether an address shows a month of a calendar that is far
// from now. News keep the date in their path for ever, so that a date counts
// only behind a word for calendars; a pair of parameters for year and month
// counts without one where it lies ahead, where no archive can be.
func farCalendar(u *url.URL, now time.Time) bool {
	years, calendar := []int(nil), false
	segments := strings.Split(u.Path, "/")
	for i, s := range segments {
		calendar = calendar || calendarWord.MatchString(s)
		if !calendar {
			continue
		}
		if m := calendarDate.FindStringSubmatch(s); m != nil {
			years = append(years, number(m[1]))
		} else if i+1 < len(segments) && len(s) == 4 && number(s) >= 1600 && len(segments[i+1]) <= 2 && number(segments[i+1]) >= 1 && number(segments[i+1]) <= 12 {
			years = append(years, number(s))
		}
	}
	year, month := 0, false
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		calendar = calendar || calendarWord.MatchString(name) || name == "tribe-bar-date"
		n := number(value)
		switch m := calendarDate.FindStringSubmatch(value); {
		case m != nil:
			years = append(years, number(m[1]))
		case yearName.MatchString(name) && n >= 1600 && n <= 9999:
			year = n
		case monthName.MatchString(name) && n >= 0 && n <= 12:
			month = true
		}
	}
	past, ahead := now.Year()-calendarPast, now.Year()+calendarAhead
	if month && year > ahead {
		return true
	}
	if month && year != 0 {
		years = append(years, year)
	}
	return calendar && slices.ContainsFunc(years, func(y int) bool { return y < past || y > ahead })
}

// number is -1 for what is none.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}
