package extract

import (
	"regexp"
	"strings"
)

// creditCode is the shape of a 统一社会信用代码 (GB 32100-2015): two signs for
// authority and kind, six digits of the region, nine of the organisation, one
// check sign; I, O, S, V and Z do not occur.
var creditCode = regexp.MustCompile(`\b[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}\b`)

// labelled licences are read as displayed, right or wrong: what a shop claims
// is what an investigator has to check. 15 digits are the older 注册号.
var displayedCode = regexp.MustCompile(`\b(?:[0-9A-Z]{18}|\d{15})\b`)

const creditSigns = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// validCreditCode checks the last sign: the sum of the others, weighted with
// the powers of 3 modulo 31, and the check sign's own value is a multiple of 31.
func validCreditCode(code string) bool {
	if len(code) != 18 {
		return false
	}
	sum, weight := 0, 1
	for i := range 17 {
		v := strings.IndexByte(creditSigns, code[i])
		if v < 0 {
			return false
		}
		sum += v * weight
		weight = weight * 3 % 31
	}
	return strings.IndexByte(creditSigns, code[17]) == (31-sum%31)%31
}

func labelledLicense(text string) string {
	return displayedCode.FindString(strings.ToUpper(fold(clip(text, 200))))
}

// licenseIn finds the code of a business licence in running text: behind its
// label as displayed, elsewhere only with a right check sign.
func licenseIn(text string) string {
	for _, label := range []string{"信用代码", "注册号", "营业执照"} {
		if i := strings.Index(text, label); i >= 0 {
			if code := labelledLicense(head(text[i:], 120)); code != "" {
				return code
			}
		}
	}
	// the shape is looked for by hand: a pattern is slow over a whole page
	run := 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && (digit(text[i]) || text[i] >= 'A' && text[i] <= 'Z') {
			run++
			continue
		}
		if run == 18 {
			if code := text[i-18 : i]; creditCode.MatchString(code) && validCreditCode(code) {
				return code
			}
		}
		run = 0
	}
	return ""
}
