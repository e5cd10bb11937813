package matchers

import (
	"slices"

	"github.com/markwatch/markwatch"
)

// forgeryReach is how many letters may lie between a paper or trace and the
// words that make it to order.
const forgeryReach = 16

// paperToOrder finds the offer of papers, labels and traces themselves: what
// only a customs office, a carrier or a shop abroad gives out, and beside it a
// word of making it to order. A genuine offer shows such papers, it does not
// sell them.
func paperToOrder(r *reading) (signal, bool) {
	makes := r.asserted(r.within(r.all("made-to-order"), "title", "description", "attributes.", "text"))
	if len(makes) == 0 {
		return signal{}, false
	}
	var found []mention
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
		found = append(found, paper, makes[at])
	}
	if len(found) == 0 {
		return signal{}, false
	}
	s, ok := wordRule{matcher: "overseas", rule: "paper-to-order", violation: markwatch.FakeOverseas, role: markwatch.RoleClaim,
		zh: "代做海外单据、标签或物流轨迹", en: "papers, labels or traces of a foreign origin made to order"}.of(r, found)
	s.strength = min(1.25, strength)
	return s, ok
}
