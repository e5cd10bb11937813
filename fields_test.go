package markwatch_test

import (
	"testing"

	"github.com/markwatch/markwatch"
)

func TestEveryYieldedPathLeadsBackToItsText(t *testing.T) {
	l := markwatch.Listing{
		Title: "标题", Description: "描述", Category: "鞋 > 板鞋", PriceText: "¥199",
		Prices:     []markwatch.ShownPrice{{Kind: markwatch.PriceCoupon, Text: "券后199", Condition: "新人"}},
		Seller:     &markwatch.Seller{Name: "鞋坊", Region: "福建莆田", Contacts: []string{"v: a", "q: b"}},
		Attributes: map[string]string{"产地": "中国", "a.b": "c"},
		Shares:     []markwatch.Share{{URL: "https://pan.example/s", Code: "ab12"}},
		Tracking: []markwatch.Tracking{{Carrier: "EMS", Events: []markwatch.TraceEvent{
			{Text: "已揽收"}, {Place: "莆田", Text: "到达"},
		}}},
	}
	n := 0
	for path, text := range l.TextFields() {
		n++
		if got := l.Field(path); got != text {
			t.Errorf("Field(%q) = %q, TextFields said %q", path, got, text)
		}
	}
	if n != 18 {
		t.Errorf("%d fields were yielded, the listing has 18", n)
	}
	if got := l.Field("tracking[0].events[1].text"); got != "到达" {
		t.Errorf("second trace event is %q", got)
	}
	if got := l.Field("no such field"); got != "" {
		t.Errorf("an unknown path gives %q", got)
	}
}

func TestListingIDIsSafeAndTellsOffersApart(t *testing.T) {
	seen := map[string]string{}
	for _, c := range [][3]string{
		{"taobao", "562283240178", "https://a.example/1"},
		{"taobao", "562283240179", "https://a.example/1"},
		{"jd", "562283240178", "https://a.example/1"},
		{"", "562283240178", "https://a.example/1"},
		{"", "", "https://a.example/2"},
		{"site", "../../etc", "https://a.example/3"},
		{"site", "etc", "https://a.example/3"},
		{"site", "货号一", ""},
		{"site", "货号二", ""},
	} {
		id := markwatch.ListingID(c[0], c[1], c[2])
		for _, r := range id {
			if r == '/' || r == '?' || r == '#' || r > 126 || r <= ' ' {
				t.Errorf("id %q of %v is not safe in a path", id, c)
			}
		}
		if other, dup := seen[id]; dup {
			t.Errorf("%v and %s share id %q", c, other, id)
		}
		seen[id] = c[0] + c[1] + c[2]
	}
	if got := markwatch.ListingID("taobao", "562283240178", "x"); got != "taobao-562283240178" {
		t.Errorf("an item number gives %q", got)
	}
}
