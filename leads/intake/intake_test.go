package intake_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/intake"
)

var zone = time.FixedZone("CST", 8*3600)

func save(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const feedback = `线索编号,签收人,签收时间,办理结果,办理时间,文书号,涉案金额,罚款,备注
2026-0001,王某,2026-11-20 09:30,立案,2026/11/25,贵市监立〔2026〕3号,"1.2万",,
2026-0002	,莆田局,2026年11月21日,,,,,,
'2026-0003,,,行政处罚,20261130,贵市监罚〔2026〕9号,"¥12,000.50",3000元,已结
2026-0004,,,不知道,,,,,
2026-0005,,昨天,,,,,,
,王某,,,,,,,
2026-0007,,,,,,,,
2026-0008,,,查无,,,一百,,

2026-0009,,,移送公安机关,,,,,
`

func TestFeedback(t *testing.T) {
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(feedback)
	if err != nil {
		t.Fatal(err)
	}
	var xlsx bytes.Buffer
	err = leads.WriteSheet(&xlsx, "反馈", func(add func([]any) error) error {
		for line := range strings.Lines(strings.NewReplacer(`"1.2万"`, "1.2万", `"¥12,000.50"`, "¥12000.50", "\t", "").Replace(feedback)) {
			var cells []any
			for _, c := range strings.Split(strings.TrimRight(line, "\n"), ",") {
				cells = append(cells, c)
			}
			if err := add(cells); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"utf8.csv": []byte(feedback), "mark.csv": []byte("\ufeff" + feedback), "gbk.csv": []byte(gbk), "table.xlsx": xlsx.Bytes(),
	} {
		list, broken, err := intake.ReadFeedback(save(t, name, data), zone)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(list) != 4 || len(broken) != 5 {
			t.Fatalf("%s: %d rows, broken %v", name, len(list), broken)
		}
		first, second, third, last := list[0], list[1], list[2], list[3]
		if first.Receipt.By != "王某" || first.Receipt.At.Format(time.RFC3339) != "2026-11-20T01:30:00Z" || first.Outcome.Code != markwatch.OutcomeOpened ||
			!first.Outcome.Amount.Amount.Equal(decimal.NewFromInt(12000)) {
			t.Errorf("%s: first %+v %+v", name, first.Receipt, first.Outcome)
		}
		if second.Lead != "2026-0002" || second.Outcome != nil || second.Receipt.By != "莆田局" {
			t.Errorf("%s: second %+v", name, second)
		}
		if third.Lead != "2026-0003" || third.Outcome.Amount.AmountText() != "12000.50" || third.Outcome.Penalty == nil || third.Receipt != nil {
			t.Errorf("%s: third %+v %+v", name, third, third.Outcome)
		}
		if last.Lead != "2026-0009" || last.Outcome.Code != markwatch.OutcomeCriminal || last.Row != 11 {
			t.Errorf("%s: last %+v", name, last)
		}
		for i, want := range []string{"不知道", "昨天", "没有线索编号", "既无签收也无结果", "一百"} {
			if !strings.Contains(broken[i].Error(), want) || broken[i].Row != i+5 {
				t.Errorf("%s: row %d: %v, want %q", name, broken[i].Row, broken[i], want)
			}
		}
	}
	_, _, err = intake.ReadFeedback(save(t, "other.csv", []byte("甲,乙\n1,2\n")), zone)
	if markwatch.ErrorCode(err) != markwatch.CodeInvalid || !strings.Contains(err.Error(), "线索编号") || !strings.Contains(err.Error(), "甲、乙") {
		t.Error(err)
	}
	_, _, err = intake.ReadFeedback(filepath.Join(t.TempDir(), "none.csv"), zone)
	if markwatch.ErrorCode(err) != markwatch.CodeNotFound {
		t.Error(err)
	}
}

func TestComplaints(t *testing.T) {
	list, broken, err := intake.ReadComplaints(save(t, "12315.csv", []byte(`工单编号,热线,登记时间,商品链接,店铺名称,投诉内容,类型
0012345678901234567,12315,2026-11-20 09:30,https://m.example/item/1,某店,买到假货,仿冒
B-2,12330,,,另一店,,
,12315,,,x,,
B-4,12390,,,,,
`)), zone)
	if err != nil || len(list) != 2 || len(broken) != 2 {
		t.Fatalf("%+v %v %v", list, broken, err)
	}
	if c := list[0]; c.Number != "0012345678901234567" || c.Hotline != "12315" || c.URL != "https://m.example/item/1" || c.Violation != markwatch.Counterfeit || c.At.IsZero() {
		t.Errorf("%+v", c)
	}
}

func FuzzReadFeedback(f *testing.F) {
	f.Add([]byte(feedback))
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("编号,金额,结果\n1,1e999999999,立案\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, _, err := intake.ReadFeedback(save(t, "x", data), zone)
		for _, r := range list {
			if err != nil || r.Lead == "" || r.Receipt == nil && r.Outcome == nil {
				t.Errorf("%+v %v", r, err)
			}
		}
	})
}
