package index

import "strings"

// provinces are the short names of the province-level divisions of GB/T 2260.
const provinces = "北京 天津 河北 山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 广西 海南 重庆 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆 台湾 香港 澳门"

// Region is the province that a shown region begins with, by its short name
// (福建省莆田市 and 福建 莆田 are 福建), else the region as it is shown, so
// that its facet stays short.
func Region(shown string) string {
	s := strings.TrimSpace(shown)
	s = strings.TrimSpace(strings.TrimPrefix(s, "中国"))
	for p := range strings.SplitSeq(provinces, " ") {
		if strings.HasPrefix(s, p) {
			return p
		}
	}
	return s
}

// Provinces are the province-level divisions by their short names, in the order
// of GB/T 2260.
func Provinces() []string { return strings.Fields(provinces) }
