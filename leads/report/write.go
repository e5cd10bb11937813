package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"

	"github.com/markwatch/markwatch/leads"
)

// section is one table of the report.
type section struct {
	Title string
	Rows  []Row
	// Chart draws what was sent (found, where nothing was) as bars.
	Chart bool
}

func (r Report) sections() []section {
	return []section{
		{"合计", []Row{{"", "合计", r.Total}}, false}, {"按违法类型", r.Violations, true}, {"按接收单位", r.Units, true},
		{"按地区(上级含下级)", r.Regions, false}, {"按平台", r.Platforms, true}, {"按品牌或作品", r.Subjects, true},
	}
}

var heads = []string{"发现", "确认", "排除", "批准", "移送", "签收"}

func headings() []string {
	list := append([]string{"项目"}, heads...)
	for _, k := range leads.Outcomes() {
		list = append(list, k.Name.ZH)
	}
	return append(list, "涉案金额下限(元)", "涉案金额上限(元)", "罚没(元)")
}

// cells are a row's figures, in the order of the headings.
func (row Row) cells() []string {
	list := []string{row.Name}
	for _, n := range []int{row.Found, row.Confirmed, row.Dismissed, row.Approved, row.Sent, row.Received} {
		list = append(list, strconv.Itoa(n))
	}
	for _, k := range leads.Outcomes() {
		list = append(list, strconv.Itoa(row.Outcomes[k.Code]))
	}
	return append(list, row.From.StringFixed(2), row.To.StringFixed(2), row.Penalty.StringFixed(2))
}

var stepNames = map[string]string{"confirm": "发现至确认", "send": "确认至移送", "receive": "移送至签收", "outcome": "签收至反馈"}

// others are the tables that are not of figures.
func (r Report) others() []table {
	status := table{"现有线索状态", []string{"状态", "条数"}, nil}
	for _, s := range r.Status {
		status.Rows = append(status.Rows, []string{s.Name, strconv.Itoa(s.Found)})
	}
	timely := table{"时效(天)", []string{"环节", "条数", "平均", "最长"}, nil}
	for _, t := range r.Timeliness {
		timely.Rows = append(timely.Rows, []string{stepNames[t.Step], strconv.Itoa(t.N), strconv.FormatFloat(t.Days, 'f', 1, 64), strconv.FormatFloat(t.Longest, 'f', 1, 64)})
	}
	right := table{"准确率", []string{"口径", "属实", "不属实", "准确率"}, [][]string{
		{"人工核查(确认/排除)", strconv.Itoa(r.Precision.Confirmed), strconv.Itoa(r.Precision.Dismissed), share(r.Precision.Confirmed, r.Precision.Dismissed)},
		{"办理结果", strconv.Itoa(r.Precision.Right), strconv.Itoa(r.Precision.Wrong), share(r.Precision.Right, r.Precision.Wrong)},
	}}
	seen := table{"来源覆盖", []string{"来源", "采集次数", "完整", "网页", "已看到", "被拦截", "失败"}, nil}
	for _, c := range r.Coverage {
		row := []string{c.Source}
		for _, n := range []int{c.Scans, c.Whole, c.Pages, c.Seen, c.Blocked, c.Failed} {
			row = append(row, strconv.Itoa(n))
		}
		seen.Rows = append(seen.Rows, row)
	}
	return []table{status, timely, right, seen}
}

// table is a titled table of texts.
type table struct {
	Title string
	Head  []string
	Rows  [][]string
}

func share(yes, no int) string {
	if yes+no == 0 {
		return "–"
	}
	return strconv.FormatFloat(100*float64(yes)/float64(yes+no), 'f', 1, 64) + "%"
}

func (r Report) title() string {
	title := "网络监测线索统计 " + r.Period.Name
	if r.Unit != "" {
		title += " " + r.Unit
	}
	return title
}

// WriteXLSX writes the report as a workbook of one sheet, a table below the
// other.
func (r Report) WriteXLSX(w io.Writer) error {
	return leads.WriteSheet(w, "统计", func(add func([]any) error) error {
		if err := add([]any{r.title()}); err != nil {
			return err
		}
		line := func(cells []string) error {
			values := make([]any, len(cells))
			for i, c := range cells {
				values[i] = c
				if n, err := strconv.ParseFloat(c, 64); err == nil && i > 0 {
					values[i] = n
				}
			}
			return add(values)
		}
		for _, s := range r.sections() {
			if err := addAll(line, []string{}, []string{s.Title}, headings()); err != nil {
				return err
			}
			for _, row := range s.Rows {
				if err := line(row.cells()); err != nil {
					return err
				}
			}
		}
		for _, t := range r.others() {
			if err := addAll(line, append([][]string{{}, {t.Title}, t.Head}, t.Rows...)...); err != nil {
				return err
			}
		}
		return nil
	})
}

func addAll(line func([]string) error, rows ...[]string) error {
	for _, row := range rows {
		if err := line(row); err != nil {
			return err
		}
	}
	return nil
}

//go:embed report.html
var page string

// bar is one bar of a chart, in units of the drawing.
type bar struct {
	Name  string
	N     int
	Y     int
	Width float64
}

// maxBars bounds a chart.
const maxBars = 12

func (s section) Bars() (bars []bar) {
	most := 0
	value := func(r Row) int { return max(r.Sent, r.Found) }
	for _, r := range s.Rows {
		most = max(most, value(r))
	}
	for i, r := range s.Rows {
		if i == maxBars || most == 0 {
			break
		}
		bars = append(bars, bar{r.Name, value(r), 22 * i, 400 * float64(value(r)) / float64(most)})
	}
	return bars
}

// WriteHTML writes the report as a page that needs nothing beside it and can
// be printed.
func (r Report) WriteHTML(w io.Writer) error {
	t, err := template.New("report").Funcs(template.FuncMap{
		"cells": Row.cells, "height": func(bars []bar) int { return 22*len(bars) + 4 }, "plus": func(a, b int) int { return a + b },
		"add": func(a, b float64) float64 { return a + b },
	}).Parse(page)
	if err != nil {
		return fmt.Errorf("reading the page of reports: %w", err)
	}
	err = t.Execute(w, struct {
		Title    string
		From, To string
		Sections []section
		Head     []string
		Others   []table
	}{r.title(), r.Period.From.Format("2006-01-02"), r.Period.To.AddDate(0, 0, -1).Format("2006-01-02"), r.sections(), headings(), r.others()})
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}
