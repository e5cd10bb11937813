package index_test

import (
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
)

func term(text string) index.Term { return index.Term{Text: text} }

func TestParseQuery(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		query string
		want  index.Query
	}{
		{"", index.Query{}},
		{" \u3000 ", index.Query{}},
		{"高仿 耐克", index.Query{Terms: []index.Term{term("高仿"), term("耐克")}}},
		{"-儿童 －配件", index.Query{Terms: []index.Term{{Text: "儿童", Not: true}, {Text: "配件", Not: true}}}},
		{`"a \"b\" \\ c"d`, index.Query{Terms: []index.Term{{Text: `a "b" \ c`, Phrase: true}, term("d")}}},
		{"“空军 一号” -「b」", index.Query{Terms: []index.Term{{Text: "空军 一号", Phrase: true}, {Text: "b", Phrase: true, Not: true}}}},
		{"耐克 - 板鞋", index.Query{Terms: []index.Term{term("耐克"), term("板鞋")}}},
		{"SELLER:鞋坊 卖家：“小 李”", index.Query{Terms: []index.Term{{Field: index.FieldSeller, Text: "鞋坊"}, {Field: index.FieldSeller, Text: "小 李", Phrase: true}}}},
		{"微信：abc 12:30 x:", index.Query{Terms: []index.Term{term("微信：abc"), term("12:30"), term("x:")}}},
		{"https://a.example/?x=1", index.Query{Terms: []index.Term{{Field: index.FieldURL, Text: "https://a.example/?x=1", Phrase: true}}}},
		{`status:新,"review" -source:a seller:="小 李"`, index.Query{
			Filters: map[index.Field][]string{index.FieldStatus: {"new", "review"}, index.FieldSeller: {"小 李"}},
			Exclude: map[index.Field][]string{index.FieldSource: {"a"}},
		}},
		{"status:new status:new,review", index.Query{Filters: map[index.Field][]string{index.FieldStatus: {"new", "review"}}}},
		{"price:<500 价格:≥100 -sales:1.5万..", index.Query{Ranges: []index.Range{
			{Field: index.FieldPrice, Min: -inf, Max: 500, MaxOpen: true}, {Field: index.FieldPrice, Min: 100, Max: inf},
			{Field: index.FieldSales, Min: 15000, Max: inf, Not: true},
		}}},
		{"price:100~¥500元 score:=0.5", index.Query{Ranges: []index.Range{
			{Field: index.FieldPrice, Min: 100, Max: 500}, {Field: index.FieldScore, Min: 0.5, Max: 0.5},
		}}},
		{"seen:1970-01-02..1970/1/3 first:>1970-01-31 first:<1971 seen:1970-02", index.Query{Ranges: []index.Range{
			{Field: index.FieldSeen, Min: 1, Max: 2}, {Field: index.FieldFirst, Min: 31, Max: inf},
			{Field: index.FieldFirst, Min: -inf, Max: 364}, {Field: index.FieldSeen, Min: 31, Max: 58},
		}}},
	} {
		got, err := index.ParseQuery(c.query)
		if err != nil {
			t.Errorf("ParseQuery(%q): %v", c.query, err)
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("ParseQuery(%q) (-want +got):\n%s", c.query, diff)
		}
	}
}

func TestParseQueryPointsAtTheMistake(t *testing.T) {
	for _, c := range []struct {
		query string
		pos   int
		zh    string
	}{
		{`耐克 "高仿`, 3, "引号没有结束"},
		{"耐克 sellr:x", 3, "没有字段 sellr;要查这几个字,请加引号"},
		{"seller: x", 7, "冒号后面缺少内容"},
		{"高仿 status:new,,a", 14, "缺少一个值"},
		{"status:new,", 11, "缺少一个值"},
		{`status:"a"b`, 10, "两个值之间要用逗号"},
		{"price:<abc", 7, "数值写成 500、<500、>=0.8 或 100..500"},
		{"price:1..x", 9, "数值写成 500、<500、>=0.8 或 100..500"},
		{"price:NaN", 6, "数值写成 500、<500、>=0.8 或 100..500"},
		{"price:9..1", 6, "下限大于上限"},
		{"seen:2026-13-01", 5, "日期写成 2026-11-01、2026-11-01..2026-11-20 或 >2026-11-01"},
		{"seen:>9999-12-31", 6, "日期写成 2026-11-01、2026-11-01..2026-11-20 或 >2026-11-01"},
		{"seen:2026-02-30", 5, "日期写成 2026-11-01、2026-11-01..2026-11-20 或 >2026-11-01"},
	} {
		_, err := index.ParseQuery(c.query)
		var wrong *index.SyntaxError
		if !errors.As(err, &wrong) {
			t.Errorf("ParseQuery(%q): error %v, want a SyntaxError", c.query, err)
			continue
		}
		if wrong.Pos != c.pos || wrong.Message.ZH != c.zh || wrong.Message.EN == "" {
			t.Errorf("ParseQuery(%q): %d %q, want %d %q", c.query, wrong.Pos, wrong.Message.ZH, c.pos, c.zh)
		}
		if code := markwatch.ErrorCode(err); code != markwatch.CodeInvalid {
			t.Errorf("ParseQuery(%q): code %s", c.query, code)
		}
	}
}

// TestHelp holds that the panel shows nothing that the parser refuses, and
// that every name of a field is read as that field.
func TestHelp(t *testing.T) {
	for _, row := range index.Help() {
		q, err := index.ParseQuery(row.Example)
		if err != nil || reflect.DeepEqual(q, index.Query{}) || row.Meaning.ZH == "" || row.Meaning.EN == "" {
			t.Errorf("example %q: %+v, error %v", row.Example, q, err)
		}
	}
	names := map[string]index.Field{}
	for _, f := range index.Fields() {
		for _, name := range append([]string{string(f.Field)}, f.Aliases...) {
			if other, taken := names[name]; taken {
				t.Errorf("%s names both %s and %s", name, other, f.Field)
			}
			names[name] = f.Field
		}
	}
}

// FuzzParseQuery holds that whatever is typed is read or refused with a place
// inside it, and that what String writes is read as the same query.
func FuzzParseQuery(f *testing.F) {
	for _, row := range index.Help() {
		f.Add(row.Example)
	}
	for _, s := range []string{
		`-"a b" seller:="x,y" price:1..2 -seen:..2026`, "“a「b”", `"\"`, "status:＝“新”，b", "-title:--x", "http:", "http://", "价格：＜5万",
		"\xff\x00", "score:0.00000000000000000001k", "a:b:c", "-", "seller:-x", `title:"`, "seen:>9999-12-31",
		"sCore:1000000000001k", "sales:100000000000万",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := index.ParseQuery(s)
		if err != nil {
			var wrong *index.SyntaxError
			if !errors.As(err, &wrong) || wrong.Pos < 0 || wrong.Pos > len([]rune(s)) {
				t.Fatalf("ParseQuery(%q): %v", s, err)
			}
			return
		}
		written := q.String()
		if len([]rune(written)) > 2000 || len(q.Terms)+len(q.Ranges) > 90 {
			return // writing quotes may pass the bounds of what is read
		}
		again, err := index.ParseQuery(written)
		if err != nil {
			t.Fatalf("ParseQuery(%q), written as %q: %v", s, written, err)
		}
		for _, filters := range []map[index.Field][]string{q.Filters, q.Exclude, again.Filters, again.Exclude} {
			for _, values := range filters {
				sortStrings(values)
			}
		}
		if !reflect.DeepEqual(q, again) {
			t.Fatalf("ParseQuery(%q), written as %q:\n%s", s, written, cmp.Diff(q, again))
		}
	})
}
