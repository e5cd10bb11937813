package matchers

import (
	"slices"

	"github.com/markwatch/markwatch"
)

// pretendedOrigin finds the trade in pretending that a parcel comes from
// elsewhere: a paper or trace of a foreign origin for sale, and in the same offer
// words for what the buyer is to see or believe (买家看到, 显示境外始发, "buyer
// sees"). Honest offers tell where a parcel comes from; none tells what it shall
// look like. A page without price and contact only tells of it.
func pretendedOrigin(r *reading) (signal, bool) {
	paths := []string{"title", "description", "attributes.", "text"}
	shows := r.notTopic(r.asserted(r.within(r.all("pretence"), paths...)))
	if len(shows) == 0 || !r.sells() {
		return signal{}, false
	}
	papers := r.asserted(r.within(r.all("foreign-paper", "overseas-service"), paths...))
	// Words that are part of one another say a thing once.
	papers = slices.DeleteFunc(papers, func(m mention) bool { return covered(m, shows) })
	paper, ok := strongest(papers)
	if !ok {
		return signal{}, false
	}
	s, ok := wordRule{matcher: "overseas", rule: "pretended-origin", violation: markwatch.FakeOverseas, role: markwatch.RoleClaim,
		zh: "出售让买家误信来自境外的单据或轨迹", en: "sells what makes buyers believe in a foreign origin"}.of(r, append(slices.Clone(shows), papers...))
	show, _ := strongest(shows)
	s.strength = min(1, 0.5*show.entry.weight+0.5*paper.entry.weight+0.15*float64(distinctWords(shows)-1))
	return s, ok
}

// sells says that the page offers something: it has a price or a contact.
func (r *reading) sells() bool {
	l := r.listing
	if l.Price != nil && l.Price.Amount.IsPositive() || len(l.Prices) > 0 || l.PriceText != "" {
		return true
	}
	if s := l.Seller; s != nil && len(s.Contacts)+len(s.Accounts) > 0 {
		return true
	}
	return len(r.all("contact")) > 0
}
