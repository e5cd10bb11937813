package matchers

import "github.com/markwatch/markwatch"

// expire leaves out the works whose protection, as an official warning list
// dates it, does not hold on the day of the check: such a batch is imported
// with its dates and ends by itself. A work without dates is always looked for.
func (r *reading) expire(works []markwatch.Work) {
	at := r.in.At
	if at.IsZero() {
		return
	}
	holds := func(p markwatch.Protected) bool {
		return !p.From.After(at) && (p.To.IsZero() || at.Before(p.To.AddDate(0, 0, 1)))
	}
	for i := range r.works {
		if !holds(works[i].Protect) {
			delete(r.works, i)
		}
	}
	for i := range r.creators {
		if !holds(works[i].Protect) {
			delete(r.creators, i)
		}
	}
}
