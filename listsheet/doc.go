// Package listsheet writes the lists of protected brands and works as tables
// for spreadsheets (CSV, XLSX) and reads them back. One row is one product of a
// brand, or one work; what a table has no column for stays as it was.
package listsheet
