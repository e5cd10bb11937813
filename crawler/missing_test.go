package crawler

import (
	"net/http"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
)

func TestSoftMissing(t *testing.T) {
	article := strings.Repeat("这双鞋很舒服,穿了三个月没有开胶。", 60)
	for _, c := range []struct {
		name, body, final string
		status            int
		kind              string
		want              string
	}{
		{name: "Chinese title", body: "<title>页面不存在 - 某商城</title><p>看看别的</p>", want: MissingPage},
		{name: "404 in the title", body: "<title>404</title><p>返回首页</p>", want: MissingPage},
		{name: "404 with words", body: "<title>404 - 页面未找到</title>", want: MissingPage},
		{name: "English title", body: "<title>Page Not Found | Shop</title><p>Go home</p>", want: MissingPage},
		{name: "title beside recommendations with prices", body: "<title>您访问的页面不存在</title><p>猜你喜欢 鞋 ¥199 衣 ¥299</p>", want: MissingPage},
		{name: "sentence", body: "<title>某商城</title><p>很抱歉,您访问的页面不存在。</p><a>返回首页</a>", want: MissingPage},
		{name: "page walked away", body: "<title>某商城</title><p>哎呀!页面走丢了~</p>", want: MissingPage},
		{name: "English sentence", body: "<title>Shop</title><h1>Sorry, the page you requested was not found.</h1>", want: MissingPage},
		{name: "Apache", body: "<title>Shop</title><h1>Not here</h1><p>The requested URL was not found on this server.</p>", want: MissingPage},
		{name: "cannot find", body: "<title>Shop</title><p>We can't find that page.</p>", want: MissingPage},
		{name: "error page by redirect", final: "https://market.example/error/404.html", body: "<title>某商城</title><p>返回首页</p>", want: MissingPage},
		{name: "taobao", body: "<title>商品详情</title><p>很抱歉,您查看的宝贝不存在,可能已下架或者被转移。</p>", want: MissingOffer},
		{name: "taobao by redirect", final: "https://market.example/noitem.htm?item_id=1", body: "<title>x</title><p>推荐</p>" + article, want: MissingOffer},
		{name: "taken down", body: "<title>某商城</title><p>商品已下架</p>", want: MissingOffer},
		{name: "taken down or not there", body: "<title>提示</title><p>商品已下架或不存在</p>", want: MissingOffer},
		{name: "JD", body: "<title>京东</title><p>该商品已下柜,欢迎挑选其他商品!</p>", want: MissingOffer},
		{name: "JD by redirect", final: "https://www.jd.com/?d", body: "<title>京东(JD.COM)-正品低价</title>" + article, want: MissingOffer},
		{name: "second-hand", body: "<title>闲置</title><p>抱歉,该宝贝已被删除了</p>", want: MissingOffer},
		{name: "title of an offer", body: "<title>商品不存在</title>", want: MissingOffer},
		{name: "English offer", body: "<title>Shop</title><p>This item is no longer available.</p>", want: MissingOffer},
		{name: "post", body: "<title>论坛</title><p>该帖子已被删除</p>", want: MissingOffer},

		{name: "sold out, and still shown", body: "<title>耐克 Air Max 运动鞋</title><p>¥799 商品已下架</p>"},
		{name: "taken down, with its data", body: `<title>耐克 Air Max</title><script type="application/ld+json">{"@type":"Product","name":"Air Max"}</script><p>商品已下架</p>`},
		{name: "taken down, on a full page", body: "<title>耐克 Air Max</title><p>该商品已下架</p>" + article},
		{name: "out of stock", body: "<title>耐克 Air Max</title><p>暂时缺货 到货通知</p>"},
		{name: "out of stock in English", body: "<title>Air Max</title><p>Currently unavailable. We don't know when this item will be back.</p>"},
		{name: "offer that speaks of it", body: "<title>404 not found 文艺T恤</title><p>程序员T恤 29元</p>"},
		{name: "offer with the number", body: "<title>404 型电机 现货</title><p>货号404</p>"},
		{name: "book by that name", body: "<title>页面不存在的人 小说</title><p>作者 某某</p>"},
		{name: "a review that speaks of it", body: "<title>鞋</title><p>以前买的那个商品已下架的时候我很难过</p>"},
		{name: "no hits", body: "<title>搜索 - 某商城</title><p>没有找到与“耐克”相关的商品</p>"},
		{name: "empty", body: ""},
		{name: "a real 404", status: 404, body: "<title>404</title>"},
		{name: "JSON", kind: "application/json", body: `{"msg":"商品不存在"}`},
		{name: "an article about it", body: "<title>如何处理 404 页面</title><p>页面不存在时应返回 404。</p>" + article},
	} {
		t.Run(c.name, func(t *testing.T) {
			page := &markwatch.Page{URL: "https://market.example/item/1", FinalURL: c.final, Status: c.status, Header: http.Header{}, Body: []byte(c.body)}
			if c.kind != "" {
				page.Header.Set("Content-Type", c.kind)
			}
			if page.FinalURL == "" {
				page.FinalURL = page.URL
			}
			if page.Status == 0 {
				page.Status = 200
			}
			title, text := seen(t, page.Body)
			reason, missing := SoftMissing(page, title, text)
			if reason != c.want || missing != (c.want != "") {
				t.Errorf("%q, %v; want %q", reason, missing, c.want)
			}
			if reason, blocked := Blocked(page, title, text); blocked {
				t.Errorf("counts as %s too", reason)
			}
		})
	}
}
