package table

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"github.com/markwatch/markwatch"
)

// Limits of a workbook: of the file, of what it unzips to, and of what is held
// in memory of one sheet; a longer one is unzipped into a temporary file.
const (
	maxWorkbook   = 256 << 20
	maxUnzipped   = 2 << 30
	maxUnzippedIn = 16 << 20
	maxSheets     = 64
	// maxSheetRows is Excel's own; a row that claims a higher number would be
	// preceded by that many empty ones.
	maxSheetRows = 1 << 20
)

// sheetRows reads a sheet twice side by side: as it is shown, and as it is
// stored, since a long number is shown as 1.2E+17 and a date in a short form.
// Formulas are not evaluated: their last result is in the file.
type sheetRows struct {
	book       *excelize.File
	shown, raw *excelize.Rows
	date1904   bool
	number     int
	head       header
	cells      []string
}

// guard turns a panic of the workbook's reader into an error: the file comes
// from outside.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = markwatch.Errorf(markwatch.CodeInvalid, "the workbook is broken: %v", p)
	}
}

// openXLSX takes the first sheet that has a header.
func (r *Reader) openXLSX(in io.Reader, size int64) (err error) {
	defer guard(&err)
	if size > maxWorkbook {
		return markwatch.Errorf(markwatch.CodeInvalid, "the workbook is longer than %d bytes; save it as .csv", maxWorkbook)
	}
	book, err := excelize.OpenReader(in, excelize.Options{UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxUnzippedIn})
	if book != nil {
		file := r.close
		r.close = func() error { return errors.Join(book.Close(), file()) }
	}
	if err != nil {
		return markwatch.WrapError(markwatch.CodeInvalid, err, "reading the workbook")
	}
	s := &sheetRows{book: book}
	if props, err := book.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		s.date1904 = *props.Date1904
	}
	var nearest header
	nearestRow := 0
	sheets := book.GetSheetList()
	for _, sheet := range sheets[:min(len(sheets), maxSheets)] {
		if err := s.open(sheet); err != nil {
			continue // a sheet of charts has no rows
		}
		for s.number < headerRows {
			shown, _, err := s.row()
			if err != nil {
				break
			}
			h := mapHeader(shown, r.src.Columns)
			if h.mapped > nearest.mapped {
				nearest, nearestRow = h, s.number
			}
			if h.usable() {
				s.head, s.cells = h, slices.Clone(shown)
				r.rows = s
				file := r.close
				r.close = func() error { return errors.Join(s.shown.Close(), s.raw.Close(), file()) }
				return nil
			}
		}
		if err := errors.Join(s.shown.Close(), s.raw.Close()); err != nil {
			return fmt.Errorf("closing sheet %s: %w", sheet, err)
		}
	}
	return noHeader(nearest, nearestRow, r.src.Columns)
}

func (s *sheetRows) open(sheet string) (err error) {
	s.number = 0
	if s.shown, err = s.book.Rows(sheet); err != nil {
		return err
	}
	s.raw, err = s.book.Rows(sheet)
	return err
}

// row is the next row as shown and as stored.
func (s *sheetRows) row() (shown, raw []string, err error) {
	defer guard(&err)
	if !s.shown.Next() || !s.raw.Next() {
		return nil, nil, io.EOF
	}
	if s.number++; s.number > maxSheetRows {
		return nil, nil, markwatch.Errorf(markwatch.CodeInvalid, "the sheet has more than %d rows", maxSheetRows)
	}
	if shown, err = s.shown.Columns(); err != nil {
		return nil, nil, markwatch.WrapError(markwatch.CodeInvalid, err, "reading a row of the sheet")
	}
	if raw, err = s.raw.Columns(excelize.Options{RawCellValue: true}); err != nil {
		return nil, nil, markwatch.WrapError(markwatch.CodeInvalid, err, "reading a row of the sheet")
	}
	return shown, raw, nil
}

func (s *sheetRows) next() (int, func(*Reader) Row, error) {
	for {
		shown, raw, err := s.row()
		if err != nil {
			return s.number, nil, err
		}
		number := s.number
		if blank(shown) && blank(raw) || slices.Equal(shown, s.cells) {
			continue
		}
		return number, func(r *Reader) Row { return s.read(r, number, shown, raw) }, nil
	}
}

func (s *sheetRows) read(r *Reader, number int, shown, raw []string) Row {
	for i := range shown {
		if len(shown[i]) > maxCell {
			err := error(errLongCell)
			if i < len(s.head.columns) {
				err = fmt.Errorf("column %q: %w", s.head.columns[i].header, err)
			}
			return Row{Err: err}
		}
		if i < len(raw) && i < len(s.head.columns) {
			shown[i] = s.cell(s.head.columns[i].field, shown[i], raw[i])
		}
	}
	return s.head.read(r, number, shown)
}

// cell is what a cell says: what is shown, but a time in full and a long
// number with all the digits that the file has of it.
func (s *sheetRows) cell(field, shown, raw string) string {
	stored, err := decimal.NewFromString(raw)
	if err != nil || len(raw) > 40 || stored.Exponent() > 40 || stored.Exponent() < -40 {
		return shown
	}
	if field == "fetched_at" {
		if serial, exact := stored.Float64(); (exact || serial != 0) && serial > 0 && serial < 2958466 { // 9999-12-31
			if t, err := excelize.ExcelDateToTime(serial, s.date1904); err == nil {
				return t.Format("2006-01-02 15:04:05")
			}
		}
	}
	if strings.ContainsAny(shown, "eE") && !strings.ContainsAny(strings.Trim(shown, "0123456789.+-eE"), " ") {
		if _, err := decimal.NewFromString(shown); err == nil {
			return stored.String()
		}
	}
	return shown
}
