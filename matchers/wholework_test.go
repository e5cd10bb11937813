package matchers

import (
	"slices"
	"testing"

	"github.com/markwatch/markwatch"
)

// pirateLists are made-up works, so that no name is met by chance.
func pirateLists(t *testing.T) markwatch.Lists {
	return markwatch.Lists{
		Works: []markwatch.Work{
			{ID: "plain", Type: markwatch.WorkSeries, Titles: []string{"狂澜"}, Ambiguous: []string{"狂澜"}, Price: cny(30)},
			{ID: "ember", Type: markwatch.WorkSeries, Titles: []string{"Halls of the Ember"}, Price: cny(40)},
			{ID: "world", Type: markwatch.WorkGame, Titles: []string{"World of Embercraft", "Nordhelm Online"}, Price: cny(75)},
			{ID: "weekly", Type: markwatch.WorkNews, Titles: []string{"The Embernomist"}, Price: cny(240)},
			{ID: "street", Type: markwatch.WorkFilm, Titles: []string{"溟街探案1907"}, Price: cny(45)},
			{ID: "econ", Type: markwatch.WorkCourse, Titles: []string{"溟兆丰的经济学课"}, Creators: []string{"溟兆丰"}, Price: cny(249)},
			{ID: "mine", Type: markwatch.WorkGame, Titles: []string{"我的溟界"}, Price: cny(165)},
			{ID: "manga", Type: markwatch.WorkComic, Titles: []string{"溟滅の刃"}, Price: cny(22)},
			{ID: "album", Type: markwatch.WorkMusic, Titles: []string{"溟歌寥哉"}, Price: cny(60)},
			{ID: "song", Type: markwatch.WorkMusic, Titles: []string{"溟刹海市"}, Price: cny(60)},
		},
		Lexicons: shippedLexicons(t),
	}
}

func rulesOf(v markwatch.Verdict, violation markwatch.Violation) (rules, subjects []string) {
	for _, f := range v.Findings {
		if f.Violation != violation {
			continue
		}
		rules = append(rules, f.Rule)
		if f.Subject != "" && !slices.Contains(subjects, f.Subject) {
			subjects = append(subjects, f.Subject)
		}
	}
	return rules, subjects
}

// Works are named by what is left of their titles, where the rest of the offer
// bears it out; the same letters elsewhere name nothing.
func TestWorksCutShort(t *testing.T) {
	s := compiledSet(t, pirateLists(t))
	for _, c := range []struct{ title, subject string }{
		{"狂澜39集全 车载u盘 即插即播", "plain"},
		{"力挽狂澜 领导力培训 U盘", ""},
		{"HOTE S1-S3 on my private Plex, request bot", "ember"},
		{"Hote couture dress", ""},
		{"WoE repack, patched realmlist, donate shop", "world"},
		{"woe is me novel free shipping", ""},
		{"Nordhelm private server, patched launcher", "world"},
		{"Nordhelm ski jacket", ""},
		{"Embernomist weekly PDF to your inbox, google drive link", "weekly"},
		{"溟1907 枪版 夸克网盘 高清", "street"},
		{"溟1907 老窖 白酒", ""},
		{"经济学课 溟老师 音频 百度网盘", "econ"},
		{"经济学课 王老师 音频 百度网盘", ""},
		{"考研数学 错题本PDF 只是我的笔记", ""},
	} {
		v := s.Check(Input{Listing: markwatch.Listing{ID: "x", Title: c.title, Price: cny(3)}})
		_, subjects := rulesOf(v, markwatch.Piracy)
		if c.subject == "" && len(subjects) > 0 || c.subject != "" && !slices.Contains(subjects, c.subject) {
			t.Errorf("%q: found %v, want %q", c.title, subjects, c.subject)
		}
	}
}

// A whole work is told by the count of its parts, quoted, and supports only.
func TestWholeWork(t *testing.T) {
	s := compiledSet(t, pirateLists(t))
	for title, quote := range map[string]string{
		"狂澜39集全 百度网盘":              "39集全",
		"溟滅の刃 全23巻 zip":            "全23巻",
		"溟滅の刃 1-110卷 网盘":           "1-110卷",
		"Halls of the Ember S1-S3": "S1-S3",
		"溟刹海市 歌卡2000首":             "2000首",
		"溟滅の刃 第3卷 纸质":              "",
		"溟刹海市 2024首发":              "",
	} {
		v := s.vocabulary.read(Input{Listing: markwatch.Listing{ID: "x", Title: title}})
		got := ""
		if sig, ok := wholeWorkOffered(v); ok {
			got = sig.evidence[0].Text
		}
		if got != quote {
			t.Errorf("%q: whole work %q, want %q", title, got, quote)
		}
		s.vocabulary.release(v)
	}
	if v := s.Check(Input{Listing: markwatch.Listing{ID: "x", Title: "狂澜 全39集 DVD", Price: cny(30)}}); v.Flagged {
		t.Errorf("a disc set at the licensed price is flagged: %+v", v.Findings)
	}
}

// What somebody's time costs, what the seller made himself and what only buyers
// mention is not held against the price of a work.
func TestPriceOfTheWork(t *testing.T) {
	s := compiledSet(t, pirateLists(t))
	for _, l := range []markwatch.Listing{
		{Title: "我的溟界 陪玩 女教练", Price: cny(25), PriceText: "¥25/局"},
		{Title: "我的溟界 一对一教学 60/小时", Price: cny(60)},
		{Title: "我的溟界 自制地图", Description: "地图是本人原创", Price: cny(15)},
		{Title: "粉笔 50支", Text: "评论: 我的溟界里也有粉笔", Price: cny(5)},
	} {
		l.ID = "x"
		if v := s.Check(Input{Listing: l}); v.Flagged {
			t.Errorf("%q is flagged: %+v", l.Title, v.Findings[0].Reason)
		}
	}
	rented := markwatch.Listing{ID: "x", Title: "我的溟界 下载", Price: cny(5), PriceText: "¥5/月"}
	if rules, _ := rulesOf(s.Check(Input{Listing: rented}), markwatch.Piracy); !slices.Contains(rules, "far-below-price") {
		t.Errorf("a price by the month is not held against the work's: %v", rules)
	}
}

// Each price is held against the work that it names, and several works at the
// price of one have no fair price.
func TestPricesOfSeveralGoods(t *testing.T) {
	s := compiledSet(t, pirateLists(t))
	two := markwatch.Listing{ID: "x", Title: "溟滅の刃 漫画 与 卡包", Price: cny(68), Prices: []markwatch.ShownPrice{
		{Kind: markwatch.PriceListed, Money: *cny(68), Text: "卡包"}, {Kind: markwatch.PriceListed, Money: *cny(4), Text: "溟滅の刃"}}}
	if rules, _ := rulesOf(s.Check(Input{Listing: two}), markwatch.Piracy); !slices.Contains(rules, "far-below-price") {
		t.Errorf("the price that names the work is not looked at: %v", rules)
	}
	fair := func(title string) bool {
		r := s.vocabulary.read(Input{Listing: markwatch.Listing{ID: "x", Title: title, Price: cny(45)}})
		defer s.vocabulary.release(r)
		return slices.ContainsFunc(s.signals(r), isFair)
	}
	if !fair("溟歌寥哉 专辑") {
		t.Error("three quarters of the price of one album are not fair")
	}
	if fair("溟歌寥哉 溟刹海市 专辑") {
		t.Error("the price of one album is fair for two")
	}
}

// A report of a case names the means and offers none; with a contact it may.
func TestReportOfACase(t *testing.T) {
	s := compiledSet(t, pirateLists(t))
	l := markwatch.Listing{ID: "x", Title: "贩卖破解版我的溟界 两人获刑", Description: "法院认定违法所得六万,网盘分享亦构成侵犯著作权罪。"}
	if v := s.Check(Input{Listing: l}); v.Flagged {
		t.Errorf("a report is flagged: %+v", v.Findings[0].Reason)
	}
	l.Seller = &markwatch.Seller{Name: "小编", Contacts: []string{"vx abc12345"}}
	l.Price = cny(3)
	l.Description += "需要的加微信,百度网盘自动发货,提取码见评论。"
	if v := s.Check(Input{Listing: l}); !v.Violations[markwatch.Piracy].Flagged {
		t.Errorf("an offer that is dressed as a report scores %.2f", v.Violations[markwatch.Piracy].Score)
	}
}

// A set of volumes is held against as many of the single one; where its price
// is not above the work's, the list may have the price of the set.
func TestPriceOfASet(t *testing.T) {
	s := compiledSet(t, pirateLists(t))
	rule := func(l markwatch.Listing) string {
		l.ID = "x"
		r := s.vocabulary.read(Input{Listing: l})
		defer s.vocabulary.release(r)
		for _, sig := range s.signals(r) {
			if slices.Contains([]string{"far-below-price", "fair-price", "other-goods"}, sig.rule) {
				return sig.rule
			}
		}
		return ""
	}
	for _, c := range []struct {
		l    markwatch.Listing
		want string
	}{
		{markwatch.Listing{Title: "溟滅の刃 漫画 1-14册 整套", Price: cny(79)}, "far-below-price"},
		{markwatch.Listing{Title: "溟滅の刃 漫画", Quantity: "14册", Price: cny(79)}, "far-below-price"},
		{markwatch.Listing{Title: "溟滅の刃 漫画 1-14册 整套", Price: cny(279)}, "fair-price"},
		{markwatch.Listing{Title: "溟滅の刃 漫画 vol. 1-4", Price: cny(22)}, "fair-price"},
		{markwatch.Listing{Title: "溟滅の刃 漫画 第3卷", Price: cny(279)}, "other-goods"},
	} {
		if got := rule(c.l); got != c.want {
			t.Errorf("%q %q at %s: %q, want %q", c.l.Title, c.l.Quantity, c.l.Price, got, c.want)
		}
	}
}
