package matchers

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
)

// Wording asks a linear model how much an offer's language is that of offers
// with this violation. It speaks only where another matcher suspects
// something, or names a brand, a work or a country, and alone it never flags.
var Wording = Matcher{
	Name: "wording",
	Doc:  "a linear model over the words of an offer, beside what other matchers found",
	New:  newWording,
}

const (
	// wordingFull is the log-odds of the model at which its word counts in
	// full. It may count twice as much for a suspicion, and a quarter more
	// against one: a contradiction stays one in whatever words.
	wordingFull    = 4.0
	wordingMost    = 2.0
	wordingAgainst = 1.25
	// wordingQuotes is how many places are quoted for one verdict.
	wordingQuotes = 4
)

func newWording(kit) (check, error) {
	return func(r *reading) []signal {
		told := func(v markwatch.Violation) bool {
			return slices.Contains(r.suspected, v) || slices.Contains(r.named, v)
		}
		if !slices.ContainsFunc(builtinViolations[:], told) {
			return nil
		}
		odds, grams := r.v.ngrams.weigh(r)
		if len(grams) == 0 {
			return nil
		}
		var out []signal
		for i, v := range builtinViolations {
			if !told(v) {
				continue
			}
			strength := math.Max(-wordingAgainst, math.Min(wordingMost, odds[i]/wordingFull))
			s := signal{
				matcher: "wording", rule: "like-known-cases", violation: v, strength: math.Abs(strength),
				evidence: r.telling(grams, i, odds[i] > 0),
			}
			how := say("用语与同类违法商品相近", "the wording is like that of offers with this violation")
			if odds[i] <= 0 {
				s.rule = "unlike-known-cases"
				how = say("用语与同类违法商品不同", "the wording is unlike that of offers with this violation")
			}
			var quoted []string
			for _, e := range s.evidence {
				quoted = append(quoted, e.Text)
			}
			s.reason = markwatch.Text{ZH: how.ZH + ":" + strings.Join(quoted, "、"), EN: how.EN + ": " + strings.Join(quoted, ", ")}
			out = append(out, s)
		}
		return out
	}, nil
}

// telling quotes the grams that said most, those that touch one another in one
// quote.
func (r *reading) telling(grams []occurrence, violation int, speaksFor bool) []markwatch.Evidence {
	said := func(o *occurrence) float64 {
		if speaksFor {
			return o.contributions[violation]
		}
		return -o.contributions[violation]
	}
	best := make([]*occurrence, 0, 2*wordingQuotes)
	for i := range grams {
		o := &grams[i]
		if v := said(o); v <= 0 || len(best) == cap(best) && v <= said(best[len(best)-1]) {
			continue
		}
		if len(best) < cap(best) {
			best = append(best, o)
		}
		at := len(best) - 1
		for ; at > 0 && said(best[at-1]) < said(o); at-- {
			best[at] = best[at-1]
		}
		best[at] = o
	}
	slices.SortFunc(best, func(a, b *occurrence) int {
		return cmp.Or(cmp.Compare(a.field, b.field), cmp.Compare(a.at, b.at), cmp.Compare(b.to, a.to))
	})
	var out []markwatch.Evidence
	for i := 0; i < len(best) && len(out) < wordingQuotes; {
		field, at, to := best[i].field, best[i].at, best[i].to
		for i++; i < len(best) && best[i].field == field && best[i].at <= to; i++ {
			to = max(to, best[i].to)
		}
		start, end := r.fields[field].folded.Span(at, to)
		out = append(out, r.span(field, start, end, markwatch.RoleContext))
	}
	return out
}
