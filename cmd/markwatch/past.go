package main

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers"
	"github.com/markwatch/markwatch/scan"
	"github.com/markwatch/markwatch/store"
)

// past tries knowledge on listings that were seen on past nights. Nothing is
// stored.
type past struct {
	store *store.Store
	// would judges by what is tried. Where now is set, which judges by what
	// holds, only what the two tell apart is changed in the stored verdicts;
	// else would's verdict takes the place of the stored one.
	now, would *matchers.Set
}

// judged is one listing with what would become of its verdict.
type judged struct {
	listing    markwatch.Listing
	was, would markwatch.Verdict
	// change is nil where nothing would change.
	change *backtestChange
	// tried and present are the verdicts of would and now by themselves.
	tried, present markwatch.Verdict
}

// listings holds listings against the market as it is now and yields what would become of each and sums it up.
func (p past) listings(ctx context.Context, filter store.ListingFilter, report *backtestReport) iter.Seq2[judged, error] {
	return func(yield func(judged, error) bool) {
		market, err := scan.Market(ctx, p.store, time.Now())
		if err != nil {
			yield(judged{}, err)
			return
		}
		for s, err := range p.store.Listings(ctx, filter) {
			if err != nil {
				yield(judged{}, err)
				return
			}
			j := judged{listing: s.Listing, was: s.Verdict}
			same, err := scan.SamePictures(ctx, p.store, &s.Listing)
			if err != nil {
				yield(judged{}, err)
				return
			}
			in := matchers.Input{Listing: s.Listing, At: s.Verdict.At, Market: market, SamePictures: same}
			j.tried = p.would.Check(in)
			j.would = j.tried
			if p.now != nil {
				j.present = p.now.Check(in)
				j.would = moved(s.Verdict, j.present, j.tried)
			}
			report.Listings++
			if j.was.Flagged {
				report.Flagged++
			}
			if j.would.Flagged {
				report.Would++
			}
			if j.change = compareVerdicts(j.listing, j.was, j.would); j.change != nil {
				lead, err := p.store.Lead(ctx, j.listing.ID)
				if err != nil && markwatch.ErrorCode(err) != markwatch.CodeNotFound {
					yield(judged{}, err)
					return
				}
				j.change.Status, j.change.Reason = lead.Status, lead.Reason
				report.add(j.change)
			}
			if !yield(j, nil) {
				return
			}
		}
	}
}

// moved is a stored verdict with the difference between two others, which are
// of the same listing: what was judged with more than is known now, such as the
// market of that day, stays as it was.
func moved(stored, from, to markwatch.Verdict) markwatch.Verdict {
	was, would := flaggedOf(from), flaggedOf(to)
	out := stored
	out.Violations = map[markwatch.Violation]markwatch.ViolationVerdict{}
	for name, v := range stored.Violations {
		if v.Flagged && slices.Contains(was, name) && !slices.Contains(would, name) {
			v = to.Violations[name]
		}
		out.Violations[name] = v
	}
	for _, name := range would {
		if !slices.Contains(was, name) {
			out.Violations[name] = to.Violations[name]
		}
	}
	out.Flagged, out.Findings = false, to.Findings
	for _, v := range out.Violations {
		out.Flagged = out.Flagged || v.Flagged
	}
	if !slices.Equal(was, would) {
		out.Score = to.Score
	}
	return out
}
