package matchers

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// writtenDate is a date as papers bear it: 2019.03, 2022年5月6日, 2021-07-01;
// endYear a bare year that something lasts to: 至2021.
var writtenDate = regexp.MustCompile(`(?:^|\D)(20\d\d)\s?[年.\-/]\s?(0?[1-9]|1[0-2])(?:\s?[月.\-/]\s?(0?[1-9]|[12]\d|3[01]))?(?:\D|$)`)

var endYear = regexp.MustCompile(`(?:至|到|止|until|to|-|~|—|–)\s?(20\d\d)\s?年?(?:底|止)?\s*$`)

// lapsed are the attributes named in a lexicon of terms of validity whose last
// date lies before the day of the check: a certificate that is valid until
// 2019.03. A value without a date, or without an end (长期), says nothing.
func (r *reading) lapsed(w *words) []found {
	if r.in.At.IsZero() {
		return nil
	}
	var out []found
	for i, key := range r.labelledAttributes(w) {
		value := narrow(r.listing.Attributes[key])
		if end, ok := lastDate(value); ok && !end.After(r.in.At) && !strings.Contains(value, "长期") {
			out = append(out, r.place(i, value, 0, len(value)))
		}
	}
	slices.SortFunc(out, func(a, b found) int { return a.field - b.field })
	return out
}

// lastDate is the end of the latest day, or month, that a text names.
func lastDate(s string) (time.Time, bool) {
	var last time.Time
	for from := 0; from < len(s); {
		at := writtenDate.FindStringSubmatchIndex(s[from:])
		if at == nil {
			break
		}
		part := func(i int) int {
			if at[2*i] < 0 {
				return 0
			}
			n, _ := strconv.Atoi(s[from+at[2*i] : from+at[2*i+1]])
			return n
		}
		year, month, day := part(1), part(2), part(3)
		end := time.Date(year, time.Month(month), day+1, 0, 0, 0, 0, time.UTC)
		if day == 0 {
			end = time.Date(year, time.Month(month)+1, 1, 0, 0, 0, 0, time.UTC)
		}
		if end.After(last) {
			last = end
		}
		from += max(at[1]-1, at[3]) // what ends one date may begin the next
	}
	if at := endYear.FindStringSubmatch(s); at != nil && last.IsZero() {
		year, _ := strconv.Atoi(at[1])
		last = time.Date(year+1, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return last, !last.IsZero()
}
