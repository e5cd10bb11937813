package render

import (
	"context"
	"errors"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/fetch"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// openTab makes a browser context with the tab's proxy as its only way out, and
// a blank page in it. The function that it returns is never nil; it closes what
// was opened, and ends the browser where that does not help.
func (b *Browser) openTab(ctx context.Context, i *instance, t *tab) (func(), error) {
	own, cancel := context.WithCancel(i.ctx)
	stop := context.AfterFunc(ctx, cancel)
	var contextID cdp.BrowserContextID
	closeTab := func() {}
	closeAll := func() {
		stop()
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			closeTab()
			cancel()
			if contextID == "" {
				return
			}
			end, cancel := context.WithTimeout(i.ctx, closeMost)
			defer cancel()
			if _, err := chromedp.CallBrowser(end, target.DisposeBrowserContext, target.DisposeBrowserContextParams{BrowserContextID: contextID}); err != nil {
				b.log.Debug("dispose of a browser context", "err", err)
				if end.Err() != nil {
					<-i.ctx.Done()
				}
			}
		}()
		select {
		case <-gone:
		case <-i.gone():
		case <-time.After(closeMost):
			b.discard(i)
		}
	}
	// These are quick, and cutting them short would leave behind what they made.
	brief, done := context.WithTimeout(i.ctx, closeMost)
	defer done()
	made, err := chromedp.CallBrowser(brief, target.CreateBrowserContext, target.CreateBrowserContextParams{
		DisposeOnDetach: new(true), ProxyServer: "http://" + b.host + ":" + t.gate.port(), ProxyBypassList: "<-loopback>",
	})
	if err != nil {
		return closeAll, err
	}
	contextID = made.BrowserContextID
	if _, err := chromedp.CallBrowser(brief, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorDeny, BrowserContextID: contextID,
	}); err != nil {
		return closeAll, err
	}
	blank, err := chromedp.CallBrowser(brief, target.CreateTarget, target.CreateTargetParams{
		URL: "about:blank", BrowserContextID: contextID, NewWindow: new(true), Width: width, Height: height,
	})
	if err != nil {
		return closeAll, err
	}
	t.main = cdp.FrameID(blank.TargetID)
	t.ctx, closeTab = chromedp.NewContext(own, chromedp.WithTargetID(blank.TargetID), chromedp.WithListener(t.heard))
	return closeAll, t.prepare()
}

// prepare sets the tab up before it sees the page.
func (t *tab) prepare() error {
	return chromedp.Do(t.ctx, chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		type step struct {
			method string
			params any
		}
		steps := []step{
			// chromedp listens to these; a page can flood them with what nobody reads here.
			{dom.Disable.Method, cdp.Empty{}}, {css.Disable.Method, cdp.Empty{}},
			{cdplog.Disable.Method, cdp.Empty{}}, {runtime.Disable.Method, cdp.Empty{}},
			{target.SetDiscoverTargets.Method, target.SetDiscoverTargetsParams{Discover: false}},
			// Frames and workers need no session of their own. Holding new windows
			// until they are closed would hold workers too (block-new-web-contents
			// keeps windows from opening).
			{target.SetAutoAttach.Method, target.SetAutoAttachParams{Flatten: new(true)}},
			{emulation.SetDeviceMetricsOverride.Method, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1}},
			{network.SetBypassServiceWorker.Method, network.SetBypassServiceWorkerParams{Bypass: true}},
			{page.SetPrerenderingAllowed.Method, page.SetPrerenderingAllowedParams{IsAllowed: false}},
			{fetch.Enable.Method, fetch.EnableParams{HandleAuthRequests: new(true)}},
		}
		if t.req.UserAgent != "" {
			steps = append(steps, step{emulation.SetUserAgentOverride.Method, emulation.SetUserAgentOverrideParams{UserAgent: t.req.UserAgent}})
		}
		if len(t.req.Cookies) > 0 {
			steps = append(steps, step{network.SetCookies.Method, network.SetCookiesParams{Cookies: cookies(t.req)}})
		}
		for _, s2 := range steps {
			if err := s.Call(ctx, s2.method, s2.params, nil); err != nil {
				return errors.Join(errors.New(s2.method), err)
			}
		}
		return nil
	}))
}

func cookies(req Request) []*network.CookieParam {
	var all []*network.CookieParam
	for _, c := range req.Cookies {
		if c == nil {
			continue
		}
		all = append(all, &network.CookieParam{
			Name: c.Name, Value: c.Value, URL: req.URL, Domain: c.Domain, Path: c.Path, Secure: c.Secure, HTTPOnly: c.HttpOnly,
		})
	}
	return all
}

// closePopups ends windows that a browser opens all the same.
func (i *instance) closePopups() error {
	if _, err := chromedp.CallBrowser(i.ctx, target.SetDiscoverTargets, target.SetDiscoverTargetsParams{Discover: true}); err != nil {
		return err
	}
	return chromedp.ListenBrowser(i.ctx, func(ev any) {
		created, ok := ev.(*target.EventTargetCreated)
		if !ok || created.TargetInfo.Type != "page" || created.TargetInfo.OpenerID == "" {
			return
		}
		go func() {
			// A window that is gone already is as good as closed.
			_, _ = chromedp.CallBrowser(i.ctx, target.CloseTarget, target.CloseTargetParams{TargetID: created.TargetInfo.TargetID})
		}()
	})
}
