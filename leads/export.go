package leads

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/markwatch/markwatch"
)

// Format is a form in which leads leave the program.
type Format struct {
	// Name is what people ask for; Extension has its dot.
	Name, Extension, ContentType string
	// Write writes the leads in their order, one at a time. It stops at the
	// first error of the sequence or of w; what was written by then is no
	// whole file.
	Write func(w io.Writer, leads iter.Seq2[markwatch.Lead, error]) error
}

// Formats returns every format, a line each.
func Formats() []Format {
	return []Format{
		{"csv", ".csv", "text/csv; charset=utf-8", writeCSV},
		{"xlsx", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", writeXLSX},
		{"ndjson", ".ndjson", "application/x-ndjson", writeNDJSON},
	}
}

// FormatByName returns the format of a name in any case. The error has
// markwatch.CodeInvalid and names the formats, the nearest one first.
func FormatByName(name string) (Format, error) {
	formats := Formats()
	names := make([]string, len(formats))
	nearest := formats[0].Name
	for i, f := range formats {
		if strings.EqualFold(f.Name, name) {
			return f, nil
		}
		names[i] = f.Name
		if commonPart(f.Name, strings.ToLower(name)) > commonPart(nearest, strings.ToLower(name)) {
			nearest = f.Name
		}
	}
	list := strings.Join(names, ", ")
	return Format{}, markwatch.Errorf(markwatch.CodeInvalid,
		"没有导出格式 %q,是否指 %q?可用:%s / there is no export format %q, did you mean %q? There are %s", name, nearest, list, name, nearest, list)
}

// commonPart is the length of the longest text that both hold.
func commonPart(a, b string) int {
	for n := min(len(a), len(b)); n > 0; n-- {
		for i := 0; i+n <= len(a); i++ {
			if strings.Contains(b, a[i:i+n]) {
				return n
			}
		}
	}
	return 0
}

// writeNDJSON writes a lead a line, in the form of markwatch.Lead.
func writeNDJSON(w io.Writer, leads iter.Seq2[markwatch.Lead, error]) error {
	out := bufio.NewWriterSize(w, 64<<10)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for lead, err := range leads {
		if err != nil {
			return fmt.Errorf("reading the leads to export: %w", err)
		}
		if err := enc.Encode(lead); err != nil {
			return fmt.Errorf("writing lead %s as NDJSON: %w", lead.Number, err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing NDJSON: %w", err)
	}
	return nil
}
