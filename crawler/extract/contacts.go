package extract

import (
	"regexp"
	"strings"

	"github.com/markwatch/markwatch"
)

// The ways in which sellers write how to reach them: as words, abbreviated,
// with pictures for letters.
var (
	wechatPattern = regexp.MustCompile(`(?i)(?:微\s*信|薇\s*信|威\s*信|徽\s*信|卫\s*星|微\s*芯|wechat|weixin|\bwx\b|\bvx\b|v\s*❤|薇\s*❤|加\s*(?:v|薇|威|微)|➕\s*(?:v|薇|微)|\+\s*(?:v|薇|微)|v信|(?:^|[\s,;:\x{ff0c}。(])(?:薇|威|徽)\s*:)(?:号|id|公众号|同号)?\s*[:;=号\-—>→]*\s*([a-z][-_a-z0-9]{5,19}|1[3-9]\d{9})\b`)
	qqPattern     = regexp.MustCompile(`(?i)(?:\bqq\b|q\s*q|扣\s*扣|企鹅|球球|叩叩)(?:号|群|交流群)?\s*[:;=号群]*\s*([1-9]\d{4,10})\b`)
	phonePattern  = regexp.MustCompile(`(?:^|[^\d.])((?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?:$|[^\d.])`)
	linePattern   = regexp.MustCompile(`(?:^|[^\d-])(0\d{2,3}[- ]\d{7,8}|400[- ]?\d{3}[- ]?\d{4})(?:$|[^\d-])`)
	emailPattern  = regexp.MustCompile(`(?i)\b[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,10}\b`)
)

// maxContacts bounds the contacts of one listing.
const maxContacts = 20

// contactsIn finds ways to reach a seller in a text: as shown, and normalised.
func contactsIn(text string) (shown []string, accounts []markwatch.Account) {
	seen := map[markwatch.Account]bool{}
	add := func(kind, as, v string) {
		a := markwatch.Account{Kind: kind, Value: v}
		if v == "" || seen[a] || len(accounts) >= maxContacts {
			return
		}
		seen[a] = true
		shown = append(shown, strings.Trim(squeeze(as), " ,;:(。\uff0c"))
		accounts = append(accounts, a)
	}
	for line := range strings.SplitSeq(text, "\n") {
		contactsOfLine(fold(line), add)
	}
	return shown, accounts
}

var wechatHints = newWords("微", "薇", "威", "徽", "卫星", "wechat", "weixin", "wx", "vx", "v❤", "加v", "+v", "➕", "v信")
var qqHints = newWords("qq", "q q", "扣", "企鹅", "球球", "叩叩")

// contactsOfLine looks for a pattern only where a cheap sign of it stands.
func contactsOfLine(s string, add func(kind, as, v string)) {
	digits := countDigits(s)
	if digits < 5 && !strings.Contains(s, "@") && len(s) > 400 {
		return
	}
	lower := strings.ToLower(s)
	if wechatHints.in(lower) {
		for _, m := range wechatPattern.FindAllStringSubmatch(s, maxContacts) {
			add("wechat", m[0], strings.ToLower(m[1]))
		}
	}
	if digits >= 5 && qqHints.in(lower) {
		for _, m := range qqPattern.FindAllStringSubmatch(s, maxContacts) {
			add("qq", m[0], m[1])
		}
	}
	if digits >= 10 {
		for _, m := range phonePattern.FindAllStringSubmatch(s, maxContacts) {
			number := onlyDigits(m[1])
			add("phone", m[1], "+86"+number[len(number)-11:])
		}
		for _, m := range linePattern.FindAllStringSubmatch(s, maxContacts) {
			add("phone", m[1], "+86"+strings.TrimPrefix(onlyDigits(m[1]), "0"))
		}
	}
	if strings.Contains(s, "@") {
		for _, m := range emailPattern.FindAllString(s, maxContacts) {
			add("email", m, strings.ToLower(m))
		}
	}
}

func countDigits(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if digit(s[i]) {
			n++
		}
	}
	return n
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
