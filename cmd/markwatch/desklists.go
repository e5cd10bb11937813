package main

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
	"github.com/markwatch/markwatch/crawler"
	"github.com/markwatch/markwatch/crawler/extract"
	"github.com/markwatch/markwatch/matchers"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/web"
)

// checkLists says of lists that were edited on the desk what config check says
// of a folder: they are written as one, read back and compiled.
func (a *app) checkLists(_ context.Context, lists markwatch.Lists) (err error) {
	dir, err := os.MkdirTemp("", "markwatch-lists-")
	if err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "不能建立临时目录 / cannot make a temporary folder")
	}
	defer func() {
		if removeErr := os.RemoveAll(dir); err == nil {
			err = removeErr
		}
	}()
	// Sources, and the files that entries name, belong to the folder and were
	// checked there.
	lists.Sources = nil
	lists.Brands = append([]markwatch.Brand(nil), lists.Brands...)
	for i := range lists.Brands {
		lists.Brands[i].Pictures = nil
	}
	lists.Works = append([]markwatch.Work(nil), lists.Works...)
	for i := range lists.Works {
		lists.Works[i].Text = ""
	}
	folder := filepath.Join(dir, "lists")
	deployment, err := os.ReadFile(configs.DeploymentFile(a.cfg.Dir))
	if err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "读不到配置目录 / the configuration folder cannot be read")
	}
	if _, err := configs.Write(folder, lists, deployment); err != nil {
		return err
	}
	cfg, err := configs.Load(folder)
	if err == nil {
		_, err = compile(cfg)
	}
	if err != nil {
		return markwatch.Errorf(markwatch.CodeInvalid, "%s", strings.ReplaceAll(err.Error(), folder+string(filepath.Separator), ""))
	}
	return nil
}

// How many offers a rule is tried on, and how many of its hits are shown.
const (
	triedListings = 20_000
	triedSamples  = 20
)

type deskRules struct {
	*app
	// trying is held while a rule is tried: each takes a core for seconds.
	trying *sync.Mutex
}

// TryRule judges the newest listings with one rule of the lists changed, and
// says what that alone would change, in the way of markwatch backtest.
func (d deskRules) TryRule(ctx context.Context, rule markwatch.Rule) (web.RuleTrial, error) {
	trial := web.RuleTrial{Leads: map[markwatch.LeadStatus]int{}}
	if !d.trying.TryLock() {
		return trial, markwatch.Errorf(markwatch.CodeConflict, "另一条规则正在试用,请稍后再试 / another rule is being tried: try again later")
	}
	defer d.trying.Unlock()
	known := d.known.Load()
	lists := known.lists
	lists.Rules = slices.Clone(lists.Rules)
	i := slices.IndexFunc(lists.Rules, func(r markwatch.Rule) bool { return r.ID == rule.ID })
	if i < 0 {
		return trial, markwatch.Errorf(markwatch.CodeNotFound, "没有规则 %s / there is no rule %s", rule.ID, rule.ID)
	}
	sellers, err := d.knownSellers(ctx)
	if err != nil {
		return trial, err
	}
	now, err := d.judging(lists, sellers)
	if err != nil {
		return trial, err
	}
	lists.Rules[i] = rule
	would, err := d.judging(lists, sellers)
	if err != nil {
		return trial, err
	}
	var report backtestReport
	for j, err := range (past{d.store, now, would}).listings(ctx, store.ListingFilter{Limit: triedListings}, &report) {
		if err != nil {
			return trial, err
		}
		finds := func(f markwatch.Finding) bool { return f.Matcher == matchers.Rules.Name && f.Rule == rule.ID }
		if slices.ContainsFunc(j.tried.Findings, finds) || slices.ContainsFunc(j.present.Findings, finds) {
			trial.Hits++
			if !j.was.Flagged {
				trial.NewHits++
			}
			lead, err := d.store.Lead(ctx, j.listing.ID)
			if err == nil {
				trial.Leads[lead.Status]++
			} else if markwatch.ErrorCode(err) != markwatch.CodeNotFound {
				return trial, err
			}
			if len(trial.Samples) < triedSamples {
				trial.Samples = append(trial.Samples, j.listing)
			}
		}
		if j.change != nil && len(trial.Changes) < triedSamples {
			trial.Changes = append(trial.Changes, web.TriedChange{Listing: j.listing, Change: j.change.Change})
		}
	}
	trial.Looked, trial.Flagged, trial.Would = report.Listings, report.Flagged, report.Would
	trial.New, trial.Vanished, trial.Other = report.New, report.Vanished, report.Other
	trial.ConfirmedLost, trial.DismissedLost = report.Confirmed, report.Dismissed
	return trial, nil
}

// judging compiles lists with everything that counts beside them.
func (a *app) judging(lists markwatch.Lists, sellers []markwatch.KnownSeller) (*matchers.Set, error) {
	return compileWith(&configs.Config{Deployment: a.cfg.Deployment, Lists: lists, Rates: a.cfg.Rates, Dir: a.cfg.Dir}, nil, sellers)
}

type deskExtractor struct{ *app }

// TryExtract fetches a page as the source's crawler would, keeps nothing of it
// and reads it.
func (d deskExtractor) TryExtract(ctx context.Context, source, address string) (web.TriedPage, error) {
	var src *markwatch.Source
	for i := range d.cfg.Lists.Sources {
		if d.cfg.Lists.Sources[i].ID == source {
			src = &d.cfg.Lists.Sources[i]
		}
	}
	if src == nil {
		return web.TriedPage{}, markwatch.Errorf(markwatch.CodeNotFound, "没有来源 %s / there is no source %s", source, source)
	}
	u, err := url.Parse(address)
	if err != nil {
		return web.TriedPage{}, markwatch.WrapError(markwatch.CodeInvalid, err, "网址有误 / the address is wrong")
	}
	scope, err := crawler.NewScope(src)
	if err != nil {
		return web.TriedPage{}, err
	}
	if !scope.Follow(address) && !scope.Listing(address) {
		return web.TriedPage{}, markwatch.Errorf(markwatch.CodeInvalid, "网址不在这个来源的范围内(allow、deny) / the address is not within this source's allow and deny")
	}
	settings := d.cfg.Deployment.Crawl
	c, err := crawler.New(crawler.Config{UserAgent: settings.UserAgent, Contact: settings.Contact, Now: time.Now, Logger: d.log})
	if err != nil {
		return web.TriedPage{}, err
	}
	session, err := c.Host(src, u.Host)
	if err != nil {
		return web.TriedPage{}, err
	}
	defer session.Close()
	page, err := session.Fetch(ctx, crawler.Request{URL: address})
	if err != nil {
		return web.TriedPage{}, markwatch.WrapError(markwatch.CodeInvalid, err, "%s", "取不到页面:"+err.Error()+" / the page cannot be had: "+err.Error())
	}
	tried := web.TriedPage{Status: page.Status, Final: page.FinalURL, Outcome: markwatch.PageFetched}
	if page.Status >= http.StatusBadRequest {
		tried.Outcome = markwatch.PageFailed
	}
	doc, err := extract.Parse(page)
	if err != nil {
		tried.Outcome = markwatch.PageUndecodable
		return tried, nil
	}
	tried.Listings = doc.Listings(extract.Options{Source: src, Listing: scope.Listing(address)})
	set := d.known.Load().matchers
	for i := range tried.Listings {
		if set != nil {
			tried.Verdicts = append(tried.Verdicts, set.Check(matchers.Input{Listing: tried.Listings[i], At: time.Now()}))
		}
	}
	return tried, nil
}

type deskBlacklist struct{ *store.Store }

// Blacklist returns the entries.
func (d deskBlacklist) Blacklist(ctx context.Context) ([]web.BlacklistEntry, error) {
	entries, err := d.Store.Blacklist(ctx)
	var out []web.BlacklistEntry
	for _, e := range entries {
		out = append(out, web.BlacklistEntry(e))
	}
	return out, err
}

// BlacklistKey recognises a seller.
func (deskBlacklist) BlacklistKey(s markwatch.KnownSeller) string { return store.BlacklistKey(s) }
