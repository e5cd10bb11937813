package extract

import (
	"strconv"
	"strings"
	"time"
)

// timeLayouts are the spellings of feeds and tables: the W3C profile of ISO
// 8601 (https://www.w3.org/TR/NOTE-datetime) with what is left out in
// practice, RFC 822 with its successors, and those of Chinese tables. Fractions
// of a second need no layout of their own.
var timeLayouts = []string{
	time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04Z0700", "2006-01-02T15:04", "2006-01-02Z07:00", time.DateOnly, "2006-01", "2006",
	"2006-1-2 15:04:05Z07:00", "2006-1-2 15:04:05 Z0700", "2006-1-2 15:04:05 MST", "2006-1-2 15:04:05", "2006-1-2 15:04", "2006-1-2",
	"2006/1/2 15:04:05", "2006/1/2 15:04", "2006/1/2", "2006.1.2 15:04:05", "2006.1.2 15:04", "2006.1.2", "20060102150405", "20060102T150405Z", "20060102",
	"2006年1月2日 15时04分05秒", "2006年1月2日 15:04:05", "2006年1月2日 15:04", "2006年1月2日15:04:05", "2006年1月2日", "2006年1月",
	"2 Jan 2006 15:04:05 Z0700", "2 Jan 2006 15:04:05 Z07:00", "2 Jan 2006 15:04:05", "2 Jan 2006 15:04 Z0700", "2 Jan 2006 15:04", "2 Jan 2006",
	"2 Jan 06 15:04:05 Z0700", "2 Jan 06 15:04:05", "2 Jan 06 15:04 Z0700", "2 Jan 06 15:04", "2-Jan-2006 15:04:05 Z0700", "2-Jan-06 15:04:05 Z0700", "2-Jan-06 15:04:05", "2-Jan-2006 15:04:05",
	"2 January 2006 15:04:05 Z0700", "2 January 2006 15:04:05", "2 January 2006", "January 2, 2006", "Jan 2, 2006", "Jan 2, 2006 15:04:05",
	"Jan 2 15:04:05 2006", "Jan 2 15:04:05 Z0700 2006", "1/2/2006 15:04:05", "1/2/2006 15:04", "1/2/2006",
}

// timeZones are the names of RFC 822 section 5.1 and those that feeds use
// beside them, in minutes east of Greenwich. CST is China's here, as in the
// feeds that this program reads.
var timeZones = map[string]int{
	"UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "BST": 60, "CET": 60, "CEST": 120, "EET": 120, "EEST": 180, "MSK": 180,
	"EST": -300, "EDT": -240, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
	"CST": 480, "HKT": 480, "SGT": 480, "JST": 540, "KST": 540, "IST": 330, "AEST": 600, "AEDT": 660, "北京时间": 480,
}

// ParseTime reads a time in the spellings of feeds and tables, seconds and
// milliseconds since 1970 among them, and returns it in UTC. zone is that of
// times that name none, UTC where nil.
func ParseTime(text string, zone *time.Location) (time.Time, bool) {
	if len(text) > 100 {
		return time.Time{}, false
	}
	s := squeeze(fold(text))
	if zone == nil {
		zone = time.UTC
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && (len(s) == 10 || len(s) == 13) {
		if len(s) == 10 {
			n *= 1000
		}
		return time.UnixMilli(n).UTC(), true
	}
	// the day of the week is said twice
	if i := strings.IndexAny(s, ", "); i > 0 && i <= 9 && weekday(s[:i]) {
		s = strings.TrimLeft(s[i:], ", ")
	}
	s = strings.Replace(s, "T24:00:00", "T00:00:00", 1)
	s, zone = namedZone(s, zone)
	s = strings.Replace(s, "Sept ", "Sep ", 1)
	for _, layout := range timeLayouts {
		t, err := time.ParseInLocation(layout, s, zone)
		if err != nil {
			continue
		}
		if y := t.Year(); y < 1970 || y > 9999 {
			return time.Time{}, false
		}
		return t.UTC(), true
	}
	return time.Time{}, false
}

func weekday(s string) bool {
	s = strings.ToLower(strings.TrimRight(s, "."))
	for d := time.Sunday; d <= time.Saturday; d++ {
		name := strings.ToLower(d.String())
		if s == name || len(s) >= 3 && strings.HasPrefix(name, s) {
			return true
		}
	}
	return false
}

// namedZone takes a zone's name off the end, and the doubled form "GMT+0800".
func namedZone(s string, zone *time.Location) (string, *time.Location) {
	i := strings.LastIndexByte(s, ' ')
	if i < 0 {
		return s, zone
	}
	name := strings.ToUpper(strings.Trim(s[i+1:], "()"))
	if minutes, ok := timeZones[name]; ok {
		rest := s[:i]
		// "+0800 (CST)" has said it already
		if j := strings.LastIndexAny(rest, "+-"); j > len(rest)-7 && j > 10 {
			return rest, zone
		}
		return rest, time.FixedZone(name, minutes*60)
	}
	for _, prefix := range []string{"GMT", "UTC"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" && (rest[0] == '+' || rest[0] == '-') {
			return s[:i+1] + rest, zone
		}
	}
	return s, zone
}
