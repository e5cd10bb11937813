package configs

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/markwatch/markwatch"
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
			c.terms(p.key("terms"), lexicon.Terms)
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

// terms validates the terms of a lexicon; a term without a weight weighs 1.
func (c checker) terms(p *keyPath, terms []markwatch.Term) {
	if len(terms) == 0 {
		c.fail(p, "", "is missing; a lexicon has at least one term")
	}
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
		if t.Weight == 0 && !c.doc.has(at.key("weight")) {
			t.Weight = 1
		}
		if t.Weight <= 0 || t.Weight > 1 {
			c.fail(at.key("weight"), "", "must be above 0 and at most 1, not %v", t.Weight)
		}
		c.texts(at.key("not"), t.Not)
	}
}

// rules validates the rules of all packs.
func (l *loader) rules(packs []loaded[rulesFile], lexicons []markwatch.Lexicon) []markwatch.Rule {
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
	return all
}

func (c checker) rule(p *keyPath, r *markwatch.Rule, lexicons []string) {
	if c.required(p.key("violation"), string(r.Violation)) && !strictID.MatchString(string(r.Violation)) {
		c.fail(p.key("violation"), "", "is %q, must be made of small letters, digits and -", r.Violation)
	}
	for i, basis := range r.Basis {
		c.required(p.key("basis").at(i).key("law"), basis.Law)
	}
	for key, list := range map[string][]string{"all": r.All, "any": r.Any, "none": r.None} {
		for i, id := range list {
			if !slices.Contains(lexicons, id) {
				c.fail(p.key(key).at(i), similar(id, lexicons), "names the lexicon %q, which does not exist", id)
			}
		}
	}
	if len(r.All)+len(r.Any) == 0 && r.Where == "" {
		c.fail(p, "", "hits everything; it needs all, any or where")
	}
	names := append(listingFields(), "price_cny", "unit_price_cny")
	c.expression(p.key("where"), r.Where, names)
	switch {
	case !c.doc.has(p.key("score")):
		c.fail(p.key("score"), "", "is missing")
	case r.Score <= 0 || r.Score > 1:
		c.fail(p.key("score"), "", "must be above 0 and at most 1, not %v", r.Score)
	}
	used := slices.Concat(r.All, r.Any)
	for _, m := range placeholder.FindAllStringSubmatch(r.Reason, -1) {
		if !slices.Contains(used, m[1]) && !slices.Contains(names, m[1]) {
			c.fail(p.key("reason"), similar(m[1], used), "asks for {%s}, which is neither a lexicon of the rule nor a field", m[1])
		}
	}
	c.examples(p.key("examples").key("hit"), r.Examples.Hit)
	c.examples(p.key("examples").key("miss"), r.Examples.Miss)
}

func (c checker) examples(p *keyPath, examples []markwatch.Example) {
	for i, e := range examples {
		if e.Title+e.Description+e.Category+e.Price+e.Text+e.ShipsFrom+e.Seller == "" && len(e.Attributes) == 0 {
			c.fail(p.at(i), "", "is empty")
		}
	}
}

// maxExpression bounds an expression in bytes.
const maxExpression = 4096

// expression checks the syntax of an expr-lang expression, and the names in it
// where names lists those that exist.
func (c checker) expression(p *keyPath, text string, names []string) {
	if text == "" {
		return
	}
	if len(text) > maxExpression {
		c.fail(p, "", "is longer than %d bytes", maxExpression)
		return
	}
	tree, err := parser.Parse(text)
	if err != nil {
		message := err.Error()
		if e := (*file.Error)(nil); errors.As(err, &e) {
			message = e.Message
		}
		c.fail(p, "", "is no expression: %s", message)
		return
	}
	if names == nil {
		return
	}
	v := identifiers{unknown: map[string]bool{}, known: names}
	ast.Walk(&tree.Node, &v)
	for _, name := range slices.Sorted(maps.Keys(v.unknown)) {
		if !v.declared(name) {
			c.fail(p, similar(name, names), "names %q, which is no field of a listing", name)
		}
	}
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
