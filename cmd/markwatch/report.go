package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/dispatch"
	"github.com/markwatch/markwatch/leads/report"
	"github.com/markwatch/markwatch/regions"
	"github.com/markwatch/markwatch/store"
)

func newReport(c console) *cobra.Command {
	var config, month, unit, output string
	var asJSON, disclose bool
	cmd := &cobra.Command{
		Use:   "report [--config DIR] --month 2026-11 [--unit UNIT] [--output FILE]",
		Short: "月度、季度、半年度统计 figures of a month, a quarter or a half-year",
		Long: `按违法类型、接收单位、地区、平台、品牌统计发现、确认、移送、签收、结果、金额、覆盖、准确率与时效;县区数汇入市、省。
--month 可为 2026-11、2026-Q4、2026-H2。--output 以 .xlsx 或 .html 结尾(html 可打印,含图表)。
--disclose 只输出可公开的字段(案件信息公示用)。

Figures by violation, unit, region, platform and brand, with those of counties summed into their cities'. The output
ends with .xlsx or .html. --disclose writes the public fields of cases alone, for units that must publish them.`,
		Example: `  markwatch report --config watch --month 2026-11 --output 2026-11.xlsx
  markwatch report --config watch --month 2026-Q4 --unit samr-guiyang --output q4.html
  markwatch report --config watch --month 2026-11 --disclose --output 公示.csv`,
		Args: argsBetween(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.look(cmd.Context(), config, func(ctx context.Context, a *app) error {
				if month == "" {
					month = time.Now().In(a.cfg.Deployment.Location()).Format("2006-01")
				}
				period, err := report.ParsePeriod(month, a.cfg.Deployment.Location())
				if err != nil {
					return err
				}
				if disclose {
					return a.disclose(ctx, period, output)
				}
				r, err := a.report(ctx, period, unit, nil)
				if err != nil {
					return err
				}
				switch ext := strings.ToLower(filepath.Ext(output)); {
				case asJSON:
					return a.json(r)
				case ext == ".xlsx":
					err = a.writeTo(output, r.WriteXLSX)
				case ext == ".html":
					err = a.writeTo(output, r.WriteHTML)
				case output != "":
					err = markwatch.Errorf(markwatch.CodeInvalid, "--output 须以 .xlsx 或 .html 结尾 / must end with .xlsx or .html")
				}
				if err != nil {
					return err
				}
				a.printReport(r)
				return nil
			})
		},
	}
	configFlag(cmd, &config)
	f := cmd.Flags()
	f.StringVar(&month, "month", "", "2026-11、2026-Q4 或 2026-H2,缺省本月 this month where absent")
	f.StringVar(&unit, "unit", "", "只统计此单位及其下级地区的单位 this unit and those beneath it")
	f.StringVarP(&output, "output", "o", "", "写入 .xlsx 或 .html a file")
	f.BoolVar(&asJSON, "json", false, "输出 JSON")
	f.BoolVar(&disclose, "disclose", false, "案件公示:只输出可公开字段 public fields of cases alone")
	return cmd
}

func (a *app) report(ctx context.Context, period report.Period, unit string, takes dispatch.Takes) (report.Report, error) {
	h := a.handler()
	scans, err := a.store.Scans(ctx, store.ScanFilter{})
	if err != nil {
		return report.Report{}, err
	}
	in := report.Input{Period: period, Leads: a.store.Leads(ctx, store.LeadFilter{}), Scans: scans, Region: h.region,
		Amount: func(l *markwatch.Lead) leads.Amount {
			return leads.Estimate([]markwatch.Lead{*l}, a.cfg.Handling.Amounts.DisplayedShare, h.cny)
		},
		Names: report.Names{Region: h.table.Name, Subject: h.subject, Unit: func(id string) string {
			if u, err := a.unit(id); err == nil {
				return u.Name
			}
			return id
		}}}
	in.Takes = takes
	if unit != "" {
		u, err := a.unit(unit)
		if err != nil {
			return report.Report{}, err
		}
		in.Unit = u.Name
		beneath := a.beneath(u)
		in.Takes = func(l *markwatch.Lead) bool {
			return slices.Contains(beneath, l.Handling.Addressee.Unit) && (takes == nil || takes(l))
		}
	}
	return report.Compute(in)
}

// beneath are a unit and those of its authority whose regions all lie in its own.
func (a *app) beneath(top markwatch.Unit) []string {
	ids := []string{top.ID}
	for _, u := range a.cfg.Lists.Units.Units {
		if u.ID == top.ID || u.Authority != top.Authority || len(u.Regions) == 0 {
			continue
		}
		inside := true
		for _, inner := range u.Regions {
			inside = inside && slices.ContainsFunc(top.Regions, func(outer string) bool { return regions.Covers(outer, inner) })
		}
		if inside {
			ids = append(ids, u.ID)
		}
	}
	return ids
}

// region is where a lead belongs to: where it was routed, else where its
// addressee is.
func (h *handler) region(l *markwatch.Lead) string {
	if code := l.Handling.Addressee.Region; code != "" {
		return code
	}
	if u, err := h.app.unit(l.Handling.Addressee.Unit); err == nil && len(u.Regions) == 1 {
		return regions.Trim(u.Regions[0])
	}
	if l.Listing.Seller != nil {
		if r := h.table.Read(l.Listing.Seller.Region); r.Certain() {
			return r.Codes[0]
		}
	}
	return ""
}

func (h *handler) subject(id string) string {
	if b := h.brands[id]; b != nil {
		for _, lang := range []string{"zh", "en"} {
			if name := b.Names[lang]; name != "" {
				return name
			}
		}
	}
	if w := h.works[id]; w != nil && len(w.Titles) > 0 {
		return w.Titles[0]
	}
	return id
}

func (a *app) printReport(r report.Report) {
	rows := [][]string{{"", "发现 found", "确认 confirmed", "移送 sent", "签收 received", "结果 outcomes"}}
	add := func(list []report.Row) {
		for _, row := range list {
			n := 0
			for _, k := range row.Outcomes {
				n += k
			}
			rows = append(rows, []string{printable(row.Name, 40), fmt.Sprint(row.Found), fmt.Sprint(row.Confirmed), fmt.Sprint(row.Sent), fmt.Sprint(row.Received), fmt.Sprint(n)})
		}
	}
	add([]report.Row{{Name: "合计 total", Figures: r.Total}})
	add(r.Violations)
	add(r.Units)
	add(r.Regions)
	a.table(rows)
}

// publicKeys are the fields of a case that may be published: nothing of
// persons, contacts or sources.
var publicKeys = []string{"number", "sent_as", "platform", "title", "seller"}

// disclose writes the cases that came to a penalty in a period.
func (a *app) disclose(ctx context.Context, period report.Period, output string) error {
	return a.writeTo(output, func(w io.Writer) error {
		return a.writeDisclosure(ctx, w, period, strings.HasSuffix(strings.ToLower(output), ".xlsx"), nil)
	})
}

func (a *app) writeDisclosure(ctx context.Context, w io.Writer, period report.Period, workbook bool, takes dispatch.Takes) error {
	columns, err := leads.BatchColumns(publicKeys)
	if err != nil {
		return err
	}
	columns = append(columns, leads.Column{Header: "处罚决定书文号", Value: func(r *leads.Row) string { return r.Handling.Outcomes[len(r.Handling.Outcomes)-1].Document }},
		leads.Column{Header: "办理单位", Value: func(r *leads.Row) string { return r.Handling.Outcomes[len(r.Handling.Outcomes)-1].Unit }})
	write := leads.WriteCSV
	if workbook {
		write = leads.WriteXLSX
	}
	return write(w, columns, a.disclosed(ctx, period, takes))
}
