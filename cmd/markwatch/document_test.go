package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/clusters"
)

const lowThreshold = `version: 1
thresholds:
  - {id: low, violation: counterfeit, crime: 销售假冒注册商标的商品罪, amount: 0.01, measure: 销售金额, basis: 刑法第214条, since: 2020-01-01, documents: [涉嫌犯罪案件移送书, 有关检验报告或者鉴定结论, 其他有关涉嫌犯罪的材料]}
`

// TestDocumentsOfATransfer holds that a lead whose amount reaches a threshold
// says which documents a transfer needs and which are there, on the command
// line and in its package, with who said so.
func TestDocumentsOfATransfer(t *testing.T) {
	m := startSample(t, 150)
	dir := m.config(t)
	write(t, filepath.Join(dir, "thresholds.yaml"), lowThreshold)
	must(t, "scan", "--config", dir, "--json")
	zhang := colleague(t, dir, "zhangmin", markwatch.RoleInvestigator)
	number := ""
	for _, l := range rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json")) {
		if leads.Routed(&l) == markwatch.Counterfeit && l.Listing.Sales > 0 && l.Listing.Price != nil {
			number = l.Number
		}
	}
	if number == "" {
		t.Fatal("no lead with sales")
	}
	const report = "有关检验报告或者鉴定结论"
	file := write(t, filepath.Join(t.TempDir(), "鉴定.pdf"), "%PDF-1.4 鉴定结论")
	must(t, "leads", "document", "--config", dir, "--token-file", zhang, "--have", report, "--file", file, "--note", "2026-11-20 出具", number)
	if o := program(t, "leads", "document", "--config", dir, "--token-file", zhang, "--have", "没有的文书", number); o.code != exitInvalid || !strings.Contains(o.err, report) {
		t.Errorf("a document that no transfer needs: code %d %s", o.code, o.err)
	}
	type shown struct {
		Suspicions []leads.Suspicion
		Events     []markwatch.LeadEvent
	}
	look := func() shown {
		return rows[shown](t, must(t, "leads", "show", "--config", dir, "--json", number))[0]
	}
	there := func(s shown) (list []string) {
		for _, d := range s.Suspicions[0].Documents {
			if d.There {
				list = append(list, d.Name)
			}
		}
		return list
	}
	s := look()
	if len(s.Suspicions) != 1 || !slices.Equal(there(s), []string{report, "其他有关涉嫌犯罪的材料"}) {
		t.Fatalf("%+v", s.Suspicions)
	}
	if d := s.Suspicions[0].Documents[1]; d.Held == nil || d.Held.By != "zhangmin" || d.Held.At.IsZero() || d.Held.File != "鉴定.pdf" || d.Held.SHA256 == "" {
		t.Errorf("who said so: %+v", d.Held)
	}
	if text := must(t, "leads", "show", "--config", dir, number); !strings.Contains(text, "✓ "+report) || !strings.Contains(text, "✗ 涉嫌犯罪案件移送书") {
		t.Errorf("leads show:\n%s", text)
	}
	path, manifest := packed(t, dir, number)
	var packedTransfer []leads.Suspicion
	if err := json.Unmarshal(inPackage(t, path, "record/transfer.json"), &packedTransfer); err != nil || len(packedTransfer) != 1 || !packedTransfer[0].Documents[1].There {
		t.Errorf("transfer.json %+v %v", packedTransfer, err)
	}
	if got := string(inPackage(t, path, "transfer/1.pdf")); got != "%PDF-1.4 鉴定结论" {
		t.Errorf("the attached file: %q of %d files", got, len(manifest.Files))
	}
	must(t, "leads", "document", "--config", dir, "--token-file", zhang, "--drop", report, "--reason", "系另一案", number)
	if s = look(); !slices.Equal(there(s), []string{"其他有关涉嫌犯罪的材料"}) || s.Events[len(s.Events)-1].From != report || s.Events[len(s.Events)-1].Note != "系另一案" {
		t.Errorf("after it was taken back: %v %+v", there(s), s.Events)
	}
}

// TestSameGoodsAndOneHand holds that the same goods of one seller are linked
// with the reason, cut for good by a person, and that a blacklisted shop marks
// the other shops of its hand.
func TestSameGoodsAndOneHand(t *testing.T) {
	dir := deployed(t)
	var table strings.Builder
	table.WriteString("平台,商品编号,链接,商品标题,售价,店铺ID,店铺名称,统一社会信用代码\n")
	offer := func(id, shop, title, license string) {
		fmt.Fprintf(&table, "m,%s,https://m.example/%s,%s,99,%s,%s,%s\n", id, id, title, shop, shop, license)
	}
	offer("1", "a", "岚屿 岩羚冲锋衣 L1 高仿 复刻 1:1", "91350304MA2XKD4T0X")
	offer("2", "b", "岚屿岩羚冲锋衣L1 高仿 复刻1:1!", "91350304MA2XKD4T0X")
	offer("3", "a", "岚屿 山脊徒步鞋 高仿 复刻 1:1 顶级", "91350304MA2XKD4T0X")
	offer("4", "c", "岚屿 岩羚冲锋衣 L1 高仿 复刻 1:1", "91350304MA2XKD4T9Z")
	imported(t, dir, write(t, filepath.Join(t.TempDir(), "goods.csv"), table.String()))
	leadsMade := map[string]string{}
	for _, l := range rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json")) {
		leadsMade[strings.TrimPrefix(l.Listing.URL, "https://m.example/")] = l.Number
	}
	if len(leadsMade) != 4 {
		t.Fatalf("leads %v", leadsMade)
	}
	// A lead that came in as a row of a table has no page to capture; its package
	// says so instead of failing.
	path, _ := packed(t, dir, leadsMade["1"])
	if text := string(inPackage(t, path, "capture/none.txt")); !strings.Contains(text, "没有网页存档") {
		t.Errorf("the package says %q", text)
	}
	if same := string(inPackage(t, path, "record/same-goods.json")); !strings.Contains(same, leadsMade["2"]) {
		t.Errorf("the package tells of the same goods: %s", same)
	}
	type shown struct {
		Repeat    string
		SameGoods []markwatch.Twin `json:"same_goods"`
	}
	look := func(item string) shown {
		return rows[shown](t, must(t, "leads", "show", "--config", dir, "--json", leadsMade[item]))[0]
	}
	twins := look("1").SameGoods
	if len(twins) != 1 || twins[0].Number != leadsMade["2"] || twins[0].Reasons[0].Reason != clusters.ReasonLicense || twins[0].Reasons[1].Reason != clusters.ReasonTitle {
		t.Fatalf("the same goods: %+v", twins)
	}
	if text := must(t, "leads", "show", "--config", dir, leadsMade["1"]); !strings.Contains(text, "同款 same goods "+leadsMade["2"]) {
		t.Errorf("leads show:\n%s", text)
	}
	list := write(t, filepath.Join(t.TempDir(), "b.ndjson"), `{"platform":"m","id":"b","reason":"曾被处罚"}`+"\n")
	must(t, "blacklist", "import", "--config", dir, list)
	for item, want := range map[string]string{"1": "黑名单", "3": "黑名单", "4": ""} {
		if got := look(item).Repeat; got != want {
			t.Errorf("item %s: %q, want %q", item, got, want)
		}
	}
	zhang := colleague(t, dir, "zhangmin", markwatch.RoleInvestigator)
	must(t, "leads", "cut", "--config", dir, "--token-file", zhang, "--goods", "--reason", "并非同款", leadsMade["2"], leadsMade["1"])
	if twins := look("1").SameGoods; len(twins) != 0 {
		t.Errorf("a cut link is back: %+v", twins)
	}
}
