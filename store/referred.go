package store

import (
	"context"
	"strings"

	"github.com/markwatch/markwatch/store/sqlform"
)

// Referred returns the ids of those records of a WARC file that leads, what
// leads once showed, or flagged listings stand on, the captures of their
// pictures and of those that their verdicts cite among them. They stay however
// old the file is.
func (s *Store) Referred(ctx context.Context, file string) (map[string]bool, error) {
	// A snapshot is "<file>#<id>": a file's are those from "#" up to the byte
	// behind it.
	from, to := sqlform.Plain(file)+"#", sqlform.Plain(file)+"$"
	const within = ` snapshot >= $1 AND snapshot < $2`
	rows, err := s.read.QueryContext(ctx, `SELECT snapshot FROM leads WHERE`+within+`
		UNION SELECT snapshot FROM listing_history WHERE snapshot <> '' AND`+within+`
		UNION SELECT snapshot FROM listings WHERE flagged = 1 AND`+within+`
		UNION SELECT snapshot FROM listing_pictures p WHERE`+within+`
			AND (EXISTS (SELECT 1 FROM leads d WHERE d.id = p.listing) OR EXISTS (SELECT 1 FROM listings l WHERE l.id = p.listing AND l.flagged = 1))`, from, to)
	snapshots, err := sqlform.Collect(rows, err, scanString)
	if err != nil {
		return nil, fault(err, "reading what refers to "+file)
	}
	ids := make(map[string]bool, len(snapshots))
	for _, snapshot := range snapshots {
		ids[strings.TrimPrefix(snapshot, from)] = true
	}
	return ids, nil
}
