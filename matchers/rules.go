package matchers

import (
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/markwatch/markwatch"
)

// Rules runs the rules of YAML packs.
var Rules = Matcher{
	Name: "rules",
	Doc:  "rules of packs: lexicons that must, may and must not be found, and an expression over the fields",
	New:  newRules,
}

// ruleEnv is what a rule's expression may use: a missing number is 0, a
// missing text is "".
type ruleEnv struct {
	Title        string            `expr:"title"`
	Description  string            `expr:"description"`
	Category     string            `expr:"category"`
	Brand        string            `expr:"brand"`
	Text         string            `expr:"text"`
	PriceText    string            `expr:"price_text"`
	PriceCNY     float64           `expr:"price_cny"`
	UnitPriceCNY float64           `expr:"unit_price_cny"`
	ListPriceCNY float64           `expr:"list_price_cny"`
	Availability string            `expr:"availability"`
	Condition    string            `expr:"condition"`
	Quantity     string            `expr:"quantity"`
	Seller       string            `expr:"seller"`
	SellerKind   string            `expr:"seller_kind"`
	SellerRegion string            `expr:"seller_region"`
	License      string            `expr:"license"`
	ShipsFrom    string            `expr:"ships_from"`
	Delivery     string            `expr:"delivery"`
	Sales        int64             `expr:"sales"`
	Rating       float64           `expr:"rating"`
	Platform     string            `expr:"platform"`
	Source       string            `expr:"source"`
	URL          string            `expr:"url"`
	Attributes   map[string]string `expr:"attributes"`
	Contacts     []string          `expr:"contacts"`
	Images       int               `expr:"images"`
	Shares       int               `expr:"shares"`
}

type compiledRule struct {
	rule  markwatch.Rule
	where *vm.Program
}

func newRules(k kit) (check, error) {
	known := map[string]bool{}
	for _, l := range k.knowledge.Lists.Lexicons {
		known[l.ID] = true
	}
	var rules []compiledRule
	for _, rule := range k.knowledge.Lists.Rules {
		c, err := compileRule(rule, known)
		if err != nil {
			return nil, err
		}
		rules = append(rules, c)
	}
	rates := k.knowledge.Rates
	return func(r *reading) []signal {
		var out []signal
		var env *ruleEnv
		for _, c := range rules {
			ev, ok := c.words(r)
			if !ok {
				continue
			}
			if c.where != nil {
				if env == nil {
					env = envOf(r, rates)
				}
				v, err := expr.Run(c.where, *env)
				if hit, isBool := v.(bool); err != nil || !isBool || !hit {
					continue
				}
			}
			out = append(out, c.signal(r, ev))
		}
		return out
	}, nil
}

func compileRule(rule markwatch.Rule, known map[string]bool) (compiledRule, error) {
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
	}{{"all", rule.All}, {"any", rule.Any}, {"none", rule.None}} {
		for _, id := range list.ids {
			if !known[id] {
				return c, bad(list.key, "there is no lexicon %q", id)
			}
		}
	}
	if len(rule.All) == 0 && len(rule.Any) == 0 && rule.Where == "" {
		return c, bad("all", "the rule would hit every listing: it needs all, any or where")
	}
	if rule.Where != "" {
		p, err := expr.Compile(rule.Where, expr.Env(ruleEnv{}), expr.AsBool())
		if err != nil {
			return c, markwatch.WrapError(markwatch.CodeInvalid, err, "rule %s: where", rule.ID)
		}
		c.where = p
	}
	return c, nil
}

// words looks for the rule's lexicons. Only the very ids count, not those that
// add to them for the built-in matchers.
func (c compiledRule) words(r *reading) (found map[string][]mention, ok bool) {
	of := func(id string) []mention { return r.terms[r.v.concepts[id]] }
	for _, id := range c.rule.None {
		if len(of(id)) > 0 {
			return nil, false
		}
	}
	found = map[string][]mention{}
	for _, id := range c.rule.All {
		ms := of(id)
		if len(ms) == 0 {
			return nil, false
		}
		found[id] = ms
	}
	hit := len(c.rule.Any) == 0
	for _, id := range c.rule.Any {
		if ms := of(id); len(ms) > 0 {
			found[id], hit = ms, true
		}
	}
	return found, hit
}

func (c compiledRule) signal(r *reading, found map[string][]mention) signal {
	s := signal{matcher: "rules", rule: c.rule.ID, violation: c.rule.Violation, strength: 1, score: c.rule.Score, facts: map[string]string{}}
	reason := c.rule.Reason
	if reason == "" {
		reason = c.rule.Title
	}
	title := c.rule.Title
	if title == "" {
		title = c.rule.ID
	}
	for _, id := range append(append([]string{}, c.rule.All...), c.rule.Any...) {
		ms := found[id]
		if len(ms) == 0 {
			reason = strings.ReplaceAll(reason, "{"+id+"}", "")
			continue
		}
		q := r.quote(ms[0], markwatch.RoleFact)
		s.evidence = append(s.evidence, q)
		reason = strings.ReplaceAll(reason, "{"+id+"}", q.Text)
	}
	for _, b := range c.rule.Basis {
		if !b.Since.IsZero() && !r.in.At.IsZero() && b.Since.After(r.in.At) {
			continue
		}
		law := b.Law
		if b.Article != "" {
			law += " " + b.Article
		}
		if have := s.facts["basis"]; have != "" {
			law = have + "; " + law
		}
		s.facts["basis"] = law
	}
	s.reason = markwatch.Text{ZH: reason, EN: "rule " + c.rule.ID + " of a pack: " + title}
	return s
}

func envOf(r *reading, rates markwatch.Rates) *ruleEnv {
	l := r.listing
	env := &ruleEnv{
		Title: l.Title, Description: l.Description, Category: l.Category, Brand: l.Brand, Text: l.Text, PriceText: l.PriceText,
		Availability: string(l.Availability), Condition: string(l.Condition), Quantity: l.Quantity, ShipsFrom: l.ShipsFrom,
		Delivery: l.Delivery, Sales: l.Sales, Rating: l.Rating, Platform: l.Platform, Source: l.Source, URL: l.URL,
		Attributes: l.Attributes, Images: len(l.Images), Shares: len(l.Shares),
	}
	if p, ok := r.offered(rates); ok {
		env.PriceCNY, env.UnitPriceCNY, env.ListPriceCNY = p.cny, p.cny, p.list
		if n := r.packOf().count; n > 1 && !p.perUnit {
			env.UnitPriceCNY = p.cny / n
		}
	}
	if s := l.Seller; s != nil {
		env.Seller, env.SellerKind, env.SellerRegion, env.License, env.Contacts = s.Name, string(s.Kind), s.Region, s.License, s.Contacts
	}
	return env
}
