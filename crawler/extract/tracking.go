package extract

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/markwatch/markwatch"
)

var (
	parcelHints   = newWords("运单号", "快递单号", "物流单号", "物流编号", "快递号", "tracking number", "tracking no", "tracking id", "sendungsnummer")
	parcelPattern = regexp.MustCompile(`(?i)(?:运单号|快递单号|物流单号|物流编号|快递号|tracking (?:number|no\.?|id)|sendungsnummer)\s*[:#]?\s*([a-z]{0,4}\d[\da-z-]{6,24})\b`)
	eventPattern  = regexp.MustCompile(`^\s*(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})日?\s*(?:星期.|周.)?\s*(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(.*)`)
	placeBrackets = regexp.MustCompile(`^[【\[]([^】\]]{2,30})[】\]]`)
)

// Bounds of the parcels that one page tells of.
const (
	maxParcels = 10
	maxEvents  = 200
)

// chinaTime is the clock of Chinese carriers' traces, which name no zone.
var chinaTime = time.FixedZone("+08:00", 8*60*60)

// pageLine is one line of the visible text and the runs that it is made of.
type pageLine struct {
	text     string
	lower    string // the same in lower case
	from, to int32
}

// parcels reads the traces shown: a line that names a parcel's number, and the
// dated lines after it.
func (d *Document) parcels(lines []pageLine) []markwatch.Tracking {
	var out []markwatch.Tracking
	var current *markwatch.Tracking
	idleLines := 0
	for i := range lines {
		if current == nil && countDigits(lines[i].text) < 7 && !strings.Contains(lines[i].text, "\uff11") {
			continue // no number of a parcel; most lines
		}
		text := fold(clip(lines[i].text, 600))
		if len(out) < maxParcels && parcelHints.in(strings.ToLower(text)) {
			if m := parcelPattern.FindStringSubmatchIndex(text); m != nil {
				number := strings.ToUpper(text[m[2]:m[3]])
				out = append(out, markwatch.Tracking{Number: number, Carrier: firstText(carrierBefore(text[:m[0]]), carrierOf(number)), URL: d.linkBetween(lines[i].from, lines[i].to)})
				current, idleLines = &out[len(out)-1], 0
				continue
			}
		}
		if number := unlabelledParcel(text); number != "" && len(out) < maxParcels && !knownParcel(out, number) {
			out = append(out, markwatch.Tracking{Number: number, Carrier: carrierOf(number), URL: d.linkBetween(lines[i].from, lines[i].to)})
			current, idleLines = &out[len(out)-1], 0
			continue
		}
		if current == nil || len(current.Events) >= maxEvents {
			continue
		}
		if e, ok := d.traceEvent(&lines[i], text); ok {
			current.Events = append(current.Events, e)
			idleLines = 0
		} else if idleLines++; idleLines > 5 {
			current = nil
		}
	}
	return out
}

// unlabelledParcel is a parcel's number in a line that has no label for it, by
// its shape alone; the line must speak of a carrier or a parcel.
func unlabelledParcel(line string) string {
	if len(line) > 300 || countDigits(line) < 9 || !carrierWords.in(strings.ToLower(line)) {
		return ""
	}
	number := sureNumber.FindString(line)
	if number == "" || carrierOf(number) == "" {
		return ""
	}
	return number
}

func knownParcel(have []markwatch.Tracking, number string) bool {
	for i := range have {
		if have[i].Number == number {
			return true
		}
	}
	return false
}

// carrierBefore is the last word before a parcel's number.
func carrierBefore(s string) string {
	s = strings.TrimRight(s, " :#-,;|")
	if i := strings.LastIndexAny(s, " :,;|\uff0c\u3000。"); i >= 0 {
		_, n := utf8.DecodeRuneInString(s[i:])
		s = s[i+n:]
	}
	if n := len([]rune(s)); n < 2 || n > 16 || !hasLetters(s) {
		return ""
	}
	return s
}

// linkBetween is the address of the first anchor among text runs.
func (d *Document) linkBetween(from, to int32) string {
	for run := from; run < to; run++ {
		for i, up := d.texts[run].in, 0; i >= 0 && up < 4 && d.elems[i].flags&inLink != 0; i, up = d.elems[i].parent, up+1 {
			if href := attr(d.elems[i].n, "href"); goes(href) {
				return d.absolute(href)
			}
		}
	}
	return ""
}

// traceEvent reads a dated line. The place is what stands in brackets, else in
// an element that is named one, else in the short element right after the date.
func (d *Document) traceEvent(line *pageLine, text string) (markwatch.TraceEvent, bool) {
	var e markwatch.TraceEvent
	if len(text) < 12 || !digit(text[0]) && !strings.HasPrefix(text, " ") {
		return e, false
	}
	m := eventPattern.FindStringSubmatch(text)
	if m == nil {
		return e, false
	}
	year, month, day, hour, minute, second := atoi(m[1]), atoi(m[2]), atoi(m[3]), atoi(m[4]), atoi(m[5]), atoi(m[6])
	if year < 1990 || year > 2200 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60 {
		return e, false
	}
	zone := time.UTC
	if d.locale.region == "cn" || strings.ContainsFunc(m[7], func(r rune) bool { return r >= 0x4e00 && r <= 0x9fff }) {
		zone = chinaTime
	}
	e.At = time.Date(year, time.Month(month), day, hour, minute, second, 0, zone)
	e.Text = squeeze(m[7])
	for run := line.from; run < line.to; run++ {
		in := d.texts[run].in
		part := squeeze(fold(d.texts[run].text))
		if part == "" || part == e.Text || len([]rune(part)) > 16 || digit(part[0]) {
			continue
		}
		if rest, ok := strings.CutPrefix(e.Text, part); ok && (named(d.elems[in].n, "place", "city", "location", "address", "area", "site") || run > line.from && startsSpace(rest)) {
			e.Place, e.Text = part, strings.TrimLeft(rest, " ,|-")
			return e, e.Text != ""
		}
	}
	if b := placeBrackets.FindStringSubmatch(e.Text); b != nil {
		e.Place = b[1]
	}
	return e, e.Text != ""
}

// atoi reads at most four digits; an empty text is 0.
func atoi(s string) int {
	n := 0
	for i := 0; i < len(s) && i < 4; i++ {
		n = n*10 + int(s[i]-'0')
	}
	return n
}
