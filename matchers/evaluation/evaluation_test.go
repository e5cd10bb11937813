package evaluation_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/evaluation"
)

func TestReadKeepsGoodRowsBesideBadOnes(t *testing.T) {
	const file = "\ufeff" + `{"id":"a","listing":{"title":"甲"},"labels":["counterfeit"],"subjects":["x"],"kind":"k","why":"w"}

{"id":"b","listing":{"title":"乙"},"labels":[]
{"listing":{"title":"丙"}}
{"id":"d","listing":{}}
{"id":"e","listing":{"id":"e1","title":"戊"},"labels":[]}`
	rows, problems := evaluation.Read(strings.NewReader(file))
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.ID+"/"+r.Listing.ID)
	}
	if diff := cmp.Diff([]string{"a/a", "e/e1"}, ids); diff != "" {
		t.Error(diff)
	}
	for i, want := range []string{"line 3: ", `line 4: labelled listing: "id" is missing`, `line 5: labelled listing d: "listing.title" is missing`} {
		if i >= len(problems) || !strings.Contains(problems[i].Error(), want) {
			t.Fatalf("problems %v, want one with %q", problems, want)
		}
	}
}

func TestReadGoesPastALongRow(t *testing.T) {
	file := `{"id":"long","listing":{"title":"` + strings.Repeat("x", 17<<20) + "\"}}\n" + `{"id":"b","listing":{"title":"乙"}}`
	rows, problems := evaluation.Read(strings.NewReader(file))
	if len(rows) != 1 || rows[0].ID != "b" || len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), "line 1: labelled listing: the line is longer") {
		t.Errorf("%d rows, problems %v", len(rows), problems)
	}
}

// fourRows are a hit, a miss, a false alarm and a rightly silent listing.
func fourRows() ([]evaluation.Labelled, func(markwatch.Listing) markwatch.Verdict) {
	rows := []evaluation.Labelled{
		{ID: "hit", Listing: markwatch.Listing{ID: "hit"}, Labels: []markwatch.Violation{markwatch.Counterfeit}},
		{ID: "miss", Listing: markwatch.Listing{ID: "miss"}, Labels: []markwatch.Violation{markwatch.Counterfeit}, Why: "too clever"},
		{ID: "false", Listing: markwatch.Listing{ID: "false"}},
		{ID: "silent", Listing: markwatch.Listing{ID: "silent"}},
	}
	return rows, func(l markwatch.Listing) markwatch.Verdict {
		v := markwatch.Verdict{ID: l.ID}
		if l.ID == "hit" || l.ID == "false" {
			v.Violations = map[markwatch.Violation]markwatch.ViolationVerdict{markwatch.Counterfeit: {Score: 0.9, Flagged: true}, markwatch.Piracy: {Score: 0.2}}
			v.Findings = []markwatch.Finding{
				{Matcher: "m", Rule: "r", Violation: markwatch.Counterfeit, Reason: markwatch.Text{ZH: "可疑"}},
				{Matcher: "m", Rule: "r", Violation: markwatch.Counterfeit},
				{Matcher: "m", Rule: "weak", Violation: markwatch.Piracy},
			}
		}
		return v
	}
}

func TestReportIsTheFormat(t *testing.T) {
	rows, check := fourRows()
	got, err := json.Marshal(evaluation.Score(rows, check))
	if err != nil {
		t.Fatal(err)
	}
	const none = `{"tp":0,"fp":0,"fn":0,"precision":0,"recall":0,"f1":0}`
	const half = `{"tp":1,"fp":1,"fn":1,"precision":0.5,"recall":0.5,"f1":0.5}`
	want := `{"counterfeit":` + half + `,"fake-overseas":` + none + `,"piracy":` + none + `,"overall":` + half +
		`,"rules":{"m/r":{"tp":1,"fp":1}},"mistakes":[` +
		`{"id":"miss","expected":["counterfeit"],"got":[],"reason":"too clever"},` +
		`{"id":"false","expected":[],"got":["counterfeit"],"reason":"可疑"}]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestTableNamesEveryViolation(t *testing.T) {
	rows, check := fourRows()
	rows[3].Labels = []markwatch.Violation{"tobacco"}
	var b strings.Builder
	evaluation.Score(rows, check).Table(&b)
	for _, want := range []string{"准确率", "counterfeit", "fake-overseas", "piracy", "tobacco", "overall", "0.500", "listings: 4"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, b.String())
		}
	}
}

func TestKeyword(t *testing.T) {
	check := evaluation.Keyword(markwatch.Lists{
		Brands:   []markwatch.Brand{{ID: "s", Names: map[string]string{"en": "Suvento"}}},
		Works:    []markwatch.Work{{ID: "w", Titles: []string{"夜原纪事"}}},
		Lexicons: []markwatch.Lexicon{{ID: "replica", Terms: []markwatch.Term{{Term: "高仿"}}}, {ID: "netdisk", Terms: []markwatch.Term{{Term: "网盘"}}}},
	})
	for title, want := range map[string]bool{"SUVENTO 高仿": true, "Suvento": false, "高仿": false, "夜原纪事 网盘": true, "夜原纪事 高仿": false} {
		if got := check(markwatch.Listing{Title: title}).Flagged; got != want {
			t.Errorf("%q: %v, want %v", title, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"id":"a","listing":{"title":"t","price":{"amount":"1","currency":"CNY"}}}`))
	f.Add([]byte("\n{\n\xff"))
	f.Fuzz(func(t *testing.T, b []byte) { evaluation.Read(strings.NewReader(string(b))) })
}
