package index

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// rangeItem reads the value of a field of numbers or days.
func (p *parser) rangeItem(info FieldInfo, not bool) error {
	start := p.pos
	p.word("")
	r, at, ok := parseRange(info, p.plain[start:p.pos])
	if !ok {
		if info.Kind == KindDate {
			return p.fail(start+at, "日期写成 2026-11-01、2026-11-01..2026-11-20 或 >2026-11-01",
				"days are written 2026-11-01, 2026-11-01..2026-11-20 or >2026-11-01")
		}
		return p.fail(start+at, "数值写成 500、<500、>=0.8 或 100..500", "numbers are written 500, <500, >=0.8 or 100..500")
	}
	if r.Min > r.Max {
		return p.fail(start, "下限大于上限", "the lower bound is above the upper one")
	}
	r.Field, r.Not = info.Field, not
	p.query.Ranges = append(p.query.Ranges, r)
	return nil
}

// lastDay is 9999-12-31.
const lastDay = 2932896

// parseRange reads op bound, a..b, a.., ..b, a~b or a single bound. Where it
// cannot, at is the offset of the part that is wrong.
func parseRange(info FieldInfo, plain []rune) (r Range, at int, ok bool) {
	r = Range{Min: math.Inf(-1), Max: math.Inf(1)}
	s := string(plain)
	op := ""
	for _, o := range []string{"<=", ">=", "≤", "≥", "<", ">", "="} {
		if strings.HasPrefix(s, o) {
			op = o
			break
		}
	}
	if op == "" {
		from, to, two := strings.Cut(s, "..")
		if !two {
			from, to, two = strings.Cut(s, "~")
		}
		if two {
			if from == "" && to == "" {
				return r, 0, false
			}
			if from != "" {
				if r.Min, _, ok = parseBound(info.Kind, from); !ok {
					return r, 0, false
				}
			}
			if to != "" {
				if _, r.Max, ok = parseBound(info.Kind, to); !ok {
					return r, len(plain) - len([]rune(to)), false
				}
			}
			return r, 0, true
		}
	}
	low, high, ok := parseBound(info.Kind, s[len(op):])
	if !ok {
		return r, len([]rune(op)), false
	}
	switch op {
	case "", "=":
		r.Min, r.Max = low, high
	case "<=", "≤":
		r.Max = high
	case ">=", "≥":
		r.Min = low
	case "<":
		r.Max, r.MaxOpen = low, true
	case ">":
		r.Min, r.MinOpen = high, true
	}
	if info.Kind == KindDate {
		if r.MinOpen {
			r.Min, r.MinOpen = r.Min+1, false
		}
		if r.MaxOpen {
			r.Max, r.MaxOpen = r.Max-1, false
		}
		// No day before the first or after the last that can be written.
		if r.Max < 0 || r.Min > lastDay {
			return r, len([]rune(op)), false
		}
	}
	return r, 0, true
}

// parseBound reads a number, or a day, month or year; low and high are its
// ends, the same for a number.
func parseBound(kind Kind, s string) (low, high float64, ok bool) {
	if kind == KindDate {
		return parseDays(s)
	}
	s = strings.Trim(s, "¥￥元")
	factor := 1.0
	for _, u := range []struct {
		suffix string
		factor float64
	}{{"万", 1e4}, {"w", 1e4}, {"W", 1e4}, {"千", 1e3}, {"k", 1e3}, {"K", 1e3}} {
		if rest, found := strings.CutSuffix(s, u.suffix); found {
			s, factor = rest, u.factor
			break
		}
	}
	if s == "" || len(s) > 64 || factor > 1 && len(s) > 20 || strings.Trim(s, "0123456789.") != "" {
		return 0, 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	v *= factor
	if err != nil || v > 1e15 {
		return 0, 0, false
	}
	return v, v, true
}

func parseDays(s string) (low, high float64, ok bool) {
	s = strings.ReplaceAll(s, "/", "-")
	for _, f := range []struct {
		layout              string
		years, months, days int
	}{{"2006-1-2", 0, 0, 1}, {"2006-1", 0, 1, 0}, {"2006", 1, 0, 0}} {
		t, err := time.Parse(f.layout, s)
		if err == nil && t.Year() >= 1970 {
			end := t.AddDate(f.years, f.months, f.days)
			return float64(t.Unix() / 86400), float64(end.Unix()/86400 - 1), true
		}
	}
	return 0, 0, false
}

// String writes the range as the query language has it, with its field.
func (r Range) String() string {
	bound := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	if info, _ := r.Field.Info(); info.Kind == KindDate {
		bound = func(v float64) string { return time.Unix(int64(v)*86400, 0).UTC().Format(time.DateOnly) }
	}
	minus := ""
	if r.Not {
		minus = "-"
	}
	var value string
	switch noMin, noMax := math.IsInf(r.Min, 0), math.IsInf(r.Max, 0); {
	case r.Min == r.Max && !r.MinOpen && !r.MaxOpen:
		value = bound(r.Min)
	case noMin && r.MaxOpen:
		value = "<" + bound(r.Max)
	case noMax && r.MinOpen:
		value = ">" + bound(r.Min)
	case noMax:
		value = bound(r.Min) + ".."
	case noMin:
		value = ".." + bound(r.Max)
	default:
		value = bound(r.Min) + ".." + bound(r.Max)
	}
	return fmt.Sprintf("%s%s:%s", minus, r.Field, value)
}
