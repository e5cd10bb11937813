package render

import "fmt"

// usualFlags are Chromium's command line, without dashes. proxy is where all
// traffic goes that belongs to no page; it refuses everything. The switches are
// those of https://peter.sh/experiments/chromium-command-line-switches/; the
// resolver rule beside the proxy is the advice of Chromium's documentation
// against a browser that resolves names behind its proxy's back.
func (b *Browser) usualFlags(proxy string) []string {
	return []string{
		"headless", "hide-scrollbars", "mute-audio", "disable-gpu", "force-color-profile=srgb",
		"window-size=1280,900", "lang=zh-CN",

		// Everything through our proxies, loopback too; no name is resolved here.
		"proxy-server=http://" + proxy, "proxy-bypass-list=<-loopback>",
		"host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE " + b.host + ", EXCLUDE 127.0.0.1",
		"disable-quic",
		"webrtc-ip-handling-policy=disable_non_proxied_udp", "force-webrtc-ip-handling-policy=disable_non_proxied_udp",

		// No traffic of the browser's own and nothing that outlives a page.
		"no-first-run", "no-default-browser-check", "no-pings", "no-service-autorun",
		"disable-background-networking", "disable-component-update", "disable-component-extensions-with-background-pages",
		"disable-client-side-phishing-detection", "safebrowsing-disable-auto-update", "disable-domain-reliability",
		"disable-sync", "disable-default-apps", "disable-extensions", "disable-breakpad", "disable-crash-reporter",
		"disable-search-engine-choice-screen", "metrics-recording-only", "enable-automation",
		"password-store=basic", "use-mock-keychain",

		// A page that is not looked at must come to rest all the same.
		"disable-background-timer-throttling", "disable-backgrounding-occluded-windows", "disable-renderer-backgrounding",
		"disable-hang-monitor", "disable-prompt-on-repost",

		// Nothing to ask, to open or to grant.
		"deny-permission-prompts", "disable-notifications", "disable-file-system", "disable-speech-api",
		"disable-remote-fonts-preload", "no-experiments", "block-new-web-contents",

		// A page and its frames share one process: the requests of all its
		// frames then pass one judge, and a page is one process to bound. Pages
		// never share a process, since each has a browser context of its own.
		"disable-site-isolation-trials",
		"disable-features=" + "IsolateOrigins,site-per-process,Translate,MediaRouter,OptimizationHints,AutofillServerCommunication," +
			"CertificateTransparencyComponentUpdater,InterestFeedContentSuggestions,Prerender2,SpeculationRulesPrefetchFuture," +
			"NetworkTimeServiceQuerying,DialMediaRouteProvider,WebUSB,WebBluetooth,DirectSockets,BackForwardCache",
		fmt.Sprintf("renderer-process-limit=%d", cap(b.tabs)+1),
		fmt.Sprintf("js-flags=--max-old-space-size=%d", max(b.limits.Memory/2/mib, 32)),
		"disk-cache-size=1", "disable-dev-shm-usage",
	}
}
