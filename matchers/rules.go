package matchers

import (
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/regions"
	"github.com/markwatch/markwatch/ruleexpr"
)

// Rules runs the rules of YAML packs.
var Rules = Matcher{
	Name: "rules",
	Doc:  "rules of packs: lexicons that must, may and must not be found, and an expression over the fields",
	New:  newRules,
}

type compiledRule struct {
	rule           markwatch.Rule
	all, any, none []selector
	where          *vm.Program
}

func newRules(k kit) (check, error) {
	places, err := regions.NewGazetteer()
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeInternal, err, "the divisions cannot be read")
	}
	ls, err := newLookups(k.vocabulary, places, k.knowledge.Lists.Lexicons)
	if err != nil {
		return nil, err
	}
	var rules []compiledRule
	for _, rule := range k.knowledge.Lists.Rules {
		c, err := compileRule(rule, ls)
		if err != nil {
			return nil, err
		}
		if !rule.Off {
			rules = append(rules, c)
		}
	}
	// The kinds stand for themselves, so that an example may name one.
	sites := map[string]string{"own-site": "own-site", "platform": "platform", "other": "other"}
	for _, src := range k.knowledge.Lists.Sources {
		sites[src.ID] = src.Platform.Kind
	}
	rates := k.knowledge.Rates
	if len(rules) == 0 {
		return func(*reading) []signal { return nil }, nil
	}
	return func(r *reading) []signal {
		var out []signal
		run := ruleRun{r: r, ls: ls, places: places}
		for i := range rules {
			c := &rules[i]
			hits, ok := c.words(r)
			if !ok {
				continue
			}
			run.touched = run.touched[:0]
			if c.where != nil {
				v, err := run.machine.Run(c.where, run.environment(rates, sites))
				if hit, isBool := v.(bool); err != nil || !isBool || !hit {
					continue
				}
			}
			out = append(out, c.signal(r, hits, run.touched))
		}
		return out
	}, nil
}

func compileRule(rule markwatch.Rule, ls *lookups) (compiledRule, error) {
	c := compiledRule{rule: rule}
	bad := func(key, format string, args ...any) error {
		return markwatch.Errorf(markwatch.CodeInvalid, "rule "+rule.ID+": "+key+": "+format, args...)
	}
	if rule.Violation == "" {
		return c, bad("violation", "is missing")
	}
	if rule.Score <= 0 || rule.Score > 1 {
		return c, bad("score", "%v is not above 0 and at most 1", rule.Score)
	}
	for _, list := range []struct {
		key string
		ids []string
		to  *[]selector
	}{{"all", rule.All, &c.all}, {"any", rule.Any, &c.any}, {"none", rule.None, &c.none}} {
		for _, id := range list.ids {
			sel, err := ls.selector(id)
			if err != nil {
				return c, bad(list.key, "%v", err)
			}
			*list.to = append(*list.to, sel)
		}
	}
	if len(rule.All) == 0 && len(rule.Any) == 0 && rule.Where == "" {
		return c, bad("all", "the rule would hit every listing: it needs all, any or where")
	}
	if rule.Where == "" {
		return c, nil
	}
	p, err := expr.Compile(rule.Where, expr.Env(ruleEnv{}), expr.AsBool())
	if err != nil {
		return c, markwatch.WrapError(markwatch.CodeInvalid, err, "rule %s: where", rule.ID)
	}
	c.where = p
	named, unquoted := ruleexpr.Lexicons(p.Node())
	if len(unquoted) > 0 {
		return c, bad("where", "%s() takes the names of lexicons in quotes", unquoted[0])
	}
	for _, s := range named {
		if _, err := ls.selector(s); err != nil {
			return c, bad("where", "%v", err)
		}
	}
	return c, nil
}

// hit is what was found of one lexicon.
type ruleHit struct {
	lexicon string
	at      []found
}

// words looks for the rule's lexicons. Only the very ids count, not those that
// add to them for the built-in matchers.
func (c *compiledRule) words(r *reading) (hits []ruleHit, ok bool) {
	// Most rules end here, before anything is worked out.
	for i := range c.all {
		if c.all[i].absent(r) {
			return nil, false
		}
	}
	if len(c.any) > 0 && !slices.ContainsFunc(c.any, func(sel selector) bool { return !sel.absent(r) }) {
		return nil, false
	}
	for _, sel := range c.all {
		fs := r.find(sel)
		if len(fs) == 0 {
			return nil, false
		}
		hits = append(hits, ruleHit{sel.words.id, fs})
	}
	hit := len(c.any) == 0
	for _, sel := range c.any {
		if fs := r.find(sel); len(fs) > 0 {
			hits, hit = append(hits, ruleHit{sel.words.id, fs}), true
		}
	}
	if !hit {
		return nil, false
	}
	for _, sel := range c.none {
		if len(r.find(sel)) > 0 {
			return nil, false
		}
	}
	return hits, true
}

// maxQuotes bounds the quotes of one finding.
const maxQuotes = 8

func (c *compiledRule) signal(r *reading, hits []ruleHit, touched []touch) signal {
	s := signal{
		matcher: "rules", rule: c.rule.ID, version: c.rule.Version, violation: c.rule.Violation,
		strength: 1, score: c.rule.Score, against: c.rule.Lowers, facts: map[string]string{},
	}
	role := markwatch.RoleFact
	if c.rule.Lowers {
		role = markwatch.RoleContext
	}
	words := map[string]string{}
	quote := func(lexicon string, f found) {
		q := r.cite(f, role)
		if q.Text == "" {
			return
		}
		if lexicon != "" && words[lexicon] == "" {
			words[lexicon] = q.Text
		}
		same := func(e markwatch.Evidence) bool { return e.Field == q.Field && *e.Span == *q.Span }
		if len(s.evidence) < maxQuotes && !slices.ContainsFunc(s.evidence, same) {
			s.evidence = append(s.evidence, q)
		}
	}
	for _, h := range hits {
		quote(h.lexicon, h.at[0])
	}
	for _, t := range touched {
		quote(t.lexicon, t.at)
		if t.fault.kind != "" {
			s.facts[t.lexicon] = t.at.what + ": " + t.fault.text.ZH + " / " + t.fault.text.EN
		}
	}
	if law := basisAt(c.rule.Basis, r.in.At); law != "" {
		s.facts["basis"] = law
	}
	s.reason = c.reason(words)
	return s
}

// reason writes the reasons with what was found in them.
func (c *compiledRule) reason(words map[string]string) markwatch.Text {
	title := c.rule.Title
	if title == "" {
		title = c.rule.ID
	}
	zh, en := c.rule.Reason, c.rule.ReasonEN
	if zh == "" {
		zh = title
	}
	if en == "" {
		en = "rule " + c.rule.ID + " of a pack: " + title
	}
	return markwatch.Text{ZH: fillIn(zh, words), EN: fillIn(en, words)}
}

// fillIn puts what was found in the place of {lexicon}; what was not found
// leaves nothing.
func fillIn(s string, words map[string]string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		id, after, closed := strings.Cut(rest, "}")
		if !closed {
			b.WriteString("{" + rest)
			return b.String()
		}
		b.WriteString(words[plainID(id)])
		s = after
	}
}

// basisAt names the laws that held on a day; all of them where none is given.
func basisAt(basis []markwatch.Basis, at time.Time) string {
	var laws []string
	for _, b := range basis {
		if !at.IsZero() && (!b.Since.IsZero() && b.Since.After(at) || !b.Until.IsZero() && !at.Before(b.Until.AddDate(0, 0, 1))) {
			continue
		}
		law := b.Law
		if b.Article != "" {
			law += " " + b.Article
		}
		laws = append(laws, law)
	}
	return strings.Join(laws, "; ")
}

// packBase is what every listing starts from for a violation that only packs
// know, in log-odds: without a finding it is unlikely, and a weak finding that
// is not flagged alone adds to another.
const packBase = -3

// admit gives the violations of packs what they start from.
func (w *weights) admit(rules []markwatch.Rule) {
	for _, r := range rules {
		if _, known := w.base[r.Violation]; !known {
			w.base[r.Violation] = packBase
		}
	}
}
