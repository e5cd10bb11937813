package main

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/riverqueue/river"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/crawler/render"
	"github.com/markwatch/markwatch/scan"
	"github.com/markwatch/markwatch/store"
)

// crawl is a running crawl: the scanner with its jobs.
type crawl struct {
	*scan.Scanner
	jobs *river.Client[*sql.Tx]
	stop func(context.Context) error
}

// startCrawl wires the stages and lets their jobs run: those of hosts and,
// beside them, notices and whatever more the caller adds.
func (a *app) startCrawl(ctx context.Context, more ...func(*crawl, *river.Workers) error) (*crawl, error) {
	c := &crawl{}
	var err error
	if c.Scanner, err = a.scanner(ctx, c); err != nil {
		return nil, err
	}
	workers := river.NewWorkers()
	if err := a.addNotices(workers); err != nil {
		return nil, err
	}
	for _, add := range more {
		if err := add(c, workers); err != nil {
			return nil, err
		}
	}
	c.jobs, c.stop, err = c.Start(ctx, a.cfg.Deployment.Crawl.Hosts, workers)
	if err != nil {
		return nil, err
	}
	a.jobs.Store(c.jobs)
	return c, nil
}

// end stops the jobs when the pages in flight are done, or the grace is over.
func (c *crawl) end(ctx context.Context) error {
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
	defer cancel()
	return c.stop(grace)
}

// scanner wires the stages.
func (a *app) scanner(ctx context.Context, c *crawl) (*scan.Scanner, error) {
	if err := a.ready(ctx); err != nil {
		return nil, err
	}
	if err := a.openArchive(); err != nil {
		return nil, err
	}
	table, err := frontier.New(a.store.RiverDriver(), a.store, frontier.Options{Now: time.Now, Logger: a.log})
	if err != nil {
		return nil, err
	}
	settings := a.cfg.Deployment.Crawl
	web, err := crawler.New(crawler.Config{
		UserAgent: settings.UserAgent, Contact: settings.Contact, Recorder: a.archive, Now: time.Now, Logger: a.log,
		Observe: a.observe,
	})
	if err != nil {
		return nil, err
	}
	process, err := a.processName()
	if err != nil {
		return nil, err
	}
	cfg := scan.Config{
		Process: process, AskAll: a.askAll,
		Store: a.store, Frontier: table, Crawler: web, Matchers: a.known.Load().matchers, Lists: a.lists(), Probe: a.probe, Dir: a.cfg.Dir, Keeper: a.archive,
		IndexAll: a.indexesAll(), Fed: a.fed, Counted: a.count, Now: time.Now, Logger: a.log,
		Finished: func(ctx context.Context, tx *sql.Tx, sum markwatch.ScanSummary) error {
			return a.tellScan(ctx, c.jobs, tx, sum)
		},
		Ended: func(sum markwatch.ScanSummary) {
			a.metrics.ScanEnded(sum.Source, scanResult(sum))
			a.toMirror(sum.Source)
		},
	}
	browser, err := a.openBrowser(ctx)
	if err != nil {
		return nil, err
	}
	if browser != nil {
		cfg.Browser = browser
	}
	return scan.New(cfg)
}

// openBrowser starts the browser where a source wants one. Where there is
// none, those sources say so and the rest runs.
func (a *app) openBrowser(ctx context.Context) (*countedBrowser, error) {
	wanted := false
	for _, s := range a.cfg.Lists.Sources {
		wanted = wanted || s.Render == "auto" || s.Render == "always"
	}
	if !wanted {
		return nil, nil
	}
	b, err := render.Open(ctx, render.Options{Engine: a.cfg.Deployment.Engines.Browser, Logger: a.log})
	if markwatch.ErrorCode(err) == markwatch.CodeUnavailable {
		a.say("⚠ 没有可用的浏览器,需要它的来源会另行说明 there is no usable browser; sources that need one will say so: %v", err)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	a.onClose(b.Close)
	return &countedBrowser{b, a}, nil
}

// countedBrowser counts what it renders.
type countedBrowser struct {
	*render.Browser
	app *app
}

// Render renders a page.
func (b *countedBrowser) Render(ctx context.Context, req render.Request) (*render.Result, error) {
	res, err := b.Browser.Render(ctx, req)
	switch {
	case err != nil:
		b.app.metrics.Render(string(markwatch.ErrorCode(err)))
	case len(res.Truncated) > 0:
		b.app.metrics.Render("truncated")
	default:
		b.app.metrics.Render("ok")
	}
	return res, err
}

// observe counts a request.
func (a *app) observe(o crawler.Observation) {
	outcome := o.Reason
	if outcome == "" {
		outcome = "ok"
	}
	a.metrics.Request(o.Source, outcome, o.Bytes, o.Took, o.Unchanged)
}

// count counts what a committed page added.
func (a *app) count(source string, d store.PageDelta) {
	if d.Outcome != "" {
		a.metrics.Page(source, string(d.Outcome))
	}
	for outcome, n := range d.Pages {
		for range n {
			a.metrics.Page(source, string(outcome))
		}
	}
	a.metrics.Listings(d.Listings.Seen)
	for v, n := range d.Violations {
		for range n {
			a.metrics.Lead(string(v))
		}
	}
}

// fed wakes the index's feeder, where this process has one.
func (a *app) fed() {
	if a.feeder != nil {
		a.feeder.Wake()
	}
}

func scanResult(sum markwatch.ScanSummary) string {
	if sum.Complete {
		return "complete"
	}
	return "incomplete"
}

// rejudge judges stored listings again where lists, rules or rates are others
// than those of their verdicts.
func (a *app) rejudge(ctx context.Context, s *scan.Scanner) error {
	bar := newProgress(a.console, "按新规则重判 judging again", time.Now)
	done, err := s.Rejudge(ctx, func(n int) { bar.set(n, 0, "") })
	bar.finish()
	if done.Listings > 0 {
		a.say("名单或规则有变,重判 %d 件已存商品:%d 条新线索,%d 条更新 lists or rules changed: stored listings judged again, new leads, updated ones",
			done.Listings, done.LeadsNew, done.LeadsUpdated)
	}
	if errors.Is(err, context.Canceled) {
		return nil // it goes on next time
	}
	return err
}
