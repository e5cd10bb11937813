package web

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// scheduleWords says a cron line in words where that is simple: every so many
// minutes or hours, and at given times of each day, of some days of the week
// or of a day of the month. The fields are those of cron: minute, hour, day of
// the month, month, day of the week.
func (d *desk) scheduleWords(l lang, line string) (words string, ok bool) {
	line = strings.TrimSpace(line)
	switch line {
	case "@hourly":
		line = "0 * * * *"
	case "@daily", "@midnight":
		line = "0 0 * * *"
	case "@weekly":
		line = "0 0 * * 0"
	case "@monthly":
		line = "0 0 1 * *"
	}
	if every, is := strings.CutPrefix(line, "@every "); is {
		span, err := time.ParseDuration(every)
		if err != nil || span < time.Minute || span%time.Minute != 0 {
			return "", false
		}
		return d.cat.text(l, "schedule.every", d.about(l, span)), true
	}
	f := strings.Fields(line)
	if len(f) != 5 || !anyTime(f[3]) {
		return "", false
	}
	minute, hour, day, weekday := f[0], f[1], f[2], f[4]
	daily := anyTime(day) && anyTime(weekday)
	if daily && anyTime(hour) {
		if n, is := step(minute, 60); is {
			return d.cat.text(l, "schedule.minutes", n), true
		}
		if m, is := cronNumber(minute, 0, 59); is {
			return d.cat.text(l, "schedule.hourly", m), true
		}
		return "", false
	}
	m, is := cronNumber(minute, 0, 59)
	if !is {
		return "", false
	}
	if n, is := step(hour, 24); is && daily {
		return d.cat.text(l, "schedule.hours", n, m), true
	}
	times, is := clockTimes(hour, m, d.cat.text(l, "schedule.and"))
	if !is {
		return "", false
	}
	switch {
	case daily:
		return d.cat.text(l, "schedule.daily", times), true
	case anyTime(day):
		days, is := d.weekdays(l, weekday)
		return d.cat.text(l, "schedule.weekly", days, times), is
	case anyTime(weekday):
		n, is := cronNumber(day, 1, 31)
		return d.cat.text(l, "schedule.monthly", n, times), is
	}
	return "", false
}

func anyTime(field string) bool { return field == "*" || field == "?" }

// step reads */n where n divides the whole, so that the steps are even.
func step(field string, whole int) (int, bool) {
	text, ok := strings.CutPrefix(field, "*/")
	if !ok {
		return 0, false
	}
	n, ok := cronNumber(text, 2, whole-1)
	return n, ok && whole%n == 0
}

func cronNumber(text string, low, high int) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= low && n <= high && text[0] != '+'
}

// clockTimes writes one to four hours of a day with the minute: 02:00、14:00.
func clockTimes(hours string, minute int, and string) (string, bool) {
	var out []string
	for text := range strings.SplitSeq(hours, ",") {
		h, ok := cronNumber(text, 0, 23)
		if !ok || len(out) == 4 {
			return "", false
		}
		out = append(out, time.Date(2000, 1, 1, h, minute, 0, 0, time.UTC).Format("15:04"))
	}
	slices.Sort(out)
	return strings.Join(out, and), true
}

// weekdays names days of the week: one, a list, or a range.
func (d *desk) weekdays(l lang, field string) (string, bool) {
	var out []string
	for part := range strings.SplitSeq(field, ",") {
		first, last, isRange := strings.Cut(part, "-")
		name, ok := d.weekday(l, first)
		if ok && isRange {
			var to string
			to, ok = d.weekday(l, last)
			name = d.cat.text(l, "schedule.range", name, to)
		}
		if !ok {
			return "", false
		}
		out = append(out, name)
	}
	return strings.Join(out, d.cat.text(l, "schedule.and")), true
}

func (d *desk) weekday(l lang, text string) (string, bool) {
	n := slices.Index([]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}, strings.ToLower(text))
	if n < 0 {
		var ok bool
		if n, ok = cronNumber(text, 0, 6); !ok {
			return "", false
		}
	}
	return d.cat.text(l, "weekday."+strconv.Itoa(n)), true
}
