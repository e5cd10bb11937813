package listsheet

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/markwatch/markwatch"
)

// WarningBatch is what an official warning list of works (版权保护预警名单) says of
// all its works.
type WarningBatch struct {
	Name string // 2026年第3批
	Type markwatch.WorkType
	// Protected are the dates of works that state none of their own.
	Protected markwatch.Protected
}

// The heads by which published lists call their columns.
var warningHeads = map[string][]string{
	"title":    {"作品名称", "作品名", "片名", "影片名称", "剧名", "名称", "作品", "节目名称", "书名", "游戏名称", "title"},
	"type":     {"作品类型", "类型", "类别", "作品类别", "体裁", "type"},
	"holder":   {"权利人", "著作权人", "版权方", "版权人", "出品单位", "出品方", "制作单位", "权利单位", "报送单位", "holder"},
	"creators": {"作者", "导演", "编剧", "主创", "creators"},
	"from":     {"保护起始日期", "预警开始", "起始日期", "开始日期", "预警自", "from"},
	"to":       {"保护截止日期", "预警结束", "截止日期", "结束日期", "到期日", "预警至", "to"},
	"period":   {"保护期限", "保护期", "预警期", "预警期限", "重点保护期", "period"},
	"released": {"公映日期", "上映日期", "首映日期", "开播日期", "上线日期", "出版日期", "发行日期", "released"},
	"isbn":     {"isbn", "书号"},
	"batch":    {"批次", "batch"},
}

// warningTypes are the words for types of works that stand in lists.
var warningTypes = []struct {
	word string
	kind markwatch.WorkType
}{
	{"网络电影", "film"}, {"电影", "film"}, {"影片", "film"}, {"院线", "film"}, {"电视剧", "series"}, {"网络剧", "series"}, {"微短剧", "series"}, {"短剧", "series"},
	{"剧集", "series"}, {"综艺", "variety"}, {"晚会", "variety"}, {"体育", "variety"}, {"赛事", "variety"}, {"动画", "animation"}, {"动漫", "animation"}, {"音乐", "music"}, {"录音", "music"},
	{"小说", "novel"}, {"网络文学", "novel"}, {"文学", "novel"}, {"漫画", "comic"}, {"游戏", "game"}, {"软件", "software"}, {"应用", "app"}, {"教材", "book"}, {"图书", "book"}, {"标准", "standard"}, {"课程", "course"},
}

// WarningWorks reads a published warning list: a table (CSV, XLSX, or pasted
// with tabs) with a column of titles, or plain text with a title a line or in
// 《》. Works that are known by one of their titles keep what they have and get
// the batch and its dates; others are new. What cannot be read of a row is a
// problem, and the row is left out. The error is of CodeInvalid where nothing
// can be read at all.
func WarningWorks(data []byte, batch WarningBatch, known []markwatch.Work) ([]markwatch.Work, []Problem, error) {
	rows, err := warningRows(data)
	if err != nil {
		return nil, nil, err
	}
	c := &reading{}
	var out []markwatch.Work
	seen := map[string]int{}
	for _, row := range rows {
		c.row = row
		before := len(c.problems)
		w, ok := c.warning(batch, known)
		if !ok || len(c.problems) > before {
			continue
		}
		key := titleKey(w.Titles[0])
		if line, twice := seen[key]; twice {
			c.fail("title", "与第"+strconv.Itoa(line)+"行重复", "stands in row "+strconv.Itoa(line)+" already")
			continue
		}
		seen[key] = row.Line
		out = append(out, w)
	}
	return out, c.problems, nil
}

// warningRows are the rows of a list, by the keys of warningHeads.
func warningRows(data []byte) ([]Row, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "名单是空的 / the list is empty")
	}
	var cells [][]string
	var err error
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		cells, err = readXLSX(data)
	} else {
		cells, err = readCSV(data)
	}
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "读不出名单,请用 CSV、XLSX 或文本 / this is no list; use CSV, XLSX or text")
	}
	if len(cells) > maxRows {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "超过 %d 行 / more than %d rows", maxRows, maxRows)
	}
	// The head may stand below a line with the list's own name.
	for n, line := range cells[:min(len(cells), 10)] {
		keys := warningKeys(line)
		if !slices.Contains(keys, "title") || len(line) < 2 && len(cells) > 1 && !plainHead(line) {
			continue
		}
		return rowsBelow(keys, cells, n), nil
	}
	return warningText(cells)
}

func plainHead(line []string) bool { return len(line) == 1 && keyOfHead(line[0]) == "title" }

func warningKeys(heads []string) []string {
	keys := make([]string, len(heads))
	for i, head := range heads {
		if key := keyOfHead(head); !slices.Contains(keys, key) {
			keys[i] = key
		}
	}
	return keys
}

func keyOfHead(head string) string {
	head = strings.ToLower(strings.NewReplacer(" ", "", "\ufeff", "", "　", "").Replace(strings.TrimSpace(head)))
	for key, names := range warningHeads {
		if slices.Contains(names, head) {
			return key
		}
	}
	return ""
}

var (
	// quotedTitle is a title in the marks of titles, with what stands in
	// brackets behind it, which is whose it is.
	quotedTitle = regexp.MustCompile(`《([^《》]{1,80})》(?:\s*[（(]([^（）()]{1,60})[）)])?`)
	// numbered is the number before a line of a list.
	numbered = regexp.MustCompile(`^\s*(?:[(（]?\d{1,3}[)）.、．]|[一二三四五六七八九十]{1,3}[、.．]|[-•·*])\s*`)
)

// warningText reads lines that are no table.
func warningText(cells [][]string) ([]Row, error) {
	var rows []Row
	quoted := false
	for _, line := range cells {
		quoted = quoted || quotedTitle.MatchString(strings.Join(line, ","))
	}
	for n, cellsOfLine := range cells {
		line := strings.TrimSpace(strings.Join(cellsOfLine, ","))
		found := quotedTitle.FindAllStringSubmatch(line, maxRows)
		for _, m := range found {
			row := Row{Line: n + 1, Cells: map[string]string{"title": m[1]}}
			if m[2] != "" {
				row.Cells["holder"] = m[2]
			}
			rows = append(rows, row)
		}
		if !quoted && line != "" {
			rows = append(rows, Row{Line: n + 1, Cells: map[string]string{"title": numbered.ReplaceAllString(line, "")}})
		}
	}
	if len(rows) == 0 {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "没有找到作品名称 / no title was found")
	}
	return rows, nil
}

// longestTitle is how many characters a title has at most; more is a sentence.
const longestTitle = 60

// warning reads one row.
func (c *reading) warning(batch WarningBatch, known []markwatch.Work) (markwatch.Work, bool) {
	cells := c.row.Cells
	title := strings.TrimSpace(strings.Trim(numbered.ReplaceAllString(cells["title"], ""), "《》"))
	switch {
	case title == "":
		c.fail("title", "缺作品名称", "the title is missing")
		return markwatch.Work{}, false
	case len([]rune(title)) > longestTitle:
		c.fail("title", "不像作品名称", "this is too long for a title")
		return markwatch.Work{}, false
	}
	w := markwatch.Work{ID: "warning-" + shortHash(title), Type: batch.Type, Titles: []string{title}}
	if i := slices.IndexFunc(known, func(k markwatch.Work) bool {
		return slices.ContainsFunc(k.Titles, func(t string) bool { return titleKey(t) == titleKey(title) })
	}); i >= 0 {
		w = known[i]
	} else {
		if kind := warningType(cells["type"]); kind != "" {
			w.Type = kind
		} else if cells["type"] != "" && batch.Type == "" {
			c.fail("type", "不认识的类型“"+cells["type"]+"”", "no known type")
		}
		if w.Type == "" {
			c.fail("type", "缺类型,可用 --type 指明", "the type is missing; state it with --type")
		}
		w.Publisher, w.Creators, w.ISBN = cells["holder"], names(cells["creators"]), names(cells["isbn"])
		if cells["released"] != "" {
			w.Released = c.day("released")
		}
	}
	undated := w.Batch == "" && w.Protect == (markwatch.Protected{}) && !strings.HasPrefix(w.ID, "warning-")
	w.Batch, w.Protect = batch.Name, batch.Protected
	if cells["batch"] != "" {
		w.Batch = cells["batch"]
	}
	if w.Batch == "" {
		c.fail("batch", "缺批次,可用 --batch 指明", "the batch is missing; state it with --batch")
	}
	c.protection(&w.Protect)
	if undated {
		// What is protected without an end does not end with the batch.
		w.Protect = markwatch.Protected{}
	}
	return w, true
}

// chineseDay is a day as lists write it.
var chineseDay = regexp.MustCompile(`(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?`)

// protection reads the dates of a row.
func (c *reading) protection(p *markwatch.Protected) {
	for _, end := range [...]struct {
		column string
		to     *markwatch.Date
	}{{"from", &p.From}, {"to", &p.To}} {
		if c.row.Cells[end.column] != "" {
			c.row.Cells[end.column] = isoDays(c.row.Cells[end.column])
			*end.to = c.day(end.column)
		}
	}
	if period := c.row.Cells["period"]; period != "" {
		days := chineseDay.FindAllString(period, 3)
		switch len(days) {
		case 1, 2:
			for i, to := range []*markwatch.Date{&p.To, &p.From}[:len(days)] {
				c.row.Cells["period"] = isoDays(days[len(days)-1-i])
				*to = c.day("period")
			}
		default:
			c.fail("period", "看不懂的期限“"+period+"”", "this period cannot be read")
		}
		c.row.Cells["period"] = period
	}
	switch {
	case p.To.IsZero():
		c.fail("to", "缺保护截止日期,可用 --to 指明", "the last day is missing; state it with --to")
	case !p.From.IsZero() && p.To.Before(p.From.Time):
		c.fail("to", "截止日期早于起始日期", "the last day is before the first")
	}
}

func isoDays(s string) string {
	return chineseDay.ReplaceAllStringFunc(s, func(day string) string {
		m := chineseDay.FindStringSubmatch(day)
		return m[1] + "-" + twoDigits(m[2]) + "-" + twoDigits(m[3])
	})
}

func twoDigits(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}

func warningType(cell string) markwatch.WorkType {
	for _, t := range warningTypes {
		if strings.Contains(cell, t.word) || strings.EqualFold(cell, string(t.kind)) {
			return t.kind
		}
	}
	return ""
}

// names cuts a cell of names as lists write them: 甲、乙 / 丙.
func names(cell string) []string {
	var out []string
	for part := range strings.FieldsFuncSeq(cell, func(r rune) bool { return strings.ContainsRune("、,，;；/\n", r) }) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// titleKey is a title as titles are compared.
func titleKey(title string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "《", "", "》", "", "·", "", ":", "", "：", "").Replace(title))
}

func shortHash(title string) string {
	sum := sha256.Sum256([]byte(titleKey(title)))
	return hex.EncodeToString(sum[:4])
}
