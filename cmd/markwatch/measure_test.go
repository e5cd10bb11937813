package main

import (
	"path/filepath"
	"strings"
	"testing"
)

const labelled = `{"id":"t1","listing":{"id":"t1","title":"耐克空军一号 顶级复刻 莆田纯原 过验","category":"运动鞋 > 板鞋","price":{"amount":"168","currency":"CNY"}},"labels":["counterfeit"],"subjects":["nike"],"kind":"replica-wording","why":"replica"}
{broken
{"id":"t2","listing":{"id":"t2","title":"宜兴紫砂壶 手工西施壶","price":{"amount":"268","currency":"CNY"}},"labels":[],"subjects":[],"kind":"neg-ordinary","why":"ordinary"}
`

const brandsFile = "brands:\n  - id: nike\n    names: {zh: 耐克, en: Nike}\n    categories: [运动鞋, 板鞋, 鞋]\n    floor: 0.35\n    products:\n      - {name: Air Force 1, aliases: [空军一号], price: {amount: \"799\", currency: CNY}}\n"

func TestEvaluateReportsABrokenRowAndScoresTheRest(t *testing.T) {
	dir := t.TempDir()
	file := write(t, filepath.Join(dir, "l.ndjson"), labelled)
	brands := write(t, filepath.Join(dir, "brands.yaml"), brandsFile)
	o := program(t, "evaluate", "--brands", brands, "--json", file)
	if o.code != exitInvalid || !strings.Contains(o.err, "line 2") {
		t.Errorf("code %d, message %q", o.code, o.err)
	}
	report := rows[map[string]any](t, o.out)[0]
	counterfeit, ok := report["counterfeit"].(map[string]any)
	if !ok || counterfeit["tp"] != 1.0 || counterfeit["f1"] != 1.0 {
		t.Errorf("report %v", report)
	}
	for _, key := range []string{"overall", "rules", "mistakes"} {
		if _, ok := report[key]; !ok {
			t.Errorf("the report lacks %q", key)
		}
	}
	if table := program(t, "evaluate", "--brands", brands, file).out; !strings.Contains(table, "counterfeit") && !strings.Contains(table, "假") && !strings.Contains(table, "仿") {
		t.Errorf("table:\n%s", table)
	}
}

func TestCheckQuotesTheListing(t *testing.T) {
	dir := t.TempDir()
	brands := write(t, filepath.Join(dir, "brands.yaml"), brandsFile)
	in := `{"id":"a","title":"耐 克 空军一号 顶级复刻 莆田纯原","category":"运动鞋","price":{"amount":"168","currency":"CNY"}}` + "\n" + `{"title":"no id"}` + "\n"
	o := programIn(t.Context(), in, "check", "--brands", brands, "-")
	if o.code != exitInvalid || !strings.Contains(o.err, "line 2") {
		t.Errorf("code %d: %s", o.code, o.err)
	}
	type verdict struct {
		ID       string `json:"id"`
		Flagged  bool   `json:"flagged"`
		Findings []struct {
			Reason   struct{ ZH, EN string }
			Evidence []struct {
				Field, Text string
				Start, End  int
			}
		} `json:"findings"`
	}
	verdicts := rows[verdict](t, o.out)
	if len(verdicts) != 1 || !verdicts[0].Flagged || len(verdicts[0].Findings) == 0 {
		t.Fatalf("verdicts %+v", verdicts)
	}
	title := []rune("耐 克 空军一号 顶级复刻 莆田纯原")
	quoted := 0
	for _, f := range verdicts[0].Findings {
		if f.Reason.ZH == "" || f.Reason.EN == "" {
			t.Errorf("a reason lacks a language: %+v", f.Reason)
		}
		for _, e := range f.Evidence {
			if e.Field == "title" {
				quoted++
				if got := string(title[e.Start:e.End]); got != e.Text {
					t.Errorf("the quote %q stands for %q", e.Text, got)
				}
			}
		}
	}
	if quoted == 0 {
		t.Error("no quote from the title")
	}
}

func TestExtractReadsPricesAndPages(t *testing.T) {
	o := programIn(t.Context(), "券后¥1,299.00起\n12.50\tUSD\n没有价格\n", "extract", "--as", "price", "-")
	want := `{"text":"券后¥1,299.00起","amount":"1299.00","currency":"CNY"}
{"text":"12.50","amount":"12.50","currency":"USD"}
{"text":"没有价格","amount":null,"currency":null}
`
	if o.code != exitOK || o.out != want {
		t.Errorf("code %d\n%s\nwant\n%s", o.code, o.out, want)
	}
	o = programIn(t.Context(), "230ml*2\n两瓶装\n无\n", "extract", "--as", "quantity", "-")
	want = `{"text":"230ml*2","count":"2","size":"230","unit":"ml"}
{"text":"两瓶装","count":"2","size":null,"unit":null}
{"text":"无","count":null,"size":null,"unit":null}
`
	if o.code != exitOK || o.out != want {
		t.Errorf("code %d\n%s\nwant\n%s", o.code, o.out, want)
	}
	dir := t.TempDir()
	page := write(t, filepath.Join(dir, "page.html"), `<script type="application/ld+json">{"@type":"Product","name":"紫砂壶","offers":{"price":"268","priceCurrency":"CNY"}}</script>`)
	o = program(t, "extract", "--url", "https://shop.example/item/1", page, filepath.Join(dir, "none.html"))
	if o.code != exitNotFound || !strings.Contains(o.out, `"title":"紫砂壶"`) || !strings.Contains(o.out, `"amount":"268"`) {
		t.Errorf("code %d\n%s%s", o.code, o.out, o.err)
	}
}
