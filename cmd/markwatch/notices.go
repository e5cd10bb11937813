package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
	"github.com/markwatch/markwatch/notices"
	"github.com/markwatch/markwatch/scan"
	"github.com/markwatch/markwatch/store"
)

const (
	// graveScore is the score from which a new lead is grave.
	graveScore = 0.9
	// graveNamed is how many grave leads a notice names one by one.
	graveNamed = 5
)

// addNotices makes the configuration's channels and the worker of their jobs.
func (a *app) addNotices(workers *river.Workers) error {
	d := a.cfg.Deployment
	to, err := channels(a.cfg)
	if err != nil {
		return err
	}
	a.notices, err = notices.New(notices.Options{
		Channels: to, Desk: d.Server.URL, Location: d.Location(), Now: time.Now, Logger: a.log,
		Observe: func(kind notices.Kind, result string) { a.metrics.Notice(string(kind), result) },
	})
	if err != nil {
		return err
	}
	return river.AddWorkerSafely(workers, a.notices.Worker())
}

// channels are the configuration's, with the secrets that its files and the
// environment hold.
func channels(cfg *configs.Config) ([]notices.Channel, error) {
	configured, err := cfg.Channels(os.LookupEnv)
	if err != nil {
		return nil, err
	}
	out := make([]notices.Channel, 0, len(configured))
	for _, n := range configured {
		c := notices.Channel{
			Format: notices.Format(n.Kind), URL: n.URL.Reveal(), Secret: n.Secret.Reveal(), Lang: notices.Lang(n.Lang), To: n.To,
			SMTP: notices.SMTP{
				Host: n.SMTP.Host, Port: n.SMTP.Port, Security: notices.Security(n.SMTP.Security),
				User: n.SMTP.User, Password: n.Password.Reveal(), From: n.SMTP.From,
			},
		}
		for _, kind := range n.On {
			c.On = append(c.On, notices.Kind(kind))
		}
		out = append(out, c)
	}
	return out, nil
}

// tellScan tells of a scan that ended, in the transaction that closes it.
func (a *app) tellScan(ctx context.Context, client *river.Client[*sql.Tx], tx *sql.Tx, sum markwatch.ScanSummary) error {
	if client == nil || len(a.notices.Channels()) == 0 {
		return nil
	}
	name := a.sourceName(sum.Source)
	event := func(kind notices.Kind, severity notices.Severity, zh, en string) notices.Event {
		return notices.Event{
			Kind: kind, Severity: severity, At: sum.FinishedAt, Source: sum.Source, SourceName: name, Scan: sum.Scan, Link: "/scans/" + sum.Scan,
			Title: markwatch.Text{ZH: name + ":" + zh, EN: name + ": " + en},
			Text:  inBoth(strings.Join(sum.Warnings, "\n"), ""),
			Facts: scanFacts(sum),
		}
	}
	events := []notices.Event{event(notices.ScanFinished, notices.Info, "扫描结束", "the scan has ended")}
	seen := sum.Pages.Fetched + sum.Pages.Unchanged + sum.Pages.Empty
	switch {
	case scan.Blocked(sum):
		events = append(events, event(notices.SourceBlocked, notices.Warning, "被站点拦截", "the site turned us away"))
	case seen == 0:
		events = append(events, event(notices.ScanFailed, notices.Warning, "没有看到任何网页", "not one page was seen"))
	case !sum.Complete || scan.Declined(sum):
		events = append(events, event(notices.SourceDegraded, notices.Warning, "看到的比应有的少", "less was seen than there should be"))
	}
	grave, err := a.graveLeads(ctx, sum)
	if err != nil {
		return err
	}
	if len(grave) > 0 {
		e := event(notices.GraveLead, notices.Grave, fmt.Sprintf("%d 条重大新线索", len(grave)), fmt.Sprintf("%d grave new leads", len(grave)))
		e.Text = inBoth(strings.Join(grave[:min(len(grave), graveNamed)], "\n"), "")
		e.Link = "/"
		events = append(events, e)
	}
	for _, e := range events {
		if err := a.notices.SendTx(ctx, client, tx, e); err != nil {
			return err
		}
	}
	return nil
}

// settleNotices waits, for a while, until what a scan has to tell is told. What
// a channel does not take is told when scan or serve runs again.
func (a *app) settleNotices(ctx context.Context, client *river.Client[*sql.Tx]) error {
	if len(a.notices.Channels()) == 0 {
		return nil
	}
	params := river.NewJobListParams().Kinds(notices.JobKind).First(noticesListed).States(rivertype.JobStateAvailable,
		rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled)
	tick := time.NewTicker(noticeLook)
	defer tick.Stop()
	until := time.Now().Add(noticeMost)
	// What is to be tried again hours later is not waited for.
	soon := func(job *rivertype.JobRow) bool { return !job.ScheduledAt.After(until) }
	for time.Now().Before(until) {
		left, err := client.JobList(ctx, params)
		if err != nil {
			return fmt.Errorf("looking for notices that were not sent yet: %w", err)
		}
		if !slices.ContainsFunc(left.Jobs, soon) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	a.say("⚠ 还有通知没有送出,下次运行时再送 notices are left to be sent when scan or serve runs again")
	return nil
}

// graveLeads are the titles of the leads that a scan made and that cannot wait.
func (a *app) graveLeads(ctx context.Context, sum markwatch.ScanSummary) ([]string, error) {
	if sum.Leads.New == 0 {
		return nil, nil
	}
	var titles []string
	for lead, err := range a.store.Leads(ctx, store.LeadFilter{Status: []markwatch.LeadStatus{markwatch.LeadNew}, Source: sum.Source, MinScore: graveScore, Since: sum.StartedAt}) {
		if err != nil {
			return nil, err
		}
		if !lead.FirstSeen.Before(sum.StartedAt) {
			titles = append(titles, fmt.Sprintf("%s %s (%.2f)", lead.Number, lead.Listing.Title, lead.Verdict.Score))
		}
	}
	return titles, nil
}

func scanFacts(sum markwatch.ScanSummary) []notices.Fact {
	fact := func(zh, en string, n int) notices.Fact {
		return notices.Fact{Name: markwatch.Text{ZH: zh, EN: en}, Value: fmt.Sprint(n)}
	}
	return []notices.Fact{
		fact("网页", "pages", sum.Pages.Total()), fact("拦截", "blocked", sum.Pages.Blocked), fact("失败", "failed", sum.Pages.Failed),
		fact("商品", "listings", sum.Listings.Seen), fact("新线索", "new leads", sum.Leads.New),
	}
}

const (
	// noticeMost bounds how long the insertion of a notice may take, and how
	// long a command waits for those that it made.
	noticeMost = 10 * time.Second
	// noticeLook is how often it looks whether they went out.
	noticeLook = 100 * time.Millisecond
	// noticesListed is how many of them it looks at.
	noticesListed = 100
)

// quotaWarned tells the channels that the captures are about to fill their
// quota. It does not hold up who has just written one.
func (a *app) quotaWarned(used, quota int64) {
	client := a.jobs.Load()
	if client == nil {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), noticeMost)
		defer cancel()
		now := time.Now()
		err := a.notices.Send(ctx, client, notices.Event{
			ID: "disk-quota-" + now.UTC().Format(time.DateOnly), Kind: notices.DiskQuota, Severity: notices.Warning, At: now,
			Title: markwatch.Text{ZH: "网页存档快要占满上限", EN: "The captures are about to fill their quota"},
			Facts: []notices.Fact{
				{Name: markwatch.Text{ZH: "已占", EN: "used"}, Value: mebibytes(used)},
				{Name: markwatch.Text{ZH: "上限", EN: "quota"}, Value: mebibytes(quota)},
			},
		})
		if err != nil {
			a.log.Error("telling of the quota", "error", err)
		}
	}()
}
