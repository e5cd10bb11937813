package main

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/crawler/canonical"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/intake"
	"github.com/markwatch/markwatch/store"
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
	now, bad, done := time.Now(), 0, 0
	tell := func(file string, row int, err error) {
		bad++
		a.say("%s 第 %d 行 row %d: %v", file, row, row, err)
	}
	for _, file := range files {
		rows, broken, err := intake.ReadFeedback(file, a.cfg.Deployment.Location())
		if err != nil {
			return err
		}
		for _, b := range broken {
			tell(file, b.Row, b.Err)
		}
		for _, f := range rows {
			changed := false
			lead, err := p.update(ctx, f.Lead, func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
				next, events, err := feedBack(l, f, from, p.name(), now)
				changed = len(events) > 0
				return next, events, err
			})
			if err == nil && changed {
				done++
				err = a.audit(ctx, "lead-outcome", lead.ID, string(lead.Status))
			}
			if err != nil {
				tell(file, f.Row, err)
			}
		}
	}
	a.say("%d 条线索有新的签收或结果 leads have news", done)
	if bad > 0 {
		return markwatch.Errorf(markwatch.CodeInvalid, "%d 行没有导入,原因见上 rows were not taken in, see above", bad)
	}
	return nil
}

// feedBack takes a lead through the receipt and the outcome of a row.
func feedBack(l markwatch.Lead, f intake.Feedback, from, who string, now time.Time) (markwatch.Lead, []markwatch.LeadEvent, error) {
	var events []markwatch.LeadEvent
	next := l
	for _, order := range orders(f, from) {
		changed, told, err := leads.Take(next, order, who, now)
		if err != nil {
			return l, nil, err
		}
		next, events = changed, append(events, told...)
	}
	return next, events, nil
}

func orders(f intake.Feedback, from string) (list []leads.Order) {
	if f.Receipt != nil {
		list = append(list, leads.Order{Act: leads.ActReceive, Receipt: *f.Receipt})
		list[0].Receipt.By = cmp.Or(f.Receipt.By, from)
	}
	if f.Outcome != nil {
		list = append(list, leads.Order{Act: leads.ActOutcome, Outcome: *f.Outcome})
		last := &list[len(list)-1].Outcome
		last.Unit = cmp.Or(last.Unit, from)
	}
	return list
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
			return c.asAnybody(cmd.Context(), config, "leads complaints", &by, accounts.Decide, func(ctx context.Context, a *app, who acting) error {
				return errors.Join(a.takeComplaints(ctx, args, who.name()), a.feeder.Flush(ctx))
			})
		},
	}
	configFlag(cmd, &config)
	identityFlags(cmd, &by)
	return cmd
}

// complaintSource is the source of leads that hotlines brought.
const complaintSource = "complaints"

func (a *app) takeComplaints(ctx context.Context, files []string, who string) error {
	byURL, bySeller := map[string]string{}, map[string][]string{}
	for lead, err := range a.store.Leads(ctx, store.LeadFilter{}) {
		if err != nil {
			return err
		}
		if key, err := canonical.URL(lead.Listing.URL); err == nil {
			byURL[key] = lead.ID
		}
		if lead.Listing.Seller != nil && lead.Listing.Seller.Name != "" {
			bySeller[lead.Listing.Seller.Name] = append(bySeller[lead.Listing.Seller.Name], lead.ID)
		}
	}
	linked, fresh, open, bad := 0, 0, 0, 0
	for _, file := range files {
		list, broken, err := intake.ReadComplaints(file, a.cfg.Deployment.Location())
		if err != nil {
			return err
		}
		for _, b := range broken {
			bad++
			a.say("%s %v", file, b)
		}
		for _, one := range list {
			key, urlErr := canonical.URL(one.URL)
			switch ids := bySeller[one.Seller]; {
			case urlErr == nil && byURL[key] != "":
				one.Lead = byURL[key]
				linked++
			case len(ids) > 0:
				one.Lead = ids[0] // the newest of the shop
				linked++
			case urlErr == nil && one.URL != "":
				if one.Lead, err = a.leadOf(ctx, one, key, who); err != nil {
					return err
				}
				byURL[key] = one.Lead
				fresh++
			default:
				open++
				a.say("%s 第 %d 行 row %d: %s 没有网址,也没有同名店铺的线索 has no address, and no lead is of its shop", file, one.Row, one.Row, one.Number)
			}
			if err := a.keepComplaint(ctx, one, who); err != nil {
				return err
			}
		}
	}
	a.say("%d 件已与线索相连,%d 件成为新线索,%d 件待人工处理 linked, new leads, left to people", linked, fresh, open)
	if bad > 0 {
		return markwatch.Errorf(markwatch.CodeInvalid, "%d 行不能读取,原因见上 rows could not be read, see above", bad)
	}
	return nil
}

// keepComplaint keeps the record and notes it on its lead.
func (a *app) keepComplaint(ctx context.Context, c intake.Complaint, who string) error {
	doc, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if _, err := a.store.PutPaper(ctx, store.Paper{Kind: store.PaperComplaint, Number: c.Number, Lead: c.Lead, Actor: who, Document: doc}); err != nil {
		return err
	}
	if c.Lead == "" {
		return nil
	}
	_, err = a.store.UpdateLead(ctx, c.Lead, func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		if slices.Contains(l.Handling.Complaints, c.Number) {
			return l, nil, nil
		}
		l.Handling.Complaints = append(slices.Clone(l.Handling.Complaints), c.Number)
		return l, []markwatch.LeadEvent{{Actor: who, Action: "complaint", To: strings.TrimSpace(c.Hotline + " " + c.Number), Note: c.Text}}, nil
	})
	return err
}

// complaintScore is the weight of a hotline's record alone: enough for a lead,
// less than what was seen on a page.
const complaintScore = 0.6

// leadOf makes a lead of a complaint about a page that no scan saw.
func (a *app) leadOf(ctx context.Context, c intake.Complaint, key, who string) (string, error) {
	violation := c.Violation
	if violation == "" {
		violation = markwatch.Counterfeit
	}
	now := time.Now()
	l := markwatch.Listing{ID: markwatch.ListingID("", "", key), Source: complaintSource, URL: key, Title: c.Title, Text: c.Text, FetchedAt: now.UTC(),
		Seller: &markwatch.Seller{Name: c.Seller, Region: c.Region}}
	if l.Title == "" {
		l.Title = "投诉举报 " + c.Number
	}
	v := markwatch.Verdict{ID: l.ID, Score: complaintScore, Flagged: true, At: now.UTC(),
		Violations: map[markwatch.Violation]markwatch.ViolationVerdict{violation: {Score: complaintScore, Flagged: true}},
		Findings: []markwatch.Finding{{Matcher: "complaint", Rule: "hotline", Version: 1, Violation: violation, Score: complaintScore,
			Reason: markwatch.Text{ZH: "投诉举报 " + c.Hotline + " " + c.Number, EN: "a complaint to hotline " + c.Hotline + ", " + c.Number}}}}
	scan, err := a.store.StartScan(ctx, complaintSource, now)
	if markwatch.ErrorCode(err) == markwatch.CodeConflict {
		var open bool
		if scan, open, err = a.store.OpenScan(ctx, complaintSource); err == nil && !open {
			err = markwatch.Errorf(markwatch.CodeConflict, "另一进程正在导入投诉,请稍后再试 another process takes in complaints: try again")
		}
	}
	if err != nil {
		return "", err
	}
	err = a.store.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := a.store.PutListing(ctx, tx, scan, l, v, store.PutOptions{IndexAll: a.indexesAll(), At: now}); err != nil {
			return err
		}
		_, err := a.store.FinishScan(ctx, tx, scan, store.Finish{Complete: true, At: now})
		return err
	})
	if err != nil {
		return "", err
	}
	return l.ID, a.audit(ctx, "lead-complaint", l.ID, who)
}
