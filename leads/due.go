package leads

import (
	"cmp"
	"slices"
	"time"

	"github.com/markwatch/markwatch"
)

// Deadlines say how long a lead may stand in a state. They are configuration:
// terms differ from place to place and change.
type Deadlines struct {
	Terms []markwatch.StateTerm
	// Calendar knows the days off of the place.
	Calendar Calendar
	// Location is the zone in which days begin; UTC where nil.
	Location *time.Location
}

// Calendar is which days are worked on: Monday to Friday but for Off, and the
// days of On (调休 days, when Saturdays or Sundays are worked on).
type Calendar struct{ Off, On []markwatch.Date }

// Works says whether a day is a working day.
func (c Calendar) Works(day time.Time) bool {
	same := func(d markwatch.Date) bool { return d.Format(time.DateOnly) == day.Format(time.DateOnly) }
	switch {
	case slices.ContainsFunc(c.On, same):
		return true
	case slices.ContainsFunc(c.Off, same):
		return false
	}
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}

// Due is a lead's next deadline.
type Due struct {
	Lead   markwatch.Lead `json:"-"`
	Number string         `json:"number"`
	Status string         `json:"status"`
	Who    string         `json:"who,omitempty"`
	// At is the end of the last day.
	At      time.Time `json:"at"`
	Overdue bool      `json:"overdue"`
	// Days until the end, negative where it has passed.
	Days  int    `json:"days"`
	Basis string `json:"basis,omitempty"`
}

// Due is when the state of a lead ought to end; ok is false where nothing is
// due, or not yet to be reminded of.
func (d Deadlines) Due(lead markwatch.Lead, now time.Time) (due Due, ok bool) {
	i := slices.IndexFunc(d.Terms, func(t markwatch.StateTerm) bool { return t.Status == lead.Status })
	if i < 0 {
		return Due{}, false
	}
	if last, done := lead.Handling.LastOutcome(); done && lead.Status == markwatch.LeadOutcome && last.Code != markwatch.OutcomeOpened && last.Code != markwatch.OutcomeReferred {
		return Due{}, false // it has come to an end
	}
	term := d.Terms[i]
	zone := d.Location
	if zone == nil {
		zone = time.UTC
	}
	since := lead.Handling.Since
	if since.IsZero() {
		since = lead.FirstSeen
	}
	end := d.end(since.In(zone), term)
	today := midnight(now.In(zone))
	due = Due{
		Lead: lead, Number: lead.Number, Status: string(lead.Status), At: end, Overdue: !now.Before(end), Basis: term.Basis,
		Days: int(midnight(end.Add(-time.Second)).Sub(today).Hours()+12) / 24,
		Who:  cmp.Or(lead.Handling.Addressee.Unit, lead.Assignee),
	}
	if due.Overdue {
		due.Days = -max(1, int(today.Sub(midnight(end.Add(-time.Second))).Hours()+12)/24)
	}
	return due, due.Overdue || due.Days <= term.Remind
}

// end is the midnight after the last day; the day of the event is not counted.
func (d Deadlines) end(since time.Time, term markwatch.StateTerm) time.Time {
	day := midnight(since)
	for left := term.Days; left > 0; {
		day = day.AddDate(0, 0, 1)
		if term.Count != "working" || d.Calendar.Works(day) {
			left--
		}
	}
	return day.AddDate(0, 0, 1)
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}
