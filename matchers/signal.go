package matchers

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/markwatch/markwatch"
)

// signal is one observation that speaks for a violation, or, with a negative
// weight, against it.
type signal struct {
	matcher, rule string
	violation     markwatch.Violation
	// subject is empty where the observation holds for any subject.
	subject string
	// strength is between 0 and 1; the rule's weight is multiplied by it.
	strength float64
	reason   markwatch.Text
	facts    map[string]string
	evidence []markwatch.Evidence
	// score, where positive, is the finding's own score and takes the place
	// of the rule's weight: rules of packs bring it.
	score float64
	// against: the score is taken away instead, see markwatch.Rule.Lowers.
	against bool
	// odds, where it is not zero, is what the signal adds in log-odds, whatever
	// the violation; leans says that it only supports.
	odds  float64
	leans bool
	// version is that of a pack's rule; 0 is 1.
	version int
	// weight is what the rule adds at this strength; backs says that it only
	// supports. Both are set by weigh.
	weight float64
	backs  bool
}

// ruleName is a rule with its matcher.
type ruleName struct{ matcher, rule string }

func (n ruleName) String() string { return n.matcher + "/" + n.rule }

func (s *signal) name() ruleName { return ruleName{s.matcher, s.rule} }

// weights are log-odds by violation: what a listing starts from, and what each
// rule adds. Adding log-odds ranks on where a sum of probabilities would end
// at one.
type weights struct {
	base  map[markwatch.Violation]float64
	rules map[markwatch.Violation]map[ruleName]float64
}

func readWeights(file []byte) (weights, error) {
	w := weights{base: map[markwatch.Violation]float64{}, rules: map[markwatch.Violation]map[ruleName]float64{}}
	var f struct {
		Base  map[markwatch.Violation]float64            `yaml:"base"`
		Rules map[markwatch.Violation]map[string]float64 `yaml:"rules"`
	}
	if err := yaml.Unmarshal(file, &f); err != nil {
		return w, markwatch.WrapError(markwatch.CodeInternal, err, "the weights cannot be read")
	}
	maps.Copy(w.base, f.Base)
	for v, rules := range f.Rules {
		w.rules[v] = map[ruleName]float64{}
		for name, x := range rules {
			matcher, rule, _ := strings.Cut(name, "/")
			w.rules[v][ruleName{matcher, rule}] = x
		}
	}
	return w, nil
}

// supporting rules name a subject or a setting. They add to a suspicion and
// make none: whoever names a work, a brand or a country offers nothing yet.
var supporting = [...]ruleName{
	{"piracy", "title-named"}, {"piracy", "named"}, {"piracy", "short-name"}, {"piracy", "creator-named"}, {"piracy", "grey-sale"}, {"piracy", "whole-work"},
	{"replica", "product-line"}, {"replica", "not-in-title"}, {"replica", "hub"},
	{"overseas", "claim"}, {"overseas", "claim-vs-seller"}, {"overseas", "supply"},
}

// weak is the strength below which words of dispatch and of copies, which
// stand on honest pages too (七天无理由, 自动发货), only support.
const weak = 0.65

// sureWording is the strength of the model of wording (five to one) from which its
// word beside a mere name is a suspicion.
const sureWording = 0.4

func (s *signal) supports() bool {
	if s.leans || slices.Contains(supporting[:], s.name()) {
		return true
	}
	if s.name() == likeKnown {
		// Who says that a parcel comes from abroad needs a fact against him.
		return s.violation == markwatch.FakeOverseas || s.strength < sureWording
	}
	return s.strength < weak && slices.Contains(weakAlone[:], s.name())
}

var weakAlone = [...]ruleName{
	{"overseas", "domestic-words"}, {"overseas", "claim-vs-text"}, {"overseas", "hint"}, {"overseas", "complaint"},
	{"piracy", "copy-offer"}, {"piracy", "recording"},
}

func (w *weights) of(s *signal) float64 {
	if s.odds != 0 {
		return s.odds
	}
	if s.score > 0 {
		weight := logit(s.score) - w.base[s.violation]
		if s.against {
			return -weight
		}
		return weight
	}
	return w.rules[s.violation][s.name()] * s.strength
}

// weigh looks the weights up, once for all that is done with them. Unfamiliar
// wording takes nothing away from a finding that brings its own score: a copied
// passage is one in whatever words.
func (w *weights) weigh(signals []signal) {
	for i := range signals {
		s := &signals[i]
		s.weight, s.backs = w.of(s), s.supports()
		if s.name() == unlikeKnown && slices.ContainsFunc(signals, func(o signal) bool { return o.violation == s.violation && o.score > 0 }) {
			s.weight = 0
		}
	}
}

var unlikeKnown, likeKnown = ruleName{"wording", "unlike-known-cases"}, ruleName{"wording", "like-known-cases"}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
func logit(p float64) float64   { return math.Log(p / (1 - math.Min(p, 0.999))) }

// verdict combines the signals. Within a violation every subject is judged by
// its own signals and by those without a subject; the strongest one counts.
func (s *Set) verdict(in Input, signals []signal) markwatch.Verdict {
	v := markwatch.Verdict{
		ID: in.Listing.ID, At: in.At, Knowledge: s.cited,
		Violations: map[markwatch.Violation]markwatch.ViolationVerdict{},
		Findings:   []markwatch.Finding{},
	}
	s.weights.weigh(signals)
	var violations []markwatch.Violation
	for i := range signals {
		if !slices.Contains(violations, signals[i].violation) {
			violations = append(violations, signals[i].violation)
		}
	}
	slices.Sort(violations)
	of := make([]*signal, 0, len(signals))
	for _, violation := range violations {
		of = of[:0]
		for i := range signals {
			if signals[i].violation == violation {
				of = append(of, &signals[i])
			}
		}
		findings, score := s.judge(violation, of)
		if len(findings) == 0 {
			continue
		}
		flagged := score >= s.threshold(violation)
		v.Violations[violation] = markwatch.ViolationVerdict{Score: score, Flagged: flagged}
		v.Score = max(v.Score, score)
		v.Flagged = v.Flagged || flagged
		v.Findings = append(v.Findings, findings...)
	}
	slices.SortStableFunc(v.Findings, func(a, b markwatch.Finding) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Matcher, b.Matcher), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Subject, b.Subject))
	})
	return v
}

func (s *Set) threshold(v markwatch.Violation) float64 {
	if t, ok := s.thresholds[string(v)]; ok {
		return t
	}
	if t, ok := s.thresholds["default"]; ok {
		return t
	}
	return 0.5
}

// faint is the score below which a suspicion is not worth a line.
const faint = 0.05

// judge returns the findings of one violation and its score.
func (s *Set) judge(violation markwatch.Violation, signals []*signal) ([]markwatch.Finding, float64) {
	subjects := make([]string, 0, 4)
	for _, sig := range signals {
		if sig.subject != "" && !slices.Contains(subjects, sig.subject) {
			subjects = append(subjects, sig.subject)
		}
	}
	if !suspicious(signals, "") {
		return nil, 0
	}
	if len(subjects) == 0 {
		subjects = append(subjects, "")
	}
	slices.Sort(subjects)
	base := s.weights.base[violation]
	best, strongest := math.Inf(-1), ""
	for _, subject := range subjects {
		sum := base
		for _, sig := range signals {
			if sig.subject == "" || sig.subject == subject {
				sum += sig.weight
			}
		}
		if sum > best && suspicious(signals, subject) {
			best, strongest = sum, subject
		}
	}
	if sigmoid(best) < faint {
		return nil, 0
	}
	findings := make([]markwatch.Finding, 0, len(signals))
	for _, sig := range signals {
		if sig.weight > 0 {
			findings = append(findings, sig.finding(round(sigmoid(base+sig.weight))))
		}
	}
	slices.SortStableFunc(findings, func(a, b markwatch.Finding) int { return cmp.Compare(b.Score, a.Score) })
	lessen(&findings[0], slices.DeleteFunc(slices.Clone(signals), func(sig *signal) bool {
		return sig.weight >= 0 || sig.subject != "" && sig.subject != strongest
	}))
	return findings, round(sigmoid(best))
}

// suspicious says that a suspicion stands in the signals of a subject and in
// those without one; of any subject where it is empty. What only supports makes
// none, and the wording makes one only beside something else.
func suspicious(signals []*signal, subject string) bool {
	speaking, beside := false, false
	for _, sig := range signals {
		if sig.weight > 0 && (subject == "" || sig.subject == "" || sig.subject == subject) {
			speaking = speaking || !sig.backs
			beside = beside || sig.matcher != "wording"
		}
	}
	return speaking && beside
}

// round keeps scores comparable across machines and short on paper.
func round(p float64) float64 { return math.Round(p*1000) / 1000 }

func (s *signal) finding(score float64) markwatch.Finding {
	return markwatch.Finding{
		Matcher: s.matcher, Rule: s.rule, Version: max(1, s.version), Violation: s.violation, Subject: s.subject,
		Score: max(score, 0.001), Reason: s.reason, Facts: s.facts, Evidence: s.evidence,
	}
}

// lessen records what spoke against the suspicion on its strongest finding.
func lessen(f *markwatch.Finding, against []*signal) {
	if len(against) == 0 {
		return
	}
	var names []string
	for _, sig := range against {
		names = append(names, sig.rule)
		f.Evidence = append(f.Evidence, sig.evidence...)
		f.Reason.ZH += ";但" + sig.reason.ZH
		f.Reason.EN += "; but " + sig.reason.EN
	}
	facts := maps.Clone(f.Facts)
	if facts == nil {
		facts = map[string]string{}
	}
	facts["lowered_by"] = strings.Join(names, " ")
	f.Facts = facts
}

// say writes a reason in both languages.
func say(zh, en string) markwatch.Text { return markwatch.Text{ZH: zh, EN: en} }
