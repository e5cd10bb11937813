// Package evaluation measures matchers on labelled listings: how many of the
// offers that an investigator would want are flagged, and how many others.
package evaluation

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/markwatch/markwatch"
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

// maxRow bounds one line of a labelled set.
const maxRow = 16 << 20

// Read reads NDJSON. A row that cannot be read is reported with its line
// number, the rest goes in; blank lines are skipped.
func Read(r io.Reader) (rows []Labelled, problems []error) {
	br := bufio.NewReaderSize(r, 64<<10)
	for line := 1; ; line++ {
		raw, err := readLine(br)
		if errors.Is(err, errLongRow) {
			problems = append(problems, fmt.Errorf("line %d: %w", line, err))
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return rows, append(problems, fmt.Errorf("line %d: reading the labelled set: %w", line, err))
		}
		if row := bytes.TrimSpace(bytes.TrimPrefix(raw, []byte("\ufeff"))); len(row) > 0 {
			l, bad := parseRow(row)
			if bad != nil {
				problems = append(problems, fmt.Errorf("line %d: %w", line, bad))
			} else {
				rows = append(rows, l)
			}
		}
		if err != nil {
			return rows, problems
		}
	}
}

var errLongRow = fmt.Errorf("the row is longer than %d bytes", maxRow)

// readLine returns one line; a line beyond maxRow is read past and reported.
func readLine(br *bufio.Reader) ([]byte, error) {
	var line []byte
	long := false
	for {
		part, err := br.ReadSlice('\n')
		if !long && len(line)+len(part) > maxRow {
			long, line = true, nil
		}
		if !long {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if long && (err == nil || errors.Is(err, io.EOF)) {
			return nil, errLongRow
		}
		return line, err
	}
}

func parseRow(row []byte) (Labelled, error) {
	var l Labelled
	if err := json.Unmarshal(row, &l); err != nil {
		return l, fmt.Errorf("labelled listing: %w", err)
	}
	switch {
	case l.ID == "":
		return l, errors.New(`labelled listing: "id" is missing`)
	case l.Listing.Title == "":
		return l, fmt.Errorf(`labelled listing %s: "listing.title" is missing`, l.ID)
	}
	if l.Listing.ID == "" {
		l.Listing.ID = l.ID
	}
	return l, nil
}
