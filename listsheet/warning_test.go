package listsheet_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/listsheet"
)

func dated(year int, month time.Month, day int) markwatch.Date {
	return markwatch.Date{Time: time.Date(year, month, day, 0, 0, 0, 0, time.UTC)}
}

var batch = listsheet.WarningBatch{
	Name: "2026年第3批", Type: markwatch.WorkFilm,
	Protected: markwatch.Protected{From: dated(2026, 1, 10), To: dated(2026, 6, 30)},
}

func titles(works []markwatch.Work) (out []string) {
	for _, w := range works {
		out = append(out, w.Titles[0])
	}
	return out
}

// The forms in which the same list is published read alike.
func TestWarningListInItsForms(t *testing.T) {
	sheet := excelize.NewFile()
	for i, row := range [][]any{{"2026年度第三批重点作品版权保护预警名单"}, {"序号", "作品名称", "权利人"}, {1, "《长夜灯》", "某影业"}, {2, "小镇来信", "另一影业"}} {
		if err := sheet.SetSheetRow("Sheet1", "A"+string(rune('1'+i)), &row); err != nil {
			t.Fatal(err)
		}
	}
	var xlsx bytes.Buffer
	if err := sheet.Write(&xlsx); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"csv":       []byte("\ufeff序号,作品名称,权利人\n1,《长夜灯》,某影业\n2,小镇来信,另一影业\n"),
		"xlsx":      xlsx.Bytes(),
		"pasted":    []byte("序号\t作品名称\t权利人\n1\t长夜灯\t某影业\n2\t小镇来信\t另一影业\n"),
		"sentences": []byte("国家版权局公布预警名单:\n一、《长夜灯》(某影业)\n二、《小镇来信》(另一影业)\n"),
	} {
		works, problems, err := listsheet.WarningWorks(data, batch, nil)
		if err != nil || len(problems) != 0 {
			t.Errorf("%s: %v %v", name, problems, err)
			continue
		}
		if diff := cmp.Diff([]string{"长夜灯", "小镇来信"}, titles(works)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		for _, w := range works {
			if w.Type != markwatch.WorkFilm || w.Batch != batch.Name || w.Protect != batch.Protected || w.Publisher == "" {
				t.Errorf("%s: %+v", name, w)
			}
		}
	}
}

func TestWarningListKeepsWhatIsKnown(t *testing.T) {
	known := []markwatch.Work{
		{ID: "lamp", Type: markwatch.WorkSeries, Titles: []string{"长夜灯", "Long Night Lamp"}, Creators: []string{"某人"}, Batch: "2026年第1批",
			Protect: markwatch.Protected{To: dated(2026, 2, 1)}},
		{ID: "letters", Type: markwatch.WorkNovel, Titles: []string{"小镇来信"}},
	}
	works, problems, err := listsheet.WarningWorks([]byte("作品名称\n长夜灯\n小镇来信\n"), batch, known)
	if err != nil || len(problems) != 0 || len(works) != 2 {
		t.Fatal(works, problems, err)
	}
	want := known[0]
	want.Batch, want.Protect = batch.Name, batch.Protected
	if diff := cmp.Diff(want, works[0]); diff != "" {
		t.Error(diff)
	}
	// What was protected without an end is not made to end.
	if w := works[1]; w.ID != "letters" || w.Protect != (markwatch.Protected{}) || w.Batch != batch.Name {
		t.Errorf("%+v", w)
	}
	again, _, err := listsheet.WarningWorks([]byte("作品名称\n雨巷\n"), batch, nil)
	if err != nil {
		t.Fatal(err)
	}
	twice, _, err := listsheet.WarningWorks([]byte("作品名称\n《雨巷》\n"), batch, again)
	if err != nil || twice[0].ID != again[0].ID {
		t.Errorf("the same title is another work: %v %v %v", again, twice, err)
	}
}

func TestWarningListNamesWhatIsWrong(t *testing.T) {
	data := []byte("作品名称,类型,保护期限\n长夜灯,电影,2026年1月10日至2026年6月30日\n,电影,2026-01-01至2026-02-01\n小镇来信,电影,一直\n雨巷,泥塑,2026-01-01至2026-02-01\n长夜灯,电影,2026.1.10-2026.6.30\n晚归,电视剧,2026-05-01至2026-04-01\n")
	works, problems, err := listsheet.WarningWorks(data, listsheet.WarningBatch{Name: "2026年第4批"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"长夜灯"}, titles(works)); diff != "" {
		t.Error(diff)
	}
	if p := works[0].Protect; p.From != dated(2026, 1, 10) || p.To != dated(2026, 6, 30) {
		t.Errorf("protected %v", p)
	}
	lines := map[int]string{}
	for _, p := range problems {
		lines[p.Line] += p.Message.ZH + ";"
	}
	for line, want := range map[int]string{3: "缺作品名称", 4: "期限", 5: "类型", 6: "与第2行重复", 7: "早于"} {
		if !strings.Contains(lines[line], want) {
			t.Errorf("row %d: %q, want %q", line, lines[line], want)
		}
	}
	if _, _, err := listsheet.WarningWorks([]byte(" \n"), batch, nil); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Errorf("an empty list: %v", err)
	}
}
