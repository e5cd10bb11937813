// Package regions knows the administrative regions of China (GB/T 2260) and
// reads place names as pages write them: 福建莆田, 广州白云, 浙江省义乌市,
// 日本东京. It says what a name may mean, several regions where it is
// ambiguous, and never guesses. It finds the names of regions in running text
// too.
package regions

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// table is code and name a line: 2 digits a province, 4 a prefecture, 6 a
// county. See data/LICENSE.txt for where it is from.
//
//go:embed data/gbt2260.tsv
var table string

// Region is one entry of GB/T 2260.
type Region struct {
	// Code has 2, 4 or 6 digits.
	Code string
	// Name is the official name, with its suffix.
	Name string
}

// Table holds every region by code and by name. It is immutable.
type Table struct {
	byCode map[string]Region
	byName map[string][]named
	// longest is the length of the longest name in code points.
	longest int
	foreign map[string]string
}

// named is a region by one of its names.
type named struct {
	code string
	// full is set for names with their suffix (白云区, not 白云).
	full bool
}

// New reads the table that the program brings along.
func New() (*Table, error) {
	t := &Table{byCode: map[string]Region{}, byName: map[string][]named{}, foreign: foreignNames()}
	err := eachRegion(func(code, name string) {
		t.byCode[code] = Region{code, name}
		if code = Trim(code); placeholder(name) {
			return
		}
		t.add(name, named{code, true})
		for _, short := range shortNames(code, name) {
			t.add(short, named{code, false})
		}
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// eachRegion goes through the lines of the table.
func eachRegion(do func(code, name string)) error {
	for line := range strings.Lines(table) {
		code, name, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok {
			return fmt.Errorf("a line of the table of regions has no name: %q", line)
		}
		do(code, name)
	}
	return nil
}

func (t *Table) add(name string, n named) {
	if utf8.RuneCountInString(name) < 2 || slices.ContainsFunc(t.byName[name], func(o named) bool { return o.code == n.code }) {
		return
	}
	t.byName[name] = append(t.byName[name], n)
	t.longest = max(t.longest, utf8.RuneCountInString(name))
}

// placeholder says that a name stands for no place of its own, as the 市辖区
// of a municipality.
func placeholder(name string) bool {
	return name == "市辖区" || name == "县" || strings.HasSuffix(name, "直辖县级行政区划")
}

// Name is the whole name of a region, from the province down; a code that is
// not in the table goes by itself.
func (t *Table) Name(code string) string {
	code = Trim(code)
	var b strings.Builder
	last := ""
	for n := 2; n <= len(code); n += 2 {
		r, ok := t.byCode[code[:n]]
		if !ok {
			return code
		}
		if !placeholder(r.Name) && r.Name != last {
			b.WriteString(r.Name)
		}
		last = r.Name
	}
	return b.String()
}

// Known says whether the table has a code.
func (t *Table) Known(code string) bool {
	_, ok := t.byCode[Trim(code)]
	return ok
}

// Trim takes the zeros off that fill a code up to six digits: 520100 is 5201,
// 520000 is 52. A prefecture that is its only county (441900) is the prefecture.
func Trim(code string) string {
	for len(code) > 2 && strings.HasSuffix(code, "00") {
		code = code[:len(code)-2]
	}
	return code
}

// Covers says whether a region's code covers another's.
func Covers(outer, inner string) bool { return strings.HasPrefix(Trim(inner), Trim(outer)) }

// peoples are the names that stand between a place and the suffix of an
// autonomous region, prefecture, county or banner.
const peoples = `蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|` +
	`达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺|各`

var (
	autonomous = regexp.MustCompile(`((?:` + peoples + `)族?)*自治(区|州|县|旗)$`)
	suffixes   = []string{"特别行政区", "地区", "新区", "林区", "矿区", "省", "市", "盟", "区", "县", "旗"}
)

// shortNames are the names by which a region goes without its suffix.
func shortNames(code, name string) []string {
	if code == "15" {
		return []string{"内蒙古", "内蒙"} // its people's name is part of the place's
	}
	if at := autonomous.FindStringSubmatchIndex(name); at != nil {
		short := name[:at[0]]
		kind := name[at[4]:at[5]]
		if short == "" {
			short = strings.TrimSuffix(name, "自治"+kind)
			return []string{short, short + kind}
		}
		if kind == "区" {
			return []string{short}
		}
		return []string{short, short + kind} // 黔南, 黔南州
	}
	for _, suffix := range suffixes {
		if short, ok := strings.CutSuffix(name, suffix); ok {
			return []string{short}
		}
	}
	return nil
}
