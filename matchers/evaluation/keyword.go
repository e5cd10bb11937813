package evaluation

import (
	"strings"

	"github.com/markwatch/markwatch"
)

// Keyword is the plain keyword detector that matchers are measured against: a
// protected name and a trigger word anywhere in the text, upper and lower
// case taken as one, and nothing else.
func Keyword(lists markwatch.Lists) func(markwatch.Listing) markwatch.Verdict {
	triggers := map[markwatch.Violation][]string{}
	for _, lex := range lists.Lexicons {
		v, ok := keywordLexicons[lex.ID]
		if !ok {
			continue
		}
		for _, t := range lex.Terms {
			triggers[v] = append(triggers[v], strings.ToLower(t.Term))
		}
	}
	brands := map[string][]string{}
	for _, b := range lists.Brands {
		for _, n := range b.Names {
			brands[b.ID] = append(brands[b.ID], strings.ToLower(n))
		}
		for _, n := range b.Aliases {
			brands[b.ID] = append(brands[b.ID], strings.ToLower(n))
		}
	}
	works := map[string][]string{}
	for _, w := range lists.Works {
		for _, t := range w.Titles {
			works[w.ID] = append(works[w.ID], strings.ToLower(t))
		}
	}
	return func(l markwatch.Listing) markwatch.Verdict {
		var b strings.Builder
		for _, text := range l.TextFields() {
			b.WriteString(strings.ToLower(text))
			b.WriteByte('\n')
		}
		text := b.String()
		v := markwatch.Verdict{ID: l.ID, Violations: map[markwatch.Violation]markwatch.ViolationVerdict{}, Findings: []markwatch.Finding{}}
		for _, violation := range builtin {
			named := violation == markwatch.FakeOverseas
			switch violation {
			case markwatch.Counterfeit:
				named = anyName(text, brands)
			case markwatch.Piracy:
				named = anyName(text, works)
			}
			if word := firstOf(text, triggers[violation]); named && word != "" {
				v.Violations[violation] = markwatch.ViolationVerdict{Score: 1, Flagged: true}
				v.Score, v.Flagged = 1, true
				v.Findings = append(v.Findings, markwatch.Finding{
					Matcher: "keyword", Rule: string(violation), Violation: violation, Score: 1,
					Reason: markwatch.Text{ZH: "含有关键词:" + word, EN: "holds the keyword " + word},
				})
			}
		}
		return v
	}
}

// keywordLexicons says which shipped lexicons are a violation's trigger words.
var keywordLexicons = map[string]markwatch.Violation{
	"replica":          markwatch.Counterfeit,
	"overseas-claim":   markwatch.FakeOverseas,
	"overseas-service": markwatch.FakeOverseas,
	"netdisk":          markwatch.Piracy,
	"copy-offer":       markwatch.Piracy,
	"crack":            markwatch.Piracy,
	"cam":              markwatch.Piracy,
	"share-code":       markwatch.Piracy,
}

func anyName(text string, names map[string][]string) bool {
	for _, of := range names {
		if firstOf(text, of) != "" {
			return true
		}
	}
	return false
}

func firstOf(text string, words []string) string {
	for _, w := range words {
		if w != "" && strings.Contains(text, w) {
			return w
		}
	}
	return ""
}
