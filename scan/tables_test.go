package scan_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

const tableRows = 450

// platformTable is a table of tableRows rows of data, one of them without a
// title.
func platformTable() (rows [][]string, broken int) {
	rows = append(rows, []string{"商品标题", "商品链接", "售价", "店铺"})
	broken = 321
	for n := 2; n <= tableRows+1; n++ {
		title := fmt.Sprintf("宜兴紫砂壶 第%d号", n)
		if n == broken {
			title = ""
		}
		rows = append(rows, []string{title, fmt.Sprintf("https://market.example/item/%d", n), fmt.Sprintf("%d.50", n), "陶艺工坊"})
	}
	return rows, broken
}

func csvOf(rows [][]string) string {
	var b strings.Builder
	for _, row := range rows {
		b.WriteString(strings.Join(row, ",") + "\r\n")
	}
	return b.String()
}

func handedOver(t *testing.T, dir, name string, content []byte) markwatch.Source {
	t.Helper()
	check(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	return markwatch.Source{ID: "goods", Kind: markwatch.KindTable, Start: []string{name}}
}

func TestATableIsReadWhateverItsForm(t *testing.T) {
	rows, broken := platformTable()
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(csvOf(rows))
	check(t, err)
	book := excelize.NewFile()
	var objects strings.Builder
	for i, row := range rows {
		check(t, book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row))
		if i > 0 {
			fmt.Fprintf(&objects, "{\"title\":%q,\"url\":%q,\"price\":{\"amount\":%q,\"currency\":\"CNY\"}}\n", row[0], row[1], row[2])
		}
	}
	var sheet bytes.Buffer
	check(t, book.Write(&sheet))
	for name, form := range map[string]struct {
		content []byte
		broken  int // number of the row
	}{
		"gbk.csv": {[]byte(gbk), broken}, "book.xlsx": {sheet.Bytes(), broken}, "lines.ndjson": {[]byte(objects.String()), broken - 1},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			r := open(t, dir, handedOver(t, dir, name, form.content))
			sum := r.night("goods")
			if sum.Rows == nil || *sum.Rows != (markwatch.RowCounts{Read: tableRows, Broken: 1}) || sum.Listings.New != tableRows-1 || sum.Pages.Fetched != 3 {
				t.Errorf("summary %+v, rows %+v", sum, sum.Rows)
			}
			if text := strings.Join(sum.Warnings, "\n"); !strings.Contains(text, fmt.Sprintf("%s 第 %d 行", name, form.broken)) {
				t.Errorf("warnings %s", text)
			}
			l := r.listings()["宜兴紫砂壶 第77号"].Listing
			if l.Price.String() != "77.50 CNY" || l.URL != "https://market.example/item/77" || l.Source != "goods" {
				t.Errorf("listing %+v", l)
			}
			if name != "lines.ndjson" && l.Origins["title"] != markwatch.OriginTable {
				t.Errorf("origins %v", l.Origins)
			}
		})
	}
}

func TestATableGoesOnWhereItWasBrokenOff(t *testing.T) {
	rows, _ := platformTable()
	dir := t.TempDir()
	src := handedOver(t, dir, "goods.csv", []byte(csvOf(rows)))
	committed, gate := make(chan struct{}), make(chan struct{})
	once := sync.OnceFunc(func() { close(committed); <-gate })
	r := deploy(t, dir, setup{counted: func(store.PageDelta) { once() }}, src)
	id, err := r.scanner.Begin(t.Context(), "goods")
	check(t, err)
	<-committed
	stopped := make(chan struct{})
	go func() { r.stop(); close(stopped) }()
	time.Sleep(100 * time.Millisecond) // the stop reaches the worker while it holds a part
	close(gate)
	<-stopped

	again := deploy(t, dir, setup{}, src)
	resumed, err := again.scanner.Begin(t.Context(), "goods")
	check(t, err)
	sum := again.wait(id)
	if resumed != id || !sum.Resumed || *sum.Rows != (markwatch.RowCounts{Read: tableRows, Broken: 1}) || sum.Listings.Seen != tableRows-1 || sum.Listings.New != tableRows-1 {
		t.Errorf("summary %+v, rows %+v", sum, sum.Rows)
	}
	if n := len(again.listings()); n != tableRows-1 {
		t.Errorf("%d listings", n)
	}
}

func TestATableThatIsNoneIsToldAndTheOthersGoIn(t *testing.T) {
	dir := t.TempDir()
	rows, _ := platformTable()
	src := handedOver(t, dir, "good.csv", []byte(csvOf(rows[:4])))
	handedOver(t, dir, "bad.csv", []byte("no header here\nnothing\n"))
	src.Start = []string{"*.csv"}
	sum := open(t, dir, src).night("goods")
	if sum.Listings.New != 3 || !strings.Contains(strings.Join(sum.Warnings, "\n"), "bad.csv") {
		t.Errorf("summary %+v", sum)
	}
}
