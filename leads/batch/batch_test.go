package batch_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/batch"
)

// hostile are texts that spreadsheets, letters and parsers stumble over.
var hostile = []string{
	"007", "123456789012345678", "91350304MA2XXXXX0X", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1+1", "耐克😀Air", "两行\n第二行", "a,b;\"c\"", "1.10",
	"2026-11-20", "5月3日", "1e5", "' quoted", "<b>&amp;</b>", "  blank  ", "a\x00\x07b\ufffe", "𠮷野家", "٣", "א", "₿",
}

func row(i int) *leads.Row {
	text := hostile[i%len(hostile)]
	r := &leads.Row{Holder: "某公司", Registration: "0012345", PlaceName: "福建省莆田市"}
	r.Number, r.ID = "2026-"+strings.Repeat("0", 3)+string(rune('1'+i%9)), "p-1"
	r.Listing = markwatch.Listing{Title: text, URL: "https://market.example/item/1?q=%E8%80%90", ItemID: "0001234567890123456", Seller: &markwatch.Seller{Name: text, License: "91350304MA2XXXXX0X"}}
	r.Verdict = markwatch.Verdict{Score: 0.93, Violations: map[markwatch.Violation]markwatch.ViolationVerdict{markwatch.Counterfeit: {Score: 0.93, Flagged: true}}}
	r.Handling.Addressee = markwatch.Addressee{Unit: "samr-putian", Basis: "第25条"}
	return r
}

func rows(n int) batch.Rows {
	return func() iter.Seq2[*leads.Row, error] {
		return func(yield func(*leads.Row, error) bool) {
			for i := range n {
				if !yield(row(i), nil) {
					return
				}
			}
		}
	}
}

func sample(n int) batch.Batch {
	return batch.Batch{
		Format: batch.Format, Number: batch.Number("筑标移", 2026, 12), Unit: "samr-putian", Name: "莆田市市场监督管理局", Copies: []string{"福建省邮政管理局"},
		Sender: batch.Sender{Name: "某市网络市场监测中心", Contact: "张敏"}, At: time.Date(2026, 11, 20, 17, 30, 0, 0, time.UTC), By: "李强", Formats: []string{"xlsx", "csv", "ndjson"}, Leads: n,
	}
}

func TestABatchIsTheSameEachTime(t *testing.T) {
	pack := filepath.Join(t.TempDir(), "2026-0001.zip")
	if err := os.WriteFile(pack, []byte("package"), 0o600); err != nil {
		t.Fatal(err)
	}
	var zips [2][]byte
	for i := range zips {
		dir := filepath.Join(t.TempDir(), "b")
		m, err := batch.Write(dir, sample(60), rows(60), []string{pack})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range m.Files {
			data, err := os.ReadFile(filepath.Join(dir, f.Name))
			sum := sha256.Sum256(data)
			if err != nil || f.SHA256 != hex.EncodeToString(sum[:]) || f.Bytes != int64(len(data)) || len(f.SM3) != 64 {
				t.Errorf("%s: %v, %+v", f.Name, err, f)
			}
		}
		if len(m.Files) != 6 {
			t.Errorf("%d files", len(m.Files))
		}
		// Made again in its place it stays; another one does not take its place.
		if _, err := batch.Write(dir, sample(60), rows(60), []string{pack}); err != nil {
			t.Error(err)
		}
		if _, err := batch.Write(dir, sample(60), rows(59), []string{pack}); markwatch.ErrorCode(err) != markwatch.CodeConflict {
			t.Errorf("another batch in its place: %v", err)
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), ".batch-*")); len(left) > 0 {
			t.Errorf("left over: %v", left)
		}
		var b bytes.Buffer
		if err := batch.Zip(&b, dir, sample(1).At); err != nil {
			t.Fatal(err)
		}
		zips[i] = b.Bytes()
	}
	if !bytes.Equal(zips[0], zips[1]) {
		t.Error("the same batch gave other bytes")
	}
}

func TestABatchThatFailsLeavesNothing(t *testing.T) {
	parent := t.TempDir()
	broken := func() iter.Seq2[*leads.Row, error] {
		return func(yield func(*leads.Row, error) bool) { _ = yield(row(1), nil) && yield(nil, io.ErrUnexpectedEOF) }
	}
	if _, err := batch.Write(filepath.Join(parent, "b"), sample(2), broken, nil); err == nil {
		t.Error("a batch of which not all could be read was made")
	}
	b := sample(2)
	b.Fields = []string{"number", "sller"}
	if _, err := batch.Write(filepath.Join(parent, "b"), b, rows(2), nil); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Errorf("an unknown field: %v", err)
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
		t.Errorf("left over: %v %v", left, err)
	}
}

func TestOnlyChosenFieldsLeave(t *testing.T) {
	b := sample(3)
	b.Fields = []string{"number", "title", "sent_as"}
	dir := filepath.Join(t.TempDir(), "b")
	if _, err := batch.Write(dir, b, rows(2), nil); err != nil {
		t.Fatal(err)
	}
	line, err := os.ReadFile(filepath.Join(dir, "list.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.NewDecoder(bytes.NewReader(line)).Decode(&got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"number": "2026-0001", "title": "007", "sent_as": "仿冒"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, name := range []string{"list.csv", "list.xlsx", "letter.docx"} {
		if text := content(t, filepath.Join(dir, name)); strings.Contains(text, "91350304") || strings.Contains(text, "market.example") {
			t.Errorf("%s holds what may not leave", name)
		}
	}
}

// content is a file, or all parts of a ZIP file one after the other.
func content(t *testing.T, name string) string {
	t.Helper()
	z, err := zip.OpenReader(name)
	if err != nil {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	defer z.Close()
	var b strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&b, r); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// wantCell is a text as it must come back.
func wantCell(s string) string {
	return strings.NewReplacer("\x00", "", "\x07", "", "\ufffe", "").Replace(s)
}

func TestWhatStandsInTheListsComesBack(t *testing.T) {
	n := len(hostile)
	dir := filepath.Join(t.TempDir(), "b")
	if _, err := batch.Write(dir, sample(n), rows(n), nil); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenFile(filepath.Join(dir, "list.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	table, err := book.GetRows("线索清单")
	if err != nil {
		t.Fatal(err)
	}
	title, item := column(t, table[0], "标题"), column(t, table[0], "商品编号")
	for i, text := range hostile {
		if got := table[i+1][title]; got != wantCell(text) {
			t.Errorf("XLSX: %q came back as %q", text, got)
		}
		if table[i+1][item] != "0001234567890123456" {
			t.Errorf("XLSX: the item's number is %q", table[i+1][item])
		}
	}
	if formulas := strings.Count(content(t, filepath.Join(dir, "list.xlsx")), "<f>"); formulas > 0 {
		t.Errorf("%d formulas", formulas)
	}
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(content(t, filepath.Join(dir, "list.csv")), "\ufeff"))).ReadAll()
	if err != nil || len(lines) != n+1 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	for i, text := range hostile {
		// The marks that keep a spreadsheet from reckoning can be taken off.
		got := strings.TrimRight(strings.TrimPrefix(lines[i+1][title], "'"), "\t")
		if want := strings.TrimRight(strings.NewReplacer("\x00", "", "\x07", "").Replace(text), "\t\n "); got != want {
			t.Errorf("CSV: %q came back as %q", text, got)
		}
		if c := lines[i+1][title]; strings.ContainsAny(c[:1], "=+-@") {
			t.Errorf("CSV: %q is a formula", c)
		}
	}
}

func column(t *testing.T, head []string, name string) int {
	t.Helper()
	for i, h := range head {
		if h == name {
			return i
		}
	}
	t.Fatalf("no column %s in %v", name, head)
	return 0
}

// TestAnIndependentReaderFindsTheSame reads the workbook with Python's openpyxl.
func TestAnIndependentReaderFindsTheSame(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 to read the workbook with")
	}
	if exec.Command(python, "-c", "import openpyxl").Run() != nil {
		t.Skip("python3 has no openpyxl to read the workbook with")
	}
	n := len(hostile)
	dir := filepath.Join(t.TempDir(), "b")
	if _, err := batch.Write(dir, sample(n), rows(n), nil); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, "-c", `import openpyxl,json,sys
ws=openpyxl.load_workbook(sys.argv[1]).active
rows=list(ws.iter_rows())
i=[c.value for c in rows[0]].index("标题")
print(json.dumps([[r[i].value,r[i].data_type] for r in rows[1:]]))`, filepath.Join(dir, "list.xlsx")).Output()
	if err != nil {
		t.Fatal(err)
	}
	var cells [][2]string
	if err := json.Unmarshal(out, &cells); err != nil {
		t.Fatal(err)
	}
	for i, text := range hostile {
		// openpyxl takes a leading "=" for a formula on reading, whatever the file says.
		if cells[i][0] != wantCell(text) || cells[i][1] != "s" && cells[i][1] != "inlineStr" && !strings.HasPrefix(text, "=") {
			t.Errorf("%q came back as %q", text, cells[i])
		}
	}
}

func TestLetter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "b")
	if _, err := batch.Write(dir, sample(700), rows(700), nil); err != nil {
		t.Fatal(err)
	}
	docx := content(t, filepath.Join(dir, "letter.docx"))
	for _, want := range []string{"筑标移〔2026〕12号", "莆田市市场监督管理局:", "线索700条(仿冒700条)", "2026年11月21日", "第25条", "抄送:福建省邮政管理局", "&lt;b&gt;&amp;amp;&lt;/b&gt;", "只列前500条"} {
		if !strings.Contains(docx, want) {
			t.Errorf("the letter lacks %q", want)
		}
	}
	pdf, err := os.ReadFile(filepath.Join(dir, "letter.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.Contains(pdf, []byte("/FontFile2")) || !bytes.Contains(pdf, []byte("/ToUnicode")) {
		t.Error("the PDF embeds no font")
	}
	if len(pdf) > 4<<20 {
		t.Errorf("the PDF has %d bytes: the font was not cut to what is used", len(pdf))
	}
	if tool, err := exec.LookPath("pdftotext"); err == nil {
		text, err := exec.Command(tool, filepath.Join(dir, "letter.pdf"), "-").Output()
		if err != nil || !strings.Contains(strings.ReplaceAll(string(text), "\n", ""), "莆田市市场监督管理局") {
			t.Errorf("pdftotext reads %.200q, %v", text, err)
		}
	}
}

func BenchmarkBatchOf10000(b *testing.B) {
	for b.Loop() {
		if _, err := batch.Write(filepath.Join(b.TempDir(), "b"), sample(10000), rows(10000), nil); err != nil {
			b.Fatal(err)
		}
	}
}
