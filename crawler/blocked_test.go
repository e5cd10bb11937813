package crawler

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/markwatch/markwatch"
)

// seen returns title and text of a body as extraction would.
func seen(t *testing.T, body []byte) (title, text string) {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return shown(doc)
}

func shown(doc *goquery.Document) (title, text string) {
	title = doc.Find("title").First().Text()
	doc.Find("script, style, noscript, template, title").Remove()
	return title, doc.Text()
}

func TestBlocked(t *testing.T) {
	jsonKind := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	article := strings.Repeat("这双鞋很舒服,穿了三个月没有开胶。", 60)
	for _, c := range []struct {
		name, body, final string
		status            int
		header            http.Header
		want              string
	}{
		{name: "login page reached by redirect", final: "https://login.market.example/member/login.jhtml?redirectURL=x", body: "<title>市场登录</title><form><input name=u><input type=password></form>", want: BlockedLogin},
		{name: "login page in place", body: "<title>用户登录 - 某商城</title><form>账号 密码 <input type=password></form>", want: BlockedLogin},
		{name: "login asked for", body: "<title>商品</title><p>请登录后查看商品价格</p>", want: BlockedLogin},
		{name: "slider", body: "<title>亲,访问受到限制</title><p>请按住滑块,拖动到最右边</p>", want: BlockedCaptcha},
		{name: "captcha title", body: "<title>百度安全验证</title><p>网络不给力,请稍后重试</p>", want: BlockedCaptcha},
		{name: "captcha by redirect", final: "https://market.example/_____tmd_____/punish?x5secdata=abc", body: "<title></title>", want: BlockedCaptcha},
		{name: "geetest", status: 403, body: "<title>提示</title><script>initGeetest({})</script>", want: BlockedCaptcha},
		{name: "Cloudflare", status: 403, header: http.Header{"Cf-Mitigated": {"challenge"}}, body: "<title>Just a moment...</title>", want: BlockedCaptcha},
		{name: "Cloudflare without the header", status: 503, body: "<title>Just a moment...</title><p>Checking your browser before accessing", want: BlockedInterstitial},
		{name: "Amazon", body: "<title>Robot Check</title><p>Enter the characters you see below</p>", want: BlockedCaptcha},
		{name: "cookie challenge", body: "<html><script>var arg1='AB';document.cookie='acw_sc__v2='+x</script></html>", want: BlockedInterstitial},
		{name: "too often", body: "<title>提示</title><p>您的访问过于频繁,请稍后再试</p>", want: BlockedInterstitial},
		{name: "firewall", status: 405, body: "<title>405</title><p>很抱歉,由于您访问的URL有可能对网站造成安全威胁,您的访问被阻断。</p>", want: BlockedInterstitial},
		{name: "empty shell", body: `<html><head><title>商城</title></head><body><div id="app"></div><script src="/a.js"></script></body></html>`, want: BlockedShell},
		{name: "shell with a notice", body: `<title>x</title><noscript>You need to enable JavaScript to run this app.</noscript><div id="root"><!-- --></div><script src="/a.js"></script>`, want: BlockedShell},

		{name: "JSON wall of Alibaba", header: jsonKind, body: `{"api":"mtop.x","ret":["FAIL_SYS_USER_VALIDATE","RGV587_ERROR::SM::哎哟喂,被挤爆啦,请稍后重试"],"data":{"url":"https://h5api.m.taobao.com/x/_____tmd_____/punish?x5secdata=1"}}`, want: BlockedCaptcha},
		{name: "the same for a script", header: http.Header{"Content-Type": {"application/javascript"}}, body: `mtopjsonp1({"ret":["FAIL_SYS_USER_VALIDATE::x"]})`, want: BlockedCaptcha},
		{name: "the same as a page", header: http.Header{"Content-Type": {"text/html;charset=utf-8"}}, body: `{"rgv587_flag":"sm","url":"https://s.taobao.com:443//search/_____tmd_____/punish?x5secdata=1"}`, want: BlockedCaptcha},
		{name: "session of an interface is over", header: jsonKind, body: `{"ret":["FAIL_SYS_SESSION_EXPIRED::Session过期"],"data":{}}`, want: BlockedLogin},
		{name: "interface wants a login", header: jsonKind, body: `{"code":-101,"message":"账号未登录","ttl":1}`, want: BlockedLogin},
		{name: "interface sends to the login", header: jsonKind, body: `{"ok":-100,"url":"https:\/\/passport.weibo.com\/sso\/signin?entry=wapsso"}`, want: BlockedLogin},
		{name: "interface refuses", header: jsonKind, body: `{"code":-412,"message":"请求被拦截","ttl":1}`, want: BlockedInterstitial},
		{name: "interface is asked too often", header: jsonKind, body: `{"success":false,"msg":"操作太频繁,请稍后再试"}`, want: BlockedInterstitial},
		{name: "interface wants a captcha", header: jsonKind, body: `{"error_code":54001,"verify_auth_token":"x"}`, want: BlockedCaptcha},
		{name: "refresh to a captcha", body: `<html><head><meta http-equiv="refresh" content="0; url=/captcha?u=1&amp;b=2"></head></html>`, want: BlockedCaptcha},
		{name: "refresh to a login", body: `<meta content="0;URL='https://login.1688.com/member/signin.htm?Done=x'" http-equiv=refresh><meta http-equiv=refresh content="0;URL='https://login.1688.com/member/signin.htm?Done=x'">`, want: BlockedLogin},
		{name: "script to a login", body: `<script>window.location.href="https:\/\/login.taobao.com\/member\/login.jhtml?redirectURL=x"</script>`, want: BlockedLogin},
		{name: "Taobao's login by redirect", final: "https://login.taobao.com/member/login.jhtml?redirectURL=https%3A%2F%2Fs.taobao.com", body: "<title>淘宝网 - 淘!我喜欢</title><p>密码登录 短信登录 扫码登录</p>", want: BlockedLogin},
		{name: "1688's login by redirect", final: "https://login.1688.com/member/signin.htm", body: "<title>阿里巴巴</title>", want: BlockedLogin},
		{name: "Akamai", status: 403, body: "<title>Access Denied</title><h1>Access Denied</h1>You don't have permission to access \"http://h/\" on this server.<p>Reference #18.2d351ab8.1557333295.a4e16ab", want: BlockedInterstitial},
		{name: "Akamai's challenge", body: `<title></title><div id="sec-if-cpt-container"></div><script src="/_sec/cp_challenge/x.js">`, want: BlockedInterstitial},
		{name: "PerimeterX", status: 403, body: "<title>Access to this page has been denied</title><p>Press & Hold to confirm you are a human (and not a bot).</p>", want: BlockedCaptcha},
		{name: "DataDome", status: 200, body: `<title>h</title><p id=cmsg>Please enable JS and disable any ad blocker</p><script>var dd={'host':'geo.captcha-delivery.com'}</script>`, want: BlockedCaptcha},
		{name: "Imperva", body: `<html><iframe src="/_Incapsula_Resource?CWUDNSAI=1">Request unsuccessful. Incapsula incident ID: 877000</iframe></html>`, want: BlockedInterstitial},
		{name: "F5", body: "<title>Request Rejected</title>The requested URL was rejected. Please consult with your administrator. Your support ID is: 123", want: BlockedInterstitial},
		{name: "AWS", header: http.Header{"X-Amzn-Waf-Action": {"challenge"}}, status: 202, body: "", want: BlockedCaptcha},
		{name: "Vercel", status: 429, body: "<title>Vercel Security Checkpoint</title><p>We're verifying your browser", want: BlockedInterstitial},
		{name: "知道创宇", status: 403, body: "<title>提示</title><p>当前访问疑似黑客攻击,已被创宇盾拦截</p>", want: BlockedInterstitial},
		{name: "加速乐", status: 521, body: "<script>document.cookie='__jsl_clearance_s=1';location.href=location.pathname</script>", want: BlockedInterstitial},
		{name: "安全狗", body: "<title>网站防火墙</title><p>您的请求带有不合法参数,已被网站管理员设置拦截!</p>", want: BlockedInterstitial},
		{name: "宝塔", body: "<title>宝塔网站防火墙</title><p>您的请求带有不合法参数</p>", want: BlockedInterstitial},
		{name: "阿里云", status: 405, body: `<title>405</title><img src="https://errors.aliyun.com/images/a.png"><p>您的请求ID是: 1</p>`, want: BlockedInterstitial},
		{name: "WeChat only", body: "<title>提示</title><p>请在微信客户端打开链接</p>", want: BlockedInterstitial},
		{name: "phone only", body: "<title>商品</title><p>请使用手机淘宝打开此页面。</p>", want: BlockedInterstitial},

		{name: "an offer in JSON that names a captcha", header: jsonKind, body: `{"items":[{"title":"滑块验证 软件","desc":"请完成验证后发货 29元"}]}`},
		{name: "a long answer in JSON", header: jsonKind, body: `{"code":0,"msg":"请先登录","items":[` + strings.Repeat(`{"title":"鞋","price":"199"},`, 100) + `{}]}`},
		{name: "JSON that went well", header: jsonKind, body: `{"ret":["SUCCESS::调用成功"],"data":{"url":"https://item.taobao.com/item.htm?id=1"}}`},
		{name: "JSON that failed", header: jsonKind, body: `{"code":404,"message":"商品不存在"}`},
		{name: "refresh to another item", body: `<meta http-equiv="refresh" content="0;url=/item/2"><p>跳转中</p>`},
		{name: "script with a link to the login", body: `<title>鞋</title><p>` + article + `</p><script>function go(){location.href="https://login.taobao.com/"}</script>`},
		{name: "not permitted, says the site's own software", status: 403, body: "<title>Access denied | Shop</title><p>You are not authorized to access this page.</p>"},
		{name: "offer for WeChat", body: "<title>微信小程序 商城模板</title><p>请在微信搜索小程序购买 ¥99</p>"},
		{name: "shell with its data inside", body: `<title>商城</title><div id="app"></div><script>window.__INITIAL_STATE__={"item":{"price":"199"}}</script>`},
		{name: "shell with JSON-LD", body: `<title>x</title><div id="root"></div><script type="application/ld+json">{"@type":"Product"}</script>`},
		{name: "small page", body: "<title>鞋</title><p>耐克 ¥199</p>"},
		{name: "small page with a script", body: "<title>鞋</title><p>耐克 ¥199</p><script>count()</script>"},
		{name: "empty page", body: ""},
		{name: "plain 403", status: 403, body: "<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center><hr><center>nginx</center></body></html>"},
		{name: "plain 404", status: 404, body: "<title>404 Not Found</title><h1>页面不存在</h1>"},
		{name: "plain 503", status: 503, body: "<title>503 Service Unavailable</title>"},
		{name: "shop with a log-in box", body: "<title>耐克运动鞋 - 某商城</title><form><input type=password></form><p>请登录后查看优惠券</p>" + article},
		{name: "offer of a captcha solver", body: "<title>验证码识别软件 滑动验证 打码 出售</title><p>支持极验滑块,请完成验证的烦恼不再有</p>" + article + article},
		{name: "short offer of a captcha solver", body: "<title>验证码识别软件 出售</title><p>永久使用 29元</p>"},
		{name: "offer whose title names log-in", body: "<title>登录器 游戏辅助 出售</title><p>永久使用 微信 abc 29元</p>"},
		{name: "article about captchas", body: "<title>什么是验证码</title><p>拖动滑块即可通过验证后继续,unusual traffic from your network</p>" + article + article},
		{name: "redirect to another item", final: "https://market.example/item/2", body: "<title>鞋</title><p>¥199</p>"},
		{name: "JSON", header: http.Header{"Content-Type": {"application/json"}}, body: `{"title":"Robot Check"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			page := &markwatch.Page{URL: "https://market.example/item/1", FinalURL: c.final, Status: c.status, Header: c.header, Body: []byte(c.body)}
			if page.FinalURL == "" {
				page.FinalURL = page.URL
			}
			if page.Status == 0 {
				page.Status = 200
			}
			title, text := seen(t, page.Body)
			reason, blocked := Blocked(page, title, text)
			if reason != c.want || blocked != (c.want != "") {
				t.Errorf("%q, %v; want %q", reason, blocked, c.want)
			}
		})
	}
}

// TestRealPagesAreNotBlocked holds real product and result pages against the
// signs of walls and of missing pages: each shows its offer.
func TestRealPagesAreNotBlocked(t *testing.T) {
	for _, p := range savedPages(t) {
		title, text := p.title, p.text
		page := &markwatch.Page{URL: p.url, FinalURL: p.url, Status: 200, Body: p.body}
		if reason, blocked := Blocked(page, title, text); blocked {
			t.Errorf("%s counts as %s: %q, %d characters of text", p.url, reason, title, visible(text))
		}
		if reason, missing := SoftMissing(page, title, text); missing {
			t.Errorf("%s counts as %s: %q, %d characters of text", p.url, reason, title, visible(text))
		}
	}
}

func FuzzBlocked(f *testing.F) {
	f.Add([]byte("<div id=app></div><script>"), "登录", "请登录后查看", "https://login.h/x?a")
	f.Add([]byte(`{"ret":["FAIL_SYS_USER_VALIDATE"]}`), "页面不存在", "很抱歉,您查看的宝贝不存在", "https://h/404")
	f.Add([]byte(`<meta http-equiv=refresh content="0;url=//login.h/%zz">`), "", "", "http://h/")
	f.Fuzz(func(t *testing.T, body []byte, title, text, final string) {
		page := &markwatch.Page{URL: "https://h/", FinalURL: final, Status: 200, Body: body}
		if reason, blocked := Blocked(page, title, text); blocked != (reason != "") {
			t.Fatal("a block without a reason, or the other way round")
		}
		if reason, missing := SoftMissing(page, title, text); missing != (reason != "") {
			t.Fatal("missing without a reason, or the other way round")
		}
	})
}
