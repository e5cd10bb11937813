package matchers

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/markwatch/markwatch"
)

// hometown begins 故乡 by 鲁迅 (1921), which is in the public domain.
const hometown = `我冒了严寒,回到相隔二千余里,别了二十余年的故乡去。时候既然是深冬;渐近故乡时,天气又阴晦了,冷风吹进船舱中,呜呜的响,从篷隙向外一望,苍黄的天底下,远近横着几个萧索的荒村,没有一些活气。我的心禁不住悲凉起来了。阿!这不是我二十年来时时记得的故乡?我所记得的故乡全不如此。我的故乡好得多了。但要我记起他的美丽,说出他的佳处来,却又没有影像,没有言辞了。仿佛也就如此。于是我自己解释说:故乡本也如此,——虽然没有进步,也未必有如我所感的悲凉,这只是我自己心情的改变罢了,因为我这次回乡,本没有什么好心绪。我这次是专为了别他而来的。我们多年聚族而居的老屋,已经公同卖给别姓了,交屋的期限,只在本年,所以必须赶在正月初一以前,永别了熟识的老屋,而且远离了熟识的故乡,搬家到我在谋食的异地去。`

func originalSet(t testing.TB) *Set {
	t.Helper()
	s, err := Compile(Knowledge{
		Lists:     markwatch.Lists{Works: []markwatch.Work{{ID: "hometown", Type: markwatch.WorkNovel, Titles: []string{"故乡"}, Ambiguous: []string{"故乡"}}}},
		Originals: Originals{"hometown": hometown},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func runesOf(s string, from, to int) string { return string([]rune(s)[from:to]) }

func TestCopiedPassages(t *testing.T) {
	s := originalSet(t)
	passage := runesOf(hometown, 60, 330)
	changed := strings.NewReplacer("冷风", "寒风", "荒村", "村庄", "悲凉", "凄凉", "记得", "记着", "故乡", "老家").Replace(passage)
	plain := strings.Map(func(r rune) rune {
		if strings.ContainsRune(",。;?!:—", r) {
			return -1
		}
		return r
	}, passage)
	traditional := strings.NewReplacer("时", "時", "风", "風", "进", "進", "没", "沒", "这", "這", "来", "來", "记", "記", "乡", "鄉", "说", "說", "却", "卻", "释", "釋", "虽", "雖", "变", "變", "为", "為").Replace(passage)
	spaced := strings.Join(strings.Split(passage, ""), " ")
	for name, c := range map[string]struct {
		text string
		want bool
	}{
		"as it stands":        {passage, true},
		"without punctuation": {plain, true},
		"traditional":         {traditional, true},
		"words changed":       {changed, true},
		"spaced":              {spaced, true},
		"within other text":   {"店主推荐好文,欢迎收藏。" + passage + "未完待续,加群看全文。", true},
		"a short quotation":   {"书里说" + runesOf(hometown, 60, 90) + ",写得真好", false},
		"another text":        {strings.Repeat("这是一段没有关系的商品介绍,面料柔软透气,适合春秋季节穿着,支持七天无理由退换货。", 6), false},
	} {
		v := s.Check(Input{Listing: markwatch.Listing{ID: "x", Title: "电子阅读", Text: c.text}})
		if v.Flagged != c.want {
			t.Errorf("%s: flagged %v with %.2f, want %v", name, v.Flagged, v.Score, c.want)
		}
		for _, f := range v.Findings {
			e := f.Evidence[0]
			if e.Field != "text" || e.Text != runesOf(c.text, e.Start, e.End) {
				t.Errorf("%s: the quote is not what stands at its place", name)
			}
			if c.want && e.End-e.Start < utf8.RuneCountInString(c.text)/2 {
				t.Errorf("%s: only %d of %d code points are quoted", name, e.End-e.Start, utf8.RuneCountInString(c.text))
			}
			if !strings.Contains(hometown, f.Facts["original"]) {
				t.Errorf("%s: the original is misquoted: %s", name, f.Facts["original"])
			}
		}
	}
}

// Any run of gramLetters+gramWindow-1 shared letters holds a gram that winnowing
// keeps, wherever it stands.
func TestWinnowingFindsEveryLongRun(t *testing.T) {
	v := originalSet(t).vocabulary
	letters := v.folder.Fold(hometown).Runes
	kept := map[uint64]bool{}
	for _, at := range winnow(letters) {
		kept[hashGram(letters[at:at+gramLetters])] = true
	}
	for from := 0; from+gramLetters+gramWindow-1 <= len(letters); from++ {
		found := false
		for i := from; i < from+gramWindow; i++ {
			found = found || kept[hashGram(letters[i:i+gramLetters])]
		}
		if !found {
			t.Fatalf("the run at %d would not be found", from)
		}
	}
}

func TestWorkOfAnExpiredWarningIsNotLookedFor(t *testing.T) {
	day := func(s string) (d markwatch.Date) {
		if err := d.UnmarshalText([]byte(s)); err != nil {
			t.Fatal(err)
		}
		return d
	}
	lists := markwatch.Lists{Lexicons: shippedLexicons(t), Works: []markwatch.Work{{
		ID: "film", Type: markwatch.WorkFilm, Titles: []string{"流浪地球2"},
		Protect: markwatch.Protected{From: day("2026-01-10"), To: day("2026-06-30")},
	}}}
	s := compiledSet(t, lists)
	l := markwatch.Listing{ID: "x", Title: "流浪地球2 枪版 百度网盘 提取码 秒发"}
	for at, want := range map[string]bool{"2026-01-09": false, "2026-01-10": true, "2026-06-30": true, "2026-07-01": false} {
		if v := s.Check(Input{Listing: l, At: day(at).Time}); v.Flagged != want {
			t.Errorf("on %s: flagged %v, want %v", at, v.Flagged, want)
		}
	}
}
