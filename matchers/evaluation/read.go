// Package evaluation measures matchers on labelled listings: how many of the
// offers that an investigator would want are flagged, and how many others.
package evaluation

import (
	"errors"
	"fmt"
	"io"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/ndjson"
)

// Labelled is one line of a labelled set.
type Labelled struct {
	ID      string            `json:"id"`
	Listing markwatch.Listing `json:"listing"`
	// Labels holds every violation for which a trained investigator would
	// want this listing as a lead; empty where they would not.
	Labels []markwatch.Violation `json:"labels"`
	// Subjects are the ids of the brands and works of those violations.
	Subjects []string `json:"subjects"`
	Kind     string   `json:"kind"`
	Why      string   `json:"why"`
}

// Read reads NDJSON. A row that cannot be used is reported with its line
// number, the rest goes in; blank lines are skipped.
func Read(r io.Reader) (rows []Labelled, problems []error) {
	for row, err := range ndjson.Read[Labelled](r) {
		var line *ndjson.LineError
		switch {
		case err == nil:
			if err = complete(&row.Value); err != nil {
				problems = append(problems, &ndjson.LineError{Line: row.Line, Err: err})
				continue
			}
			rows = append(rows, row.Value)
		case errors.As(err, &line):
			problems = append(problems, &ndjson.LineError{Line: line.Line, Err: fmt.Errorf("labelled listing: %w", line.Err)})
		default:
			problems = append(problems, fmt.Errorf("reading the labelled set: %w", err))
		}
	}
	return rows, problems
}

// complete asks for what every row must have, and gives the listing its id.
func complete(l *Labelled) error {
	switch {
	case l.ID == "":
		return errors.New(`labelled listing: "id" is missing`)
	case l.Listing.Title == "":
		return fmt.Errorf(`labelled listing %s: "listing.title" is missing`, l.ID)
	}
	if l.Listing.ID == "" {
		l.Listing.ID = l.ID
	}
	return nil
}
