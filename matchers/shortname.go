package matchers

import (
	"strings"
	"unicode/utf8"

	"github.com/markwatch/markwatch"
)

// workKinds are words that say what kind of work a title is of. Who offers a
// copy leaves them out or puts others in their place: 学而思网校 is offered as
// 学而思秘籍, 人教版教材 as 人教版初中课本, a membership by its platform alone.
var workKinds = [...]string{
	"vip会员", "svip会员", "超级会员", "黄金会员", "白金会员", "大会员", "年卡", "月卡", "会员", "专栏", "svip", "vip",
	"网校", "培优", "精讲课", "精讲班", "精讲", "系统班", "课程", "网课", "实务", "教材", "课本", "教科书", "官方真题集", "真题集", "真题",
	"会计在线", "教育在线", "在线", "cpa", "cfa", "注会", "公考", "法考", "考研", "课堂", "学堂", "计价软件",
	"点歌系统", "ktv", "系统", "软件", "客户端", "office",
}

// withoutRelease cuts the number of a release or sequel of two digits or more
// behind a name that is long enough to be one without: 赛博朋克2077, 广联达2025.
func withoutRelease(title string) string {
	rest := strings.TrimRight(title, "0123456789")
	if len(title)-len(rest) < 2 {
		return title
	}
	rest = strings.TrimSpace(rest)
	han := 0
	for _, r := range rest {
		if r >= 0x80 {
			han++
		}
	}
	if han >= 2 || han == 0 && len(rest) >= 6 {
		return rest
	}
	return title
}

// shortNames are the titles of a work without what says its kind; empty where
// too little is left to be a name.
func shortNames(w *markwatch.Work) []string {
	var out []string
	for _, title := range w.Titles {
		short := strings.ToLower(title)
		for cut := true; cut; {
			cut = false
			if rest := withoutRelease(short); rest != short {
				short, cut = rest, true
			}
			for _, kind := range workKinds {
				if rest, ends := strings.CutSuffix(short, kind); ends && rest != "" {
					short, cut = strings.TrimSpace(rest), true
				}
			}
		}
		if short == strings.ToLower(title) {
			continue
		}
		n := utf8.RuneCountInString(short)
		if n >= 3 || n == 2 && short[0] >= 0x80 {
			out = append(out, short)
		}
	}
	return out
}

// numbered are the ways in which a title of Chinese characters and a number of
// three digits or more is cut short: 唐1900 and 探案1900 for 唐人街探案1900. A
// number says more than what is left out.
func numbered(title string) []string {
	name := strings.TrimRight(title, "0123456789")
	number := title[len(name):]
	letters := []rune(strings.TrimSpace(name))
	if len(number) < 3 || len(letters) < 2 {
		return nil
	}
	for _, r := range letters {
		if r < 0x3400 || r >= 0xa000 {
			return nil
		}
	}
	return []string{string(letters[:1]) + number, string(letters[len(letters)-2:]) + number}
}
