package regions

import (
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// foreignNames are the names of countries in Chinese and English, with the
// cities and words that pages of overseas purchasing write, each with the ISO
// 3166-1 code; ZZ is abroad without a country.
func foreignNames() map[string]string {
	names := map[string]string{
		"海外": "ZZ", "境外": "ZZ", "国外": "ZZ", "overseas": "ZZ",
		"澳洲": "AU", "悉尼": "AU", "墨尔本": "AU", "奥克兰": "NZ", "东京": "JP", "大阪": "JP", "首尔": "KR", "釜山": "KR", "济州岛": "KR",
		"纽约": "US", "洛杉矶": "US", "旧金山": "US", "西雅图": "US", "usa": "US", "uk": "GB", "伦敦": "GB", "巴黎": "FR", "柏林": "DE",
		"法兰克福": "DE", "汉堡": "DE", "米兰": "IT", "罗马": "IT", "曼谷": "TH", "吉隆坡": "MY", "迪拜": "AE", "莫斯科": "RU",
		"多伦多": "CA", "温哥华": "CA", "阿姆斯特丹": "NL", "马德里": "ES", "苏黎世": "CH", "korea": "KR",
	}
	zh, en := display.Regions(language.Chinese), display.Regions(language.English)
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			region, err := language.ParseRegion(code)
			if err != nil || !region.IsCountry() || code == "CN" || code == "HK" || code == "MO" || code == "TW" || region.Canonicalize() != region || region.String() != code {
				continue
			}
			for _, name := range []string{zh.Name(region), en.Name(region)} {
				if name = strings.ToLower(strings.ReplaceAll(name, " ", "")); len(name) > 3 {
					names[name] = code
				}
			}
		}
	}
	return names
}
