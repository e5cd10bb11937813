package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
)

// ruleShown is a rule, of a pack or of a matcher that is built in.
type ruleShown struct {
	ID        string              `json:"id" doc:"规则编号;内置的写作 匹配器/规则 / id; matcher/rule where it is built in"`
	Title     string              `json:"title"`
	Built     bool                `json:"built_in,omitempty" doc:"内置,没有开关 / built in, without a switch"`
	Violation markwatch.Violation `json:"violation,omitempty"`
	Score     float64             `json:"score,omitempty"`
	Off       bool                `json:"off,omitempty" doc:"已停用 / switched off"`
	Basis     []markwatch.Basis   `json:"basis,omitempty" doc:"法律依据 / legal basis"`
	Confirmed int64               `json:"confirmed" doc:"命中的线索中已确认的 / confirmed leads among its hits"`
	Dismissed int64               `json:"dismissed" doc:"已排除的 / dismissed ones"`
	Open      int64               `json:"open" doc:"未核实的 / undecided ones"`
	Precision *precisionShown     `json:"precision,omitempty" doc:"精确率;结果不足 20 条时没有 / precision; absent below 20 outcomes"`
}

type precisionShown struct {
	Share float64 `json:"share"`
	Low   float64 `json:"low" doc:"95% 区间下限 / lower end of the interval of 95%"`
	High  float64 `json:"high"`
	N     int64   `json:"n" doc:"已核实的条数 / number of outcomes"`
}

type rulesShown struct {
	Version int         `json:"version" doc:"规则版本 / version of the rules"`
	Rules   []ruleShown `json:"rules"`
}

// RuleParam names a rule of a pack in a path of the API.
type RuleParam struct {
	ID string `path:"id" maxLength:"200" doc:"规则编号 / id of the rule"`
}

type switchRuleInput struct {
	RuleParam
	Body struct {
		Off bool `json:"off" doc:"停用 / switched off"`
	}
}

type tryRuleInput struct {
	RuleParam
	Body struct {
		Off   *bool    `json:"off,omitempty" doc:"试停用或启用;缺省与现在相反,除非给了分值 / try it off or on; where absent the opposite of now, unless there is a score"`
		Score *float64 `json:"score,omitempty" exclusiveMinimum:"0" maximum:"1" doc:"试另一分值 / try another score"`
	}
}

type triedShown struct {
	Off           bool          `json:"off" doc:"试的是停用 / what was tried is the rule switched off"`
	Score         float64       `json:"score" doc:"试的分值 / the score that was tried"`
	Looked        int           `json:"looked" doc:"看了多少件商品 / listings that were looked at"`
	Hits          int           `json:"hits" doc:"规则命中的 / those in which the rule finds something"`
	Flagged       int           `json:"flagged" doc:"现在被标记的 / flagged now"`
	Would         int           `json:"would_be_flagged" doc:"改后被标记的 / flagged then"`
	New           int           `json:"new" doc:"新增 / newly flagged"`
	Vanished      int           `json:"vanished" doc:"消失 / no longer flagged"`
	Other         int           `json:"other" doc:"违法类型改变 / flagged for something else"`
	ConfirmedLost int           `json:"confirmed_lost" doc:"消失的线索中已确认的 / confirmed leads among the vanished"`
	DismissedLost int           `json:"dismissed_lost" doc:"消失的线索中已排除的 / dismissed ones"`
	Changes       []triedChange `json:"changes" doc:"部分会改变的 / some of what would change"`
}

type triedChange struct {
	hitShown
	Change string `json:"change" enum:"new,vanished,other"`
}

func (a *api) rules() {
	register(a, a.operation("list-rules", http.MethodGet, "/rules", accounts.See, "rules", "规则与精确率 / Rules and their precision"), a.listRules)
	register(a, a.operation("switch-rule", http.MethodPatch, "/rules/{id}", accounts.Administer, "rules", "启用或停用规则 / Switch a rule on or off"), a.switchRule)
	register(a, a.operation("try-rule", http.MethodPost, "/rules/{id}/trial", accounts.Decide, "rules", "在以往数据上试规则的改动 / Try a change of a rule on past nights"), a.tryRule)
}

func (a *api) listRules(r *http.Request, _ *nothing) (*answer[rulesShown], error) {
	d := a.d
	lists, versions, err := d.lists(r.Context())
	var counts map[string]precision
	if err == nil {
		counts, err = d.rulePrecision(r)
	}
	if err == nil {
		err = a.looked(r)
	}
	if err != nil {
		return nil, err
	}
	out := rulesShown{Version: versions[markwatch.ListRules], Rules: []ruleShown{}}
	add := func(name string, s ruleShown) {
		p := counts[name]
		s.Confirmed, s.Dismissed, s.Open = p.Confirmed, p.Dismissed, p.Open
		if share, low, high, told := p.measure(); told {
			s.Precision = &precisionShown{share, low, high, p.Confirmed + p.Dismissed}
		}
		out.Rules = append(out.Rules, s)
	}
	for _, rule := range lists.Rules {
		add(ruleMatcher+"/"+rule.ID, ruleShown{ID: rule.ID, Title: rule.Title, Violation: rule.Violation, Score: rule.Score, Off: rule.Off, Basis: rule.Basis})
	}
	for name := range counts {
		if matcher, rule, _ := strings.Cut(name, "/"); matcher != ruleMatcher {
			add(name, ruleShown{ID: name, Built: true, Title: d.ruleName(language(r), markwatch.Finding{Matcher: matcher, Rule: rule})})
		}
	}
	slices.SortStableFunc(out.Rules, func(x, y ruleShown) int {
		if x.Built != y.Built || !x.Built {
			return 0 // those of packs keep their order, before the others
		}
		return cmp.Compare(x.ID, y.ID)
	})
	return &answer[rulesShown]{out}, nil
}

func (a *api) switchRule(r *http.Request, in *switchRuleInput) (*answer[versionShown], error) {
	versions, err := a.d.switchRule(r, in.ID, in.Body.Off)
	return &answer[versionShown]{versionShown{versions[markwatch.ListRules]}}, err
}

func (a *api) tryRule(r *http.Request, in *tryRuleInput) (*answer[triedShown], error) {
	rule, trial, err := a.d.triedRule(r, in.ID, func(rule *markwatch.Rule) {
		switch {
		case in.Body.Off != nil:
			rule.Off = *in.Body.Off
		case in.Body.Score == nil:
			rule.Off = !rule.Off
		}
		if in.Body.Score != nil {
			rule.Score = *in.Body.Score
		}
	})
	if err != nil {
		return nil, err
	}
	out := triedShown{
		Off: rule.Off, Score: rule.Score, Looked: trial.Looked, Hits: trial.Hits, Flagged: trial.Flagged, Would: trial.Would, New: trial.New,
		Vanished: trial.Vanished, Other: trial.Other, ConfirmedLost: trial.ConfirmedLost, DismissedLost: trial.DismissedLost, Changes: []triedChange{},
	}
	for _, c := range trial.Changes {
		if rec, err := a.d.record(r, c.Listing.ID); err == nil { // one beyond the person's bounds is left out
			out.Changes = append(out.Changes, triedChange{hitOf(rec), c.Change})
		}
	}
	return &answer[triedShown]{out}, nil
}
