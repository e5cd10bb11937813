// Package regions finds the names of Chinese divisions (GB/T 2260, down to the
// county) in text and tells which of them lies in which.
package regions

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// The table and its licence are described in NOTICE.
//
//go:embed divisions.txt.gz
var divisions []byte

// Gazetteer knows the divisions. It is immutable and safe for concurrent use.
type Gazetteer struct {
	// codes are by name; several divisions share some (朝阳).
	codes   map[string][]string
	longest int
}

// Place is an occurrence of a division's name, in code points.
type Place struct {
	Start, End int
	// Codes are those of all divisions of that name, of 2, 4 or 6 digits.
	Codes []string
}

// New unpacks the table, which takes some milliseconds.
func New() (*Gazetteer, error) {
	zr, err := gzip.NewReader(bytes.NewReader(divisions))
	if err != nil {
		return nil, fmt.Errorf("the table of divisions: %w", err)
	}
	g := &Gazetteer{codes: map[string][]string{}}
	sc := bufio.NewScanner(zr)
	for sc.Scan() {
		code, name, _ := strings.Cut(sc.Text(), "\t")
		g.add(name, code)
		if short := Short(name); short != name {
			g.add(short, code)
		}
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("the table of divisions: %w", err)
	}
	for name, code := range latin {
		g.add(name, code)
	}
	return g, nil
}

func (g *Gazetteer) add(name, code string) {
	if !slices.Contains(g.codes[name], code) {
		g.codes[name] = append(g.codes[name], code)
		g.longest = max(g.longest, utf8.RuneCountInString(name))
	}
}

// latin are the spellings of provinces in English text, and of the cities that
// goods are named after.
var latin = map[string]string{
	"anhui": "34", "fujian": "35", "gansu": "62", "guangdong": "44", "guangxi": "45", "guizhou": "52", "hainan": "46",
	"hebei": "13", "henan": "41", "heilongjiang": "23", "hubei": "42", "hunan": "43", "jiangsu": "32", "jiangxi": "36",
	"jilin": "22", "liaoning": "21", "inner mongolia": "15", "ningxia": "64", "qinghai": "63", "shandong": "37",
	"shanxi": "14", "shaanxi": "61", "sichuan": "51", "tibet": "54", "xinjiang": "65", "yunnan": "53", "zhejiang": "33",
	"chongqing": "50", "beijing": "11", "shanghai": "31", "tianjin": "12", "taiwan": "71", "hangzhou": "3301", "suzhou": "3205",
	"harbin": "2301", "yiwu": "330782", "guangzhou": "4401", "shenzhen": "4403",
}

// peoples are the names that stand in those of autonomous divisions.
var peoples = strings.Fields("维吾尔 哈萨克 柯尔克孜 塔吉克 蒙古 达斡尔 鄂温克 鄂伦春 朝鲜 满 回 藏 壮 苗 彝 侗 瑶 土家 仡佬 布依 水 羌 黎 畲 傣 景颇 傈僳 白 哈尼 拉祜 佤 布朗 怒 独龙 普米 纳西 仫佬 毛南 土 撒拉 东乡 保安 裕固 锡伯 各")

// Short is a division's name as people write it: 莆田市 is 莆田, 恩施土家族苗族自治州
// is 恩施. A district keeps its 区, since short names of districts are
// ordinary words (东城, 和平), and so does a name that would be one character.
func Short(name string) string {
	for _, suffix := range []string{"特别行政区", "自治区", "自治州", "自治县", "自治旗", "地区", "林区", "省", "市", "县", "盟", "旗"} {
		rest, ok := strings.CutSuffix(name, suffix)
		if !ok {
			continue
		}
		for cut := true; cut; {
			cut = false
			for _, p := range peoples {
				for _, people := range []string{p + "族", p} {
					if r, ok := strings.CutSuffix(rest, people); ok && (strings.HasSuffix(people, "族") || strings.HasPrefix(suffix, "自治")) && utf8.RuneCountInString(r) >= 2 {
						rest, cut = r, true
					}
				}
			}
		}
		if utf8.RuneCountInString(rest) >= 2 {
			return rest
		}
		return name
	}
	return name
}

// Codes returns the divisions of a name, the short form included.
func (g *Gazetteer) Codes(name string) []string { return g.codes[strings.ToLower(name)] }

// Find returns the divisions that a text names, the longest name at each
// place; they do not overlap.
func (g *Gazetteer) Find(text string) []Place {
	runes := []rune(strings.ToLower(text))
	var found []Place
	for at := 0; at < len(runes); {
		to := at
		for n := min(g.longest, len(runes)-at); n >= 2; n-- {
			if runes[at] < 0x80 && !(word(runes, at) && word(runes, at+n)) {
				continue
			}
			if codes, ok := g.codes[string(runes[at:at+n])]; ok {
				found = append(found, Place{Start: at, End: at + n, Codes: codes})
				to = at + n
				break
			}
		}
		at = max(to, at+1)
	}
	return found
}

// word says that a Latin word begins or ends before a letter.
func word(rs []rune, at int) bool {
	letter := func(i int) bool { return i >= 0 && i < len(rs) && rs[i] >= 'a' && rs[i] <= 'z' }
	return !letter(at-1) || !letter(at)
}

// Within says that a division lies in another, or is it.
func Within(code, area string) bool { return strings.HasPrefix(code, area) }
