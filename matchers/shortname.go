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
	"点歌系统", "ktv", "系统", "软件", "客户端", "office",
}

// shortNames are the titles of a work without what says its kind; empty where
// too little is left to be a name.
func shortNames(w *markwatch.Work) []string {
	var out []string
	for _, title := range w.Titles {
		short := strings.ToLower(title)
		for cut := true; cut; {
			cut = false
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
