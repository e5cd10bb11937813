package leads

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"iter"

	"github.com/markwatch/markwatch"
)

// writeCSV writes a table for people: a byte order mark so that Excel reads
// UTF-8, a line of Chinese headers, a line a lead. See cell for what is done
// to texts that a spreadsheet would take for something else.
func writeCSV(w io.Writer, leads iter.Seq2[markwatch.Lead, error]) error {
	out := bufio.NewWriterSize(w, 64<<10)
	if _, err := out.WriteString("\ufeff"); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	table := csv.NewWriter(out)
	row := make([]string, len(columns))
	for i, c := range columns {
		row[i] = c.header
	}
	if err := table.Write(row); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	for lead, err := range leads {
		if err != nil {
			return fmt.Errorf("reading the leads to export: %w", err)
		}
		for i, c := range columns {
			row[i] = cell(c.value(&lead), c.number)
		}
		if err := table.Write(row); err != nil {
			return fmt.Errorf("writing lead %s as CSV: %w", lead.Number, err)
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
