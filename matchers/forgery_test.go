package matchers_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers"
)

// TestForgery asserts which rules an offer of forgery, or an honest one with
// the same words, calls.
func TestForgery(t *testing.T) {
	s := compile(t, someLists(t))
	for _, c := range []struct {
		name  string
		l     markwatch.Listing
		rule  string
		fires bool
	}{
		{"two papers to order", markwatch.Listing{Title: "报关单 检疫证明 模板 可改"}, "papers-to-order", true},
		{"one paper", markwatch.Listing{Title: "购物小票模板"}, "papers-to-order", false},
		{"papers that are shown", markwatch.Listing{Title: "法国葡萄酒", Description: "报关单、检疫证明齐全"}, "papers-to-order", false},
		{"filled at home", markwatch.Listing{Title: "智利原瓶进口红酒", Text: "背标:灌装 山东烟台某厂"}, "bottled-at-home", true},
		{"filled abroad", markwatch.Listing{Title: "智利原瓶进口红酒", Text: "灌装:智利中央山谷"}, "bottled-at-home", false},
		{"imported and sent from home", markwatch.Listing{Title: "智利原瓶进口红酒", ShipsFrom: "山东烟台"}, "bottled-at-home", false},
		{"bags printed for copies", markwatch.Listing{Title: "速云包装袋", Description: "免版费,喷码机调日期"}, "materials-to-order", true},
		{"a collector's empty bottle", markwatch.Listing{Title: "速云空瓶 收藏"}, "materials-to-order", false},
		{"a price beside the shown one", markwatch.Listing{Title: "速云 Feather 9", Price: cny("900"), PriceText: "¥900 微信¥129"}, "below-floor", true},
		{"a number that is no price", markwatch.Listing{Title: "速云 Feather 9", Price: cny("900"), PriceText: "¥900", Description: "微信129人已加"}, "below-floor", false},
		{"a gift of merchandise", markwatch.Listing{Title: "夜原纪事 pdf网盘 买三本送书签", Price: cny("3")}, "far-below-price", true},
	} {
		v := s.Check(matchers.Input{Listing: c.l, At: at})
		fired := slices.ContainsFunc(v.Findings, func(f markwatch.Finding) bool { return f.Rule == c.rule })
		if fired != c.fires {
			t.Errorf("%s: %s fired %v, want %v: %+v", c.name, c.rule, fired, c.fires, v.Findings)
		}
	}
	v := s.Check(matchers.Input{Listing: markwatch.Listing{Title: "夜原纪事 pdf网盘 买三本送书签", Price: cny("3")}, At: at})
	for _, f := range v.Findings {
		if strings.Contains(f.Facts["lowered_by"], "merch") {
			t.Errorf("a gift lowers the score: %+v", f)
		}
	}
}
