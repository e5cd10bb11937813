package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// PageDelta is what one page, or a batch of them, adds to its scan's counts.
// Every number may be negative, as a correction.
type PageDelta struct {
	// Outcome is what became of the page; empty counts no page.
	Outcome markwatch.PageOutcome
	// Pages counts further pages by their outcome.
	Pages map[markwatch.PageOutcome]int
	// Left counts addresses that are known and are not asked for.
	Left     int
	Listings markwatch.ListingCounts
	Leads    markwatch.LeadCounts
	Rows     markwatch.RowCounts
	// Violations counts flagged listings by violation.
	Violations map[markwatch.Violation]int
	// Fields counts listings by the field (JSON name) that they state.
	Fields map[string]int
}

// Count adds what PutListing said of one listing.
func (d *PageDelta) Count(p Put) {
	add := func(n *int, yes bool) { *n += flag(yes) }
	add(&d.Listings.Seen, p.FirstInScan)
	d.Listings.Carried -= flag(p.CarriedBefore)
	add(&d.Listings.New, p.New)
	add(&d.Listings.Changed, p.Changed)
	add(&d.Leads.New, p.LeadNew)
	add(&d.Leads.Updated, p.LeadUpdated)
	for _, v := range p.Violations {
		tally(&d.Violations, v, 1)
	}
	for _, f := range p.Fields {
		tally(&d.Fields, f, 1)
	}
}

// Add counts n pages of an outcome.
func (d *PageDelta) Add(outcome markwatch.PageOutcome, n int) { tally(&d.Pages, outcome, n) }

// Merge adds the other's counts.
func (d *PageDelta) Merge(other PageDelta) {
	if other.Outcome != "" {
		d.Add(other.Outcome, 1)
	}
	for o, n := range other.Pages {
		d.Add(o, n)
	}
	d.Left += other.Left
	l, o := &d.Listings, other.Listings
	l.Seen, l.Carried, l.New, l.Changed, l.Gone = l.Seen+o.Seen, l.Carried+o.Carried, l.New+o.New, l.Changed+o.Changed, l.Gone+o.Gone
	d.Leads.New, d.Leads.Updated = d.Leads.New+other.Leads.New, d.Leads.Updated+other.Leads.Updated
	d.Rows.Read, d.Rows.Broken = d.Rows.Read+other.Rows.Read, d.Rows.Broken+other.Rows.Broken
	for v, n := range other.Violations {
		tally(&d.Violations, v, n)
	}
	for f, n := range other.Fields {
		tally(&d.Fields, f, n)
	}
}

// tally adds n to one count, making the map where it is missing.
func tally[K comparable](counts *map[K]int, name K, n int) {
	if *counts == nil {
		*counts = map[K]int{}
	}
	(*counts)[name] += n
}

// The names of counts in the table; a page's outcome, a violation and a field
// follow their prefix.
const (
	countPage       = "page:"
	countViolation  = "violation:"
	countField      = "field:"
	countLeft       = "pages.left"
	countSeen       = "listings.seen"
	countCarried    = "listings.carried"
	countNew        = "listings.new"
	countChanged    = "listings.changed"
	countGone       = "listings.gone"
	countLeadNew    = "leads.new"
	countLeadUpdate = "leads.updated"
	countRows       = "rows.read"
	countBroken     = "rows.broken"
	countNames      = "names.total"
	countCovered    = "names.covered"
	countOldest     = "names.oldest" // a time, in milliseconds
)

// CountPage adds a page's counts to its scan in the page's own transaction, so
// that they are neither lost nor counted twice when a worker dies. On
// PostgreSQL it holds back other pages of the scan until the transaction ends:
// call it last.
func (s *Store) CountPage(ctx context.Context, tx *sql.Tx, scan string, d PageDelta) error {
	counts := map[string]int64{
		countLeft: int64(d.Left), countSeen: int64(d.Listings.Seen), countCarried: int64(d.Listings.Carried), countNew: int64(d.Listings.New),
		countChanged: int64(d.Listings.Changed), countGone: int64(d.Listings.Gone),
		countLeadNew: int64(d.Leads.New), countLeadUpdate: int64(d.Leads.Updated),
		countRows: int64(d.Rows.Read), countBroken: int64(d.Rows.Broken),
	}
	if d.Outcome != "" {
		counts[countPage+string(d.Outcome)]++
	}
	for o, n := range d.Pages {
		counts[countPage+string(o)] += int64(n)
	}
	for v, n := range d.Violations {
		counts[countViolation+string(v)] = int64(n)
	}
	for f, n := range d.Fields {
		counts[countField+f] = int64(n)
	}
	maps.DeleteFunc(counts, func(_ string, n int64) bool { return n == 0 })
	return fault(addCounts(ctx, tx, scan, counts), "counting a page")
}

// addCounts adds to a scan's counts by their names.
func addCounts(ctx context.Context, tx *sql.Tx, scan string, counts map[string]int64) error {
	if len(counts) == 0 {
		return nil
	}
	var values strings.Builder
	args := []any{scan}
	// Rows are locked in one order by all, so that no two pages wait for each other.
	for i, name := range slices.Sorted(maps.Keys(counts)) {
		if i > 0 {
			values.WriteString(", ")
		}
		fmt.Fprintf(&values, "($1, $%d, $%d)", len(args)+1, len(args)+2)
		args = append(args, sqlform.Plain(name), counts[name])
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO scan_counts (scan, name, n) VALUES `+values.String()+
		` ON CONFLICT (scan, name) DO UPDATE SET n = scan_counts.n + EXCLUDED.n`, args...)
	return err
}

// WarnScan notes a warning on a scan, once however often it comes.
func (s *Store) WarnScan(ctx context.Context, tx *sql.Tx, scan, text string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO scan_warnings (scan, text, n) VALUES ($1, $2, 1)
		ON CONFLICT (scan, text) DO UPDATE SET n = scan_warnings.n + 1`, scan, sqlform.Plain(text))
	return fault(err, "noting a warning")
}

// fillCounts reads a scan's counts and warnings into its summary.
func (s *Store) fillCounts(ctx context.Context, sum *markwatch.ScanSummary) error {
	type count struct {
		name string
		n    int64
	}
	rows, err := s.read.QueryContext(ctx, `SELECT name, n FROM scan_counts WHERE scan = $1`, sum.Scan)
	counts, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (c count, err error) {
		err = rows.Scan(&c.name, &c.n)
		return c, err
	})
	if err != nil {
		return err
	}
	sum.Violations, sum.Fields = map[markwatch.Violation]int{}, map[string]float64{}
	fields := map[string]int{}
	var names markwatch.NameCoverage
	var rowCounts markwatch.RowCounts
	fixed := fixedCounts(sum, &names, &rowCounts)
	for _, c := range counts {
		if to, ok := fixed[c.name]; ok {
			*to = int(c.n)
		} else if v, ok := strings.CutPrefix(c.name, countViolation); ok {
			sum.Violations[markwatch.Violation(v)] = int(c.n)
		} else if f, ok := strings.CutPrefix(c.name, countField); ok {
			fields[f] = int(c.n)
		}
		switch c.name {
		case countNames:
			sum.Names = &names
		case countOldest:
			names.Oldest = fromMillis(c.n)
		case countRows, countBroken:
			sum.Rows = &rowCounts
		}
	}
	for f, n := range fields {
		if sum.Listings.Seen > 0 {
			sum.Fields[f] = float64(n) / float64(sum.Listings.Seen)
		}
	}
	rows, err = s.read.QueryContext(ctx, `SELECT text, n FROM scan_warnings WHERE scan = $1 ORDER BY seq`, sum.Scan)
	warnings, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (c count, err error) {
		err = rows.Scan(&c.name, &c.n)
		return c, err
	})
	sum.Warnings = []string{}
	for _, w := range warnings {
		if w.n > 1 {
			w.name = fmt.Sprintf("%s (×%d)", w.name, w.n)
		}
		sum.Warnings = append(sum.Warnings, w.name)
	}
	return err
}

// fixedCounts maps the names that are always the same to their places.
func fixedCounts(sum *markwatch.ScanSummary, names *markwatch.NameCoverage, rows *markwatch.RowCounts) map[string]*int {
	p := &sum.Pages
	return map[string]*int{
		countPage + string(markwatch.PageFetched):     &p.Fetched,
		countPage + string(markwatch.PageUnchanged):   &p.Unchanged,
		countPage + string(markwatch.PageBlocked):     &p.Blocked,
		countPage + string(markwatch.PageRobots):      &p.Robots,
		countPage + string(markwatch.PageFailed):      &p.Failed,
		countPage + string(markwatch.PageUndecodable): &p.Undecodable,
		countPage + string(markwatch.PageEmpty):       &p.Empty,
		countPage + string(markwatch.PageNotDue):      &p.NotDue,
		countLeft:                                     &p.Left,
		countSeen:                                     &sum.Listings.Seen,
		countCarried:                                  &sum.Listings.Carried,
		countNew:                                      &sum.Listings.New,
		countChanged:                                  &sum.Listings.Changed,
		countGone:                                     &sum.Listings.Gone,
		countLeadNew:                                  &sum.Leads.New,
		countLeadUpdate:                               &sum.Leads.Updated,
		countRows:                                     &rows.Read,
		countBroken:                                   &rows.Broken,
		countNames:                                    &names.Total,
		countCovered:                                  &names.Covered,
	}
}
