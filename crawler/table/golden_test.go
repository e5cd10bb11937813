package table_test

import (
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/table"
)

var update = flag.Bool("update", false, "write what is read into the golden files")

var handed = time.Date(2026, 11, 20, 18, 0, 0, 0, time.UTC)

// rowsOf reads a file to its end.
func rowsOf(t *testing.T, path string, src *markwatch.Source, skip int) []table.Row {
	t.Helper()
	r, err := table.Open(path, src)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	r.At = handed
	r.Skip(skip)
	var rows []table.Row
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
}

func lines(t *testing.T, rows []table.Row) string {
	t.Helper()
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for _, row := range rows {
		line := map[string]any{"row": row.Number}
		if row.Err != nil {
			line["error"] = row.Err.Error()
		} else {
			line["listing"] = row.Listing
		}
		if len(row.Problems) > 0 {
			line["problems"] = row.Problems
		}
		if err := enc.Encode(line); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+"-result")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func write(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestGolden(t *testing.T) {
	src := &markwatch.Source{ID: "handed-over"}
	for _, name := range []string{"platform.csv", "mixed.ndjson"} {
		t.Run(name, func(t *testing.T) {
			golden(t, name, lines(t, rowsOf(t, filepath.Join("testdata", name), src, 0)))
		})
	}
}

// One content in every form that spreadsheets write gives one result.
func TestEveryWritingOfCSV(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("testdata", "platform.csv"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	encoded := func(e encoding.Encoding, s string) string {
		out, err := e.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for name, body := range map[string]string{
		"BOM":           "\ufeff" + text,
		"Windows lines": strings.ReplaceAll(text, "\n", "\r\n"),
		"GBK":           encoded(simplifiedchinese.GBK, text),
		"GB18030":       encoded(simplifiedchinese.GB18030, text),
		"UTF-16":        encoded(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), text),
		"UTF-16 BE":     encoded(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), text),
	} {
		t.Run(name, func(t *testing.T) {
			golden(t, "platform.csv", lines(t, rowsOf(t, write(t, "platform.csv", body), &markwatch.Source{ID: "handed-over"}, 0)))
		})
	}
}

func TestDelimiters(t *testing.T) {
	src := &markwatch.Source{ID: "s", Columns: map[string]string{"品名": "title", "地址": "url", "价": "price"}}
	for _, d := range []string{",", ";", "\t", "|"} {
		body := strings.Join([]string{"品名", "价", "地址"}, d) + "\n" + strings.Join([]string{`"a` + d + `b"`, "5", "https://shop.example/1"}, d) + "\n"
		for _, prefix := range []string{"", "sep=" + d + "\n"} {
			rows := rowsOf(t, write(t, "a.csv", prefix+body), src, 0)
			if len(rows) != 1 || rows[0].Err != nil || rows[0].Listing.Title != strings.Join(strings.Fields("a"+d+"b"), " ") || rows[0].Listing.Price.String() != "5 CNY" {
				t.Errorf("%q: %s", prefix+d, lines(t, rows))
			}
		}
	}
	// old Mac line ends
	rows := rowsOf(t, write(t, "a.csv", "品名,地址\ra,https://shop.example/1\rb,https://shop.example/2"), src, 0)
	if len(rows) != 2 || rows[1].Number != 3 {
		t.Errorf("%s", lines(t, rows))
	}
}

func workbook(t testing.TB, fill func(*excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	path := filepath.Join(t.TempDir(), "platform.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWorkbook(t *testing.T) {
	path := workbook(t, func(f *excelize.File) {
		set := func(sheet, cell string, v any) {
			if err := f.SetCellValue(sheet, cell, v); err != nil {
				t.Fatal(err)
			}
		}
		style := func(sheet, cell string, format int) {
			id, err := f.NewStyle(&excelize.Style{NumFmt: format})
			if err == nil {
				err = f.SetCellStyle(sheet, cell, cell, id)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		set("Sheet1", "A1", "说明：本表由平台导出")
		if _, err := f.NewSheet("商品"); err != nil {
			t.Fatal(err)
		}
		set("商品", "A1", "2026年11月 商品数据")
		if err := f.MergeCell("商品", "A1", "H1"); err != nil {
			t.Fatal(err)
		}
		for i, h := range []string{"商品ID", "商品标题", "售价（元）", "店铺", "链接", "采集时间", "上市日期", "备用编号"} {
			cell, _ := excelize.CoordinatesToCellName(i+1, 3)
			set("商品", cell, h)
		}
		for i, v := range []any{562283240178, "耐克", 1299.5, "鞋坊", "https://item.taobao.com/item.htm?id=562283240178", time.Date(2026, 11, 19, 20, 30, 0, 0, time.UTC), "2025年", 123456789012345678} {
			cell, _ := excelize.CoordinatesToCellName(i+1, 4)
			set("商品", cell, v)
		}
		style("商品", "C4", 4) // #,##0.00
		set("商品", "B6", "行五是空的")
		set("商品", "E6", "https://shop.example/6")
		if err := f.SetCellFormula("商品", "C6", "=1+1"); err != nil {
			t.Fatal(err)
		}
		set("商品", "B7", "没有编号")
	})
	golden(t, "platform.xlsx", lines(t, rowsOf(t, path, &markwatch.Source{ID: "handed-over"}, 0)))
}
