package index

import "github.com/markwatch/markwatch"

// HelpRow is one line of the help panel: a query to try, and what it finds.
type HelpRow struct {
	Example string
	Meaning markwatch.Text
}

// Help returns the panel's lines: the language first, then every field.
func Help() []HelpRow {
	rows := []HelpRow{
		{"高仿 耐克", markwatch.Text{ZH: "两个词都要出现;一个字也可以查", EN: "both words; one character is enough"}},
		{`"空军一号"`, markwatch.Text{ZH: "原样连续出现,不容错字", EN: "exactly this, no typos forgiven"}},
		{"-儿童", markwatch.Text{ZH: "不要出现", EN: "must not occur"}},
		{`-"配件 专用"`, markwatch.Text{ZH: "不要连续出现", EN: "must not occur as a phrase"}},
		{"addidas", markwatch.Text{ZH: "英文名四个字母起容一处错,八个起容两处;数字和货号不容错", EN: "names of 4 letters forgive one typo, of 8 two; numbers and codes none"}},
		{"https://item.example.com/1", markwatch.Text{ZH: "贴入网址,按网址查", EN: "a pasted address is searched as such"}},
		{"status:new,review", markwatch.Text{ZH: "几个值任一", EN: "any of several values"}},
		{"-status:dismissed", markwatch.Text{ZH: "排除某个值", EN: "leave a value out"}},
		{"seller:=鞋坊小李", markwatch.Text{ZH: "卖家全名", EN: "a seller's whole name"}},
	}
	for _, f := range Fields() {
		rows = append(rows, HelpRow{f.Example, f.Label})
	}
	return rows
}
