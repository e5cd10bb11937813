package leads

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"iter"

	"github.com/markwatch/markwatch"
)

// writeCSV writes any leads as a table for people.
func writeCSV(w io.Writer, leads iter.Seq2[markwatch.Lead, error]) error {
	return WriteCSV(w, PlainColumns(), rowsOf(leads))
}

func rowsOf(leads iter.Seq2[markwatch.Lead, error]) iter.Seq2[*Row, error] {
	return func(yield func(*Row, error) bool) {
		for lead, err := range leads {
			if !yield(&Row{Lead: lead}, err) {
				return
			}
		}
	}
}

// WriteCSV writes a table for people: a byte order mark so that Excel reads
// UTF-8, a line of Chinese headers, a line a lead. See cell for what is done
// to texts that a spreadsheet would take for something else.
func WriteCSV(w io.Writer, columns []Column, rows iter.Seq2[*Row, error]) error {
	out := bufio.NewWriterSize(w, 64<<10)
	if _, err := out.WriteString("\ufeff"); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	table := csv.NewWriter(out)
	line := make([]string, len(columns))
	for i, c := range columns {
		line[i] = c.Header
	}
	if err := table.Write(line); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	for row, err := range rows {
		if err != nil {
			return fmt.Errorf("reading the leads to export: %w", err)
		}
		for i, c := range columns {
			line[i] = cell(c.Value(row), c.Number)
		}
		if err := table.Write(line); err != nil {
			return fmt.Errorf("writing lead %s as CSV: %w", row.Number, err)
		}
	}
	table.Flush()
	if err := table.Error(); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return nil
}
