package configs

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/ruleexpr"
)

// lexicons validates the lexicons of all packs and adds the shipped ones that
// none of them replaces.
func (l *loader) lexicons(packs []loaded[rulesFile], shipped []markwatch.Lexicon) []markwatch.Lexicon {
	var all []markwatch.Lexicon
	known := ids{}
	for _, f := range packs {
		c := checker{f.doc}
		for i := range f.content.Lexicons {
			lexicon, p := &f.content.Lexicons[i], (*keyPath)(nil).key("lexicons").at(i)
			known.check(c, p.key("id"), lexicon.ID, looseID)
			c.lexicon(p, lexicon)
		}
		all = append(all, f.content.Lexicons...)
	}
	for _, lexicon := range shipped {
		if _, replaced := known[lexicon.ID]; !replaced {
			all = append(all, lexicon)
		}
	}
	slices.SortStableFunc(all, func(a, b markwatch.Lexicon) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// lexicon validates what a lexicon looks for.
func (c checker) lexicon(p *keyPath, lexicon *markwatch.Lexicon) {
	if len(lexicon.Terms)+len(lexicon.Patterns)+len(lexicon.Indications) == 0 && (lexicon.Number == nil || lexicon.Number.Like == "") {
		c.fail(p.key("terms"), "", "is missing; a lexicon has at least one term")
	}
	c.terms(p.key("terms"), lexicon.Terms)
	for i, pattern := range lexicon.Patterns {
		c.pattern(p.key("patterns").at(i), pattern)
	}
	if n, at := lexicon.Number, p.key("number"); n != nil {
		if n.Like != "" {
			c.pattern(at.key("like"), n.Like)
		}
		if len(n.Forms) == 0 {
			c.fail(at.key("forms"), "", "is missing; a number has at least one form")
		}
		for i, form := range n.Forms {
			c.pattern(at.key("forms").at(i), form)
		}
		c.oneOf(at.key("check"), n.Check, markwatch.NumberChecks()...)
	}
	for i, in := range lexicon.Indications {
		at := p.key("indications").at(i)
		c.required(at.key("name"), in.Name)
		c.texts(at.key("aliases"), in.Aliases)
		c.texts(at.key("not"), in.Not)
		if len(in.Area) == 0 {
			c.fail(at.key("area"), "", "is missing; an indication belongs to at least one place")
		}
		c.texts(at.key("area"), in.Area)
	}
}

// maxPattern bounds a regular expression in bytes; it runs over every listing.
const maxPattern = 1024

// pattern checks a regular expression. One that fits nothing in particular
// would be found everywhere.
func (c checker) pattern(p *keyPath, pattern string) {
	if !c.required(p, pattern) {
		return
	}
	if len(pattern) > maxPattern {
		c.fail(p, "", "is longer than %d bytes", maxPattern)
		return
	}
	re, err := regexp.Compile("(?i)" + pattern)
	if err != nil {
		message := err.Error()
		if e := (*syntax.Error)(nil); errors.As(err, &e) {
			message = string(e.Code) + ": " + strings.TrimPrefix(e.Expr, "(?i)")
		}
		c.fail(p, "", "is no regular expression: %s", message)
		return
	}
	if re.MatchString("") {
		c.fail(p, "", "fits the empty text, so it would be found everywhere")
	}
}

// terms validates the terms of a lexicon; a term without a weight weighs 1.
func (c checker) terms(p *keyPath, terms []markwatch.Term) {
	seen := map[string]int{}
	for i := range terms {
		t, at := &terms[i], p.at(i)
		if c.required(at.key("term"), t.Term) {
			term := strings.ToLower(t.Term)
			if first, twice := seen[term]; twice {
				c.fail(at.key("term"), "", "is %q, which stands at %s already", t.Term, p.at(first))
			} else {
				seen[term] = i
			}
		}
		if len(strings.TrimSpace(t.Term)) == 1 {
			c.fail(at.key("term"), "", "is the one sign %q, which is found everywhere; a term with a comma in it stands in quotes", t.Term)
		}
		if t.Weight == 0 && !c.doc.has(at.key("weight")) {
			t.Weight = 1
		}
		if t.Weight <= 0 || t.Weight > 1 {
			c.fail(at.key("weight"), "", "must be above 0 and at most 1, not %v", t.Weight)
		}
		c.texts(at.key("not"), t.Not)
	}
}

// rules validates the rules of all packs and adds the shipped ones that none of
// them replaces.
func (l *loader) rules(packs []loaded[rulesFile], lexicons []markwatch.Lexicon, shipped []markwatch.Rule) []markwatch.Rule {
	var all []markwatch.Rule
	known := ids{}
	lexiconIDs := make([]string, len(lexicons))
	for i, lexicon := range lexicons {
		lexiconIDs[i] = lexicon.ID
	}
	for _, f := range packs {
		c := checker{f.doc}
		for i := range f.content.Rules {
			r, p := &f.content.Rules[i], (*keyPath)(nil).key("rules").at(i)
			known.check(c, p.key("id"), r.ID, looseID)
			c.rule(p, r, lexiconIDs)
		}
		all = append(all, f.content.Rules...)
	}
	for _, rule := range shipped {
		if _, taken := known[rule.ID]; !taken {
			all = append(all, rule)
		}
	}
	return all
}

func (c checker) rule(p *keyPath, r *markwatch.Rule, lexicons []string) {
	used := slices.Concat(r.All, r.Any)
	if c.required(p.key("violation"), string(r.Violation)) && !strictID.MatchString(string(r.Violation)) {
		c.fail(p.key("violation"), "", "is %q, must be made of small letters, digits and -", r.Violation)
	}
	for i, basis := range r.Basis {
		c.required(p.key("basis").at(i).key("law"), basis.Law)
	}
	for i, basis := range r.Basis {
		if since, until := basis.Since, basis.Until; !since.IsZero() && !until.IsZero() && until.Before(since.Time) {
			c.fail(p.key("basis").at(i).key("until"), "", "lies before since")
		}
	}
	if r.Version < 0 {
		c.fail(p.key("version"), "", "must not be negative")
	}
	for key, list := range map[string][]string{"all": r.All, "any": r.Any, "none": r.None} {
		for i, id := range list {
			c.looksAt(p.key(key).at(i), id, lexicons)
		}
	}
	if len(r.All)+len(r.Any) == 0 && r.Where == "" {
		c.fail(p, "", "hits everything; it needs all, any or where")
	}
	names := slices.Concat(listingFields(), markwatch.RuleFields(), slices.Collect(maps.Keys(markwatch.RuleFunctions())))
	if tree := c.expression(p.key("where"), r.Where, names); tree != nil {
		asked, unquoted := ruleexpr.Lexicons(tree.Node)
		for _, function := range unquoted {
			c.fail(p.key("where"), "", "%s() takes the names of lexicons in quotes", function)
		}
		for _, name := range asked {
			c.looksAt(p.key("where"), name, lexicons)
		}
		used = append(used, asked...)
	}
	switch {
	case !c.doc.has(p.key("score")):
		c.fail(p.key("score"), "", "is missing")
	case r.Score <= 0 || r.Score > 1:
		c.fail(p.key("score"), "", "must be above 0 and at most 1, not %v", r.Score)
	}
	for i, selector := range used {
		used[i], _, _ = strings.Cut(selector, "@")
	}
	for key, reason := range map[string]string{"reason": r.Reason, "reason_en": r.ReasonEN} {
		for _, m := range placeholder.FindAllStringSubmatch(reason, -1) {
			if !slices.Contains(used, m[1]) {
				c.fail(p.key(key), similar(m[1], used), "asks for {%s}, which is no lexicon of the rule", m[1])
			}
		}
	}
	c.examples(p.key("examples").key("hit"), r.Examples.Hit)
	c.examples(p.key("examples").key("miss"), r.Examples.Miss)
}

func (c checker) examples(p *keyPath, examples []markwatch.Example) {
	for i, e := range examples {
		if e.Title+e.Description+e.Category+e.Price+e.Text+e.ShipsFrom+e.Seller+e.Region+e.License+e.URL == "" && len(e.Attributes)+len(e.Contacts) == 0 {
			c.fail(p.at(i), "", "is empty")
		}
	}
}

// maxExpression bounds an expression in bytes.
const maxExpression = 4096

// expression checks the syntax of an expr-lang expression, and the names in it
// where names lists those that exist.
// The syntax tree is nil where there is none.
func (c checker) expression(p *keyPath, text string, names []string) *parser.Tree {
	if text == "" {
		return nil
	}
	if len(text) > maxExpression {
		c.fail(p, "", "is longer than %d bytes", maxExpression)
		return nil
	}
	tree, err := parser.Parse(text)
	if err != nil {
		message := err.Error()
		if e := (*file.Error)(nil); errors.As(err, &e) {
			message = e.Message
		}
		c.fail(p, "", "is no expression: %s", message)
		return nil
	}
	if names == nil {
		return tree
	}
	v := identifiers{unknown: map[string]bool{}, known: names}
	ast.Walk(&tree.Node, &v)
	for _, name := range slices.Sorted(maps.Keys(v.unknown)) {
		if !v.declared(name) {
			c.fail(p, similar(name, names), "names %q, which is no field of a listing", name)
		}
	}
	return tree
}

// looksAt checks "lexicon" or "lexicon@place".
func (c checker) looksAt(p *keyPath, selector string, lexicons []string) {
	id, scope, scoped := strings.Cut(selector, "@")
	if !slices.Contains(lexicons, id) {
		c.fail(p, similar(id, lexicons), "names the lexicon %q, which does not exist", id)
	}
	scopes := slices.Sorted(maps.Keys(markwatch.RuleScopes()))
	if scoped && !slices.Contains(scopes, scope) {
		c.fail(p, similar(scope, scopes), "looks at %q, which is no part of a listing; these are: %s", scope, strings.Join(scopes, ", "))
	}
}

// probes validates the offers with a known verdict of all packs. Those that
// ship with the program are kept for the violations whose rules nobody
// replaced.
func (l *loader) probes(packs []loaded[rulesFile], shipped *Config) []markwatch.Probe {
	var all []markwatch.Probe
	own := map[string]bool{}
	for _, f := range packs {
		c := checker{f.doc}
		for i := range f.content.Rules {
			own[f.content.Rules[i].ID] = true
		}
		for i, set := range f.content.Probes {
			p := (*keyPath)(nil).key("probes").at(i)
			c.required(p.key("violation"), string(set.Violation))
			for _, group := range []struct {
				key      string
				examples []markwatch.Example
				flagged  bool
			}{{"hit", set.Hit, true}, {"miss", set.Miss, false}} {
				c.examples(p.key(group.key), group.examples)
				for j, e := range group.examples {
					at := ""
					if n, ok := p.key(group.key).at(j).find(f.doc.root); ok {
						at = fmt.Sprintf("%s:%d", f.doc.file, n.Line)
					}
					all = append(all, markwatch.Probe{Violation: set.Violation, Flagged: group.flagged, Example: e, At: at})
				}
			}
		}
	}
	replaced := map[markwatch.Violation]bool{}
	for _, r := range shipped.Lists.Rules {
		if own[r.ID] {
			replaced[r.Violation] = true
		}
	}
	for _, p := range shipped.Lists.Probes {
		if !replaced[p.Violation] {
			all = append(all, p)
		}
	}
	return all
}

// identifiers collects the names of an expression that are not known.
type identifiers struct {
	known   []string
	locals  []string
	unknown map[string]bool
}

// Visit implements ast.Visitor.
func (v *identifiers) Visit(n *ast.Node) {
	switch n := (*n).(type) {
	case *ast.IdentifierNode:
		if !slices.Contains(v.known, n.Value) {
			v.unknown[n.Value] = true
		}
	case *ast.VariableDeclaratorNode:
		v.locals = append(v.locals, n.Name)
	}
}

func (v *identifiers) declared(name string) bool { return slices.Contains(v.locals, name) }

// knownViolations are the names that thresholds and routes may use: those of
// the matchers, those of the public format, and those of the folder's rules.
func knownViolations(rules []markwatch.Rule) []string {
	names := []string{
		string(markwatch.Counterfeit), string(markwatch.FakeOverseas), string(markwatch.Piracy),
		"tobacco", "medicine", "agri-input", "geographic-indication", "certification-mark", "patent-marking", "false-advertising",
	}
	for _, r := range rules {
		if v := string(r.Violation); v != "" && !slices.Contains(names, v) {
			names = append(names, v)
		}
	}
	return names
}
