package matchers

import (
	"slices"

	"github.com/markwatch/markwatch"
)

// bottledReach is how many letters may lie between a word of making and the
// place where it was done.
const bottledReach = 8

// bottledAtHome finds goods that are called imported in the bottle or tin in
// which they were filled abroad (原瓶进口), while the page names a place at home
// where they were filled or made.
func bottledAtHome(r *reading) (signal, bool) {
	claim, ok := strongest(r.notTopic(r.asserted(r.within(r.all("original-filling"), "title", "description"))))
	if !ok {
		return signal{}, false
	}
	places := r.all("domestic-place")
	for _, made := range r.asserted(r.within(r.all("filled-word"), "text", "description", "attributes.")) {
		for _, p := range places {
			if gap := p.hit.At - made.hit.To; p.field != made.field || gap < 0 || gap > bottledReach {
				continue
			}
			q, from := r.quote(claim, markwatch.RoleClaim), r.quote(p, markwatch.RoleFact)
			return signal{matcher: "overseas", rule: "bottled-at-home", violation: markwatch.FakeOverseas, strength: 1,
				reason: markwatch.Text{ZH: "自称" + q.Text + ",却在" + from.Text + r.quote(made, "").Text,
					EN: "claims " + q.Text + " but was filled or made in " + from.Text},
				evidence: []markwatch.Evidence{q, r.quote(made, markwatch.RoleFact), from}}, true
		}
	}
	return signal{}, false
}

// forgeryReach is how many letters may lie between a paper or trace and the
// words that make it to order.
const forgeryReach = 16

// materialsToOrder finds the offer of what copies are made or packed with, in
// the quantity or with the services that only a maker of copies needs. An empty
// box that a collector sells comes without.
func materialsToOrder(r *reading) (signal, bool) {
	goods := r.asserted(r.within(r.all("packaging", "empty-package"), "title"))
	makes := r.asserted(r.within(r.all("package-maker"), "title", "description", "text", "price_text", "attributes."))
	material, ok := strongest(goods)
	if !ok || material.entry.weight < 0.5 || len(makes) == 0 {
		return signal{}, false
	}
	how, _ := strongest(makes)
	s, ok := wordRule{matcher: "replica", rule: "materials-to-order", violation: markwatch.Counterfeit, role: markwatch.RoleClaim,
		zh: "成批提供造假的包材或灌装", en: "packaging for copies, printed or filled to order"}.of(r, append(goods, makes...))
	s.strength = min(1, how.entry.weight+0.15*float64(distinctWords(makes)-1))
	return s, ok
}

// paperToOrder finds the offer of papers, labels and traces themselves: what
// only a customs office, a carrier or a shop abroad gives out, and beside it a
// word of making it to order. A genuine offer shows such papers, it does not
// sell them.
func paperToOrder(r *reading) (signal, bool) {
	makes := r.asserted(r.within(r.all("made-to-order"), "title", "description", "attributes.", "text"))
	if len(makes) == 0 {
		return signal{}, false
	}
	var found, papers []mention
	strength := 0.0
	for _, paper := range r.notTopic(r.asserted(r.within(r.all("foreign-paper"), "title", "description", "attributes.", "text"))) {
		at := slices.IndexFunc(makes, func(m mention) bool {
			gap := max(m.hit.At-paper.hit.To, paper.hit.At-m.hit.To)
			return m.field == paper.field && gap >= 0 && gap <= forgeryReach
		})
		if at < 0 {
			continue
		}
		w := paper.entry.weight * makes[at].entry.weight
		if r.path(paper) == "title" {
			w *= 1.25
		}
		strength = max(strength, w)
		found, papers = append(found, paper, makes[at]), append(papers, paper)
	}
	if len(found) == 0 {
		return signal{}, false
	}
	s, ok := wordRule{matcher: "overseas", rule: "paper-to-order", violation: markwatch.FakeOverseas, role: markwatch.RoleClaim,
		zh: "代做海外单据、标签或物流轨迹", en: "papers, labels or traces of a foreign origin made to order"}.of(r, found)
	s.strength = min(1.25, strength)
	if distinctWords(papers) >= 2 {
		// Who forges one paper may be asked; who offers a set of them sells
		// forgery.
		s.rule, s.strength = "papers-to-order", max(1, s.strength)
	}
	return s, ok
}
