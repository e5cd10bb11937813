package table_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/table"
)

func TestAResumedReadingGoesOnBehindItsRow(t *testing.T) {
	src := &markwatch.Source{ID: "s"}
	xlsx := workbook(t, func(f *excelize.File) {
		for i := range 10 {
			title, url := any(fmt.Sprint("t", i)), any(fmt.Sprint("https://shop.example/", i))
			if i == 0 {
				title, url = "标题", "链接"
			}
			if err := errors.Join(f.SetCellValue("Sheet1", fmt.Sprint("A", i+1), title), f.SetCellValue("Sheet1", fmt.Sprint("B", i+1), url)); err != nil {
				t.Fatal(err)
			}
		}
	})
	for _, path := range []string{filepath.Join("testdata", "platform.csv"), filepath.Join("testdata", "mixed.ndjson"), xlsx} {
		all := rowsOf(t, path, src, 0)
		for i, row := range all {
			rest := rowsOf(t, path, src, row.Number)
			if got, want := lines(t, rest), lines(t, all[i+1:]); got != want {
				t.Errorf("%s behind row %d:\n%swant\n%s", path, row.Number, got, want)
			}
		}
	}
}

func TestWhatIsNoTableIsAnError(t *testing.T) {
	for name, c := range map[string]struct{ body, says string }{
		"nothing":           {"", "empty"},
		"text":              {"Dear all,\nplease find the data attached.\n", "商品标题"},
		"a header too bare": {"标题,甲,乙\n1,2,3\n", "row 1 comes nearest, with 标题"},
		"a list":            {`[{"title":"x"}]`, "NDJSON"},
		"an old workbook":   {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), ".xls"},
		"HTML":              {"<html><table>", "HTML"},
		"a broken workbook": {"PK\x03\x04 and no more", "workbook"},
		"binary":            {strings.Repeat("\x00\x01\x02\x03\xff", 100), ""},
	} {
		r, err := table.Open(write(t, "a.csv", c.body), nil)
		if markwatch.ErrorCode(err) != markwatch.CodeInvalid || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			r.Close()
		}
	}
	if _, err := table.Open(filepath.Join(t.TempDir(), "none.csv"), nil); markwatch.ErrorCode(err) != markwatch.CodeNotFound {
		t.Error(err)
	}
	if _, err := table.Open(t.TempDir(), nil); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Error(err)
	}
	src := &markwatch.Source{Columns: map[string]string{"品名": "title", "地址": "url"}}
	if _, err := table.Open(write(t, "a.csv", "品,地址\na,b\n"), src); err == nil || !strings.Contains(err.Error(), "品名") {
		t.Errorf("the columns that are missing are not named: %v", err)
	}
}

func TestTheSourcesColumnsComeFirst(t *testing.T) {
	src := &markwatch.Source{ID: "s", Platform: markwatch.Platform{ID: "shop"}, Columns: map[string]string{"会员价": "price", "商品": "title", "颜色": "attributes.色"}}
	rows := rowsOf(t, write(t, "a.csv", "商品,标题,价格,会员价,id,item_id,颜色\n甲,乙,10,9,77,88,红\n"), src, 0)
	if len(rows) != 1 || rows[0].Err != nil {
		t.Fatalf("%s", lines(t, rows))
	}
	l := rows[0].Listing
	if l.Title != "甲" || l.Price.String() != "9 CNY" || l.Attributes["标题"] != "乙" || l.Attributes["价格"] != "10" || l.Attributes["色"] != "红" || l.ID != "77" || l.ItemID != "88" {
		t.Errorf("%+v", l)
	}
}

func TestLimitsOfARow(t *testing.T) {
	long := strings.Repeat("x", 5<<20)
	head := "标题,链接,备注\n"
	good := "甲,https://shop.example/1," + strings.Repeat("好", 100) + "\n"
	for name, bad := range map[string]string{
		"a long row":         long + "\n",
		"a long cell":        `乙,https://shop.example/2,"` + long[:300<<10] + "\"\n",
		"many cells":         strings.Repeat(",", 2000) + "\n",
		"an endless quote":   "乙,\"https://shop.example/2\n",
		"NUL and bad UTF-8":  "\x00,\xff\xfe,\n",
		"more than the head": "乙,https://shop.example/2,,四\n",
	} {
		rows := rowsOf(t, write(t, "a.csv", head+bad+good), nil, 0)
		if len(rows) != 2 || rows[0].Err == nil || rows[1].Err != nil || rows[1].Number != 3 {
			t.Errorf("%s: %.600s", name, lines(t, rows))
		}
	}
}

// A row number near the end of the sheet stands for as many empty rows.
func TestHostileWorkbooks(t *testing.T) {
	sheet := func(xml string) string {
		path := workbook(t, func(*excelize.File) {})
		old, err := zip.OpenReader(path)
		if err != nil {
			t.Fatal(err)
		}
		defer old.Close()
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, f := range old.File {
			w, err := z.Create(f.Name)
			if err != nil {
				t.Fatal(err)
			}
			in, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			if f.Name == "xl/worksheets/sheet1.xml" {
				in = io.NopCloser(strings.NewReader(xml))
			}
			if _, err := io.Copy(w, in); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return write(t, "a.xlsx", b.String())
	}
	cell := func(ref, text string) string {
		return `<c r="` + ref + `" t="inlineStr"><is><t>` + text + `</t></is></c>`
	}
	head := `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">` + cell("A1", "标题") + cell("B1", "链接") + `</row>`
	row := `<row r="2">` + cell("A2", "甲") + cell("B2", "https://shop.example/1") + `</row>`
	if rows := rowsOf(t, sheet(head+row+`</sheetData></worksheet>`), nil, 0); len(rows) != 1 || rows[0].Err != nil {
		t.Fatalf("%s", lines(t, rows))
	}
	for name, xml := range map[string]string{
		"a row far down":     head + `<row r="2147483647">` + cell("A2147483647", "x") + `</row></sheetData></worksheet>`,
		"a cell far right":   head + `<row r="2">` + cell("ZZZZZZ2", "x") + `</row></sheetData></worksheet>`,
		"an unknown string":  head + `<row r="2"><c r="A2" t="s"><v>99999</v></c><c r="B2" t="s"><v>-1</v></c></row></sheetData></worksheet>`,
		"a cell of no place": head + `<row r="2"><c r="2A"><v>1</v></c></row></sheetData></worksheet>`,
	} {
		r, err := table.Open(sheet(xml), nil)
		if err != nil {
			if markwatch.ErrorCode(err) != markwatch.CodeInvalid {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		for err == nil {
			var row table.Row
			if row, err = r.Next(); err == nil && row.Err == nil {
				t.Errorf("%s: %+v", name, row)
			}
		}
		if !errors.Is(err, io.EOF) && markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
		r.Close()
	}
}

// The tables that two marketplaces' data are sold in, with JSON in their cells.
func TestRealTables(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "real", "marketplace-tables")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("../shared is absent: ", err)
	}
	for name, platform := range map[string]string{"lazada-products.csv": "lazada", "shein-products.csv": ""} {
		good, priced, sellers, pictures, categories := 0, 0, 0, 0, 0
		for _, row := range rowsOf(t, filepath.Join(dir, name), &markwatch.Source{ID: "s"}, 0) {
			if row.Err != nil {
				t.Logf("%s row %d: %v", name, row.Number, row.Err)
				continue
			}
			l := row.Listing
			if good++; l.Platform != platform {
				t.Errorf("row %d: platform %q", row.Number, l.Platform)
			}
			if l.Price != nil && l.Price.Currency != "" && l.Price.Currency != markwatch.CNY {
				priced++
			}
			if l.Seller != nil && l.Seller.Name != "" {
				sellers++
			}
			if len(l.Images) > 0 {
				pictures++
			}
			if strings.Contains(l.Category, " > ") {
				categories++
			}
		}
		t.Logf("%s: %d rows, %d with a price, %d sellers, %d pictures, %d categories", name, good, priced, sellers, pictures, categories)
		if good < 990 || priced < 950 || pictures < 990 || categories < 900 || platform != "" && sellers < 990 {
			t.Errorf("%s: too little was read", name)
		}
	}
}

func fuzz(f *testing.F, name string, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	dir := f.TempDir()
	src := &markwatch.Source{ID: "s", Platform: markwatch.Platform{ID: "p"}, Columns: map[string]string{"x": "seller"}}
	f.Fuzz(func(t *testing.T, body []byte) {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := table.Open(path, src)
		if err != nil {
			if markwatch.ErrorCode(err) != markwatch.CodeInvalid {
				t.Error(err)
			}
			return
		}
		defer r.Close()
		last := 0
		for range 10_000 {
			row, err := r.Next()
			if err != nil {
				return
			}
			if row.Number <= last {
				t.Errorf("row %d comes behind row %d", row.Number, last)
			}
			last = row.Number
			if l := row.Listing; row.Err == nil && (l.ID == "" || l.Title == "" || l.Source != "s") {
				t.Errorf("%+v", row)
			}
		}
	})
}

func FuzzCSV(f *testing.F) {
	fuzz(f, "a.csv", "标题,链接\n\"a\"\"b,c\",https://a.example\n", "sep=;\ntitle;id;x\n1;\"2\n3;4;5\n", "title\tid\n\"\n", "title|url|price(USD)\r|a.example|1")
}

func FuzzNDJSON(f *testing.F) {
	fuzz(f, "a.ndjson", `{"title":"a","id":1,"x":{"name":"s"}}`+"\n{}\n", `{"id":"a","title":"b","price":{"amount":"1","currency":"CNY"},"tracking":[{"events":[{"at":"x"}]}]}`, "{\n{\"价格\":1e999,\"标题\":[\"a\",{}],\"链接\":\"//a.example\"}")
}

func FuzzXLSX(f *testing.F) {
	path := workbook(f, func(b *excelize.File) {
		if err := errors.Join(b.SetSheetRow("Sheet1", "A1", &[]any{"标题", "链接"}), b.SetSheetRow("Sheet1", "A2", &[]any{"甲", "https://a.example/1"})); err != nil {
			f.Fatal(err)
		}
	})
	body, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	fuzz(f, "a.xlsx", string(body), "PK\x03\x04")
}

const benchRows = 100_000

// BenchmarkCSV reads 100,000 rows; the memory that it holds does not grow with
// them.
func BenchmarkCSV(b *testing.B) {
	var s strings.Builder
	s.WriteString("商品ID,商品标题,售价,店铺,链接,销量,发货地,品牌,材质\n")
	for i := range benchRows {
		fmt.Fprintf(&s, "%d,\"耐克 Air Force 1 空军一号 第%d款\",%d.00,莆田鞋坊,https://item.taobao.com/item.htm?id=%d,%d+,福建莆田,Nike,牛皮\n", i+1e11, i, i%900+10, int64(i)+1e11, i)
	}
	path := write(b, "big.csv", s.String())
	size := s.Len()
	s.Reset()
	b.SetBytes(int64(size))
	b.ReportAllocs()
	var most uint64
	for b.Loop() {
		r, err := table.Open(path, &markwatch.Source{ID: "s"})
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for {
			row, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil || row.Err != nil {
				b.Fatal(err, row.Err)
			}
			if n++; n%20_000 == 0 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
		if n != benchRows {
			b.Fatal(n)
		}
		r.Close()
	}
	b.ReportMetric(float64(most)/(1<<20), "MiB-live")
	b.ReportMetric(benchRows/(b.Elapsed().Seconds()/float64(b.N)), "rows/s")
}
