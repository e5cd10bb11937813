package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/riverqueue/river"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/dispatch"
	"github.com/markwatch/markwatch/notices"
	"github.com/markwatch/markwatch/store"
)

const (
	// monthlyAhead is how many days before the month's report is due people
	// are reminded of it.
	monthlyAhead = 5
	// dueNamed is how many leads a reminder names one by one.
	dueNamed = 20
	// remindersKept is longer than any lead stands in a state.
	remindersKept = 10 * 366 * 24 * time.Hour
)

// dueLeads are the leads that are due soon or overdue, the soonest first.
func (a *app) dueLeads(ctx context.Context, now time.Time, takes dispatch.Takes) ([]leads.Due, error) {
	set := a.cfg.Handling
	terms := leads.Deadlines{Terms: set.Terms, Calendar: leads.Calendar{Off: set.Calendar.Off, On: set.Calendar.On}, Location: a.cfg.Deployment.Location()}
	var list []leads.Due
	for lead, err := range a.store.Leads(ctx, store.LeadFilter{}) {
		if err != nil {
			return nil, err
		}
		if takes != nil && !takes(&lead) {
			continue
		}
		if due, ok := terms.Due(lead, now); ok {
			list = append(list, due)
		}
	}
	slices.SortStableFunc(list, func(x, y leads.Due) int { return x.At.Compare(y.At) })
	return list, nil
}

// monthlyLeft is in how many days the month's report is due, 0 on the day; ok
// is false where that is far off or over. A month that is too short for the day
// ends on its last.
func (a *app) monthlyLeft(now time.Time) (left int, ok bool) {
	now = now.In(a.cfg.Deployment.Location())
	last := time.Date(now.Year(), now.Month()+1, 0, 0, 0, 0, 0, now.Location()).Day()
	left = min(a.cfg.Handling.Monthly.Unit, last) - now.Day()
	return left, left >= 0 && left <= monthlyAhead
}

// reminder is one thing that people are told once.
type reminder struct {
	key  string
	line markwatch.Text
	kind notices.Kind
	late bool
}

// reminders are those of now. A lead's is told once while it is due soon and
// once when it is overdue, in each state anew.
func (a *app) reminders(ctx context.Context, now time.Time) ([]reminder, error) {
	due, err := a.dueLeads(ctx, now, nil)
	if err != nil {
		return nil, err
	}
	var list []reminder
	for _, d := range due {
		since := d.Lead.Handling.Since
		r := reminder{key: fmt.Sprintf("lead %s %s %d soon", d.Lead.ID, d.Status, since.Unix()), kind: notices.LeadDue, late: d.Overdue}
		name := leads.StatusName(markwatch.LeadStatus(d.Status))
		zh, en := fmt.Sprintf("还有 %d 天", d.Days), fmt.Sprintf("%d days left", d.Days)
		if d.Overdue {
			r.key = strings.TrimSuffix(r.key, "soon") + "late"
			zh, en = fmt.Sprintf("逾期 %d 天", -d.Days), fmt.Sprintf("%d days overdue", -d.Days)
		}
		title := strings.Join(strings.Fields(d.Lead.Listing.Title), " ")
		r.line = markwatch.Text{ZH: strings.Join([]string{d.Number, name.ZH, zh, d.Who, title}, " "), EN: strings.Join([]string{d.Number, name.EN, en, d.Who, title}, " ")}
		list = append(list, r)
	}
	if left, ok := a.monthlyLeft(now); ok {
		month, day := now.In(a.cfg.Deployment.Location()).Format("2006-01"), a.cfg.Handling.Monthly.Unit
		r := reminder{key: "report " + month + " soon", kind: notices.ReportDue, late: left == 0}
		if left == 0 {
			r.key = "report " + month + " today"
		}
		r.line = markwatch.Text{ZH: fmt.Sprintf("%s 月报须于 %d 日前上报,还有 %d 天", month, day, left), EN: fmt.Sprintf("the figures of %s are due on day %d, %d days left", month, day, left)}
		list = append(list, r)
	}
	return list, nil
}

// remind tells the channels of what they were not told of yet, and returns how
// much that was. What no channel is told of stays to be told when one is.
func (a *app) remind(ctx context.Context, client *river.Client[*sql.Tx], now time.Time) (told int, err error) {
	all, err := a.reminders(ctx, now)
	if err != nil {
		return 0, err
	}
	for _, kind := range []notices.Kind{notices.LeadDue, notices.ReportDue} {
		if !a.notices.Tells(kind) {
			continue
		}
		byKey := map[string]reminder{}
		var keys []string
		for _, r := range all {
			if r.kind == kind {
				byKey[r.key] = r
				keys = append(keys, r.key)
			}
		}
		fresh, err := a.store.Remind(ctx, keys, now, func(ctx context.Context, tx *sql.Tx, fresh []string) error {
			var list []reminder
			for _, key := range fresh {
				list = append(list, byKey[key])
			}
			return a.notices.SendTx(ctx, client, tx, dueEvent(kind, list, now))
		})
		if err != nil {
			return told, err
		}
		told += len(fresh)
	}
	return told, nil
}

// dueEvent tells of several reminders of a kind in one notice.
func dueEvent(kind notices.Kind, list []reminder, now time.Time) notices.Event {
	sum := sha256.New()
	late := 0
	var zh, en []string
	for i, r := range list {
		fmt.Fprintln(sum, r.key)
		if r.late {
			late++
		}
		if i < dueNamed {
			zh, en = append(zh, r.line.ZH), append(en, r.line.EN)
		}
	}
	e := notices.Event{
		ID: string(kind) + "/" + hex.EncodeToString(sum.Sum(nil)[:16]), Kind: kind, Severity: notices.Info, At: now, Link: "/",
		Text: markwatch.Text{ZH: strings.Join(zh, "\n"), EN: strings.Join(en, "\n")},
	}
	if late > 0 {
		e.Severity = notices.Warning
	}
	switch kind {
	case notices.ReportDue:
		e.Title, e.Text = list[0].line, markwatch.Text{}
	default:
		e.Title = markwatch.Text{ZH: fmt.Sprintf("%d 条线索将到期,%d 条已逾期", len(list)-late, late), EN: fmt.Sprintf("%d leads are due soon, %d overdue", len(list)-late, late)}
		e.Facts = []notices.Fact{
			{Name: markwatch.Text{ZH: "将到期", EN: "Due soon"}, Value: fmt.Sprint(len(list) - late)},
			{Name: markwatch.Text{ZH: "已逾期", EN: "Overdue"}, Value: fmt.Sprint(late)},
		}
	}
	return e
}

// watchDue reminds people every morning until ctx ends.
func (a *app) watchDue(ctx context.Context) error {
	tick := time.NewTicker(savedLook)
	defer tick.Stop()
	done := ""
	for {
		now := time.Now().In(a.cfg.Deployment.Location())
		today := now.Format(time.DateOnly)
		if client := a.jobs.Load(); client != nil && now.Hour() >= savedHour && done != today {
			if _, err := a.remind(ctx, client, now); err == nil {
				done = today
			} else if ctx.Err() == nil {
				a.log.ErrorContext(ctx, "reminding of what is due", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// remindNow reminds from the command line: by the jobs of the process that
// serves, else by jobs of its own, which it waits for a while to be delivered.
func (a *app) remindNow(ctx context.Context, now time.Time) (told int, err error) {
	client := a.jobs.Load()
	if client == nil {
		workers := river.NewWorkers()
		if err := a.addNotices(workers); err != nil {
			return 0, err
		}
		client, err = river.NewClient(a.store.RiverDriver(), &river.Config{
			Logger: a.log, Workers: workers, Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 1}},
			FetchCooldown: noticeLook, FetchPollInterval: noticeLook,
		})
		if err != nil {
			return 0, fmt.Errorf("preparing the notices: %w", err)
		}
		if err := client.Start(ctx); err != nil {
			return 0, fmt.Errorf("starting the notices: %w", err)
		}
		defer func() {
			grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
			defer cancel()
			err = errors.Join(err, client.Stop(grace))
		}()
	}
	if len(a.notices.Channels()) == 0 {
		return 0, markwatch.Errorf(markwatch.CodeInvalid, "markwatch.yaml 没有配置 notices 通知渠道 / no notice channels are configured")
	}
	if told, err = a.remind(ctx, client, now); err != nil {
		return told, err
	}
	return told, a.settleNotices(ctx, client)
}
