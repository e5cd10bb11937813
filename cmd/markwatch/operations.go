package main

import (
	"context"
	"net/netip"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/scan"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/web"
)

// operations is what the operator's pages look at.
type operations struct {
	scanner *scan.Scanner
	// next is a source's next tick; nil where nothing is scheduled here.
	next func(source string) time.Time
}

// Progress tells how far every open scan is.
func (o *operations) Progress(ctx context.Context) ([]markwatch.ScanProgress, error) {
	return o.scanner.Progress(ctx)
}

// Sources tells of every source.
func (o *operations) Sources(ctx context.Context) ([]markwatch.SourceStatus, error) {
	return o.scanner.Status(ctx, o.next)
}

// scanDetails reads single scans.
type scanDetails struct {
	*store.Store
	scanner *scan.Scanner
}

// ScanFaults returns addresses that a scan did not see, the gravest first.
func (d scanDetails) ScanFaults(ctx context.Context, id string, limit int) ([]web.PageFault, error) {
	faults, err := d.scanner.Faults(ctx, id, limit)
	out := make([]web.PageFault, 0, len(faults))
	for _, f := range faults {
		out = append(out, web.PageFault(f))
	}
	return out, err
}

// SourceScans returns a source's finished scans, newest first.
func (d scanDetails) SourceScans(ctx context.Context, source string, limit int) ([]markwatch.ScanSummary, error) {
	return d.Scans(ctx, store.ScanFilter{Source: source, Finished: true, Limit: limit})
}

// reader is a scanner that runs nothing and tells how scans and sources stand.
func (a *app) reader() (*scan.Scanner, error) {
	table, err := frontier.New(a.store.RiverDriver(), a.store, frontier.Options{Now: time.Now, Logger: a.log})
	if err != nil {
		return nil, err
	}
	web, err := crawler.New(crawler.Config{Now: time.Now})
	if err != nil {
		return nil, err
	}
	return scan.New(scan.Config{
		Store: a.store, Frontier: table, Crawler: web, Matchers: a.known.Load().matchers, Lists: a.lists(), Dir: a.cfg.Dir, Now: time.Now, Logger: a.log,
	})
}

// metricsAllow are the networks from which /metrics may be read.
func (a *app) metricsAllow() []netip.Prefix {
	return a.cfg.Deployment.Server.Metrics.Prefixes()
}

// gauges registers what is looked up when somebody scrapes.
func (a *app) gauges(ops *operations) error {
	lag := func() (items int, age time.Duration) {
		ctx, cancel := context.WithTimeout(context.Background(), scrapeMost)
		defer cancel()
		items, oldest, err := a.store.IndexLag(ctx)
		if err != nil || items == 0 {
			return 0, 0
		}
		return items, time.Since(oldest)
	}
	for _, g := range []struct {
		name, help string
		read       func() float64
	}{
		{"index_queue", "Listings that the search index has yet to be told of.", func() float64 { n, _ := lag(); return float64(n) }},
		{"index_lag_seconds", "Age of the oldest word that the search index has yet to be told.", func() float64 { _, age := lag(); return age.Seconds() }},
		{"captures_bytes", "Bytes that the captures take.", func() float64 {
			n, err := a.archive.Usage()
			if err != nil {
				return 0
			}
			return float64(n)
		}},
		{"capture_quota_bytes", "Bytes that the captures may take; 0 is no bound.", func() float64 { return float64(a.cfg.Deployment.Archive.Quota) }},
	} {
		if err := a.metrics.Gauge(g.name, g.help, g.read); err != nil {
			return err
		}
	}
	for _, g := range []struct {
		name, help string
		of         func(markwatch.ScanProgress) float64
	}{
		{"scan_running", "Scans of the source that are open.", func(markwatch.ScanProgress) float64 { return 1 }},
		{"frontier_queued", "Addresses that are known and not dealt with.", func(p markwatch.ScanProgress) float64 { return float64(p.Queued) }},
	} {
		err := a.metrics.GaugeBySource(g.name, g.help, func(ctx context.Context) (map[string]float64, error) {
			running, err := ops.Progress(ctx)
			values := map[string]float64{}
			for _, p := range running {
				values[p.Source] += g.of(p)
			}
			return values, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// scrapeMost bounds what one figure of a scrape may take.
const scrapeMost = 2 * time.Second
