package leads

import "github.com/markwatch/markwatch"

// ShownName says for people what a page showed before its lead was sent; words
// of earlier records stay what they are.
func ShownName(shown string) markwatch.Text {
	switch shown {
	case "on-sale":
		return markwatch.Text{ZH: "仍在售,与采集时相同", EN: "still on sale, as captured"}
	case "changed":
		return markwatch.Text{ZH: "仍在,但内容有变化", EN: "still there, but changed"}
	case "gone":
		return markwatch.Text{ZH: "已下架或页面不存在", EN: "gone"}
	case "not-checked":
		return markwatch.Text{ZH: "未能复查", EN: "not fetched again"}
	}
	return markwatch.Text{ZH: shown, EN: shown}
}
