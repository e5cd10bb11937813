package crawler

import (
	"regexp"

	"github.com/markwatch/markwatch"
)

// The reasons that Blocked gives.
const (
	BlockedLogin        = "login-wall"
	BlockedCaptcha      = "captcha"
	BlockedInterstitial = "interstitial"
	BlockedShell        = "javascript-shell"
)

// shellText is the most text that a page without content shows: a name, a
// notice that JavaScript is needed.
const shellText = 60

var (
	shellRoot   = regexp.MustCompile(`(?is)<(div|main|app-root|section)[^>]*\b(id|class)=["']?(app|root|__next|__nuxt|main-app|react-root|container|ice-container|page|main)\b[^>]*>\s*(<!--.*?-->\s*)?(<noscript>.*?</noscript>\s*)?</`)
	shellNotice = regexp.MustCompile(`(?i)(enable|need|requires?|without|开启|启用|打开|允许|支持).{0,20}javascript|javascript.{0,20}(enabled|disabled|required|to run this app|开启|启用|支持)`)
	// shellData are the marks of data that extraction reads without running
	// a script.
	shellData = regexp.MustCompile(`(?i)application/ld\+json|__NEXT_DATA__|__INITIAL_STATE__|__NUXT__|__APOLLO_STATE__|__PRELOADED_STATE__|window\.rawData|g_config\s*=|pageConfig\s*=|itemprop=|typeof=["']?(schema:)?product|og:type["'][^>]*product|application/json["']`)
	scriptTag = regexp.MustCompile(`(?i)<script`)
)

// Blocked tells whether a page is a login wall, a captcha, an interstitial or
// an empty JavaScript shell, and by which reason; title and text are what a
// visitor sees of it. Such a page is counted as blocked, since what was asked
// for was not seen; nothing is done to get past it. A 403 or a small page alone
// is no block, and a page that merely speaks of logging in is none either.
func Blocked(page *markwatch.Page, title, text string) (reason string, blocked bool) {
	if page.Header.Get("Cf-Mitigated") == "challenge" || page.Header.Get("X-Datadome") != "" && page.Status == 403 || page.Header.Get("X-Amzn-Waf-Action") != "" {
		return BlockedCaptcha, true
	}
	l := look(page, title, text)
	if !l.html {
		return l.find(dataWalls[:])
	}
	if reason, blocked := l.find(walls[:]); blocked {
		return reason, true
	}
	if reason := l.leads(walls[:]); reason != "" {
		return reason, true
	}
	if page.Status < 300 && l.length <= shellText && scriptTag.Match(l.markup) && !shellData.Match(l.markup) &&
		(shellRoot.Match(l.markup) || shellNotice.Match(l.markup)) {
		return BlockedShell, true
	}
	return "", false
}
