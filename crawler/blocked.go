package crawler

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/markwatch/markwatch"
)

// The reasons that Blocked gives.
const (
	BlockedLogin        = "login-wall"
	BlockedCaptcha      = "captcha"
	BlockedInterstitial = "interstitial"
	BlockedShell        = "javascript-shell"
)

// sign is one mark of a page that stands before the page that was asked for. A
// sign counts only where the page shows no more than max characters of text:
// walls are short, while shops and articles speak of logging in and of
// captchas too.
type sign struct {
	reason string
	where  part
	expr   *regexp.Regexp
	max    int
}

// part says where a sign is looked for.
type part int

const (
	inTitle part = iota
	inText
	inMarkup
	inAddress // of the answer, where it is not the one that was asked for
)

// any number of characters
const anyLength = 1 << 30

// signs is the table of what was seen on real sites. The titles and sentences
// are whole or anchored, so that an offer of a captcha solver is none.
var signs = [...]sign{
	{BlockedCaptcha, inAddress, expr(`/punish\?|/_____tmd_____/|x5secdata=|/captcha|/verify(code)?[./?]|antispider|/sec/|wappass\.baidu\.com|risk_handler|/cdn-cgi/challenge`), anyLength},
	{BlockedLogin, inAddress, expr(`^https?://(login|passport|account|accounts|sso|signin)\.|/(member/)?(login|signin|sign_in|passport)(\.\w+)?([/?]|$)`), 3000},

	{BlockedCaptcha, inTitle, expr(`^(验证码|安全验证|人机验证|滑动验证|滑块验证|身份验证|访问验证|验证中心|图形验证|百度安全验证|京东验证|验证码拦截)(页面|中间页)?\s*($|[-–—|_·:：,，!！])`), 800},
	{BlockedCaptcha, inTitle, expr(`^(robot check|captcha|are you (a )?human|security check|human verification|verify(ing)? (that )?you are( a)? human)`), 800},
	{BlockedInterstitial, inTitle, expr(`^(just a moment|attention required! \| cloudflare|checking your browser|ddos-guard|please wait|请稍候|请稍等|浏览器安全检查|正在进行安全检测|安全检测中)`), 800},
	{BlockedInterstitial, inTitle, expr(`^(访问受限|访问被拒绝|访问被阻断|访问异常|拦截提示|请求被拦截|您的访问过于频繁|访问过于频繁|access denied|403 forbidden by waf|网站防火墙)`), 600},
	{BlockedLogin, inTitle, expr(`^(用户登录|会员登录|账号登录|帐号登录|登录|请登录|登陆|欢迎登录|sign in|log ?in|login)\s*($|[-–—|_·])`), 600},
	{BlockedLogin, inTitle, expr(`[-–—|_·]\s*(用户登录|会员登录|账号登录|欢迎登录|登录)$`), 400},

	{BlockedCaptcha, inText, expr(`(请|需要?您?)?(按住|拖动|滑动|向右滑动)(下方|左侧|右侧)?滑块|请完成(下方|下列|以下)?(安全)?验证|请(输入|填写|点击)(图中|下方|以下|图片)?(的)?(验证码|字符|文字)(后|继续|以|进行)|通过验证(后|即可|以)继续|为了您的账号安全.{0,12}验证`), 500},
	{BlockedCaptcha, inText, expr(`unusual traffic from your|enter the characters you see|verify (that )?you are (a )?human|i'?m not a robot|complete the (security check|captcha)`), 800},
	{BlockedInterstitial, inText, expr(`(访问|请求|操作)(过于|太)频繁|检测到(您的)?(异常|可疑)(流量|访问|行为|请求)|访问(行为)?(异常|存在风险)|(请求|访问)(已)?被(拦截|阻断|拒绝)|您的IP.{0,12}(异常|限制|封禁|禁止)|被(安全策略|防火墙)拦截`), 500},
	{BlockedInterstitial, inText, expr(`checking (if the site connection is secure|your browser before)|enable javascript and cookies to continue|ray id: [0-9a-f]{8}|request unsuccessful\. incapsula|pardon our interruption`), 800},
	{BlockedLogin, inText, expr(`(请|需要?)(您)?先?(登录|登陆)(后|以|才能|再)(继续)?(查看|访问|浏览|使用|操作)?|登录后(才能|可|即可|方可)?(查看|访问|浏览)(全部|更多|完整)?(内容|商品|页面|结果)|(log|sign) ?in to (continue|view|see)`), 200},

	{BlockedInterstitial, inMarkup, expr(`acw_sc__v2|__jsl_clearance|/cdn-cgi/challenge-platform|_cf_chl_opt|/_Incapsula_Resource|px-captcha|_guard/(auto|encrypt)\.js|ge_js_validator`), 120},
	{BlockedCaptcha, inMarkup, expr(`initGeetest|aliyuncaptcha|TencentCaptcha\(|g-recaptcha|h-captcha|class="cf-turnstile|AWSC\.use\(|nc_1_wrapper|id="nocaptcha"`), 120},
	{BlockedLogin, inMarkup, expr(`<input[^>]+type=["']?password`), 60},
}

func expr(s string) *regexp.Regexp { return regexp.MustCompile(`(?i)` + s) }

const (
	// markupMost is how much of a body is searched for signs and scripts.
	markupMost = 256 << 10
	// shellText is the most text that a page without content shows: a name, a
	// notice that JavaScript is needed.
	shellText = 60
)

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
	if page.Header.Get("Cf-Mitigated") == "challenge" || page.Header.Get("X-Datadome") != "" && page.Status == 403 {
		return BlockedCaptcha, true
	}
	kind := strings.ToLower(page.ContentType())
	if kind != "" && !strings.Contains(kind, "html") && !strings.HasPrefix(kind, "text/plain") {
		return "", false
	}
	title, text = strings.TrimSpace(title), strings.TrimSpace(text)
	length := visible(text)
	markup := page.Body[:min(len(page.Body), markupMost)]
	for _, s := range signs {
		if length > s.max {
			continue
		}
		found := false
		switch s.where {
		case inTitle:
			found = s.expr.MatchString(title)
		case inText:
			found = s.expr.MatchString(text)
		case inMarkup:
			found = s.expr.Match(markup)
		case inAddress:
			found = moved(page) && s.expr.MatchString(page.FinalURL) && !s.expr.MatchString(page.URL)
		}
		if found {
			return s.reason, true
		}
	}
	if page.Status < 300 && length <= shellText && scriptTag.Match(markup) && !shellData.Match(markup) &&
		(shellRoot.Match(markup) || shellNotice.Match(markup)) {
		return BlockedShell, true
	}
	return "", false
}

// visible counts the characters of a text that are not space.
func visible(text string) int {
	n := 0
	for _, r := range text {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// moved tells whether a redirect led to another path or host.
func moved(page *markwatch.Page) bool {
	if page.FinalURL == "" || page.FinalURL == page.URL {
		return false
	}
	from, errFrom := url.Parse(page.URL)
	to, errTo := url.Parse(page.FinalURL)
	return errFrom == nil && errTo == nil && (from.Host != to.Host || from.Path != to.Path)
}
