package matchers

import "testing"

func TestCarriers(t *testing.T) {
	for _, c := range []struct {
		name, number, page string
		format, own, ok    bool
	}{
		{"中通快递", "78120011223344", "https://www.zto.com/express?no=1", true, true, true},
		{"日本邮政 EMS", "EB880021412JP", "http://trackings.post.japanpost.jp/", true, true, true},
		{"日本邮政", "YT7508213340917", "https://japanpost-ems.top/q", false, false, true},
		{"UPS", "ZT7761002934815", "https://ups.com.track-cn.com/", false, false, true},
		{"FedEx", "123456789012", "https://t.17track.net/zh", true, false, false},
		{"USPS", "9400111899223197428490", "单号找客服", true, false, false},
	} {
		carrier := carrierOf(c.name)
		if carrier == nil {
			t.Errorf("%s is not known", c.name)
			continue
		}
		if got := carrier.numbers.MatchString(c.number); got != c.format {
			t.Errorf("%s %s: format %v", c.name, c.number, got)
		}
		if own, ok := carrier.ownPage(c.page); own != c.own || ok != c.ok {
			t.Errorf("%s %s: own %v, ok %v", c.name, c.page, own, ok)
		}
	}
	for _, name := range []string{"", "DHL/EMS", "groups", "顺丰转日本邮政"} {
		if c := carrierOf(name); c != nil {
			t.Errorf("%q is taken for %v", name, c.names)
		}
	}
}
