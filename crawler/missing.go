package crawler

import (
	"regexp"

	"github.com/markwatch/markwatch"
)

// The reasons that SoftMissing gives.
const (
	MissingPage  = "soft-404"   // the server says 200, the page that there is none
	MissingOffer = "offer-gone" // the page says that its offer was taken down
)

// gone is the table of what pages say in place of a 404. Sentences begin where
// a sentence does and end with it.
var gone = [...]sign{
	{reason: MissingPage, where: inAddress, expr: expr(`/(error[/_-]?)?(404|not[_-]?found|page[_-]?not[_-]?found)(\.\w{2,5})?/?([?#]|$)`), max: 3000},
	{reason: MissingOffer, where: inAddress, expr: expr(`/noitem\.html?|/item[_-]?(not[_-]?found|gone|removed)(\.\w{2,5})?/?([?#]|$)|^https?://www\.jd\.com/\?d$`), max: anyLength},

	{reason: MissingPage, where: inTitle, expr: expr(`^(抱歉[,，!！]?\s*|对不起[,，!！]?\s*)?(404([\s:：,，–—|_·-]*(error|错误|页面|未找到|找不到|not found|page not found|页面不存在|页面未找到|您访问的页面不存在|页面找不到了|没有找到页面|出错啦?))?|error 404|(您|你)?(访问|查看|请求|要找|寻找)?的?(页面|网页)(不存在|未找到|没找到|找不到了?|不见了|走丢了|已(被)?删除|已失效)|找不到(该|此|您要的|您访问的)?(页面|网页)|页面404|出错了[,，!！]?\s*页面不存在|page not found|not found|(the )?page (you requested )?(was not found|cannot be found|could not be found|does not exist|no longer exists)|this page (isn.t|is not) available|(we )?can.?t find (that|this|the) page|nothing found)\s*[。.!！]*\s*($|[-–—|_·])`), max: 3000},
	{reason: MissingOffer, where: inTitle, expr: expr(`^(抱歉[,，!！]?\s*|对不起[,，!！]?\s*)?(您|你)?(查看|访问|浏览)?的?(该|此|这个)?(商品|宝贝|拍品|帖子|产品|店铺)(已)?(不存在|已?下架|已?下柜|已?被?删除|已失效|未找到|找不到了?|不见了|下架或不存在|不存在或已?下架)\s*[。.!！]*\s*($|[-–—|_·])`), max: 3000},
	{reason: MissingOffer, where: inTitle, expr: expr(`^((this|the) )?(item|product|listing|offer) (was |is |has been |could )?(not (be )?found|not available|no longer available|removed|deleted|no longer exists|does not exist)\s*[.!]*\s*($|[-–—|_·])`), max: 3000},

	{reason: MissingOffer, where: inText, expr: sentence(`(您|你)?(当前)?(查看|访问|浏览|要找|寻找|请求)?的?(该|此|这个|这件)?(商品|宝贝|拍品|产品|货品)((可能)?(已经?|或已)?(不存在|下架|下柜|被?删除|失效|被?转移|售完下架|走丢了|不见了|找不到了)(了)?([,，、]|或者?)?(可能)?)+`), max: 400},
	{reason: MissingOffer, where: inText, expr: sentence(`没有找到(该|此|您要的)?(商品|宝贝)|(该|此)(帖子|信息|店铺)(不存在|已(被)?(删除|下架|关闭|失效))(了)?`), max: 400},
	{reason: MissingPage, where: inText, expr: sentence(`(您|你)?(当前)?(查看|访问|浏览|要找|寻找|请求|要访问|要查看)?的?(该|此|这个)?(页面|网页|内容|地址|链接)((可能)?(已经?|或已)?(不存在|未找到|没找到|找不到了?|被?删除|失效|被?移除|走丢了|飞走了|不见了)(了)?([,，、]|或者?)?(可能)?)+|找不到(该|此|您要的|您访问的|您请求的)?(页面|网页)(了)?`), max: 400},
	{reason: MissingOffer, where: inText, expr: sentence(`(sorry, )?(this|the) (item|product|listing|offer)( you (requested|are looking for))? (is no longer available|was not found|could not be found|has been removed|does not exist|no longer exists|has ended and is gone)`), max: 500},
	{reason: MissingPage, where: inText, expr: sentence(`(this |the |that )?(requested )?(page|url)( you (have )?(requested|were looking for|are looking for))?( (was not|wasn.t|could not be|couldn.t be|cannot be|can.t be) found| (is not|isn.t|is no longer) available| (does not|doesn.t) exist| no longer exists| has been (removed|deleted))( on this server)?|page not found|(we )?(can.?t|cannot|couldn.t|could not) (seem to )?find (that|this|the) page( you.re looking for)?`), max: 500},
}

// sentence is an expression for a whole sentence.
func sentence(s string) *regexp.Regexp {
	return expr(`(^|[\s。!！?？,，;；:：.~～])((很|非常|真的?)?(抱歉|对不起|遗憾|sorry|oops|啊?哦)[\s,，!！:：.~～]*)?(` + s + `)\s*($|[\s。!！?？,，;；.~～])`)
}

// stillShown are the marks of a page that shows its offer beside the notice.
var stillShown = regexp.MustCompile(`(?i)"@type"\s*:\s*\[?\s*"Product"|itemtype=["']?https?://schema\.org/(Product|Offer)|property=["']product:price|property=["']og:price`)

// shownPrice is a price as people read it.
var shownPrice = regexp.MustCompile(`(?i)(¥|￥|\$|€|£|rmb|cny|hk\$)\s*\d|\d\s*(元|円|€)`)

// SoftMissing tells whether a page that was answered with 200 says that there
// is no such page, or that its offer is gone; title and text are what a visitor
// sees of it. Only short pages are taken at their word. A page that is sold out
// and still shows its product is none.
func SoftMissing(page *markwatch.Page, title, text string) (reason string, missing bool) {
	if page.Status >= 300 {
		return "", false
	}
	v := look(page, title, text)
	if !v.html {
		return "", false
	}
	for i := range gone {
		s := &gone[i]
		if v.length > s.max || !v.bears(s) || s.where == inText && shownPrice.MatchString(v.text) {
			continue
		}
		if stillShown.Match(v.markup) {
			return "", false
		}
		return s.reason, true
	}
	return "", false
}
