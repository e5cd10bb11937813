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

// PageDelta is what one page adds to its scan's counts.
type PageDelta struct {
	// Outcome is what became of the page; empty counts no page.
	Outcome  markwatch.PageOutcome
	Listings markwatch.ListingCounts
	Leads    markwatch.LeadCounts
	// Violations counts flagged listings by violation.
	Violations map[markwatch.Violation]int
	// Fields counts listings by the field (JSON name) that they state.
	Fields map[string]int
}

// Count adds what PutListing said of one listing.
func (d *PageDelta) Count(p Put) {
	add := func(n *int, yes bool) { *n += flag(yes) }
	add(&d.Listings.Seen, p.FirstInScan)
	add(&d.Listings.New, p.New)
	add(&d.Listings.Changed, p.Changed)
	add(&d.Leads.New, p.LeadNew)
	add(&d.Leads.Updated, p.LeadUpdated)
	for _, v := range p.Violations {
		if d.Violations == nil {
			d.Violations = map[markwatch.Violation]int{}
		}
		d.Violations[v]++
	}
	for _, f := range p.Fields {
		if d.Fields == nil {
			d.Fields = map[string]int{}
		}
		d.Fields[f]++
	}
}

// The names of counts in the table; a page's outcome, a violation and a field
// follow their prefix.
const (
	countPage       = "page:"
	countViolation  = "violation:"
	countField      = "field:"
	countSeen       = "listings.seen"
	countNew        = "listings.new"
	countChanged    = "listings.changed"
	countGone       = "listings.gone"
	countLeadNew    = "leads.new"
	countLeadUpdate = "leads.updated"
)

// CountPage adds a page's counts to its scan in the page's own transaction, so
// that they are neither lost nor counted twice when a worker dies. On
// PostgreSQL it holds back other pages of the scan until the transaction ends:
// call it last.
func (s *Store) CountPage(ctx context.Context, tx *sql.Tx, scan string, d PageDelta) error {
	counts := map[string]int{
		countSeen: d.Listings.Seen, countNew: d.Listings.New, countChanged: d.Listings.Changed, countGone: d.Listings.Gone,
		countLeadNew: d.Leads.New, countLeadUpdate: d.Leads.Updated,
	}
	if d.Outcome != "" {
		counts[countPage+string(d.Outcome)] = 1
	}
	for v, n := range d.Violations {
		counts[countViolation+string(v)] = n
	}
	for f, n := range d.Fields {
		counts[countField+f] = n
	}
	maps.DeleteFunc(counts, func(_ string, n int) bool { return n == 0 })
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
	return fault(err, "counting a page")
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
		n    int
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
	fixed := fixedCounts(sum)
	for _, c := range counts {
		if to, ok := fixed[c.name]; ok {
			*to = c.n
		} else if v, ok := strings.CutPrefix(c.name, countViolation); ok {
			sum.Violations[markwatch.Violation(v)] = c.n
		} else if f, ok := strings.CutPrefix(c.name, countField); ok {
			fields[f] = c.n
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
func fixedCounts(sum *markwatch.ScanSummary) map[string]*int {
	p := &sum.Pages
	return map[string]*int{
		countPage + string(markwatch.PageFetched):     &p.Fetched,
		countPage + string(markwatch.PageUnchanged):   &p.Unchanged,
		countPage + string(markwatch.PageBlocked):     &p.Blocked,
		countPage + string(markwatch.PageRobots):      &p.Robots,
		countPage + string(markwatch.PageFailed):      &p.Failed,
		countPage + string(markwatch.PageUndecodable): &p.Undecodable,
		countPage + string(markwatch.PageEmpty):       &p.Empty,
		countSeen:                                     &sum.Listings.Seen,
		countNew:                                      &sum.Listings.New,
		countChanged:                                  &sum.Listings.Changed,
		countGone:                                     &sum.Listings.Gone,
		countLeadNew:                                  &sum.Leads.New,
		countLeadUpdate:                               &sum.Leads.Updated,
	}
}
