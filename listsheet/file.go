package listsheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/markwatch/markwatch"
)

// The bounds of a table that is read.
const (
	maxRows     = 50_000
	maxCell     = 20_000 // bytes
	maxUnzipped = 64 << 20
)

// Row is one row of a table. Line is its number in the file, from 1.
type Row struct {
	Line  int
	Cells map[string]string // by Column.Key
}

// Problem is what is wrong with one row.
type Problem struct {
	Line    int
	Column  string // key, empty where it is the row as a whole
	Message markwatch.Text
}

// Formats are the names of the formats.
func Formats() []string { return []string{"csv", "xlsx"} }

// Read reads a table of the columns, of which "id" must be there. It is XLSX
// where it begins as a zip file, else CSV, in UTF-8 or GB 18030. The error is
// of CodeInvalid where there is no table.
func Read(data []byte, columns []Column) ([]Row, error) {
	return read(data, columns, "id")
}

// ReadSellers reads a table of the blacklist as Read does, with any column that
// a seller can be recognised by.
func ReadSellers(data []byte) ([]Row, error) {
	return read(data, SellerColumns(), "id", "license", "accounts", "name")
}

func read(data []byte, columns []Column, anyOf ...string) ([]Row, error) {
	var cells [][]string
	var err error
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		cells, err = readXLSX(data)
	} else {
		cells, err = readCSV(data)
	}
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "读不出表格,请用 CSV 或 XLSX / this is no table; use CSV or XLSX")
	}
	if len(cells) == 0 {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "表格是空的 / the table is empty")
	}
	if len(cells) > maxRows {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "超过 %d 行 / more than %d rows", maxRows, maxRows)
	}
	keys := make([]string, len(cells[0]))
	known := false
	for i, head := range cells[0] {
		keys[i] = keyOf(columns, head)
		known = known || slices.Contains(anyOf, keys[i])
	}
	if !known {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "第一行须有列名 %s,可先导出一份作样子 / the first row needs a column %s; export a file to see the form",
			strings.Join(anyOf, " 或 "), strings.Join(anyOf, " or "))
	}
	return rowsBelow(keys, cells, 0), nil
}

// rowsBelow are the rows that hold anything below the line of the heads, whose
// keys are empty for columns that are passed over.
func rowsBelow(keys []string, cells [][]string, heads int) []Row {
	var rows []Row
	for n, line := range cells[heads+1:] {
		row := Row{Line: heads + n + 2, Cells: map[string]string{}}
		for i, cell := range line {
			if i < len(keys) && keys[i] != "" && len(cell) <= maxCell {
				if cell = strings.TrimSpace(unguarded(cell)); cell != "" {
					row.Cells[keys[i]] = cell
				}
			}
		}
		if len(row.Cells) > 0 {
			rows = append(rows, row)
		}
	}
	return rows
}

func readCSV(data []byte) ([][]string, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
		if err != nil {
			return nil, err
		}
		data = decoded
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, errors.New("the file is binary")
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	if head, _, _ := bytes.Cut(data, []byte("\n")); bytes.Count(head, []byte("\t")) > bytes.Count(head, []byte(",")) {
		r.Comma = '\t'
	}
	var rows [][]string
	for len(rows) <= maxRows {
		line, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, line)
	}
	return rows, nil
}

func readXLSX(data []byte) (rows [][]string, err error) {
	// The library is not made for hostile files.
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("reading the workbook: %v", v)
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxUnzipped})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sheet, err := f.Rows(f.GetSheetName(0))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, sheet.Close()) }()
	for sheet.Next() && len(rows) <= maxRows {
		line, err := sheet.Columns()
		if err != nil {
			return nil, err
		}
		rows = append(rows, line)
	}
	return rows, nil
}

// Write writes rows as a file of a format.
func Write(w io.Writer, format string, columns []Column, rows []Row) error {
	lines := [][]string{{}}
	for _, c := range columns {
		lines[0] = append(lines[0], c.head())
	}
	for _, row := range rows {
		line := make([]string, len(columns))
		for i, c := range columns {
			line[i] = row.Cells[c.Key]
		}
		lines = append(lines, line)
	}
	switch format {
	case "csv":
		return writeCSV(w, lines)
	case "xlsx":
		return writeXLSX(w, lines)
	}
	return markwatch.Errorf(markwatch.CodeInvalid, "没有格式 %q,可用 csv、xlsx / there is no format %q, only csv and xlsx", format, format)
}

func writeCSV(w io.Writer, lines [][]string) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil { // by which spreadsheets know UTF-8
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	for _, line := range lines {
		for i := range line {
			line[i] = guarded(line[i])
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func writeXLSX(w io.Writer, lines [][]string) (err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	sheet, err := f.NewStreamWriter(f.GetSheetName(0))
	if err != nil {
		return err
	}
	for i, line := range lines {
		cells := make([]any, len(line))
		for j, cell := range line {
			cells[j] = cell // a string cell is text, never a formula
		}
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := sheet.SetRow(at, cells); err != nil {
			return err
		}
	}
	if err := sheet.Flush(); err != nil {
		return err
	}
	return f.Write(w)
}

// formulas are what spreadsheets take for the beginning of one.
const formulas = "=+-@\t\r"

// guarded keeps a spreadsheet from running a cell; unguarded takes that back.
func guarded(cell string) string {
	if cell != "" && strings.ContainsRune(formulas, rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func unguarded(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && strings.ContainsRune(formulas, rune(cell[1])) {
		return cell[1:]
	}
	return cell
}
