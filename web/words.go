package web

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/leads"
)

// badge is a violation as a fixed colour and a short word.
type badge struct {
	// Class is the colour's, one of a closed set; Short one character or so.
	Class, Short, Name string
}

// violationClasses are the violations that have a colour of their own.
var violationClasses = [...]markwatch.Violation{
	markwatch.Counterfeit, markwatch.FakeOverseas, markwatch.Piracy, "tobacco", "medicine", "agri-input",
	"geographic-indication", "certification-mark", "patent-marking", "false-advertising",
}

func (d *desk) badge(l lang, v markwatch.Violation) badge {
	b := badge{Class: "other", Name: pick(l, leads.ViolationName(v)), Short: d.cat.word(l, "short", string(v))}
	if slices.Contains(violationClasses[:], v) {
		b.Class = string(v)
	} else {
		b.Short, _ = clip(b.Name, 2)
	}
	return b
}

// badges are the flagged violations of a verdict, the gravest first.
func (d *desk) badges(l lang, v markwatch.Verdict) []badge {
	var names []markwatch.Violation
	for name, vv := range v.Violations {
		if vv.Flagged {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b markwatch.Violation) int {
		if x, y := v.Violations[a].Score, v.Violations[b].Score; x != y {
			if x > y {
				return -1
			}
			return 1
		}
		return strings.Compare(string(a), string(b))
	})
	out := make([]badge, len(names))
	for i, name := range names {
		out[i] = d.badge(l, name)
	}
	return out
}

// scoreGlyph is a score as a number and as a filled column 20 units high.
type scoreGlyph struct {
	Text string
	Y, H int
}

func newScoreGlyph(score float64) scoreGlyph {
	if !(score > 0) { // NaN too
		score = 0
	}
	s := decimal.NewFromFloat(min(score, 1))
	h := int(s.Mul(decimal.NewFromInt(20)).Round(0).IntPart())
	return scoreGlyph{Text: s.StringFixed(2), Y: 20 - h, H: h}
}

// subjectName is the name of a brand or work for people, else its id.
func (d *desk) subjectName(l lang, id string) string {
	if s, ok := d.cfg.Subject(id); ok {
		if name := pick(l, s.Name); name != "" {
			return name
		}
	}
	return id
}

func (d *desk) sourceName(id string) string {
	if name := d.cfg.SourceName(id); name != "" {
		return name
	}
	return id
}

// ruleName is what a rule is called beside a quote.
func (d *desk) ruleName(l lang, f markwatch.Finding) string {
	if name := d.cat.word(l, "rule", f.Matcher+"/"+f.Rule); name != f.Matcher+"/"+f.Rule {
		return name
	}
	return d.cat.word(l, "matcher", f.Matcher) + " · " + f.Rule
}

// facetValue is the name of a facet's value for people.
func (d *desk) facetValue(ctx context.Context, l lang, field index.Field, value string) string {
	switch field {
	case index.FieldAssignee:
		if u, err := d.cfg.Accounts.User(ctx, value); err == nil {
			return u.Shown()
		}
	case index.FieldUnit:
		for _, u := range d.cfg.Units() {
			if u.ID == value {
				return u.Name
			}
		}
	case index.FieldViolation:
		return pick(l, leads.ViolationName(markwatch.Violation(value)))
	case index.FieldSubject:
		return d.subjectName(l, value)
	case index.FieldSource:
		return d.sourceName(value)
	case index.FieldStatus:
		return statusName(l, markwatch.LeadStatus(value))
	case index.FieldRule:
		matcher, rule, _ := strings.Cut(value, "/")
		return d.ruleName(l, markwatch.Finding{Matcher: matcher, Rule: rule})
	case index.FieldBand:
		return d.cat.word(l, "band", value)
	case index.FieldLead, index.FieldFlagged:
		return d.cat.word(l, "bool", value)
	}
	return value
}

// fieldLabel is the name of a listing's field for people: 标题, 物流 1 · 2.
func (d *desk) fieldLabel(l lang, path string) string {
	if key, ok := strings.CutPrefix(path, "attributes."); ok {
		return key
	}
	var parts, numbers []string
	for part := range strings.SplitSeq(path, ".") {
		name, rest, ok := strings.Cut(part, "[")
		parts = append(parts, name)
		if ok {
			if n, err := boundedDecimal(strings.TrimSuffix(rest, "]")); err == nil {
				numbers = append(numbers, n.Add(decimal.NewFromInt(1)).String())
			}
		}
	}
	label := d.cat.word(l, "field", strings.Join(parts, "."))
	if len(numbers) > 0 {
		label += " " + strings.Join(numbers, ".")
	}
	return label
}

// factOrder are the facts that come first, in the order in which they are
// read: what it costs, against what, and by how much.
var factOrder = [...]string{
	"product", "price_cny", "unit_price_cny", "list_price_cny", "reference_cny", "reference_from", "ratio", "floor", "floor_cny", "market_cny",
}

// factKeys returns the keys of a finding's facts, those of factOrder first.
func factKeys(facts map[string]string) []string {
	var out []string
	for _, k := range factOrder {
		if _, ok := facts[k]; ok {
			out = append(out, k)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(facts)) {
		if !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

// factValue writes a fact as people read it: amounts with ¥, fractions as
// percent, everything else as it stands.
func factValue(key, value string) string {
	n, err := boundedDecimal(value)
	if err != nil || strings.HasSuffix(value, "%") {
		return value
	}
	switch {
	case strings.HasSuffix(key, "_cny"):
		return "¥" + amount(n)
	case key == "ratio" || key == "floor" || strings.HasSuffix(key, "_ratio"):
		return percent(n)
	}
	return value
}
