package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/leads"
)

// RuleTrial is what a rule finds among listings that were seen on past nights,
// and what a change of it would change there.
type RuleTrial struct {
	// Looked is how many listings were looked at, Hits how many the rule finds
	// something in, NewHits those of them that are not flagged now.
	Looked, Hits, NewHits int
	// Leads are leads among the hits, by their state.
	Leads map[markwatch.LeadStatus]int
	// Samples are some of the hits.
	Samples []markwatch.Listing
	// Flagged are flagged now, Would be flagged then. New would become so,
	// Vanished would be so no longer, Other would be so for something else.
	Flagged, Would, New, Vanished, Other int
	// ConfirmedLost and DismissedLost are leads among Vanished that people
	// confirmed, and dismissed.
	ConfirmedLost, DismissedLost int
	// Changes are some of those of which something would change.
	Changes []TriedChange
}

// TriedChange is a listing of which a rule would change something: "new",
// "vanished" or "other".
type TriedChange struct {
	Listing markwatch.Listing
	Change  string
}

// RuleTrier tries a rule on past nights. The rule is as it would be; by its id
// it takes the place of the one that holds.
type RuleTrier interface {
	TryRule(ctx context.Context, rule markwatch.Rule) (RuleTrial, error)
}

// rulesView is the page of rules.
type rulesView struct {
	Query   string
	Notice  *notice
	Version int
	Rules   []ruleRow
	// Built are the rules of the built-in matchers, which have no switch.
	Built   []ruleRow
	CanEdit bool
	CanTry  bool
	Trial   *trialView
}

type ruleRow struct {
	ID, Title, Badge, Class, Violation, Basis string
	Score                                     scoreGlyph
	Off                                       bool
	Precision                                 precision
	URL                                       string
}

// precision is how a rule's leads were decided.
type precision struct {
	Confirmed, Dismissed, Open int64
	// Share is confirmed of decided with its interval of 95%, empty below
	// leads.LeastOutcomes.
	Share string
	Width int
}

type trialView struct {
	ID, Title string
	RuleTrial
	States  []option
	Samples []otherLead
	// Changed are Changes that the person may see.
	Changed []changedLead
	// Off is what was tried: the rule switched off, or on.
	Off bool
}

type changedLead struct {
	otherLead
	Change string
}

// measure is the share of confirmed among the decided with its interval of 95%,
// where there are outcomes enough to tell.
func (p precision) measure() (share, low, high float64, told bool) {
	decided := p.Confirmed + p.Dismissed
	if decided < leads.LeastOutcomes {
		return 0, 0, 0, false
	}
	share, low, high = leads.Wilson(int(p.Confirmed), int(decided))
	return share, low, high, true
}

// measured is p with its share, where there are outcomes enough.
func (p precision) measured() precision {
	if share, low, high, told := p.measure(); told {
		p.Share, p.Width = percentOf(share)+" ("+percentOf(low)+"–"+percentOf(high)+")", int(share*120)
	}
	return p
}

// rulePrecision counts by rule how the leads were judged that the person may
// see: by the last word on each, so that what a unit found out counts before
// what was thought here.
func (d *desk) rulePrecision(r *http.Request) (map[string]precision, error) {
	counts := map[string]precision{}
	open, err := d.ask(r, index.Query{
		Limit: -1, Filters: map[index.Field][]string{index.FieldStatus: {string(markwatch.LeadNew), string(markwatch.LeadReview)}},
		Facets: []index.Field{index.FieldRule}, FacetLimit: maxSubjects, Location: d.cfg.Location,
	})
	if err != nil {
		return nil, err
	}
	for _, c := range open.Facets[index.FieldRule] {
		counts[c.Value] = precision{Open: int64(c.N)}
	}
	takes := d.takes(r)
	judged, err := leads.Precision(func(yield func(markwatch.Lead, error) bool) {
		for l, err := range d.cfg.Leads.LeadsOf(r.Context(), leads.JudgedStates()...) {
			if (err != nil || takes == nil || takes(&l)) && !yield(l, err) {
				return
			}
		}
	})
	if err != nil {
		return nil, err
	}
	for _, of := range judged {
		p := counts[of.Rule]
		p.Confirmed += int64(of.Confirmed)
		p.Dismissed += int64(of.Dismissed)
		counts[of.Rule] = p
	}
	for rule, p := range counts {
		counts[rule] = p.measured()
	}
	return counts, nil
}

// confirmedStates are the states of leads that people held to be right.
func confirmedStates() []string {
	var out []string
	for _, s := range leads.Statuses() {
		switch s {
		case markwatch.LeadNew, markwatch.LeadReview, markwatch.LeadDismissed, markwatch.LeadMerged:
		default:
			out = append(out, string(s))
		}
	}
	return out
}

func (d *desk) rules(w http.ResponseWriter, r *http.Request) { d.renderRules(w, r, nil) }

func (d *desk) renderRules(w http.ResponseWriter, r *http.Request, trial *trialView) {
	l := language(r)
	lists, versions, err := d.lists(r.Context())
	var counts map[string]precision
	if err == nil {
		counts, err = d.rulePrecision(r)
	}
	if err == nil && r.Method == http.MethodGet {
		err = d.audit(r, actorOf(r), AuditPageView, "/rules", r.URL.Query().Get("q"))
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	q, _ := clip(strings.TrimSpace(r.URL.Query().Get("q")), 100)
	v := rulesView{
		Query: q, Version: versions[markwatch.ListRules], Notice: listNotice(d, l, r), Trial: trial,
		CanEdit: personOf(r).may(accounts.Administer), CanTry: d.cfg.Rules != nil && personOf(r).may(accounts.Decide),
	}
	fits := func(texts ...string) bool {
		return q == "" || slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(strings.ToLower(s), strings.ToLower(q)) })
	}
	for _, rule := range lists.Rules {
		if !fits(rule.ID, rule.Title, rule.Reason, string(rule.Violation)) {
			continue
		}
		row := d.ruleRow(l, ruleMatcher+"/"+rule.ID, rule.Violation, rule.Score, counts)
		row.ID, row.Title, row.Off = rule.ID, rule.Title, rule.Off
		for i, b := range rule.Basis {
			if i > 0 {
				row.Basis += ";"
			}
			row.Basis += strings.TrimSpace(b.Law + " " + b.Article)
		}
		v.Rules = append(v.Rules, row)
	}
	for name := range counts {
		matcher, rule, _ := strings.Cut(name, "/")
		if matcher == ruleMatcher {
			continue
		}
		row := d.ruleRow(l, name, "", -1, counts)
		row.ID, row.Title = name, d.ruleName(l, markwatch.Finding{Matcher: matcher, Rule: rule})
		if fits(row.ID, row.Title) {
			v.Built = append(v.Built, row)
		}
	}
	slices.SortFunc(v.Built, func(a, b ruleRow) int { return strings.Compare(a.ID, b.ID) })
	d.render(w, r, http.StatusOK, "rules", d.cat.text(l, "rules.title"), v)
}

// ruleMatcher is the matcher whose rules are written in packs.
const ruleMatcher = "rules"

func (d *desk) ruleRow(l lang, name string, v markwatch.Violation, score float64, counts map[string]precision) ruleRow {
	row := ruleRow{Precision: counts[name], URL: address{Page: 1}.with(choice{Field: index.FieldRule, Value: name}).url()}
	if score >= 0 {
		row.Score = newScoreGlyph(score)
	}
	if v != "" {
		b := d.badge(l, v)
		row.Badge, row.Class, row.Violation = b.Short, b.Class, b.Name
	}
	return row
}

// changeRule switches a rule on or off, or tries it on past nights.
func (d *desk) changeRule(w http.ResponseWriter, r *http.Request) {
	id, do := r.PathValue("id"), r.PostForm.Get("do")
	if do == "try" {
		d.tryRule(w, r, id)
		return
	}
	if !personOf(r).may(accounts.Administer) {
		d.failAs(w, r, http.StatusForbidden, "not-allowed", nil)
		return
	}
	if do != "on" && do != "off" {
		d.fail(w, r, markwatch.Errorf(markwatch.CodeInvalid, "do=%s", do))
		return
	}
	versions, err := d.switchRule(r, id, do == "off")
	if err != nil {
		d.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/rules?version="+itoa(versions[markwatch.ListRules])+"#"+url.QueryEscape(id), http.StatusSeeOther)
}

// switchRule switches a rule of a pack on or off.
func (d *desk) switchRule(r *http.Request, id string, off bool) (markwatch.Versions, error) {
	what := "on"
	if off {
		what = "off"
	}
	return d.editLists(r, "rules/"+id, what, func(lists *markwatch.Lists) error {
		i := slices.IndexFunc(lists.Rules, func(rule markwatch.Rule) bool { return rule.ID == id })
		if i < 0 {
			return markwatch.Errorf(markwatch.CodeNotFound, "没有规则 %s / there is no rule %s", id, id)
		}
		lists.Rules = slices.Clone(lists.Rules)
		lists.Rules[i].Off = off
		return nil
	})
}

// triedRule tries a change of a rule on past nights.
func (d *desk) triedRule(r *http.Request, id string, change func(*markwatch.Rule)) (rule markwatch.Rule, trial RuleTrial, err error) {
	lists, _, err := d.lists(r.Context())
	i := slices.IndexFunc(lists.Rules, func(rule markwatch.Rule) bool { return rule.ID == id })
	switch {
	case err != nil:
	case i < 0 || d.cfg.Rules == nil:
		err = markwatch.Errorf(markwatch.CodeNotFound, "没有规则 %s / there is no rule %s", id, id)
	default:
		err = d.audit(r, actorOf(r), AuditTryRule, "rules/"+id, "")
	}
	if err != nil {
		return rule, trial, err
	}
	rule = lists.Rules[i]
	change(&rule)
	trial, err = d.cfg.Rules.TryRule(r.Context(), rule)
	return rule, trial, err
}

func (d *desk) tryRule(w http.ResponseWriter, r *http.Request, id string) {
	l := language(r)
	// What can be done to a rule here is to switch it.
	rule, trial, err := d.triedRule(r, id, func(rule *markwatch.Rule) { rule.Off = !rule.Off })
	if err != nil {
		d.fail(w, r, err)
		return
	}
	v := &trialView{ID: id, Title: rule.Title, RuleTrial: trial, Off: rule.Off}
	for _, s := range leads.Statuses() {
		if n := trial.Leads[s]; n > 0 {
			v.States = append(v.States, option{Name: statusName(l, s), Value: number(int64(n))})
		}
	}
	for _, sample := range trial.Samples {
		if rec, err := d.record(r, sample.ID); err == nil { // one beyond the person's bounds is left out
			v.Samples = append(v.Samples, d.otherLead(rec))
		}
	}
	for _, c := range trial.Changes {
		if rec, err := d.record(r, c.Listing.ID); err == nil {
			v.Changed = append(v.Changed, changedLead{d.otherLead(rec), c.Change})
		}
	}
	d.renderRules(w, r, v)
}
