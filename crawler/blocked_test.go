package crawler

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
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
	title = doc.Find("title").First().Text()
	doc.Find("script, style, noscript, template, title").Remove()
	return title, doc.Text()
}

func TestBlocked(t *testing.T) {
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
// signs: each shows its offer.
func TestRealPagesAreNotBlocked(t *testing.T) {
	root := filepath.Join("..", "..", "shared", "real")
	var files []string
	for _, dir := range []string{"product-pages", "jd-search", "shop-pages"} {
		found, _ := filepath.Glob(filepath.Join(root, dir, "*.htm*"))
		deeper, _ := filepath.Glob(filepath.Join(root, dir, "*", "*.htm*"))
		files = append(append(files, found...), deeper...)
	}
	if len(files) == 0 {
		t.Skip("../shared is absent: no real pages in ", root)
	}
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		title, text := seen(t, body)
		if reason, blocked := Blocked(&markwatch.Page{Status: 200, Body: body}, title, text); blocked {
			t.Errorf("%s counts as %s: %q, %d characters of text", f, reason, title, visible(text))
		}
	}
	t.Logf("%d pages", len(files))
}

func FuzzBlocked(f *testing.F) {
	f.Add([]byte("<div id=app></div><script>"), "登录", "请登录后查看", "https://login.h/x?a")
	f.Fuzz(func(t *testing.T, body []byte, title, text, final string) {
		page := &markwatch.Page{URL: "https://h/", FinalURL: final, Status: 200, Body: body}
		if reason, blocked := Blocked(page, title, text); blocked != (reason != "") {
			t.Fatal("a block without a reason, or the other way round")
		}
	})
}
