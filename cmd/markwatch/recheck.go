package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler"
	"github.com/markwatch/markwatch/crawler/extract"
	"github.com/markwatch/markwatch/crawler/render"
)

// rechecker fetches pages again before they are sent.
type rechecker struct {
	app     *app
	web     *crawler.Crawler
	browser *render.Browser // nil where there is none
}

// rechecker opens the crawler and, where the machine has one, the browser.
func (a *app) rechecker(ctx context.Context, pictures bool) (*rechecker, error) {
	if err := a.openArchive(); err != nil {
		return nil, err
	}
	settings := a.cfg.Deployment.Crawl
	web, err := crawler.New(crawler.Config{UserAgent: settings.UserAgent, Contact: settings.Contact, Recorder: a.archive, Now: time.Now, Logger: a.log, Observe: a.observe})
	if err != nil {
		return nil, err
	}
	r := &rechecker{app: a, web: web}
	if pictures {
		b, err := render.Open(ctx, render.Options{Engine: a.cfg.Deployment.Engines.Browser, Logger: a.log})
		switch {
		case markwatch.ErrorCode(err) == markwatch.CodeUnavailable:
			a.say("⚠ 没有浏览器,证据包不含截图 there is no browser: packages have no screenshots")
		case err != nil:
			return nil, err
		default:
			r.browser = b
			a.onClose(b.Close)
		}
	}
	return r, nil
}

// again fetches a lead's page once more and says what it shows: the same
// limits, robots.txt and addresses hold as in a scan.
func (r *rechecker) again(ctx context.Context, lead *markwatch.Lead) second {
	now := time.Now()
	unchecked := func(why string) second {
		return second{shown: "not-checked", note: "未能复查:" + why, at: now}
	}
	src := r.app.source(lead.Listing.Source)
	u, err := url.Parse(lead.Listing.URL)
	if src == nil || err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return unchecked("来源不在配置中,或没有网址")
	}
	session, err := r.web.Host(src, u.Host)
	if err != nil {
		return unchecked(err.Error())
	}
	defer session.Close()
	page, err := session.Fetch(ctx, crawler.Request{URL: lead.Listing.URL})
	var fetch *crawler.FetchError
	if errors.As(err, &fetch) && fetch.Page != nil && (fetch.Page.Status == http.StatusNotFound || fetch.Page.Status == http.StatusGone) {
		return second{shown: "gone", note: "页面已不存在(" + fetch.Reason + ")", snapshot: fetch.Page.Snapshot, at: now}
	}
	if err != nil {
		return unchecked(err.Error())
	}
	out := second{snapshot: page.Snapshot, at: now}
	doc, err := extract.Parse(page)
	if err != nil {
		return unchecked(err.Error())
	}
	out.shown, out.note = "changed", "页面仍在,但不再显示该商品"
	for _, l := range doc.Listings(extract.Options{Source: src, Listing: true}) {
		if l.ID == lead.ID || l.URL == lead.Listing.URL {
			out.shown, out.note = compare(lead.Listing, l)
		}
	}
	out.screenshot = r.picture(ctx, src, session, page.FinalURL)
	return out
}

// picture takes a picture of the page in the same visit; nil where none could
// be had, which the package then says by not having it.
func (r *rechecker) picture(ctx context.Context, src *markwatch.Source, session *crawler.Session, address string) []byte {
	if r.browser == nil {
		return nil
	}
	res, err := r.browser.Render(ctx, render.Request{
		URL: address, UserAgent: session.UserAgent(), Dial: r.web.DialContext(src), Cookies: session.Cookies(address), Allowed: session.Allowed, Screenshot: true,
	})
	if err != nil {
		r.app.say("⚠ 截图失败 no screenshot of %s: %v", address, err)
		return nil
	}
	return res.Screenshot
}
