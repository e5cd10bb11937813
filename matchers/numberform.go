package matchers

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/markwatch/markwatch"
)

// numberForm recognises a number that an authority gives out.
type numberForm struct {
	like  *pattern // nil where only the announcing words tell
	forms []*regexp.Regexp
	check func(number string, at time.Time) numberFault
}

// numberFault says what is wrong with a number; the zero value is nothing.
type numberFault struct {
	kind string
	text markwatch.Text
}

// The kinds of fault.
const (
	faultForm    = "form"    // not written as such a number is
	faultCheck   = "check"   // the check sign is wrong
	faultFuture  = "future"  // given out in a year that is yet to come
	faultExpired = "expired" // its term is over
)

var numberChecks = map[string]func(string, time.Time) numberFault{
	"patent": checkPatent,
	"credit-code": func(s string, _ time.Time) numberFault {
		return checkCreditCode(s)
	},
}

func newNumberForm(f markwatch.NumberForm, s *sieve) (*numberForm, error) {
	n := &numberForm{}
	if f.Like != "" {
		re, err := s.compile("(?i)" + f.Like)
		if err != nil {
			return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "like")
		}
		n.like = &re
	}
	for _, form := range f.Forms {
		re, err := regexp.Compile("(?i)^(?:" + form + ")$")
		if err != nil {
			return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "forms")
		}
		n.forms = append(n.forms, re)
	}
	if f.Check != "" {
		check, ok := numberChecks[f.Check]
		if !ok {
			return nil, markwatch.Errorf(markwatch.CodeInvalid, "check: there is no check %q, only %s", f.Check, strings.Join(markwatch.NumberChecks(), ", "))
		}
		n.check = check
	}
	return n, nil
}

// numberSeen is one number on the page.
type numberSeen struct {
	found
	fault numberFault
}

// labelled is what stands behind the words that announce a number: some
// punctuation, then the number itself.
var labelled = regexp.MustCompile(`^[\s:：#№号码编为是第(\[【]{0,8}([0-9A-Za-z][0-9A-Za-z.\-/()〔〕\[\]]{3,40})`)

// unitBehind is what follows a figure that measures something and is no number
// of a document.
var unitBehind = regexp.MustCompile(`^\s*(?:毫安|mah|ml|毫升|元|件|个|人|年|月|天|万|千|斤|克|kg|g|w|瓦|v|伏|粒|片|%)`)

// leastDigits is how many digits an announced number has at the least.
const leastDigits = 4

// numbers finds the numbers of a lexicon: what is written like one anywhere,
// and what its words announce in text or as the name of an attribute.
func (r *reading) numbers(w *words) []numberSeen {
	if w.number == nil {
		return nil
	}
	var out []numberSeen
	add := func(f found) {
		if !slices.ContainsFunc(out, func(n numberSeen) bool { return n.field == f.field && f.start < n.end && n.start < f.end }) {
			out = append(out, numberSeen{f, w.number.judge(f.what, r.in.At)})
		}
	}
	for i := range r.fields {
		f := &r.fields[i]
		if w.number.like == nil || strings.HasPrefix(f.path, "tracking[") {
			continue
		}
		if !w.number.like.possible(r.sifted(i, w.number.like.sieve)) {
			continue
		}
		plain := r.plain(i)
		for _, at := range w.number.like.FindAllStringIndex(plain, maxPatternHits) {
			add(r.place(i, plain, at[0], at[1]))
		}
	}
	for _, m := range r.terms[w.concept] {
		plain := r.plain(m.field)
		from := len(cut(plain, 0, m.hit.End))
		at := labelled.FindStringSubmatchIndex(plain[from:])
		if at == nil {
			continue
		}
		number := strings.TrimRight(plain[from+at[2]:from+at[3]], ".-/([〔")
		if digitCount(number) >= leastDigits && !unitBehind.MatchString(strings.ToLower(plain[from+at[2]+len(number):])) {
			add(r.place(m.field, plain, from+at[2], from+at[2]+len(number)))
		}
	}
	for i, key := range r.labelledAttributes(w) {
		plain := narrow(r.listing.Attributes[key])
		if number := strings.TrimSpace(plain); digitCount(number) >= leastDigits && utf8.RuneCountInString(number) <= 60 {
			if !slices.ContainsFunc(out, func(n numberSeen) bool { return n.field == i }) {
				add(r.place(i, plain, 0, len(plain)))
			}
		}
	}
	return out
}

// attributeName is the name of an attribute, as a page writes it and folded.
type attributeName struct {
	field       int
	key, folded string
}

// labelledAttributes are the attributes whose names hold a word of the
// lexicon, by the index of their field.
func (r *reading) labelledAttributes(w *words) map[int]string {
	if len(r.attributeNames) == 0 {
		for i := range r.fields {
			if key, ok := strings.CutPrefix(r.fields[i].path, "attributes."); ok {
				r.attributeNames = append(r.attributeNames, attributeName{i, key, r.v.folder.Fold(key).Letters()})
			}
		}
	}
	var keys map[int]string
	for _, name := range r.attributeNames {
		if slices.ContainsFunc(w.labels, func(label string) bool { return strings.Contains(name.folded, label) }) {
			if keys == nil {
				keys = map[int]string{}
			}
			keys[name.field] = name.key
		}
	}
	return keys
}

// nothing are the ways to leave a field empty.
var nothing = regexp.MustCompile(`(?i)^(?:[^0-9]{0,8}[(\s])?(?:无|无需|无须|不必|没有|暂无|暂缺|缺|空|未填|未办|未登记|没办|没写|待发|待补|待办|办理中|申请中|审核中|不详|不清楚|未知|未见|商业机密|机密|保密|不公开|不提供|见\S{0,4}|咨询客服|问客服|另询|自测|自检|农场内部\S*|企业自检|none|n/?a|nil|unknown|pending|no|-+|—+|/+|\\+|x{2,}|\*+|\?+)(?:[)\s,,;。].*)?$`)

// excuse is what a seller writes for a number that he lacks: that it follows,
// that another serves, that it need not be, that the goods are for export.
var excuse = regexp.MustCompile(`(?i)补|代用|客服|出口|外贸|进口$|不需|不用|免办|另附|后续|稍后|私聊|私信|可贴|可选|自配|自制|过期|失效|注销|老证|借用|挂靠|同行|别家|通用|查不到|打码|水印|盖住|遮|看不清|涂|撕|丢|for export|on request|not required|to follow|expired`)

// blanks are the attributes of a lexicon that say that there is nothing.
func (r *reading) blanks(w *words) []found {
	var out []found
	for i, key := range r.labelledAttributes(w) {
		value := narrow(r.listing.Attributes[key])
		if plain := strings.TrimSpace(value); nothing.MatchString(plain) || excuse.MatchString(plain) && digitCount(plain) < leastDigits {
			out = append(out, r.place(i, value, 0, len(value)))
		}
	}
	slices.SortFunc(out, func(a, b found) int { return a.field - b.field })
	return out
}

// present is what an honest seller writes for a paper that goes with the goods
// or can be seen on the page.
var present = regexp.MustCompile(`(?i)^(?:有(?:$|[,,;。\s(]|效)|齐全|齐$|是$|随(?:箱|货|车|苗|附)|已(?:附|上传|公示|核验)|图\d|yes|included|attached|verified)`)

// unnumbered are the attributes of a lexicon whose value holds too few digits
// to be a number and does not say that the paper is there.
func (r *reading) unnumbered(w *words) []found {
	var out []found
	for i, key := range r.labelledAttributes(w) {
		value := narrow(r.listing.Attributes[key])
		if digitCount(value) < leastDigits && !present.MatchString(strings.TrimSpace(value)) {
			out = append(out, r.place(i, value, 0, len(value)))
		}
	}
	slices.SortFunc(out, func(a, b found) int { return a.field - b.field })
	return out
}

func digitCount(s string) int {
	n := 0
	for _, c := range s {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n
}

// judge says what is wrong with a number as it is written on the page.
func (n *numberForm) judge(number string, at time.Time) numberFault {
	plain := strings.ToUpper(strings.NewReplacer(" ", "", "\t", "").Replace(narrow(number)))
	fits := slices.ContainsFunc(n.forms, func(re *regexp.Regexp) bool { return re.MatchString(plain) })
	if !fits {
		return numberFault{faultForm, say("不是该类编号的格式", "is not written as such a number is")}
	}
	if n.check != nil {
		return n.check(plain, at)
	}
	return numberFault{}
}

// patentTerms are the years for which a patent holds, by the digit of its
// kind: inventions 20, utility models 10, designs 10, or 15 where filed since
// 2021-06-01 (专利法 42 of 2020). 8 and 9 are international applications.
var patentTerms = map[byte]int{'1': 20, '2': 10, '3': 15, '8': 20, '9': 10}

// checkPatent tests a Chinese patent number: ZL, the year of filing, the kind,
// a running number and the check digit (ZC 0006-2003), or the older form with
// a year of two digits. at is the day on which it is displayed.
// The numbers of other offices, and of publications, have no digit to test.
func checkPatent(number string, at time.Time) numberFault {
	if !strings.HasPrefix(number, "ZL") && len(number) > 2 && isLetter(number[0]) && isLetter(number[1]) {
		return numberFault{}
	}
	body, digit, ok := strings.Cut(strings.TrimPrefix(number, "ZL"), ".")
	if !ok || len(digit) != 1 || len(body) != 12 && len(body) != 8 || digitCount(body) != len(body) {
		return numberFault{faultForm, say("应为ZL、12位数字、小数点与校验位", "must be ZL, 12 digits, a point and a check digit")}
	}
	sum := 0
	for i := range body {
		sum += int(body[i]-'0') * (2 + i%8)
	}
	want := byte('X')
	if sum%11 < 10 {
		want = byte('0' + sum%11)
	}
	year, kind := number4(body), body[min(4, len(body)-1)]
	if len(body) == 8 {
		year, kind = 1900+int(body[0]-'0')*10+int(body[1]-'0'), body[2]
		if year < 1985 {
			year += 100
		}
	}
	term, known := patentTerms[kind]
	if kind == '3' && year < 2021 {
		term = 10
	}
	switch {
	case !known:
		return numberFault{faultForm, say("第5位不是专利种类(1发明、2实用新型、3外观设计、8、9)", "the fifth digit names no kind of patent")}
	case year < 1985:
		return numberFault{faultForm, say("申请年份早于1985年专利法施行", "the year of filing lies before the patent law of 1985")}
	case !at.IsZero() && year > at.Year():
		return numberFault{faultFuture, say("申请年份还没有到", "the year of filing is yet to come")}
	case digit[0] != want:
		return numberFault{faultCheck, say("校验位应为"+string(want), "the check digit must be "+string(want))}
	case !at.IsZero() && year+term < at.Year():
		return numberFault{faultExpired, say("保护期已于"+itoa(year+term)+"年届满", "its term ended in "+itoa(year+term))}
	}
	return numberFault{}
}

func number4(s string) int {
	n := 0
	for i := range 4 {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

const creditSigns = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// checkCreditCode tests the check sign of a 统一社会信用代码: the sum of the
// signs' values, weighted with the powers of 3 modulo 31, is a multiple of 31
// (GB 32100-2015).
func checkCreditCode(code string) numberFault {
	if len(code) != 18 {
		return numberFault{faultForm, say("应为18位", "must have 18 signs")}
	}
	sum, weight := 0, 1
	for i := range 18 {
		v := strings.IndexByte(creditSigns, code[i])
		if v < 0 {
			return numberFault{faultForm, say("含有不会出现的字符"+code[i:i+1], "holds the sign "+code[i:i+1]+", which does not occur")}
		}
		if i == 17 {
			weight = 1
		}
		sum += v * weight
		weight = weight * 3 % 31
	}
	if sum%31 != 0 {
		return numberFault{faultCheck, say("校验位不符", "the check sign is wrong")}
	}
	return numberFault{}
}
