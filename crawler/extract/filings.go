package extract

import (
	"regexp"
	"strings"
)

// Attributes under which a site's own filings are kept.
const (
	icpLabel    = "ICP备案号"
	policeLabel = "公安备案号"
)

// The numbers that the law (互联网信息服务管理办法, 计算机信息网络国际联网安全保护管理办法)
// has Chinese sites show: the filing or licence of the ministry, and that of the
// police.
var (
	icpPattern    = regexp.MustCompile(`\p{Han}\s*ICP\s*[备证]\s*[A-Z]?\d{1,2}-?\d{4,8}\s*号(?:-\d{1,3})?`)
	policePattern = regexp.MustCompile(`\p{Han}\s*公网安备\s*(?:\d{12,14}\s*号?)`)
)

// filings reads the numbers by which a site identifies itself. They are kept
// for shops that are sites of their own; on a market they are the market's.
func (d *Document) filings(r *reading) {
	icp, police := "", ""
	for i := range d.texts {
		text := d.texts[i].text
		if len(text) > 2000 {
			continue
		}
		if icp == "" && strings.Contains(text, "ICP") {
			icp = icpPattern.FindString(d.lineAround(int32(i)))
		}
		if police == "" && strings.Contains(text, "公网安备") {
			police = policePattern.FindString(d.lineAround(int32(i)))
		}
	}
	r.attribute(icpLabel, icp)
	r.attribute(policeLabel, police)
}

// lineAround is a text run with those that continue its line.
func (d *Document) lineAround(i int32) string {
	to := i + 1
	for to < int32(len(d.texts)) && to < i+4 && d.block(d.texts[to].in) == d.block(d.texts[i].in) {
		to++
	}
	return fold(clip(d.textOf(i, to, " ", nil), 2000))
}
