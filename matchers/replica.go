package matchers

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/text"
)

// Replica finds what sellers, streamers and buyers say of copies, and brand
// names that were disguised on purpose.
var Replica = Matcher{
	Name: "replica",
	Doc:  "words for copies, disguised brand names, and ways to sell that honest shops avoid",
	New:  newReplica,
}

// codedName is how sellers say a house without its name: G家, lu家, 卡*家, with
// a picture between (L🏇家).
var codedName = regexp.MustCompile(`(?:^|[^A-Za-z])[A-Za-z]{1,3}[\p{So}\x{FE0F}]{0,3}家(?:[^A-Za-z居庭电具里人长用]|$)|\p{Han}\*+家|[A-Za-z]{1,2}\*+[A-Za-z]{1,6}`)

func itoa(n int) string { return strconv.Itoa(n) }

// wordRule is a rule that fires on the words of some lexicons.
type wordRule struct {
	matcher, rule string
	violation     markwatch.Violation
	lexicons      []string
	// paths limits the fields; empty is all.
	paths []string
	// asserted drops what is denied in the same clause.
	asserted bool
	role     markwatch.Role
	zh, en   string
}

// signal sums the words up.
func (w wordRule) signal(r *reading) (signal, bool) {
	return w.of(r, w.mentions(r))
}

// mentions are those that the rule counts.
func (w wordRule) mentions(r *reading) []mention {
	ms := r.all(w.lexicons...)
	if len(w.paths) > 0 {
		ms = r.within(ms, w.paths...)
	}
	if w.asserted {
		ms = r.asserted(ms)
	}
	return ms
}

// of sums mentions up: the strongest one counts in full, others add.
func (w wordRule) of(r *reading, ms []mention) (signal, bool) {
	if len(ms) == 0 {
		return signal{}, false
	}
	strength := sumUp(ms)
	s := signal{matcher: w.matcher, rule: w.rule, violation: w.violation, strength: strength}
	words := map[string]bool{}
	var quoted []string
	for _, m := range ms {
		if len(quoted) >= 5 {
			break
		}
		if covered(m, ms) {
			continue
		}
		q := r.quote(m, w.role)
		if words[q.Text] {
			continue
		}
		words[q.Text] = true
		quoted = append(quoted, q.Text)
		s.evidence = append(s.evidence, q)
	}
	s.reason = markwatch.Text{ZH: w.zh + ":" + strings.Join(quoted, "、"), EN: w.en + ": " + strings.Join(quoted, ", ")}
	return s, true
}

// sumUp adds the weights of different terms, not of one inside another, as chances that are independent
// only in part: 1-Π(1-w/2) beyond the strongest.
func sumUp(ms []mention) float64 {
	best, rest := 0.0, 1.0
	seen := map[*entry]bool{}
	for _, m := range ms {
		if seen[m.entry] || covered(m, ms) {
			continue
		}
		seen[m.entry] = true
		w := m.entry.weight
		if w > best {
			best, w = w, best
		}
		rest *= 1 - w/2
	}
	return math.Min(1.5, best+0.5*(1-rest))
}

// covered says that a longer mention holds this one.
func covered(m mention, ms []mention) bool {
	return slices.ContainsFunc(ms, func(n mention) bool {
		return n.field == m.field && n.hit.At <= m.hit.At && n.hit.To >= m.hit.To && n.hit.To-n.hit.At > m.hit.To-m.hit.At
	})
}

var replicaRules = []wordRule{
	{"replica", "wording", markwatch.Counterfeit, []string{"replica"}, nil, true, markwatch.RoleClaim, "使用仿冒货用语", "words for copies"},
	{"replica", "hint", markwatch.Counterfeit, []string{"hint"}, nil, false, markwatch.RoleContext, "暗示品牌不便明说", "hints that the brand may not be named"},
	{"replica", "withheld-brand", markwatch.Counterfeit, []string{"withheld-brand"}, nil, false, markwatch.RoleSubject, "有意不写品牌", "the brand is left out on purpose"},
	{"replica", "house-code", markwatch.Counterfeit, []string{"house-code"}, []string{"title", "description"}, false, markwatch.RoleSubject, "以行话指称品牌", "the trade's word for a house"},
	{"replica", "grey-sale", markwatch.Counterfeit, []string{"grey-sale", "supply"}, nil, true, markwatch.RoleContext, "销售方式反常", "a way to sell that honest shops avoid"},
	{"replica", "complaint", markwatch.Counterfeit, []string{"complaint"}, []string{"text", "attributes.", "description"}, false, markwatch.RoleFact, "评论或直播露出破绽", "buyers or the seller let slip"},
	{"replica", "packaging", markwatch.Counterfeit, []string{"packaging", "empty-package"}, nil, true, markwatch.RoleFact, "出售造假包材", "materials for making fakes"},
}

func newReplica(k kit) (check, error) {
	brands := k.knowledge.Lists.Brands
	return func(r *reading) []signal {
		var out []signal
		standings := r.standings(brands)
		for _, w := range replicaRules {
			if s, ok := w.signal(r); ok {
				out = append(out, s)
			}
		}
		if s, ok := materialsToOrder(r); ok {
			out = append(out, s)
		}
		hub := wordRule{"replica", "hub", markwatch.Counterfeit, []string{"hub"}, nil, false, markwatch.RoleContext, "发货或经营地为仿冒货多发地", "dispatched from a place known for copies"}
		if s, ok := hub.of(r, r.within(r.all("hub"), "ships_from", "seller.region", "seller.name", "attributes.")); ok {
			if r.believable(standings, k.knowledge.Rates) {
				s.strength *= hubBelievable
			}
			out = append(out, s)
		}
		for _, st := range standings {
			out = append(out, subjectSignals(r, st)...)
		}
		for i := range r.fields {
			f := &r.fields[i]
			if f.path != "title" && f.path != "description" || !strings.Contains(f.text, "家") && !strings.Contains(f.text, "*") {
				continue
			}
			if m := codedName.FindStringIndex(f.text); m != nil {
				start, end := runeSpan(f.text, m[0], m[1])
				q := r.span(i, start, end, markwatch.RoleSubject)
				out = append(out, signal{matcher: "replica", rule: "coded-name", violation: markwatch.Counterfeit, strength: 1,
					reason:   markwatch.Text{ZH: "以代号指称品牌:" + q.Text, EN: "refers to the brand by a code: " + q.Text},
					evidence: []markwatch.Evidence{q}})
				break
			}
		}
		hidden := slices.ContainsFunc(out, func(s signal) bool {
			return s.rule == "withheld-brand" || s.rule == "house-code" || s.rule == "coded-name"
		})
		if len(standings) == 0 && len(out) > 0 && !hidden && !speaksTrade(r) {
			out = append(out, signal{
				matcher: "replica", rule: "no-brand", violation: markwatch.Counterfeit, strength: 1,
				reason: say("未见受保护品牌", "no protected brand is named"),
			})
		}
		return out
	}, nil
}

// speaksTrade says that the offer names copies by two words that have no other
// use: whose goods they copy may then be left to the picture.
func speaksTrade(r *reading) bool {
	ms := r.asserted(r.within(r.all("replica"), "title", "description"))
	return distinctWords(slices.DeleteFunc(ms, func(m mention) bool { return m.entry.weight < unmistakable })) >= 2
}

// unmistakable is the weight of words of the trade that have no other use.
const unmistakable = 0.85

// hubBelievable is how much a place known for copies says where the price is
// that of the genuine article, or the article was worn by its owner.
const hubBelievable = 0.4

// believable says that the price is one at which the brand's goods are sold, or
// that the goods are second-hand.
func (r *reading) believable(standings []standing, rates markwatch.Rates) bool {
	if r.usedGoods() {
		return true
	}
	price, ok := r.offered(rates)
	if !ok || price.unfit != "" {
		return false
	}
	for _, st := range standings {
		ref, floor, _, _ := reference(st, rates)
		if st.product != nil && ref > 0 && price.cny >= ref*floor {
			return true
		}
	}
	return false
}

// subjectSignals are what the naming of a brand says by itself.
func subjectSignals(r *reading, st standing) []signal {
	if st.disguised == nil && (st.byProduct || st.title && st.product == nil) {
		return nil
	}
	var out []signal
	add := func(rule string, strength float64, reason markwatch.Text, ms ...mention) {
		s := signal{matcher: "replica", rule: rule, violation: markwatch.Counterfeit, subject: st.brand.ID, strength: strength, reason: reason}
		for _, m := range ms {
			s.evidence = append(s.evidence, r.quote(m, markwatch.RoleSubject))
		}
		out = append(out, s)
	}
	if d := st.disguised; d != nil {
		add("disguised-name", 1, markwatch.Text{
			ZH: "品牌名经过伪装:" + r.quote(*d, "").Text + "(" + disguiseZH(*d) + ")",
			EN: "the brand's name is disguised: " + r.quote(*d, "").Text,
		}, *d)
	}
	if !st.title && st.disguised == nil && !st.byProduct {
		add("not-in-title", 1, markwatch.Text{ZH: "标题未写品牌名", EN: "the title does not name the brand"}, st.names[0])
	}
	if st.product != nil && !st.byProduct {
		add("product-line", 1, markwatch.Text{ZH: "点名该品牌的产品线:" + st.product.Name, EN: "names a product line of the brand: " + st.product.Name}, st.productName)
	}
	return out
}

func disguiseZH(m mention) string {
	var how []string
	switch {
	case m.entry.initials:
		how = append(how, "首字母代称")
	case m.entry.code:
		how = append(how, "以“某家”代称")
	}
	for _, k := range []struct {
		d  text.Disguise
		zh string
	}{
		{text.DisguiseMarks, "插入符号"}, {text.DisguiseSpaces, "插入空格"}, {text.DisguiseHidden, "插入不可见字符"},
		{text.DisguiseLookalike, "形近字母"}, {text.DisguiseLeet, "数字或符号代替字母"}, {text.DisguiseRepeat, "重复字母"}, {text.DisguiseMasked, "星号代替字母"},
		{text.DisguisePinyin, "拼音代替汉字"}, {text.DisguiseSound, "同音字或拼音"},
		{text.DisguiseInitial, "首字母代替汉字"}, {text.DisguiseSplit, "拆字"}, {text.DisguisePicture, "图形代替文字"}, {text.DisguiseShape, "形近字"},
	} {
		if m.hit.Disguise&k.d != 0 {
			how = append(how, k.zh)
		}
	}
	return strings.Join(how, "、")
}
