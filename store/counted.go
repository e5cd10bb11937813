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

// counted is what a source's newest scan has counted of a listing. The sets
// are "|a|b|".
type counted struct {
	scan               string
	violations, fields string
	// carried says that the scan has only taken over an earlier reading.
	carried bool
}

// countedColumns are read from listing_scans as c, which may have no row.
const countedColumns = `c.scan, c.violations, c.fields, c.carried`

type countedRow struct {
	scan, violations, fields sql.NullString
	carried                  sql.NullInt64
}

func (r *countedRow) to() []any { return []any{&r.scan, &r.violations, &r.fields, &r.carried} }

func (r *countedRow) counted() counted {
	return counted{r.scan.String, r.violations.String, r.fields.String, r.carried.Int64 == 1}
}

// carriedBy says that the scan has counted an earlier reading of the listing
// and not seen the offer itself.
func (c counted) carriedBy(scan string) bool { return c.scan == scan && c.carried }

// add returns what the scan has counted with the reading's sets, and leaves in
// p what it had not counted before.
func (c counted) add(scan, violations, fields string, p *Put) counted {
	now := counted{scan: scan, violations: "|", fields: "|"}
	if c.scan == scan {
		now.violations, now.fields = c.violations, c.fields
	}
	for _, name := range missing(now.violations, violations) {
		now.violations += name + "|"
		p.Violations = append(p.Violations, markwatch.Violation(name))
	}
	p.Fields = missing(now.fields, fields)
	for _, name := range p.Fields {
		now.fields += name + "|"
	}
	return now
}

// missing are the names of one set that another has not.
func missing(from, set string) (names []string) {
	for name := range members(set) {
		if !strings.Contains(from, "|"+name+"|") {
			names = append(names, name)
		}
	}
	return names
}

// members are the names of a set.
func members(set string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for name := range strings.SplitSeq(set, "|") {
			if name != "" && !yield(name) {
				return
			}
		}
	}
}

// putCounted stores what a source's scan has counted of listings, by their id.
func putCounted(ctx context.Context, tx *sql.Tx, source string, listings map[string]counted) error {
	for chunk := range slices.Chunk(slices.Sorted(maps.Keys(listings)), 500) {
		args := []any{source}
		var values strings.Builder
		for i, id := range chunk {
			if i > 0 {
				values.WriteString(", ")
			}
			c := listings[id]
			fmt.Fprintf(&values, "($%d, $1, $%d, $%d, $%d, %d)", len(args)+1, len(args)+2, len(args)+3, len(args)+4, flag(c.carried))
			args = append(args, id, c.scan, sqlform.Plain(c.violations), c.fields)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO listing_scans (listing, source, scan, violations, fields, carried) VALUES `+values.String()+`
			ON CONFLICT (listing, source) DO UPDATE SET scan = EXCLUDED.scan, violations = EXCLUDED.violations,
			fields = EXCLUDED.fields, carried = EXCLUDED.carried`, args...); err != nil {
			return err
		}
	}
	return nil
}

// flaggedViolations are the violations that the verdict flags, sorted.
func flaggedViolations(v *markwatch.Verdict) []markwatch.Violation {
	var names []markwatch.Violation
	for name, part := range v.Violations {
		if part.Flagged {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// violationSet is "|counterfeit|piracy|", for looking up by LIKE.
func violationSet(v *markwatch.Verdict) string {
	var b strings.Builder
	b.WriteByte('|')
	for _, name := range flaggedViolations(v) {
		b.WriteString(sqlform.Plain(string(name)))
		b.WriteByte('|')
	}
	return b.String()
}

// statedSet names the fields of a listing whose coverage a scan reports:
// "|title|price|".
func statedSet(l *markwatch.Listing) string {
	var b strings.Builder
	b.WriteByte('|')
	for _, f := range []struct {
		name   string
		stated bool
	}{
		{"title", l.Title != ""}, {"description", l.Description != ""}, {"category", l.Category != ""},
		{"brand", l.Brand != ""}, {"price", l.Price != nil}, {"availability", l.Availability != ""},
		{"images", len(l.Images) > 0}, {"seller", l.Seller != nil}, {"ships_from", l.ShipsFrom != ""},
		{"delivery", l.Delivery != ""}, {"sales", l.Sales > 0 || l.SalesText != ""}, {"attributes", len(l.Attributes) > 0},
	} {
		if f.stated {
			b.WriteString(f.name)
			b.WriteByte('|')
		}
	}
	return b.String()
}
