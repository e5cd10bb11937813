package evaluation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/mattn/go-runewidth"

	"github.com/markwatch/markwatch"
)

// Rate is how well one violation was found.
type Rate struct {
	TP        int     `json:"tp"`
	FP        int     `json:"fp"`
	FN        int     `json:"fn"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

// Tally counts, for one rule, the flagged listings that have the rule's
// violation among their labels, and those that have not.
type Tally struct {
	TP int `json:"tp"`
	FP int `json:"fp"`
}

// Mistake is a listing whose flags differ from its labels.
type Mistake struct {
	ID       string                `json:"id"`
	Expected []markwatch.Violation `json:"expected"`
	Got      []markwatch.Violation `json:"got"`
	// Reason is the Chinese reason of the strongest finding, or what the
	// labelled set says of the listing where nothing was found.
	Reason string `json:"reason"`
}

// Report holds the scores of one labelled set. Overall adds up the counts of
// all violations.
type Report struct {
	Listings   int
	Violations map[markwatch.Violation]Rate
	Overall    Rate
	Rules      map[string]Tally
	Mistakes   []Mistake
}

// Score checks every listing and compares the flags with the labels. A listing
// counts for a violation where the verdict's violations flag it. The three
// built-in violations are always among the scores.
func Score(rows []Labelled, check func(markwatch.Listing) markwatch.Verdict) Report {
	rep := Report{
		Listings:   len(rows),
		Violations: map[markwatch.Violation]Rate{},
		Rules:      map[string]Tally{},
		Mistakes:   []Mistake{},
	}
	for _, v := range builtin {
		rep.Violations[v] = Rate{}
	}
	for _, row := range rows {
		rep.add(row, check(row.Listing))
	}
	for v, s := range rep.Violations {
		rep.Overall.TP += s.TP
		rep.Overall.FP += s.FP
		rep.Overall.FN += s.FN
		rep.Violations[v] = s.rated()
	}
	rep.Overall = rep.Overall.rated()
	return rep
}

func (r *Report) add(row Labelled, verdict markwatch.Verdict) {
	expected := slices.Compact(slices.Sorted(slices.Values(row.Labels)))
	got := []markwatch.Violation{}
	for _, v := range slices.Sorted(maps.Keys(verdict.Violations)) {
		if verdict.Violations[v].Flagged {
			got = append(got, v)
		}
	}
	for _, v := range got {
		s := r.Violations[v]
		if slices.Contains(expected, v) {
			s.TP++
		} else {
			s.FP++
		}
		r.Violations[v] = s
	}
	for _, v := range expected {
		s := r.Violations[v]
		if !slices.Contains(got, v) {
			s.FN++
		}
		r.Violations[v] = s
	}
	r.tally(expected, got, verdict.Findings)
	if !slices.Equal(expected, got) {
		if expected == nil {
			expected = []markwatch.Violation{}
		}
		reason := row.Why
		if len(verdict.Findings) > 0 {
			reason = verdict.Findings[0].Reason.ZH
		}
		r.Mistakes = append(r.Mistakes, Mistake{row.ID, expected, got, reason})
	}
}

// tally counts each rule once a listing, where its violation was flagged.
func (r *Report) tally(expected, got []markwatch.Violation, findings []markwatch.Finding) {
	seen := map[string]bool{}
	for _, f := range findings {
		name := f.Matcher + "/" + f.Rule
		if seen[name] || !slices.Contains(got, f.Violation) {
			continue
		}
		seen[name] = true
		t := r.Rules[name]
		if slices.Contains(expected, f.Violation) {
			t.TP++
		} else {
			t.FP++
		}
		r.Rules[name] = t
	}
}

func (s Rate) rated() Rate {
	ratio := func(a, b int) float64 {
		if b == 0 {
			return 0
		}
		return float64(a) / float64(b)
	}
	s.Precision = ratio(s.TP, s.TP+s.FP)
	s.Recall = ratio(s.TP, s.TP+s.FN)
	s.F1 = ratio(2*s.TP, 2*s.TP+s.FP+s.FN)
	return s
}

// builtin are the violations that are always reported, in the order of tables.
var builtin = [...]markwatch.Violation{markwatch.Counterfeit, markwatch.FakeOverseas, markwatch.Piracy}

// order lists the violations: the built-in ones first, then by name.
func (r Report) order() []markwatch.Violation {
	out := slices.Clone(builtin[:])
	for _, v := range slices.Sorted(maps.Keys(r.Violations)) {
		if !slices.Contains(builtin[:], v) {
			out = append(out, v)
		}
	}
	return out
}

// MarshalJSON writes one key a violation, then overall, rules and mistakes.
func (r Report) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	put := func(key string, v any) error {
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		k, err := json.Marshal(key)
		if err != nil {
			return err
		}
		val, err := json.Marshal(v)
		if err != nil {
			return err
		}
		b.Write(k)
		b.WriteByte(':')
		b.Write(val)
		return nil
	}
	for _, v := range r.order() {
		if err := put(string(v), r.Violations[v]); err != nil {
			return nil, err
		}
	}
	rules, mistakes := r.Rules, r.Mistakes
	if rules == nil {
		rules = map[string]Tally{}
	}
	if mistakes == nil {
		mistakes = []Mistake{}
	}
	for _, kv := range []struct {
		key string
		val any
	}{{"overall", r.Overall}, {"rules", rules}, {"mistakes", mistakes}} {
		if err := put(kv.key, kv.val); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Table writes the scores for people.
func (r Report) Table(w io.Writer) {
	line := func(name string, cells ...string) {
		fmt.Fprint(w, runewidth.FillRight(name, 24))
		for _, c := range cells {
			fmt.Fprint(w, runewidth.FillLeft(c, 8))
		}
		fmt.Fprintln(w)
	}
	line("违法类型 violation", "命中 tp", "误报 fp", "漏报 fn", "准确率", "召回率", "F1")
	row := func(name string, s Rate) {
		line(name, fmt.Sprint(s.TP), fmt.Sprint(s.FP), fmt.Sprint(s.FN),
			fmt.Sprintf("%.3f", s.Precision), fmt.Sprintf("%.3f", s.Recall), fmt.Sprintf("%.3f", s.F1))
	}
	for _, v := range r.order() {
		row(string(v), r.Violations[v])
	}
	row("合计 overall", r.Overall)
	fmt.Fprintf(w, "商品 listings: %d\n", r.Listings)
}
