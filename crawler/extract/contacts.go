package extract

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"

	"github.com/markwatch/markwatch"
)

// The ways in which sellers write how to reach them: as words, abbreviated,
// with pictures for letters.
var (
	wechatPattern = regexp.MustCompile(`(?i)(?:微\s*信|薇\s*信|威\s*信|徽\s*信|卫\s*星|微\s*芯|wechat|weixin|\bwx\b|\bvx\b|v\s*❤|薇\s*❤|加\s*(?:v|薇|威|微)|➕\s*(?:v|薇|微)|\+\s*(?:v|薇|微)|v信|(?:^|[\s,;:\x{ff0c}。(])(?:薇|威|徽)\s*:)(?:号|id|公众号|同号)?\s*[:;=号\-—>→]*\s*([a-z][-_a-z0-9]{5,19}|1[3-9]\d{9})\b`)
	qqPattern     = regexp.MustCompile(`(?i)(?:\bqq\b|q\s*q|扣\s*扣|企鹅|球球|叩叩)(?:号|群|交流群)?\s*[:;=号群]*\s*([1-9]\d{4,10})\b`)
	phonePattern  = regexp.MustCompile(`(?:^|[^\d.])((?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?:$|[^\d.])`)
	linePattern   = regexp.MustCompile(`(?:^|[^\d-])(\(?0\d{2,3}\)?[- ]?\d{7,8}(?:-\d{1,5})?|[48]00[- ]?\d{3}[- ]?\d{4})(?:$|[^\d-])`)
	// a number behind a word for telephones is one of the page's own country
	calledPattern = regexp.MustCompile(`(?i)(?:\btel(?:efono|éfono|efone|efon|ephone)?\b|\bphone\b|\bmobile\b|\bwhatsapp\b|\bhandy\b|téléphone|\bcall\b|电话|電話|手机|座机|热线|传真|телефон|тел\.|전화|טלפון|điện thoại|โทร)\s*(?:no|nr|number)?\.?\s*[:\x{ff1a}]?\s*(\+?[\d(][\d ()./-]{6,20}\d)`)
	alipayPattern = regexp.MustCompile(`(?i)(?:支付宝|alipay|zfb)(?:账号|帐号|账户|号)?\s*[:\x{ff1a}]?\s*(1[3-9]\d{9}|[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,10})\b`)
	abroadPattern = regexp.MustCompile(`\+[1-9](?:[ ().-]{0,2}\d){7,14}`)
	emailPattern  = regexp.MustCompile(`(?i)\b[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,10}\b`)
)

// maxContacts bounds the contacts of one listing.
const maxContacts = 20

// contactsIn finds ways to reach a seller in a text: as shown, and normalised.
// region is the country of the page, ISO 3166 in any case, for numbers written
// without their country's code; where it is empty, words in Chinese say China.
func contactsIn(text, region string) (shown []string, accounts []markwatch.Account) {
	region = phoneRegion(region)
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
		if !mayReach(line) {
			continue
		}
		s := fold(line)
		contactsOfLine(s, region, add)
		if plain := plainDigits(s); plain != s {
			contactsOfLine(plain, region, add)
		}
	}
	return shown, accounts
}

// mayReach is a quick look: a number, an address or a name of a channel.
func mayReach(line string) bool {
	digits, han := 0, 0
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case digit(c):
			digits++
		case c == '@':
			return true
		case c >= 0x80:
			han++
		}
	}
	// a disguised number is of characters of three bytes; names of channels
	// stand before ids, which have Latin letters or digits
	return digits >= 5 || han >= 3*minDisguised || wechatHints.in(strings.ToLower(line))
}

var (
	calledHints = newWords("tel", "phone", "mobile", "whatsapp", "handy", "télé", "call", "电话", "電話", "手机", "座机", "热线", "传真", "телефон", "тел.", "전화", "טלפון", "điện thoại", "โทร")
	alipayHints = newWords("支付宝", "alipay", "zfb")
)

var wechatHints = newWords("微", "薇", "威", "徽", "卫星", "wechat", "weixin", "wx", "vx", "v❤", "加v", "+v", "➕", "v信")
var qqHints = newWords("qq", "q q", "扣", "企鹅", "球球", "叩叩")

// contactsOfLine looks for a pattern only where a cheap sign of it stands.
func contactsOfLine(s, region string, add func(kind, as, v string)) {
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
		if strings.Contains(s, "+") {
			for _, m := range abroadPattern.FindAllString(s, maxContacts) {
				if number := international(m); number != "" && !strings.HasPrefix(number, "+86") {
					add("phone", m, number)
				}
			}
		}
		for _, m := range linePattern.FindAllStringSubmatch(s, maxContacts) {
			main := m[1]
			if at := strings.LastIndexByte(main, '-'); at > 8 && len(main)-at <= 6 {
				main = main[:at] // an extension
			}
			add("phone", m[1], called(main, "CN"))
		}
	}
	if digits >= 7 && calledHints.in(lower) {
		for _, m := range calledPattern.FindAllStringSubmatch(s, maxContacts) {
			from := region
			if from == "ZZ" && strings.ContainsFunc(m[0], isHan) {
				from = "CN"
			}
			add("phone", m[1], called(m[1], from))
		}
	}
	if alipayHints.in(lower) {
		for _, m := range alipayPattern.FindAllStringSubmatch(s, maxContacts) {
			value := strings.ToLower(m[1])
			if onlyDigits(value) == value {
				value = "+86" + value
			}
			add("alipay", m[0], value)
		}
	}
	if strings.Contains(s, "@") {
		for _, m := range emailPattern.FindAllString(s, maxContacts) {
			add("email", m, strings.ToLower(m))
		}
	}
}

// hanDigits are digits written as characters, in the ways that people disguise
// numbers; 幺 is one as it is said on the telephone.
var hanDigits = map[rune]byte{'零': '0', '〇': '0', '○': '0', '一': '1', '壹': '1', '幺': '1', '二': '2', '贰': '2', '两': '2', '三': '3', '叁': '3', '四': '4', '肆': '4', '五': '5', '伍': '5', '六': '6', '陆': '6', '七': '7', '柒': '7', '八': '8', '捌': '8', '九': '9', '玖': '9',
	'①': '1', '②': '2', '③': '3', '④': '4', '⑤': '5', '⑥': '6', '⑦': '7', '⑧': '8', '⑨': '9', '⓪': '0', '❶': '1', '❷': '2', '❸': '3', '❹': '4', '❺': '5', '❻': '6', '❼': '7', '❽': '8', '❾': '9'}

// minDisguised is the least length of a number that is taken for a disguised
// one; fewer digits in characters are a count.
const minDisguised = 7

// plainDigits writes long numbers out that are disguised by characters for
// digits or by marks between the digits: 一三八零零一三八零零零, 1③8·0013·8000.
func plainDigits(s string) string {
	if len(s) > 4000 {
		return s
	}
	suspect := false
	for _, r := range s {
		if hanDigits[r] != 0 || r == 0x20e3 || r == '·' || r == '*' || r == '~' || r == '_' || r == '。' || r == '、' {
			suspect = true
			break
		}
	}
	if !suspect {
		return s
	}
	var b, number strings.Builder
	var raw, marks []rune
	disguised := false
	flush := func() {
		if disguised && number.Len() >= minDisguised {
			b.WriteString(number.String())
		} else {
			b.WriteString(string(raw))
		}
		b.WriteString(string(marks))
		number.Reset()
		raw, marks, disguised = raw[:0], marks[:0], false
	}
	for _, r := range s {
		d, han := hanDigits[r]
		switch {
		case r >= '0' && r <= '9' || han:
			if !han {
				d = byte(r)
			}
			disguised = disguised || han || len(marks) > 0
			raw = append(append(raw, marks...), r)
			marks = marks[:0]
			number.WriteByte(d)
		case number.Len() > 0 && (r == 0xfe0f || r == 0x20e3): // keycaps: a digit and two marks
			raw = append(raw, r)
			disguised = true
		case number.Len() > 0 && len(marks) < 2 && strings.ContainsRune("·*~_。、.", r):
			marks = append(marks, r)
		default:
			flush()
			b.WriteRune(r)
		}
	}
	flush()
	return b.String()
}

// phoneRegion is a country as libphonenumber names it.
func phoneRegion(region string) string {
	switch region = strings.ToUpper(region); region {
	case "":
		return "ZZ"
	case "UK":
		return "GB"
	}
	return region
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// called reads a number as it is dialled in a region, by the rules of
// libphonenumber; it returns "" where no such number can be called.
func called(s, region string) string {
	n, err := phonenumbers.Parse(s, region)
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return ""
	}
	return phonenumbers.Format(n, phonenumbers.E164)
}

// international reads a number with its country's code, by the rules of
// libphonenumber; it returns "" where no such number can be called.
func international(s string) string {
	return called(s, "ZZ")
}

// linkedContacts reads the links that call, write or chat.
func (d *Document) linkedContacts(shown []string, accounts []markwatch.Account) ([]string, []markwatch.Account) {
	for _, i := range d.anchors {
		href := strings.TrimSpace(attr(d.elems[i].n, "href"))
		scheme, rest, ok := strings.Cut(href, ":")
		if !ok || len(scheme) > 8 || len(rest) > 200 || d.elems[i].flags&(inChrome|inAside) != 0 {
			continue
		}
		rest, _, _ = strings.Cut(strings.TrimPrefix(rest, "//"), "?")
		a := markwatch.Account{}
		switch strings.ToLower(scheme) {
		case "tel":
			if n := called(rest, phoneRegion(d.locale.region)); n != "" {
				a = markwatch.Account{Kind: "phone", Value: n}
			}
		case "mailto":
			a = markwatch.Account{Kind: "email", Value: strings.ToLower(emailPattern.FindString(rest))}
		}
		if a.Value == "" || slices.Contains(accounts, a) || len(accounts) >= maxContacts {
			continue
		}
		shown, accounts = append(shown, firstText(d.inside(i), rest)), append(accounts, a)
	}
	return shown, accounts
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
