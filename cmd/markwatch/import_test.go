package main

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

// deployed makes a configuration folder with the sample market's lists and no
// source.
func deployed(t *testing.T) string {
	t.Helper()
	dir := startSample(t, 50).config(t)
	if err := os.RemoveAll(filepath.Join(dir, "sources")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// imported imports a file and returns the summary.
func imported(t *testing.T, dir, file string) markwatch.ScanSummary {
	t.Helper()
	return rows[markwatch.ScanSummary](t, must(t, "import", "--config", dir, "--json", file))[0]
}

func TestTablesAreImportedRowByRow(t *testing.T) {
	dir := deployed(t)
	const csv = "商品标题,售价,店铺名称,链接\n耐克空军一号 高仿,199,莆田鞋坊,https://shop.example/item/1\n,5,无名店,https://shop.example/item/2\n宜兴紫砂壶,268,壶店,https://shop.example/item/3\n"
	file := write(t, filepath.Join(t.TempDir(), "goods.csv"), csv)
	sum := imported(t, dir, file)
	if sum.Rows == nil || *sum.Rows != (markwatch.RowCounts{Read: 3, Broken: 1}) || sum.Listings.New != 2 {
		t.Errorf("rows %+v, listings %+v", sum.Rows, sum.Listings)
	}
	if len(sum.Warnings) != 1 || !strings.Contains(sum.Warnings[0], "row 3") || !strings.Contains(sum.Warnings[0], "goods.csv") {
		t.Errorf("warnings %q", sum.Warnings)
	}
	if o := program(t, "import", "--config", dir, file); o.code != exitOK || !strings.Contains(o.err, "row 3") || !strings.Contains(o.out, "1 有误 broken") {
		t.Errorf("the same file again: code %d\n%s%s", o.code, o.out, o.err)
	}
	if again := imported(t, dir, file); again.Listings.New != 0 || again.Listings.Seen != 2 {
		t.Errorf("the same file again: %+v", again.Listings)
	}

	f := excelize.NewFile()
	for i, row := range [][]any{{"商品标题", "售价", "链接"}, {"阿迪达斯 板鞋", 300, "https://shop.example/item/4"}} {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	book := filepath.Join(t.TempDir(), "goods.xlsx")
	if err := f.SaveAs(book); err != nil {
		t.Fatal(err)
	}
	if sum := imported(t, dir, book); sum.Listings.New != 1 || sum.Rows.Broken != 0 {
		t.Errorf("a workbook: %+v, rows %+v", sum.Listings, sum.Rows)
	}

	if o := program(t, "import", "--config", dir, filepath.Join(t.TempDir(), "letter.docx")); o.code != exitInvalid || !strings.Contains(o.err, "letter.docx") || !strings.Contains(o.err, ".xlsx") {
		t.Errorf("an unknown kind: code %d, %s", o.code, o.err)
	}
	if o := program(t, "import", "--config", dir, "--source", "nobody", file); o.code != exitNotFound {
		t.Errorf("an unknown source: code %d, %s", o.code, o.err)
	}
	if o := program(t, "import", "--config", dir, filepath.Join(dir, "absent.csv")); o.code != exitNotFound {
		t.Errorf("a file that is not there: code %d, %s", o.code, o.err)
	}
}

// offerPage is a page with one offer.
func offerPage(title string) string {
	return `<html><head><meta charset="utf-8"><title>` + title + `</title><script type="application/ld+json">` +
		`{"@context":"https://schema.org","@type":"Product","name":"` + title + `","offers":{"@type":"Offer","price":"168.00","priceCurrency":"CNY"}}` +
		`</script></head><body><h1>` + title + `</h1><p>¥168.00</p></body></html>`
}

func TestOfficersCapturesBecomeEvidence(t *testing.T) {
	dir, from := deployed(t), t.TempDir()
	har, err := json.Marshal(map[string]any{"log": map[string]any{
		"version": "1.2", "creator": map[string]any{"name": "browser", "version": "1"},
		"entries": []any{map[string]any{
			"startedDateTime": "2026-11-21T10:00:00Z", "time": 12,
			"request":  map[string]any{"method": "GET", "url": "https://shop.example/item/har", "httpVersion": "HTTP/1.1", "headers": []any{}},
			"response": map[string]any{"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "headers": []any{map[string]any{"name": "Content-Type", "value": "text/html; charset=utf-8"}}, "content": map[string]any{"mimeType": "text/html; charset=utf-8", "text": offerPage("耐克 空军一号 顶级复刻")}},
		}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	mhtml := "From: <Saved>\r\nSubject: page\r\nDate: Sat, 21 Nov 2026 10:00:00 -0000\r\nMIME-Version: 1.0\r\nSnapshot-Content-Location: https://shop.example/item/mhtml\r\n" +
		"Content-Type: multipart/related; type=\"text/html\"; boundary=\"--b\"\r\n\r\n----b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n" +
		"Content-Location: https://shop.example/item/mhtml\r\n\r\n" + offerPage("阿迪达斯 三叶草 高仿") + "\r\n----b--\r\n"
	files := []string{
		write(t, filepath.Join(from, "page.har"), string(har)), write(t, filepath.Join(from, "page.mhtml"), mhtml),
		waczOf(t, filepath.Join(from, "officer.wacz")),
	}
	for _, file := range files {
		sum := imported(t, dir, file)
		if sum.Listings.New == 0 || !sum.Complete {
			t.Errorf("%s: %+v", filepath.Base(file), sum)
		}
		if again := imported(t, dir, file); again.Listings.New != 0 || again.Listings.Seen != sum.Listings.Seen {
			t.Errorf("%s a second time: %+v", filepath.Base(file), again.Listings)
		}
		// What stands in the record stays when the original goes away.
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := filepath.Glob(filepath.Join(dir, "data", "captures", "import-*"))
	if err != nil || len(kept) < len(files) {
		t.Errorf("kept are %v, %v", kept, err)
	}
	for _, name := range []string{"page.har", "page.mhtml", "officer.wacz"} {
		n := 0
		for _, k := range kept {
			if strings.HasSuffix(k, name) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s is kept %d times: %v", name, n, kept)
		}
	}
	shown := map[string]bool{}
	for _, r := range rows[store.Record](t, must(t, "listings", "--config", dir, "--json")) {
		file, _, _ := strings.Cut(r.Listing.Snapshot, "#")
		if shown[file] {
			continue
		}
		shown[file] = true
		if o := program(t, "evidence", "show", "--config", dir, r.Listing.Snapshot); o.code != exitOK || !strings.Contains(o.out, "相符 intact") {
			t.Errorf("%s: code %d\n%s%s", r.Listing.Snapshot, o.code, o.out, o.err)
		}
		// A result page may show a title cut short, and some pages are not in
		// UTF-8; then it is the number in the offer's address that they show.
		title, number := string([]rune(r.Listing.Title)[:4]), strings.TrimSuffix(path.Base(r.Listing.URL), ".html")
		if o := program(t, "evidence", "show", "--config", dir, "--body", "page", r.Listing.Snapshot); !strings.Contains(o.out, title) && !strings.Contains(o.out, number) {
			t.Errorf("%s does not show %s: code %d %s", r.Listing.Snapshot, r.Listing.Title, o.code, o.err)
		}
		if o := program(t, "evidence", "show", "--config", dir, r.Listing.URL); o.code != exitOK {
			t.Errorf("%s: code %d\n%s", r.Listing.URL, o.code, o.err)
		}
	}
	if len(shown) != len(files) {
		t.Errorf("the listings stand on %v", shown)
	}
}

// waczOf makes a WACZ of what a scan captured.
func waczOf(t *testing.T, name string) string {
	t.Helper()
	dir := startSample(t, 50).config(t)
	must(t, "scan", "--config", dir)
	warcs, err := filepath.Glob(filepath.Join(dir, "data", "captures", "*.warc.gz"))
	if err != nil || len(warcs) == 0 {
		t.Fatalf("captures %v, %v", warcs, err)
	}
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(f)
	for _, warc := range warcs {
		content, err := os.ReadFile(warc)
		if err != nil {
			t.Fatal(err)
		}
		member, err := w.CreateHeader(&zip.FileHeader{Name: "archive/" + filepath.Base(warc), Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := member.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}
