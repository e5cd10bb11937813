package matchers

import (
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

func cny(amount int64) *markwatch.Money {
	return &markwatch.Money{Amount: decimal.NewFromInt(amount), Currency: markwatch.CNY}
}

// partLists are made-up brands and works, so that no name is met by chance.
func partLists(t *testing.T) markwatch.Lists {
	return markwatch.Lists{
		Brands: []markwatch.Brand{
			{ID: "suyun", Names: map[string]string{"zh": "溯云", "en": "Suyun Outdoor"}, Categories: []string{"羽绒服", "冲锋衣"},
				Products: []markwatch.Product{{Name: "溟泽羽绒服", Price: cny(6990)}, {Name: "溯光计时", Aliases: []string{"SY371605"}, Price: cny(8800)}}},
			{ID: "lvzhou", Names: map[string]string{"zh": "绿洲谷", "en": "Lvzhou"}, Categories: []string{"饮料"}, Products: []markwatch.Product{{Name: "谷饮", Price: cny(60)}}},
		},
		Works: []markwatch.Work{
			{ID: "paru", Type: markwatch.WorkGame, Titles: []string{"幻兽帕鲁"}, Price: cny(108)},
			{ID: "exam", Type: markwatch.WorkBook, Titles: []string{"溟一大联考"}, Price: cny(20)},
			{ID: "season", Type: markwatch.WorkSeries, Titles: []string{"漫长的季节"}, Price: cny(30)},
			{ID: "gailv", Type: markwatch.WorkBook, Titles: []string{"概率论与数理统计"}, Creators: []string{"盛骤"}, Price: cny(50)},
		},
		Lexicons: shippedLexicons(t),
	}
}

// A work that is named by a part of its title, a product by a part of its name
// and a house by the beginning of its name are found; ordinary words that are
// parts of names are not.
func TestNamedByAPart(t *testing.T) {
	s := compiledSet(t, partLists(t))
	for _, c := range []struct {
		title   string
		price   int64
		subject string // empty: nothing is found
	}{
		{"帕鲁 steam离线账号 共享 自动发货", 3, "paru"},
		{"溟一下次联考 全科卷答案 网盘", 8, "exam"},
		{"盛骤概率第五版 高清扫描 PDF", 4, "gailv"},
		{"漫长的假期 百度网盘 全集", 3, ""},
		{"秋冬季节 养生茶 网盘资料", 3, ""},
		{"韩国免税店 溟泽羽绒 高仿 顶级复刻", 399, "suyun"},
		{"371605 一比一复刻 厂货", 880, "suyun"},
		{"溯家羽绒服 懂的来 原单", 260, "suyun"},
		{"大家都买的羽绒服", 260, ""},
		{"溯芸冲锋衣 顶级复刻 懂的来", 260, "suyun"},
	} {
		v := s.Check(Input{Listing: markwatch.Listing{ID: "x", Title: c.title, Price: cny(c.price)}})
		var subjects []string
		for _, f := range v.Findings {
			if f.Subject != "" && !slices.Contains(subjects, f.Subject) {
				subjects = append(subjects, f.Subject)
			}
		}
		switch {
		case c.subject == "" && len(subjects) > 0:
			t.Errorf("%q: found %v", c.title, subjects)
		case c.subject != "" && (!slices.Contains(subjects, c.subject) || !v.Flagged):
			t.Errorf("%q: found %v with %.2f, want %s", c.title, subjects, v.Score, c.subject)
		}
	}
}

// A price for those who ask that is a fraction of the one shown is a trick, and
// told with both.
func TestPrivatePrice(t *testing.T) {
	s := compiledSet(t, partLists(t))
	check := func(private int64) (markwatch.Finding, bool) {
		l := markwatch.Listing{ID: "x", Title: "溯云 羽绒服 男", Price: cny(6990), Prices: []markwatch.ShownPrice{
			{Kind: markwatch.PricePrivate, Money: *cny(private), Text: "备注改价"}}}
		for _, f := range s.Check(Input{Listing: l}).Findings {
			if f.Rule == "private-price" {
				return f, true
			}
		}
		return markwatch.Finding{}, false
	}
	if f, ok := check(699); !ok || f.Facts["ratio"] != "10%" || len(f.Evidence) == 0 {
		t.Errorf("a tenth in private: %+v %v", f, ok)
	}
	if f, ok := check(5990); ok {
		t.Errorf("a fair price in private: %+v", f)
	}
}

// News that offers nothing is no lead; with a contact for buying it is.
func TestNewsThatOffersNothing(t *testing.T) {
	s := compiledSet(t, partLists(t))
	l := markwatch.Listing{ID: "x", Title: "海关查获异地上线假海淘团伙 伪造境外面单", Description: "记者获悉,该团伙伪造物流轨迹,涉案八千万。"}
	report := s.Check(Input{Listing: l})
	l.Description += "需要面单代发加微信。"
	l.Seller = &markwatch.Seller{Name: "小编", Contacts: []string{"vx abc12345"}}
	cover := s.Check(Input{Listing: l})
	a, b := report.Violations[markwatch.FakeOverseas], cover.Violations[markwatch.FakeOverseas]
	if a.Flagged || b.Score <= a.Score {
		t.Errorf("a report scores %.2f, the same with a contact %.2f", a.Score, b.Score)
	}
}
