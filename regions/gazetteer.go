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
	"harbin": "2301", "yiwu": "330782", "guangzhou": "4401", "shenzhen": "4403", "ningbo": "3302", "wenzhou": "3303",
	"jiaxing": "3304", "huzhou": "3305", "shaoxing": "3306", "jinhua": "3307", "zhoushan": "3309", "lishui": "3311",
	"longquan": "331181", "nanjing": "3201", "wuxi": "3202", "xuzhou": "3203", "changzhou": "3204", "nantong": "3206",
	"lianyungang": "3207", "huai'an": "3208", "yancheng": "3209", "yangzhou": "3210", "zhenjiang": "3211", "suqian": "3213",
	"yixing": "320282", "kunshan": "320583", "hefei": "3401", "bengbu": "3403", "huangshan": "3410", "chuzhou": "3411",
	"bozhou": "3416", "lu'an": "3415", "xiamen": "3502", "putian": "3503", "quanzhou": "3505", "zhangzhou": "3506",
	"nanping": "3507", "ningde": "3509", "dehua": "350526", "anxi": "350524", "fuding": "350982", "wuyishan": "350782",
	"nanchang": "3601", "jingdezhen": "3602", "pingxiang": "3603", "jiujiang": "3604", "ganzhou": "3607", "jinan": "3701",
	"qingdao": "3702", "zibo": "3703", "yantai": "3706", "weifang": "3707", "jining": "3708", "weihai": "3710",
	"linyi": "3713", "dezhou": "3714", "liaocheng": "3715", "heze": "3717", "zhengzhou": "4101", "kaifeng": "4102",
	"luoyang": "4103", "xinyang": "4115", "zhoukou": "4116", "nanyang": "4113", "wuhan": "4201", "xiangyang": "4206",
	"jingzhou": "4210", "changsha": "4301", "zhuzhou": "4302", "liling": "430281", "yueyang": "4306", "chenzhou": "4310",
	"shantou": "4405", "foshan": "4406", "jiangmen": "4407", "zhanjiang": "4408", "huizhou": "4413", "dongguan": "4419",
	"zhongshan": "4420", "chaozhou": "4451", "jieyang": "4452", "chaoshan": "4451", "xinhui": "440705", "nanning": "4501",
	"guilin": "4503", "wuzhou": "4504", "haikou": "4601", "sanya": "4602", "chengdu": "5101", "zigong": "5103",
	"leshan": "5111", "yibin": "5115", "ya'an": "5118", "guiyang": "5201", "zunyi": "5203", "kunming": "5301", "dali": "5329",
	"lijiang": "5307", "pu'er": "5308", "lincang": "5309", "xishuangbanna": "5328", "lhasa": "5401", "xi'an": "6101",
	"baoji": "6103", "hanzhong": "6107", "lanzhou": "6201", "xining": "6301", "yinchuan": "6401", "zhongwei": "6405",
	"urumqi": "6501", "kashgar": "6531", "hotan": "6532", "aksu": "6529", "turpan": "6504", "shijiazhuang": "1301",
	"tangshan": "1302", "handan": "1304", "baoding": "1306", "taiyuan": "1401", "datong": "1402", "hohhot": "1501",
	"baotou": "1502", "shenyang": "2101", "dalian": "2102", "dandong": "2106", "panjin": "2111", "changchun": "2201",
	"yanbian": "2224", "wuchang": "230184", "qiqihar": "2302", "jiamusi": "2308", "mudanjiang": "2310", "daqing": "2306",
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
