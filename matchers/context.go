package matchers

import (
	"maps"
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/text"
)

// Context finds what makes an offer innocent, or less suspect, of the three
// violations: its signals lower scores and never flag.
var Context = Matcher{
	Name: "context",
	Doc:  "authorised shops, accessories, second-hand goods, denial, education, services and other innocent settings",
	New:  newContext,
}

// builtinViolations are those that settings lower; the rules of packs bring
// their own words that must not be found.
var builtinViolations = [...]markwatch.Violation{markwatch.Counterfeit, markwatch.FakeOverseas, markwatch.Piracy}

// settings are words that lower scores; the weights say of which violation and
// how much. Merchandise clears of copying a work, not of faking a brand: a
// necklace is the very thing that is faked.
var settings = []wordRule{
	{rule: "second-hand", lexicons: []string{"second-hand"}, paths: []string{"title", "description"}, asserted: true, zh: "二手或自用物品", en: "second-hand goods"},
	{rule: "education", lexicons: []string{"education"}, paths: []string{"title", "description"}, zh: "鉴别、科普内容", en: "education"},
	{rule: "news", lexicons: []string{"news"}, paths: []string{"title", "description"}, zh: "新闻报道", en: "news"},
	{rule: "service", lexicons: []string{"service"}, paths: []string{"title", "description"}, asserted: true, zh: "提供服务而非售货", en: "a service, not goods"},
	{rule: "denial", lexicons: []string{"denial"}, paths: []string{"title", "description", "text", "attributes."}, zh: "声明并非该品牌或并非仿品", en: "denies being the brand or a copy"},
	{rule: "comparison", lexicons: []string{"comparison"}, paths: []string{"title", "description"}, zh: "与品牌比较", en: "a comparison"},
	{rule: "sample", lexicons: []string{"sample"}, paths: []string{"title", "quantity"}, zh: "小样或试用装", en: "a sample"},
	{rule: "official-claim", lexicons: []string{"official"}, paths: []string{"title", "description", "seller.name", "text"}, zh: "自称官方或授权", en: "says it is official or authorised"},
	{rule: "accessory-words", lexicons: []string{"accessory"}, paths: []string{"title", "category", "attributes."}, zh: "配件或适用品", en: "an accessory"},
	{rule: "homonym", lexicons: []string{"homonym"}, paths: []string{"title", "category"}, zh: "名称另有所指", en: "the name means something else"},
	{rule: "parallel", lexicons: []string{"parallel"}, zh: "平行进口并说明手续", en: "parallel import"},
	{rule: "customs", lexicons: []string{"customs"}, asserted: true, zh: "说明海关手续", en: "customs steps are stated"},
	{rule: "bonded", lexicons: []string{"bonded"}, zh: "保税进口", en: "bonded import"},
	{rule: "slow", lexicons: []string{"slow"}, zh: "不承诺快速发货", en: "promises no speed"},
	{rule: "few", violation: markwatch.FakeOverseas, lexicons: []string{"few-pieces"}, paths: []string{"title", "description", "text"}, asserted: true, zh: "只有自己带回的一两件", en: "only a piece or two that were carried home"},
	{rule: "merch", violation: markwatch.Piracy, lexicons: []string{"merch"}, paths: []string{"title", "description", "category"}, zh: "周边商品", en: "merchandise"},
	{rule: "ticket", lexicons: []string{"ticket"}, paths: []string{"title", "description", "category"}, zh: "票务", en: "tickets"},
	{rule: "own-work", lexicons: []string{"own-work"}, asserted: true, zh: "自己的作品", en: "the seller's own work"},
	{rule: "public-domain", lexicons: []string{"public-domain"}, zh: "公有领域或开源", en: "public domain or open source"},
	{rule: "licensed", lexicons: []string{"licensed"}, asserted: true, zh: "说明授权来源", en: "states a licence"},
	{rule: "library", lexicons: []string{"library"}, paths: []string{"title", "description"}, zh: "借阅", en: "lending"},
	{rule: "review", lexicons: []string{"review"}, paths: []string{"title", "description"}, zh: "评论与讨论", en: "a review"},
}

// ofGoods are settings that clear goods. Where the means to forge an origin are
// for sale, the same words (清关, 小票, 贴纸) describe the forgery.
var ofGoods = [...]string{"customs", "bonded", "slow", "parallel", "accessory-words", "sample", "service", "review", "official-claim", "comparison", "homonym", "second-hand"}

func newContext(k kit) (check, error) {
	brands, works := k.knowledge.Lists.Brands, k.knowledge.Lists.Works
	return func(r *reading) []signal {
		if len(r.suspected) == 0 {
			return nil
		}
		var out []signal
		everywhere := func(s signal) {
			s.matcher = "context"
			for _, v := range builtinViolations {
				if s.violation != "" && s.violation != v {
					continue
				}
				if v == markwatch.FakeOverseas && r.forgery && slices.Contains(ofGoods[:], s.rule) {
					continue
				}
				if slices.Contains(r.suspected, v) {
					of := s
					of.violation = v
					out = append(out, of)
				}
			}
		}
		for _, w := range settings {
			w.matcher, w.role = "context", markwatch.RoleContext
			ms := w.mentions(r)
			if w.rule == "merch" {
				ms = r.notGiven(ms)
			}
			if s, ok := w.of(r, ms); ok {
				everywhere(s)
			}
		}
		for _, s := range offerSignals(r) {
			everywhere(s)
		}
		for _, st := range r.standings(brands) {
			out = append(out, roleSignals(r, st)...)
		}
		for _, i := range slices.Sorted(maps.Keys(r.works)) {
			w := &works[i]
			if r.officialShop(w.Official.Shops, w.Official.Domains) {
				out = append(out, signal{
					matcher: "context", rule: "official", violation: markwatch.Piracy, subject: w.ID, strength: 1,
					reason: say("在该作品的官方渠道", "an official outlet of the work"), evidence: sellerEvidence(r),
				})
			}
		}
		return out
	}, nil
}

// notGiven drops what is only given with the goods: 买三本送书签.
func (r *reading) notGiven(ms []mention) []mention {
	return slices.DeleteFunc(ms, func(m mention) bool {
		t := &r.fields[m.field].folded
		for i := m.hit.At - 1; i >= 0 && i >= m.hit.At-giftReach; i-- {
			if t.Gap(i+1)&^text.GapHidden >= text.GapStop {
				return false
			}
			if c := t.Runes[i]; c == '送' || c == '赠' {
				return true
			}
		}
		return false
	})
}

// giftReach is how many letters may stand between a word of giving and the
// gift.
const giftReach = 6

func sellerEvidence(r *reading) []markwatch.Evidence {
	if s := r.listing.Seller; s != nil && s.Name != "" {
		return []markwatch.Evidence{r.whole("seller.name", markwatch.RoleContext)}
	}
	return nil
}

// offerSignals are facts of the offer that no word says.
func offerSignals(r *reading) []signal {
	l := r.listing
	var out []signal
	add := func(rule, zh, en string, evidence ...markwatch.Evidence) {
		out = append(out, signal{rule: rule, strength: 1, reason: markwatch.Text{ZH: zh, EN: en}, evidence: evidence})
	}
	if l.Condition == markwatch.ConditionUsed || l.Condition == markwatch.ConditionRefurbished {
		add("used", "页面标明为二手", "the page says used", markwatch.Evidence{Field: "condition", Text: string(l.Condition), Role: markwatch.RoleContext})
	}
	if s := l.Seller; s != nil {
		switch s.Kind {
		case markwatch.SellerFlagship:
			add("flagship", "店铺标示为旗舰店", "the shop is marked as a flagship", sellerEvidence(r)...)
		case markwatch.SellerPersonal:
			add("personal", "个人卖家", "a personal seller")
		}
		if len(s.Contacts) > 0 {
			add("contact", "页面留有站外联系方式", "contacts outside the platform", r.whole("seller.contacts[0]", markwatch.RoleContext))
		}
	}
	if l.Price == nil || l.Price.Amount.IsZero() {
		add("no-price", "没有标价", "no price")
		// Passages are copied without a price too.
		if r.reports() && !slices.Contains(r.suspected, markwatch.Piracy) {
			add("report", "新闻或科普,没有价格、联系方式和供货用语", "news or a lesson without a price, a contact or words of supply")
		}
	}
	return out
}

// reports says that the page tells news or teaches and offers nothing: no share,
// no contact, no words of supply. A price was looked for before.
func (r *reading) reports() bool {
	if len(r.within(r.all("news", "education"), "title", "description")) == 0 || len(r.listing.Shares) > 0 {
		return false
	}
	if s := r.listing.Seller; s != nil && len(s.Contacts)+len(s.Accounts) > 0 {
		return false
	}
	return len(r.asserted(r.within(r.all("contact", "supply", "grey-sale", "hint"), "title", "description", "text"))) == 0
}

// generic brand declarations name nobody.
var genericBrand = []string{"无", "其他", "其它", "other", "见图", "none", "oem", "无品牌", "nobrand", "unbranded", "白牌", "定制", "无可定制", "其他other", "otherother", "见描述", "中性", "na", "见实物"}

// namesNobody says that a brand field holds generic words only: other/其他.
func namesNobody(letters string) bool {
	if slices.Contains(genericBrand, letters) {
		return true
	}
	for _, word := range genericBrand {
		if rest, ok := strings.CutPrefix(letters, word); ok && slices.Contains(genericBrand, rest) {
			return true
		}
	}
	return false
}

// roleSignals tell a brand's goods from goods that only mention it.
func roleSignals(r *reading, st standing) []signal {
	var out []signal
	add := func(rule string, strength float64, zh, en string, evidence ...markwatch.Evidence) {
		out = append(out, signal{
			matcher: "context", rule: rule, violation: markwatch.Counterfeit, subject: st.brand.ID, strength: strength,
			reason: markwatch.Text{ZH: zh, EN: en}, evidence: evidence,
		})
	}
	if st.official {
		add("official", 1, "在该品牌名录中的授权店铺或域名", "an authorised shop or domain of the brand", sellerEvidence(r)...)
		out = append(out, signal{
			matcher: "context", rule: "official", violation: markwatch.FakeOverseas, strength: 1,
			reason: say("品牌授权店铺", "an authorised shop"), evidence: sellerEvidence(r),
		})
	}
	if other, e := r.declaredOther(st); other {
		add("other-brand", 1, "页面声明的品牌是另一个:"+e.Text, "the page declares another brand: "+e.Text, e)
	}
	// A page that declares the brand and names the part behind it sells, or
	// says that it sells, the brand's own part.
	if m, ok := r.forBrand(st); ok && (!st.declared || m.hit.At <= st.names[0].hit.At || m.field != st.names[0].field) {
		add("made-for", 1, "品牌名只说明适用对象:"+r.quote(m, "").Text, "the brand is only named as what it fits: "+r.quote(m, "").Text, r.quote(m, markwatch.RoleContext))
	}
	if m, ok := r.deniedBrand(st); ok {
		add("denied-brand", 1, "声明并非该品牌", "says that it is not the brand", r.quote(m, markwatch.RoleContext))
	}
	if st.doubt > 0 {
		add("ambiguous-name", st.doubt, "该名称也是普通词语,周围没有该品牌的品类", "the name is an ordinary word too and none of the brand's goods stand around it", r.quote(st.names[0], markwatch.RoleContext))
	}
	if st.byProduct {
		add("product-only", 1, "只写了产品线名称,未写品牌", "names a product line but not the brand", r.quote(st.names[0], markwatch.RoleContext))
	}
	if !st.title && !st.declared {
		add("only-mentioned", 1, "标题与品牌栏均未出现该品牌", "neither title nor brand field names the brand", r.quote(st.names[0], markwatch.RoleContext))
	}
	return out
}

// declaredOther says that the page's brand field names somebody else.
func (r *reading) declaredOther(st standing) (bool, markwatch.Evidence) {
	for i := range r.fields {
		f := &r.fields[i]
		if f.path != "brand" && !isBrandKey(f.path) || f.folded.Len() == 0 {
			continue
		}
		letters := f.folded.Letters()
		if namesNobody(letters) {
			continue
		}
		if slices.ContainsFunc(r.brands[st.index], func(m mention) bool { return m.field == i }) {
			return false, markwatch.Evidence{}
		}
		if strings.HasPrefix(letters, "见") {
			continue
		}
		return true, r.whole(f.path, markwatch.RoleContext)
	}
	return false, markwatch.Evidence{}
}

// forBrand says that the words before the brand's name in the title make it
// the thing that the goods are for: 适用…, compatible with ….
func (r *reading) forBrand(st standing) (mention, bool) {
	ms := r.within(r.all("accessory"), "title")
	for _, name := range st.names {
		if r.path(name) != "title" {
			continue
		}
		for _, m := range ms {
			if m.hit.To <= name.hit.At && name.hit.At-m.hit.To <= 24 && r.sameClause(name.field, m.hit.To, name.hit.At) {
				return m, true
			}
		}
		// The name runs straight into the word for the part: X吹风机支架.
		for _, m := range ms {
			if gap := m.hit.At - name.hit.To; gap >= 0 && gap <= 14 && r.unbroken(m.field, name.hit.To, m.hit.At) {
				return m, true
			}
		}
		// for, fits: the plain words of English.
		f := &r.fields[name.field].folded
		if at := name.hit.At; at >= 3 && string(f.Runes[at-3:at]) == "for" {
			return name, true
		}
	}
	return mention{}, false
}

// unbroken says that no gap and no word of giving stands between two letters
// of a field.
func (r *reading) unbroken(f, at, to int) bool {
	t := &r.fields[f].folded
	for i := at; i <= to && i < t.Len(); i++ {
		if t.Gap(i)&^text.GapHidden >= text.GapSpace && t.Gap(i)&^text.GapHidden != text.GapJoint || strings.ContainsRune("送赠附带含", t.Runes[i]) {
			return false
		}
	}
	return true
}

// deniedBrand says that a negation stands right before a name of the brand.
func (r *reading) deniedBrand(st standing) (mention, bool) {
	negations := r.all("negation")
	for _, name := range st.names {
		for _, n := range negations {
			if n.field == name.field && n.hit.To <= name.hit.At && name.hit.At-n.hit.To <= 6 && r.sameClause(name.field, n.hit.To, name.hit.At) {
				return n, true
			}
		}
	}
	return mention{}, false
}
