package main

import (
	"cmp"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/leads/dispatch"
	"github.com/markwatch/markwatch/leads/intake"
)

func newLeadsOutcomes(c console) *cobra.Command {
	var config, from string
	var by identity
	cmd := &cobra.Command{
		Use:   "outcomes [--config DIR] FILE…",
		Short: "导入签收与办理结果(CSV、XLSX) take in receipts and outcomes",
		Long: `每行一条:线索编号、签收人、签收时间、办理结果、办理时间、文书号、涉案金额、罚款、备注。对不上的行列出原因,
其余照常导入;重复导入不会重复记录。格式见 docs/leads.md。

A row a lead. Rows that fit nothing are listed, the rest goes in; taking a file in twice changes nothing.`,
		Example: "  markwatch leads outcomes --config watch --from samr-guiyang 反馈.xlsx",
		Args:    argsBetween(1, -1, "FILE…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.asPerson(cmd.Context(), config, "leads outcomes", &by, accounts.Decide, func(ctx context.Context, a *app, who acting) error {
				return errors.Join(who.takeOutcomes(ctx, args, from), a.feeder.Flush(ctx))
			})
		},
	}
	configFlag(cmd, &config)
	identityFlags(cmd, &by)
	cmd.Flags().StringVar(&from, "from", "", "反馈单位,用于未写签收人或办理单位的行 the unit that sends the file, for rows that name none")
	return cmd
}

// takeOutcomes takes in files that a unit sent back; from stands where a row
// says nobody who signed or handled.
func (p acting) takeOutcomes(ctx context.Context, files []string, from string) error {
	a := p.app
	bad, done := 0, map[string]bool{}
	tell := func(file string, row int, err error) {
		bad++
		a.say("%s 第 %d 行 row %d: %v", file, row, row, err)
	}
	office := a.ownOffice()
	for _, file := range files {
		rows, broken, err := intake.ReadFeedback(a.path(file), a.cfg.Deployment.Location())
		if err != nil {
			return err
		}
		for _, b := range broken {
			tell(file, b.Row, b.Err)
		}
		for i := range rows {
			if f := &rows[i]; f.Receipt != nil {
				f.Receipt.By = cmp.Or(f.Receipt.By, from)
			}
			if f := &rows[i]; f.Outcome != nil {
				f.Outcome.Unit = cmp.Or(f.Outcome.Unit, from)
			}
		}
		taken, err := office.TakeFeedback(ctx, rows, p.name(), false, p.sees)
		for _, one := range taken {
			if one.Err != nil {
				tell(file, one.Row, one.Err)
			} else if len(one.Acts) > 0 {
				done[one.ID] = true
			}
		}
		if err != nil {
			return err
		}
	}
	a.say("%d 条线索有新的签收或结果 leads have news", len(done))
	if bad > 0 {
		return markwatch.Errorf(markwatch.CodeInvalid, "%d 行没有导入,原因见上 rows were not taken in, see above", bad)
	}
	return nil
}

func newLeadsComplaints(c console) *cobra.Command {
	var config string
	var by identity
	cmd := &cobra.Command{
		Use:   "complaints [--config DIR] FILE…",
		Short: "导入 12315 等热线的投诉举报(CSV、XLSX) take in hotline records",
		Long: `投诉举报按网址、店铺与已有线索相连;有网址而没有线索的成为新线索;其余列出,由人处理。

Records are linked to leads by address, else by shop. What has an address and no lead becomes one; the rest is
listed for people.`,
		Example: "  markwatch leads complaints --config watch 12315-2026-11.xlsx",
		Args:    argsBetween(1, -1, "FILE…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.asAnybody(cmd.Context(), config, "leads complaints", &by, accounts.Decide, func(ctx context.Context, _ *app, who acting) error {
				return errors.Join(who.takeComplaints(ctx, args), who.app.feeder.Flush(ctx))
			})
		},
	}
	configFlag(cmd, &config)
	identityFlags(cmd, &by)
	return cmd
}

func (p acting) takeComplaints(ctx context.Context, files []string) error {
	a := p.app
	counts, bad := map[dispatch.Fate]int{}, 0
	office := a.ownOffice()
	for _, file := range files {
		list, broken, err := intake.ReadComplaints(a.path(file), a.cfg.Deployment.Location())
		if err != nil {
			return err
		}
		for _, b := range broken {
			bad++
			a.say("%s %v", file, b)
		}
		taken, err := office.TakeComplaints(ctx, list, p.name(), false, p.sees)
		for _, one := range taken {
			switch {
			case one.Err != nil:
				bad++
				a.say("%s 第 %d 行 row %d: %v", file, one.Row, one.Row, one.Err)
			case one.Fate == dispatch.FateOpen:
				a.say("%s 第 %d 行 row %d: %s 没有网址,也没有同名店铺的线索 has no address, and no lead is of its shop", file, one.Row, one.Row, one.Number)
			}
			if one.Err == nil {
				counts[one.Fate]++
			}
		}
		if err != nil {
			return err
		}
	}
	a.say("%d 件已与线索相连,%d 件成为新线索,%d 件待人工处理 linked, new leads, left to people", counts[dispatch.FateLinked], counts[dispatch.FateNew], counts[dispatch.FateOpen])
	if bad > 0 {
		return markwatch.Errorf(markwatch.CodeInvalid, "%d 行不能读取,原因见上 rows could not be read, see above", bad)
	}
	return nil
}
