package regions

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Gazetteer finds names of regions in running text, where Table reads a text
// that is a place name. It knows fewer short names, since in running text many
// are ordinary words: a district keeps its 区 (东城区, 和平区). It is immutable and
// safe for concurrent use.
type Gazetteer struct {
	// codes are by name; several regions share some (朝阳).
	codes   map[string][]string
	longest int
}

// Place is an occurrence of a region's name in a text, in code points.
type Place struct {
	Start, End int
	// Codes are those of all regions of that name, of 2, 4 or 6 digits.
	Codes []string
}

// NewGazetteer reads the table that the program brings along, which takes some
// milliseconds.
func NewGazetteer() (*Gazetteer, error) {
	g := &Gazetteer{codes: map[string][]string{}}
	err := eachRegion(func(code, name string) {
		if placeholder(name) {
			return
		}
		g.add(name, code)
		if short := shortInText(name); short != name {
			g.add(short, code)
		}
	})
	if err != nil {
		return nil, err
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

// shortInText is a region's name as people write it: 莆田市 is 莆田,
// 恩施土家族苗族自治州 is 恩施. A district keeps its 区, and so does a name its
// suffix that would be one character.
func shortInText(name string) string {
	for _, suffix := range []string{"特别行政区", "自治区", "自治州", "自治县", "自治旗", "地区", "林区", "省", "市", "县", "盟", "旗"} {
		rest, ok := strings.CutSuffix(name, suffix)
		if !ok {
			continue
		}
		for cut := true; cut; {
			rest, cut = withoutPeople(rest, strings.HasPrefix(suffix, "自治"))
		}
		if utf8.RuneCountInString(rest) >= 2 {
			return rest
		}
		return name
	}
	return name
}

// withoutPeople takes the name of a people off the end, and says whether there
// was one. A bare name without 族 counts only in those of autonomous regions.
func withoutPeople(name string, autonomous bool) (string, bool) {
	for people := range strings.SplitSeq(peoples, "|") {
		for _, end := range []string{people + "族", people} {
			r, ok := strings.CutSuffix(name, end)
			if ok && (strings.HasSuffix(end, "族") || autonomous) && utf8.RuneCountInString(r) >= 2 {
				return r, true
			}
		}
	}
	return name, false
}

// Codes returns the regions of a name, the short form included.
func (g *Gazetteer) Codes(name string) []string { return g.codes[strings.ToLower(name)] }

// Find returns the regions that a text names, the longest name at each place;
// they do not overlap.
func (g *Gazetteer) Find(text string) []Place {
	runes := []rune(strings.ToLower(text))
	var found []Place
	for at := 0; at < len(runes); {
		to := at
		for n := min(g.longest, len(runes)-at); n >= 2; n-- {
			if runes[at] < 0x80 && (!wordEdge(runes, at) || !wordEdge(runes, at+n)) {
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

// wordEdge says that no Latin word runs across a place of the text.
func wordEdge(rs []rune, at int) bool {
	letter := func(i int) bool { return i >= 0 && i < len(rs) && rs[i] >= 'a' && rs[i] <= 'z' }
	return !letter(at-1) || !letter(at)
}
