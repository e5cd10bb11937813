package extract

import (
	"regexp"
	"strings"
)

// Attributes under which numbers of rights and goods are kept where the page
// does not label them itself.
const (
	patentLabel    = "专利号"
	trademarkLabel = "商标注册号"
	isbnLabel      = "ISBN"
)

var (
	// Chinese patents and applications: ZL or CN, a year and a kind or two
	// digits of a year, a serial number, a point and a check sign.
	patentPattern = regexp.MustCompile(`(?i)(?:ZL|CN|专利(?:号|申请号)?\s*[:\x{ff1a}]?\s*(?:ZL)?)\s*((?:19|20)\d{2}\s?[1-9]\s?\d{7}|\d{2}[1-3]\d{5})\s*\.\s*([\dX])`)
	// registrations at the trade mark office: 第1234567号 beside 商标, or a label
	trademarkPattern = regexp.MustCompile(`(?:商标注册(?:证)?(?:号|第)?|注册商标(?:号|第)?|商标(?:号|第))\s*[:\x{ff1a}]?\s*(?:第|No\.?)?\s*([GJ]?\d{5,8}[A-Z]?)\s*号?`)
	isbnPattern      = regexp.MustCompile(`(?i)ISBN(?:-1[03])?\s*[:\x{ff1a}#]?\s*((?:97[89][- ]?)?(?:\d[- ]?){9}[\dX])\b`)
)

// rightsIn reads numbers of patents, trade marks and books out of running text
// into the attributes. Only patents and books whose check sign is right count.
func rightsIn(text string, r *reading) {
	if !strings.Contains(text, "ZL") && !strings.Contains(text, "专利") && !strings.Contains(text, "商标") && !strings.Contains(text, "ISBN") {
		return
	}
	text = fold(text)
	if strings.Contains(text, "ZL") || strings.Contains(text, "CN") || strings.Contains(text, "专利") {
		for _, m := range patentPattern.FindAllStringSubmatch(text, 20) {
			digits := onlyDigits(m[1])
			if check := strings.ToUpper(m[2]); validPatent(digits, check[0]) {
				r.attribute(patentLabel, "ZL"+digits+"."+check)
				break
			}
		}
	}
	if strings.Contains(text, "商标") {
		if m := trademarkPattern.FindStringSubmatch(text); m != nil {
			r.attribute(trademarkLabel, m[1])
		}
	}
	if strings.Contains(text, "ISBN") {
		for _, m := range isbnPattern.FindAllStringSubmatch(text, 20) {
			if code := isbnSigns(m[1]); validISBN(code) {
				r.attribute(isbnLabel, code)
				set(&r.gtin, isbn13(code))
				break
			}
		}
	}
}

// validPatent checks the last sign of an application number (ZC 0006-2003): the
// digits weighted with 2 to 9 over and over, modulo 11; X stands for 10.
func validPatent(digits string, check byte) bool {
	if len(digits) != 8 && len(digits) != 12 {
		return false
	}
	sum := 0
	for i := range len(digits) {
		sum += int(digits[i]-'0') * (2 + i%8)
	}
	return "0123456789X"[sum%11] == check
}

func isbnSigns(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r == 'X':
			return r
		case r == 'x':
			return 'X'
		}
		return -1
	}, s)
}

// validISBN checks the last sign of an ISBN of ten or thirteen (ISO 2108).
func validISBN(code string) bool {
	switch len(code) {
	case 10:
		sum := 0
		for i := range 10 {
			v := int(code[i] - '0')
			if code[i] == 'X' {
				if i != 9 {
					return false
				}
				v = 10
			}
			sum += v * (10 - i)
		}
		return sum%11 == 0
	case 13:
		return (strings.HasPrefix(code, "978") || strings.HasPrefix(code, "979")) && validGTIN(code)
	}
	return false
}

// isbn13 is the thirteen-digit form of a right ISBN.
func isbn13(code string) string {
	if len(code) == 13 {
		return code
	}
	body := "978" + code[:9]
	sum := 0
	for i := range body {
		sum += int(body[i]-'0') * (1 + 2*(i%2))
	}
	return body + string(rune('0'+(10-sum%10)%10))
}

// validGTIN checks the last digit of a GTIN of 8, 12, 13 or 14 digits (GS1
// General Specifications 7.9).
func validGTIN(code string) bool {
	switch len(code) {
	case 8, 12, 13, 14:
	default:
		return false
	}
	sum := 0
	for i := range len(code) {
		if !digit(code[i]) {
			return false
		}
		weight := 3
		if (len(code)-i)%2 == 1 {
			weight = 1
		}
		sum += int(code[i]-'0') * weight
	}
	return sum%10 == 0
}
