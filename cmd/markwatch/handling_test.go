package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence/pack"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/batch"
	"github.com/markwatch/markwatch/leads/report"
)

const handlingUnits = `version: 1
units:
  - {id: u-market, name: 某市市场监督管理局, authority: market, regions: ["52", "35", "44", "33", "11", "31", "32"], formats: [xlsx, csv, ndjson]}
  - {id: u-culture, name: 某市文化市场综合行政执法支队, authority: culture, fields: [number, title, url, sent_as]}
  - {id: u-post, name: 某省邮政管理局, authority: post}
routes:
  - {violation: counterfeit, authority: market, place: seller, basis: 投诉举报处理暂行办法第25条, since: 2020-01-01}
  - {violation: piracy, to: {unit: u-culture}, basis: 著作权法第53条, since: 2021-06-01}
  - {violation: fake-overseas, to: {unit: u-post}, basis: 邮政法, since: 2020-01-01}
`

const handlingDeliveries = `version: 1
sender: {name: 某市网络市场监测中心, code: 标移, contact: 张敏}
deliveries:
  - {unit: u-market, kind: folder, path: out/market}
  - {unit: u-culture, kind: folder, path: out/culture}
`

// TestFromALeadToTheOutcome is the way of leads through the command line:
// confirmed by one person, approved by another, sent to three units in batches
// with packages that hold, receipts and outcomes taken in, and reported.
func TestFromALeadToTheOutcome(t *testing.T) {
	m := startSample(t, 250)
	dir := m.config(t)
	write(t, filepath.Join(dir, "units.yaml"), handlingUnits)
	write(t, filepath.Join(dir, "handling.yaml"), handlingDeliveries)
	must(t, "scan", "--config", dir, "--json")
	// The index knows the units that the routes lead to.
	if found := must(t, "search", "--config", dir, "--json", "unit:u-culture"); !strings.Contains(found, `"piracy"`) {
		t.Errorf("searching for a unit's leads finds %.300s", found)
	}
	// One lead of each violation goes to each unit.
	chosen := map[string]string{}
	var all []string
	for _, l := range rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json")) {
		all = append(all, l.Number)
		if flagged := l.Verdict.Violations; len(flagged) > 0 {
			for v, one := range flagged {
				if one.Flagged && one.Score == l.Verdict.Score && chosen[string(v)] == "" {
					chosen[string(v)] = l.Number
				}
			}
		}
	}
	numbers := []string{chosen["counterfeit"], chosen["piracy"], chosen["fake-overseas"]}
	if slices.Contains(numbers, "") {
		t.Fatalf("leads of each violation: %v", chosen)
	}
	zhang, li := newcomer(t, dir, "zhangmin", markwatch.RoleApprover), colleague(t, dir, "liqiang", markwatch.RoleApprover)
	state := func(args ...string) { t.Helper(); must(t, append([]string{"leads"}, args...)...) }
	state(append([]string{"act", "confirm", "--config", dir, "--token-file", zhang}, numbers...)...)
	refused := func(want string, code int, args ...string) {
		t.Helper()
		if o := program(t, append([]string{"leads"}, args...)...); o.code != code || !strings.Contains(o.err, want) {
			t.Errorf("leads %s: code %d, %q; want %d with %q", strings.Join(args, " "), o.code, o.err, code, want)
		}
	}
	// The gate, then four eyes.
	refused("尚缺", exitConflict, "approve", "--config", dir, "--token-file", li, numbers[0])
	for _, n := range numbers {
		state("check", "--config", dir, "--token-file", zhang, n, "--set", "authorisation=权利人函复未授权", "--set", "reason=与官方价不符", "--set", "place=贵州贵阳",
			"--set", "contradiction=自称海外直邮而由境内发货", "--set", "holder=某公司", "--set", "registration=991722", "--set", "price-source=官网 2026-11-01", "--set", "seller=某店", "--set", "price=见页面", "--set", "work-owner=某社")
	}
	refused("以外的人", exitConflict, "approve", "--config", dir, "--token-file", tokenFile(t, dir, "zhangmin", "approve"), numbers[0])
	routes := must(t, "leads", "route", "--config", dir, "--json")
	if got := rows[routed](t, routes); len(got) != 3 || slices.ContainsFunc(got, func(r routed) bool { return r.Unit == "" || r.Basis == "" }) {
		t.Errorf("routes:\n%s", routes)
	}
	state(append([]string{"approve", "--config", dir, "--token-file", li}, numbers...)...)

	manifests := rows[batch.Manifest](t, must(t, "leads", "send", "--config", dir, "--token-file", li, "--json"))
	if len(manifests) != 3 {
		t.Fatalf("%d batches", len(manifests))
	}
	var packages []string
	for i, b := range manifests {
		if want := fmt.Sprintf("标移〔%d〕%d号", b.At.Year(), i+1); b.Number != want {
			t.Errorf("batch %d is numbered %s", i, b.Number)
		}
		folder := filepath.Join(dir, "data", "batches", b.Number)
		for _, f := range b.Files {
			if strings.HasSuffix(f.Name, ".zip") {
				packages = append(packages, filepath.Join(folder, f.Name))
			}
		}
		if _, err := os.Stat(filepath.Join(folder, "letter.pdf")); err != nil {
			t.Error(err)
		}
	}
	if len(packages) != 3 {
		t.Fatalf("packages %v", packages)
	}
	for _, r := range rows[pack.Report](t, must(t, append([]string{"evidence", "verify", "--json"}, packages...)...)) {
		if !r.Intact || r.Manifest.Shown != "on-sale" {
			t.Errorf("%s: intact %v, shown %q", r.File, r.Intact, r.Manifest.Shown)
		}
		var names []string
		for _, f := range r.Manifest.Files {
			names = append(names, f.Name)
		}
		for _, want := range []string{"capture/page.warc.gz", "capture/exchange.json", "capture/text.txt", "second-capture/page.warc.gz", "record/verdict.json", "draft/extraction-record.docx", "access-log.ndjson"} {
			if !slices.Contains(names, want) {
				t.Errorf("%s lacks %s: %v", r.File, want, names)
			}
		}
	}
	warcReads(t, packages[0])

	// Delivered once, and made again to the byte.
	first := manifests[0]
	there := filepath.Join(dir, "out", "market", first.Number, batch.ManifestName)
	before, err := os.ReadFile(there)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "data", "batches")); err != nil {
		t.Fatal(err)
	}
	must(t, "leads", "batch", "--config", dir, first.Number)
	again, err := os.ReadFile(filepath.Join(dir, "data", "batches", first.Number, batch.ManifestName))
	if err != nil || string(again) != string(before) {
		t.Errorf("the batch made again is another: %v", err)
	}
	var listed []struct{ Deliveries []struct{ State string } }
	for _, line := range rows[json.RawMessage](t, must(t, "leads", "batch", "--config", dir, "--json")) {
		var one struct{ Deliveries []struct{ State string } }
		if err := json.Unmarshal(line, &one); err != nil {
			t.Fatal(err)
		}
		listed = append(listed, one)
	}
	if len(listed) != 3 || len(listed[2].Deliveries) != 2 || listed[2].Deliveries[1].State != "done" || len(listed[0].Deliveries) != 0 {
		t.Errorf("deliveries %+v", listed)
	}
	if o := must(t, "leads", "send", "--config", dir, "--token-file", li); o != "" {
		t.Errorf("sent once more: %s", o)
	}

	// What comes back.
	back := write(t, filepath.Join(t.TempDir(), "back.csv"), fmt.Sprintf("线索编号,签收人,签收时间,办理结果,办理时间,文书号,罚款\n%s,王某,,立案,,立〔2026〕1号,\n%s,王某,,,,,\n%s,,,不予立案,,,\n1999-0001,王某,,,,,\n%s,,,行政处罚,,罚〔2026〕2号,5000\n",
		numbers[0], numbers[1], numbers[2], numbers[0]))
	for range 2 {
		if o := program(t, "leads", "outcomes", "--config", dir, "--token-file", zhang, "--from", "u-market", back); o.code != exitInvalid || !strings.Contains(o.err, "1999-0001") {
			t.Errorf("outcomes: code %d\n%s", o.code, o.err)
		}
	}
	lead := rows[markwatch.Lead](t, must(t, "leads", "show", "--config", dir, "--json", numbers[0]))[0]
	if lead.Status != markwatch.LeadOutcome || len(lead.Handling.Outcomes) != 2 || lead.Handling.Batch != first.Number {
		t.Errorf("the lead after all: %s %+v", lead.Status, lead.Handling)
	}
	outcomesTeach(t, dir, numbers)
	page := filepath.Join(t.TempDir(), "report.html")
	must(t, "report", "--config", dir, "--month", first.At.Format("2006-01"), "--output", page)
	r := rows[report.Report](t, must(t, "report", "--config", dir, "--month", first.At.Format("2006-01"), "--json"))[0]
	if r.Total.Sent != 3 || r.Total.Received != 2 || r.Total.Outcomes[markwatch.OutcomePenalty] != 1 || r.Total.Found != len(all) || r.Precision.Right != 1 || r.Precision.Wrong != 1 {
		t.Errorf("report %+v %+v", r.Total, r.Precision)
	}
	if info, err := os.Stat(page); err != nil || info.Size() == 0 {
		t.Error(err)
	}
	public := must(t, "report", "--config", dir, "--month", first.At.Format("2006-01"), "--disclose")
	table, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(public, "\ufeff"))).ReadAll()
	if err != nil || len(table) != 2 || strings.Contains(public, "http") {
		t.Errorf("what is published: %q %v", public, err)
	}
}

// outcomesTeach holds that what units found out counts for the rules of a lead,
// by version, and for the seller's past: a penalty for the first lead, a case
// that was not opened for the third.
func outcomesTeach(t *testing.T, dir string, numbers []string) {
	t.Helper()
	counted := map[string]leads.RulePrecision{}
	for _, p := range rows[leads.RulePrecision](t, must(t, "rules", "precision", "--config", dir, "--json")) {
		counted[fmt.Sprint(p.Rule, p.Version, p.Violation)] = p
	}
	for i, right := range map[int]bool{0: true, 1: true, 2: false} {
		l := rows[markwatch.Lead](t, must(t, "leads", "show", "--config", dir, "--json", numbers[i]))[0]
		told := false
		for _, f := range l.Verdict.Findings {
			if l.Verdict.Violations[f.Violation].Flagged {
				p := counted[fmt.Sprint(f.Matcher+"/"+f.Rule, max(1, f.Version), f.Violation)]
				told = told || right && p.Confirmed > 0 || !right && p.Dismissed > 0
			}
		}
		if !told {
			t.Errorf("the outcome of %s counts for none of its rules: %v", numbers[i], counted)
		}
	}
	punished := rows[struct {
		markwatch.Lead
		Repeat string
	}](t, must(t, "leads", "show", "--config", dir, "--json", numbers[0]))[0]
	if !strings.Contains(punished.Repeat, "曾查实1次") {
		t.Errorf("the seller's past: %q", punished.Repeat)
	}
	err := console{err: io.Discard, out: io.Discard, logs: &logging{}}.withStore(t.Context(), dir, "test", func(ctx context.Context, a *app) error {
		known, err := a.knownSellers(ctx)
		behind := map[string]bool{}
		for _, s := range known {
			for _, n := range s.Leads {
				behind[n] = true
			}
		}
		if !behind[numbers[0]] || behind[numbers[2]] {
			t.Errorf("sellers are known for the leads %v; want %s and not %s", behind, numbers[0], numbers[2])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// warcReads has warcio check the records of a package, where there is Python
// with it.
func warcReads(t *testing.T, packed string) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil || exec.Command(python, "-c", "import warcio").Run() != nil {
		t.Log("left out: there is no python3 with warcio to read the WARC with")
		return
	}
	out, err := exec.Command(python, "-c", `import sys, zipfile, io
from warcio.archiveiterator import ArchiveIterator
z = zipfile.ZipFile(sys.argv[1])
kinds = [r.rec_type for r in ArchiveIterator(io.BytesIO(z.read("capture/page.warc.gz")), check_digests="raise") if r.content_stream().read() is not None]
print(" ".join(kinds))`, packed).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "warcinfo response request") {
		t.Errorf("warcio: %s %v", out, err)
	}
}

func TestUnmappedLeadsWaitForADecision(t *testing.T) {
	m := startSample(t, 100)
	dir := m.config(t)
	write(t, filepath.Join(dir, "units.yaml"), "version: 1\nunits:\n  - {id: far, name: 远处的局, authority: market, regions: [\"65\"]}\nroutes:\n  - {violation: counterfeit, authority: market, place: server}\n")
	must(t, "scan", "--config", dir, "--json")
	number := rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json"))[0].Number
	zhang, li := colleague(t, dir, "zhangmin", markwatch.RoleInvestigator), colleague(t, dir, "liqiang", markwatch.RoleApprover)
	must(t, "leads", "act", "confirm", "--config", dir, "--token-file", zhang, number)
	if o := program(t, "leads", "approve", "--config", dir, "--token-file", li, number); o.code != exitConflict || !strings.Contains(o.err, "没有接收单位") {
		t.Errorf("an unmapped lead: code %d %s", o.code, o.err)
	}
	if o := program(t, "leads", "route", "--config", dir, number); !strings.Contains(o.err, "1 条线索没有接收单位") {
		t.Errorf("route: %s%s", o.out, o.err)
	}
	if o := program(t, "leads", "route", "--config", dir, "--unit", "far", "--token-file", zhang, number); o.code != exitInvalid {
		t.Errorf("a decision without a reason: code %d", o.code)
	}
	must(t, "leads", "route", "--config", dir, "--unit", "far", "--reason", "属地不明", "--token-file", zhang, number)
	if o := program(t, "leads", "approve", "--config", dir, "--token-file", li, number); strings.Contains(o.err, "没有接收单位") {
		t.Errorf("after the decision: %s", o.err)
	}
}

func TestComplaintsRequestsAndSellers(t *testing.T) {
	m := startSample(t, 100)
	dir := m.config(t)
	must(t, "scan", "--config", dir, "--json")
	zhang := colleague(t, dir, "zhangmin", markwatch.RoleInvestigator)
	all := rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json"))
	file := write(t, filepath.Join(t.TempDir(), "12315.csv"), "工单编号,热线,网址,店铺名称,投诉内容\n1,12315,"+all[0].Listing.URL+",,假货\n2,12315,https://elsewhere.example/item/9,某店,假货\n3,12330,,没有的店,假货\n")
	for i := range 2 {
		o := program(t, "leads", "complaints", "--config", dir, file)
		want := "1 件已与线索相连,1 件成为新线索,1 件待人工处理"
		if i == 1 {
			want = "2 件已与线索相连,0 件成为新线索,1 件待人工处理"
		}
		if o.code != exitOK || !strings.Contains(o.err, want) {
			t.Errorf("complaints %d: code %d %s", i, o.code, o.err)
		}
	}
	if got := rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json")); len(got) != len(all)+1 {
		t.Errorf("%d leads, were %d", len(got), len(all))
	}
	letter := filepath.Join(t.TempDir(), "letter.docx")
	must(t, "leads", "request", "--config", dir, "--token-file", zhang, "--output", letter, all[0].Number)
	if info, err := os.Stat(letter); err != nil || info.Size() == 0 {
		t.Error(err)
	}
	reply := write(t, filepath.Join(t.TempDir(), "reply.txt"), "经营者某某")
	must(t, "leads", "answer", "--config", dir, "--token-file", zhang, "--set", "place=福建莆田", "2026-0001", reply)
	lead := rows[markwatch.Lead](t, must(t, "leads", "show", "--config", dir, "--json", all[0].Number))[0]
	if lead.Handling.Checked["place"] != "福建莆田" || !slices.Equal(lead.Handling.Complaints, []string{"1"}) {
		t.Errorf("lead %+v", lead.Handling)
	}
	made := rows[struct{ Package string }](t, must(t, "evidence", "pack", "--config", dir, all[0].Number))[0]
	if r, err := pack.Verify(made.Package, pack.Trust{}); err != nil || !r.Intact || !slices.ContainsFunc(r.Manifest.Files, func(f pack.File) bool { return f.Name == "answers/2026-0001-1.txt" }) {
		t.Errorf("the package lacks the answer: %+v %v", r, err)
	}
	clusters := rows[sellerCluster](t, must(t, "leads", "sellers", "--config", dir, "--json"))
	for _, c := range clusters {
		if len(c.Links) == 0 {
			continue
		}
		must(t, "leads", "cut", "--config", dir, "--token-file", zhang, "--reason", "不相干", c.Links[0].A, c.Links[0].B)
		for _, after := range rows[sellerCluster](t, must(t, "leads", "sellers", "--config", dir, "--json")) {
			for _, l := range after.Links {
				if l.A == c.Links[0].A && l.B == c.Links[0].B {
					t.Error("a link that was cut is back")
				}
			}
		}
		return
	}
	t.Log("no two sellers of the sample are linked")
}
