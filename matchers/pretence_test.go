package matchers

import (
	"testing"

	"github.com/markwatch/markwatch"
)

// A seller who says what the buyer shall see sells the look of an origin,
// whatever the paper; who tells where it comes from does not.
func TestPretendedOrigin(t *testing.T) {
	s := compiledSet(t, markwatch.Lists{Lexicons: shippedLexicons(t)})
	for _, c := range []struct {
		l    markwatch.Listing
		want bool
	}{
		{markwatch.Listing{Title: "溯源标签 查询页 口岸随意写", Description: "货在国内,客户以为从德国来", Price: cny(1)}, true},
		{markwatch.Listing{Title: "Waybills with origin scan", Description: "the parcel never leaves China, your buyer sees Frankfurt", Price: cny(3)}, true},
		{markwatch.Listing{Title: "德国直邮 药妆代购", Description: "海外轨迹可查,15天左右到", Price: cny(89)}, false},
		{markwatch.Listing{Title: "物流轨迹查询软件 企业版", Description: "多家快递单号批量查询", Price: cny(199)}, false},
		{markwatch.Listing{Title: "警方通报:假冒海外首扫", Description: "嫌疑人让买家看到境外轨迹,货还在国内"}, false},
	} {
		r := s.vocabulary.read(Input{Listing: c.l})
		if got, found := pretendedOrigin(r); found != c.want {
			t.Errorf("%s: found %v, want %v (%v)", c.l.Title, found, c.want, got.reason)
		}
		s.vocabulary.release(r)
	}
}
