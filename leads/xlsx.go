package leads

import (
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"unicode"

	"github.com/xuri/excelize/v2"

	"github.com/markwatch/markwatch"
)

// writeXLSX writes any leads as a workbook.
func writeXLSX(w io.Writer, leads iter.Seq2[markwatch.Lead, error]) error {
	return WriteXLSX(w, PlainColumns(), rowsOf(leads))
}

// sheetName is the name of the list's sheet.
const sheetName = "线索清单"

// WriteXLSX writes a workbook with one sheet. Texts are stored as texts, so that
// none is a formula or becomes another number; the numbers of number columns
// are numbers. The same rows give the same bytes.
func WriteXLSX(w io.Writer, columns []Column, rows iter.Seq2[*Row, error]) error {
	return WriteSheet(w, sheetName, func(add func(cells []any) error) error {
		line := make([]any, len(columns))
		for i, c := range columns {
			line[i] = c.Header
		}
		if err := add(line); err != nil {
			return err
		}
		for row, err := range rows {
			if err != nil {
				return fmt.Errorf("reading the leads to export: %w", err)
			}
			for i, c := range columns {
				line[i] = sheetCell(c.Value(row), c.Number)
			}
			if err := add(line); err != nil {
				return fmt.Errorf("writing lead %s: %w", row.Number, err)
			}
		}
		return nil
	})
}

// WriteSheet writes a workbook of one sheet whose rows fill adds, the first of
// them the headers. Cells are texts (string), numbers (float64) or nil.
func WriteSheet(w io.Writer, name string, fill func(add func(cells []any) error) error) (err error) {
	book := excelize.NewFile()
	defer func() {
		if closeErr := book.Close(); err == nil {
			err = closeErr
		}
	}()
	if err := book.SetSheetName("Sheet1", name); err != nil {
		return fmt.Errorf("writing XLSX: %w", err)
	}
	sheet, err := book.NewStreamWriter(name)
	if err != nil {
		return fmt.Errorf("writing XLSX: %w", err)
	}
	if err := sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return fmt.Errorf("writing XLSX: %w", err)
	}
	n := 0
	err = fill(func(cells []any) error {
		n++
		at, err := excelize.CoordinatesToCellName(1, n)
		if err != nil {
			return err
		}
		return sheet.SetRow(at, cells)
	})
	if err != nil {
		return fmt.Errorf("writing XLSX: %w", err)
	}
	if err := sheet.Flush(); err != nil {
		return fmt.Errorf("writing XLSX: %w", err)
	}
	if err := book.Write(w); err != nil {
		return fmt.Errorf("writing XLSX: %w", err)
	}
	return nil
}

// sheetCell is a text as a workbook can hold it: no characters that XML does not
// know, no more than Excel keeps; or a number.
func sheetCell(s string, number bool) any {
	if number && plainNumber.MatchString(s) {
		f, err := strconv.ParseFloat(s, 64)
		if err == nil {
			return f
		}
	}
	s = strings.ToValidUTF8(s, "\ufffd")
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, s)
	if r := []rune(s); len(s) > maxCell && len(r) > maxCell {
		s = string(r[:maxCell]) + cutMark
	}
	if s == "" {
		return nil
	}
	return s
}
