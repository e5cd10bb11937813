package extract_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch/crawler/extract"
)

// TestDisguisedContacts: the ways in which sellers hide how to reach them, and
// what only looks like them.
func TestDisguisedContacts(t *testing.T) {
	for text, want := range map[string]string{
		"加V:shoes_8801":             "wechat shoes_8801",
		"薇❤ bag_1990 备注来意":          "wechat bag_1990",
		"联系\uff1a薇\uff1aseine_1990": "wechat seine_1990",
		"进群加 vx tvgroup_bei":        "wechat tvgroup_bei",
		"扣扣 29000112":               "qq 29000112",
		"电话一三八零零一三八零零零":             "phone +8613800138000",
		"找我 1③8 0013 8000":          "",
		"找我1③800138000":             "phone +8613800138000",
		"138·0013·8000 随时":          "phone +8613800138000",
		"1️⃣3️⃣8️⃣0️⃣0️⃣1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣": "phone +8613800138000",
		"客服热线 400-650-1234":                                  "phone +864006501234",
		"WhatsApp +44 20 7946 0958":                          "phone +442079460958",
		"电话 021-61234567":                                    "phone +862161234567",
		"座机 0571-88157858-802":                               "phone +8657188157858",
		"(010) 65129988":                                     "phone +861065129988",
		"电话 0999-1":                                          "",
		"支付宝账号：pay_me@shop.example":                          "alipay pay_me@shop.example, email pay_me@shop.example",
		"+99 12 3456 7890":                                   "",
		"订单号 202611051012300001":                             "",
		"一二三四五六 上山打老虎":                                       "",
		"联系 <a href=\"tel:+85221234567\">这里</a>":             "phone +85221234567",
		"<a href=\"mailto:A@shop.example?subject=x\">写信</a>": "email a@shop.example",
	} {
		d := parse(t, "https://shop.example/item/12345", "<h1>编织手提袋</h1><b class=price>¥90</b><p>"+text+"</p>")
		var got []string
		for _, l := range d.Listings(extract.Options{Listing: true}) {
			if l.Seller != nil {
				for _, a := range l.Seller.Accounts {
					got = append(got, a.Kind+" "+a.Value)
				}
			}
		}
		if diff := cmp.Diff(want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

// TestLicense: a code behind its label is read as displayed, elsewhere only
// with a right check sign.
func TestLicense(t *testing.T) {
	for text, want := range map[string]string{
		"统一社会信用代码\uff1a91350300MA2Z0TEST8":                      "91350300MA2Z0TEST8",
		"<dl><dt>统一社会信用代码</dt><dd>91350100M000100Y43</dd></dl>": "91350100M000100Y43",
		"经营者 91350100M000100Y43 公示":                             "91350100M000100Y43",
		"货号 91350100M000100Y44":                                 "",
	} {
		d := parse(t, "https://shop.example/item/12345", "<h1>编织手提袋</h1><b class=price>¥90</b><div>"+text+"</div>")
		got := ""
		for _, l := range d.Listings(extract.Options{Listing: true}) {
			if l.Seller != nil {
				got = l.Seller.License
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestFilings: a shop's own site is told by the numbers that it has to show; a
// market's numbers are not the shop's.
func TestFilings(t *testing.T) {
	body := "<h1>编织手提袋</h1><b class=price>¥90</b><footer><p>版权所有 <a href=\"https://beian.miit.gov.cn/\">京ICP备08010314号-6</a></p><p>浙公网安备 33010002000121号</p></footer>"
	for address, want := range map[string]string{"https://shop.example/item/12345": "京ICP备08010314号-6 浙公网安备 33010002000121号", "https://item.taobao.com/item.htm?id=562283240178": " "} {
		found := parse(t, address, body).Listings(extract.Options{Listing: true})
		if len(found) != 1 || found[0].Attributes["ICP备案号"]+" "+found[0].Attributes["公安备案号"] != want {
			t.Errorf("%s: %+v", address, found)
		}
	}
}
