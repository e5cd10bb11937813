package configs_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
)

func load(t *testing.T, files map[string]string) *configs.Config {
	t.Helper()
	c, err := configs.Load(folder(t, files))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// shared returns a path in the folder beside the repository that holds the
// labelled sets, or skips.
func shared(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "shared", name)
	if _, err := os.Stat(path); err != nil {
		t.Skip("../shared is absent: " + name)
	}
	return path
}

func TestListsOfTheLabelledSetsLoad(t *testing.T) {
	for _, set := range []string{"devset", "trainset/luxury-digital", "trainset/mass-market"} {
		brands, err := configs.LoadBrands(shared(t, set+"/brands.yaml"))
		if err != nil || len(brands) < 40 {
			t.Errorf("%s: %d brands, %v", set, len(brands), err)
		}
		works, err := configs.LoadWorks(shared(t, set+"/works.yaml"))
		if err != nil || len(works) < 15 {
			t.Errorf("%s: %d works, %v", set, len(works), err)
		}
	}
}

func TestEmptyFolderFallsBack(t *testing.T) {
	c := load(t, nil)
	if len(c.Lists.Brands)+len(c.Lists.Works)+len(c.Lists.Sources)+len(c.Lists.Units.Units) != 0 {
		t.Error("a list appears from nowhere")
	}
	if len(c.Lists.Lexicons) == 0 || len(c.Rates.CNY) == 0 {
		t.Error("the shipped lexicons or rates do not apply")
	}
	d := c.Deployment
	if d.TimeZone != "Asia/Shanghai" || d.Index.Scope != "flagged" || d.Crawl.Hosts != 64 ||
		d.Server.Listen != "127.0.0.1:8080" || d.Threshold["default"] != 0.5 || d.Engines.Browser != "auto" {
		t.Errorf("defaults: %+v", d)
	}
	if want := filepath.Join(c.Dir, "data"); c.DataDir() != want {
		t.Errorf("DataDir is %s, want %s", c.DataDir(), want)
	}
}

func TestMissingFolder(t *testing.T) {
	_, err := configs.Load(filepath.Join(t.TempDir(), "none"))
	if markwatch.ErrorCode(err) != markwatch.CodeNotFound {
		t.Errorf("got %v", err)
	}
	_, err = configs.LoadBrands(filepath.Join(t.TempDir(), "none.yaml"))
	if markwatch.ErrorCode(err) != markwatch.CodeInvalid || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("got %v", err)
	}
}

func TestThresholds(t *testing.T) {
	d := load(t, map[string]string{"markwatch.yaml": "threshold: {piracy: 0.6, agri: 0.7}", "rules/a.yaml": `
rules:
  - {id: a, violation: agri, any: [replica], score: 0.5}
`}).Deployment
	if diff := cmp.Diff(map[string]float64{"piracy": 0.6, "agri": 0.7, "default": 0.5}, d.Threshold); diff != "" {
		t.Errorf("thresholds (-want +got):\n%s", diff)
	}
}

func TestLexiconOfTheFolderReplacesTheShippedOne(t *testing.T) {
	c := load(t, map[string]string{"lexicons/own.yaml": `
lexicons:
  - {id: replica, terms: [{term: 高仿}]}
  - {id: tobacco-goods, terms: [{term: 香烟, weight: 0.9}]}
`})
	count := map[string]int{}
	for _, lexicon := range c.Lists.Lexicons {
		count[lexicon.ID]++
		if lexicon.ID == "replica" && (len(lexicon.Terms) != 1 || lexicon.Terms[0].Weight != 1) {
			t.Errorf("replica is %+v", lexicon)
		}
	}
	if count["replica"] != 1 || count["tobacco-goods"] != 1 || count["netdisk"] != 1 {
		t.Errorf("lexicons: %v", count)
	}
}

func TestSourceDefaults(t *testing.T) {
	c := load(t, map[string]string{"sources/a.yaml": `
sources:
  - {id: market, kind: marketplace, start: ["https://market.example/?q={brand}&p={page:1-3}"]}
  - {id: polite, kind: site, start: ["https://site.example/"], politeness: {delay: 0s, parallel: 3}, revisit: {max: 12h}}
  - {id: old, kind: archive, start: ["captures/*.warc.gz"]}
`})
	market, polite, old := c.Lists.Sources[0], c.Lists.Sources[1], c.Lists.Sources[2]
	if time.Duration(*market.Politeness.Delay) != time.Second || market.Politeness.Parallel != 1 || market.Politeness.Robots != "obey" ||
		market.Limits.Pages != 50_000 || market.Limits.Bytes != 8<<20 || market.PrivateAddresses != "refuse" ||
		market.Render != "never" || market.CatchUp != "skip" || market.Keep != (markwatch.Keep{Pages: "flagged", Days: 90}) ||
		market.Platform.Kind != "platform" || market.Name != "market" {
		t.Errorf("marketplace: %+v", market)
	}
	if *polite.Politeness.Delay != 0 || polite.Politeness.Parallel != 3 || polite.Revisit.Min > polite.Revisit.Max {
		t.Errorf("what a source states is overwritten: %+v %+v", polite.Politeness, polite.Revisit)
	}
	if *old.Politeness.Delay != 0 {
		t.Errorf("files are read politely: %v", *old.Politeness.Delay)
	}
}

// TestAllProblemsAtOnce: a file of broken syntax costs nothing of the others.
func TestAllProblemsAtOnce(t *testing.T) {
	_, err := configs.Load(folder(t, map[string]string{
		"brands.yaml":     "brands: [",
		"works.yaml":      "works:\n  - {id: a, type: novel, titles: [], colour: red}\n",
		"sources/a.yaml":  "sources:\n  - {id: same, kind: site, start: [\"https://a.example/\"]}\n",
		"sources/b.yaml":  "sources:\n  - {id: same, kind: site, start: [\"https://b.example/\"]}\n",
		"units.yaml":      "units:\n  - {id: u, name: \"\", authority: market}\n",
		"markwatch.yaml":  "thresholds: {}\n",
		"lexicons/a.yaml": "lexicons:\n  - {id: own, terms: [{term: 高仿}]}\n",
		"rules/a.yaml":    "lexicons:\n  - {id: own, terms: [{term: 精仿}]}\n",
	}))
	var problems configs.Problems
	if !errors.As(err, &problems) {
		t.Fatal(err)
	}
	var files []string
	for _, p := range problems {
		files = append(files, p.File)
	}
	want := []string{"brands.yaml", "markwatch.yaml", "rules/a.yaml", "sources/b.yaml", "units.yaml", "works.yaml", "works.yaml"}
	if !slices.Equal(files, want) {
		t.Errorf("problems in %v, want %v:\n%v", files, want, err)
	}
	if !strings.Contains(err.Error(), `sources[0].id is "same", which stands at sources/a.yaml:2 already`) {
		t.Errorf("a duplicate over two files is not placed:\n%v", err)
	}
}

func TestFilesOfWindows(t *testing.T) {
	c := load(t, map[string]string{"brands.yaml": "\ufeffbrands:\r\n  - id: nike\r\n    names: {zh: 耐克}\r\n    registrations: [991722, 0123]\r\n"})
	if b := c.Lists.Brands[0]; b.Names["zh"] != "耐克" || !slices.Equal(b.Registrations, []string{"991722", "0123"}) {
		t.Errorf("got %+v", b)
	}
	gbk := "brands:\n  - id: nike\n    names: {zh: \xc4\xcd\xbf\xcb}\n"
	_, err := configs.Load(folder(t, map[string]string{"brands.yaml": gbk}))
	if err == nil || err.Error() != "brands.yaml:3:17: is not UTF-8 text; save the file as UTF-8" {
		t.Errorf("got %v", err)
	}
}

func TestEmptyValuesAreLeftOut(t *testing.T) {
	c := load(t, map[string]string{
		"brands.yaml":    "brands:\n  - id: nike\n    names: {zh: 耐克}\n    aliases:\n    floor:\n    authorized: {shops: [耐克店], since: }\n",
		"works.yaml":     "",
		"units.yaml":     "# nothing\n",
		"markwatch.yaml": "threshold:\nserver:\n",
	})
	b := c.Lists.Brands[0]
	if b.Floor != nil || b.Aliases != nil || b.Authorized.Shops[0].Name != "耐克店" {
		t.Errorf("got %+v", b)
	}
}

// TestAliasBomb: a few lines that stand for a billion values end as a problem.
func TestAliasBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("brands:\n  - id: a\n    names: {zh: 甲}\n    aliases: &l [")
	b.WriteString(strings.Repeat("x, ", 1000) + "x]\n    products:\n")
	b.WriteString("      - &p {name: p, aliases: *l}\n")
	b.WriteString(strings.Repeat("      - *p\n", 2000))
	_, err := configs.Load(folder(t, map[string]string{"brands.yaml": b.String()}))
	if err == nil || !strings.Contains(err.Error(), "stand for more than 100000 values") {
		t.Errorf("got %v", err)
	}
	ok := "brands:\n  - id: a\n    names: &n {zh: 甲}\n  - id: b\n    names: *n\n"
	if c := load(t, map[string]string{"brands.yaml": ok}); c.Lists.Brands[1].Names["zh"] != "甲" {
		t.Error("an ordinary alias is not read")
	}
}

func TestTooLarge(t *testing.T) {
	dir := folder(t, map[string]string{"brands.yaml": ""})
	if err := os.Truncate(filepath.Join(dir, "brands.yaml"), 65<<20); err != nil {
		t.Fatal(err)
	}
	if _, err := configs.Load(dir); err == nil || err.Error() != "brands.yaml: is larger than 64 MiB" {
		t.Errorf("got %v", err)
	}
}

func TestManyProblemsAreCut(t *testing.T) {
	var problems configs.Problems
	_, err := configs.Load(folder(t, map[string]string{"brands.yaml": "brands:\n" + strings.Repeat("  - {}\n", 5000)}))
	if !errors.As(err, &problems) || len(problems) != 1000 || !strings.Contains(err.Error(), "the rest is not listed") {
		t.Errorf("%d problems", len(problems))
	}
}

func BenchmarkLoadBrands(b *testing.B) {
	var text strings.Builder
	text.WriteString("brands:\n")
	for i := range 10_000 {
		text.WriteString("  - id: brand-" + strconv.Itoa(i) + "\n    names: {zh: 品牌, en: Brand}\n    aliases: [别名, 外号]\n    floor: 0.35\n" +
			"    products:\n      - {name: 一, price: {amount: \"799\", currency: CNY}}\n    authorized: {shops: [店], domains: [a.example]}\n")
	}
	file := filepath.Join(b.TempDir(), "brands.yaml")
	if err := os.WriteFile(file, []byte(text.String()), 0o644); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := configs.LoadBrands(file); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkShipped(b *testing.B) {
	for b.Loop() {
		shipped(b)
	}
}
