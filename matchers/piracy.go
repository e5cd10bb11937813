package matchers

import (
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/text"
)

// Piracy finds protected works together with an offer of an unlicensed copy.
var Piracy = Matcher{
	Name: "piracy",
	Doc:  "a protected work with a share, crack, scan, stream, shared account or a print far below its price",
	New:  newPiracy,
}

var piracyRules = []wordRule{
	{"piracy", "netdisk", markwatch.Piracy, []string{"netdisk"}, nil, true, markwatch.RoleClaim, "以网盘或种子传递", "passed on by net disk or torrent"},
	{"piracy", "share-code", markwatch.Piracy, []string{"share-code"}, nil, true, markwatch.RoleFact, "附提取码", "with a code"},
	{"piracy", "copy-offer", markwatch.Piracy, []string{"copy-offer"}, nil, true, markwatch.RoleClaim, "出售复制品", "offers a copy"},
	{"piracy", "recording", markwatch.Piracy, []string{"recording"}, nil, true, markwatch.RoleClaim, "转售课程或资料", "resells courses or material"},
	{"piracy", "crack", markwatch.Piracy, []string{"crack"}, nil, true, markwatch.RoleClaim, "破解、密钥或私服", "cracks, keys or private servers"},
	{"piracy", "cam", markwatch.Piracy, []string{"cam"}, nil, true, markwatch.RoleClaim, "偷拍或抢先版", "camera copy or early release"},
	{"piracy", "account-share", markwatch.Piracy, []string{"account-share"}, nil, true, markwatch.RoleClaim, "共享或转卖账号", "shared or resold accounts"},
	{"piracy", "stream", markwatch.Piracy, []string{"stream"}, nil, true, markwatch.RoleClaim, "未经许可的在线传播", "streamed or shown without licence"},
	{"piracy", "bad-print", markwatch.Piracy, []string{"cheap-print"}, []string{"text", "description", "attributes.", "title", "ships_from", "seller.region"}, true, markwatch.RoleFact, "印制粗劣或来历不明", "a bad print"},
	{"piracy", "grey-sale", markwatch.Piracy, []string{"hint"}, nil, false, markwatch.RoleContext, "暗示内情", "hints at what may not be said"},
}

// licensedForms are ways to deliver that licensed sellers have in common with
// the others; beside the licensed price they say nothing.
var licensedForms = [...]string{"自动发货", "24小时自动发货", "全天自动发货", "自动发", "秒发", "拍下秒发", "激活码", "兑换码", "CDK", "cdk", "序列号", "注册码", "license key", "电子版", "电子书"}

func newPiracy(k kit) (check, error) {
	works, rates := k.knowledge.Lists.Works, k.knowledge.Rates
	return func(r *reading) []signal {
		if len(r.works) == 0 && len(r.creators) == 0 {
			return nil
		}
		var out []signal
		found := false
		for _, i := range slices.Sorted(maps.Keys(r.works)) {
			w := &works[i]
			name, ok := r.workNamed(i, r.works[i])
			if !ok {
				continue
			}
			found = true
			signals := workSignals(r, w, i, name, rates)
			out = append(out, signals...)
		}
		if r.belowTogether(works, rates) || r.plainlyUnlicensed() {
			out = slices.DeleteFunc(out, isFair)
		}
		fair := slices.ContainsFunc(out, isFair)
		if !found {
			// A creator's collected works stand for the protected ones.
			for _, i := range slices.Sorted(maps.Keys(r.creators)) {
				// Many a teacher has the surname.
				ms := slices.DeleteFunc(r.within(r.creators[i], "title"), func(m mention) bool { return m.entry.short })
				if len(ms) > 0 && ms[0].hit.To-ms[0].hit.At >= 2 {
					q := r.quote(ms[0], markwatch.RoleSubject)
					out = append(out, signal{matcher: "piracy", rule: "creator-named", violation: markwatch.Piracy, subject: works[i].ID, strength: 1,
						reason: markwatch.Text{ZH: "点名受保护作品的作者:" + q.Text, EN: "names the creator of a protected work: " + q.Text}, evidence: []markwatch.Evidence{q}})
					found = true
					break
				}
			}
		}
		if !found {
			return nil
		}
		told := r.reportsCase()
		for _, rule := range piracyRules {
			ms := rule.mentions(r)
			if fair {
				// Whoever asks the licensed price sends codes and files too.
				ms = slices.DeleteFunc(ms, func(m mention) bool { return slices.Contains(licensedForms[:], m.entry.text) })
			}
			if s, ok := rule.of(r, ms); ok {
				s.leans = told
				out = append(out, s)
			}
		}
		if s, ok := wholeWorkOffered(r); ok {
			out = append(out, s)
		}
		for i, sh := range r.listing.Shares {
			out = append(out, signal{matcher: "piracy", rule: "share", violation: markwatch.Piracy, strength: 1,
				reason:   markwatch.Text{ZH: "页面附有分享链接:" + sh.Kind, EN: "the page holds a share link: " + sh.Kind},
				evidence: []markwatch.Evidence{r.whole("shares["+itoa(i)+"].url", markwatch.RoleFact)}})
			break
		}
		return out
	}, nil
}

// workNamed tells a work's title from the same words about other things: an
// ambiguous title needs its author or words of works beside it.
func (r *reading) workNamed(i int, names []mention) (mention, bool) {
	var best mention
	ok := false
	for _, m := range names {
		path := r.path(m)
		if strings.HasPrefix(path, "seller.") || m.hit.Disguise&^text.DisguiseLookalike == text.DisguiseSpaces && m.hit.To-m.hit.At < 4 {
			continue
		}
		// Nobody writes an ordinary word in pinyin or in parts.
		written := m.hit.Disguise&(text.DisguisePinyin|text.DisguiseSplit) != 0 && m.hit.Disguise&text.DisguiseUnsure == 0
		guess := m.entry.short || m.hit.Disguise&text.DisguiseUnsure != 0
		if m.entry.exact && (!r.offersCopies() || !asInitials(r.quote(m, "").Text, m.entry.text)) {
			continue
		}
		if (m.entry.ambiguous && !written || guess && m.entry.kind != entryFragment) && len(r.creators[i]) == 0 &&
			!r.aroundWorks(m) && (!guess || !r.offersCopies()) {
			continue
		}
		if !ok || best.entry.short && !m.entry.short || best.entry.short == m.entry.short && rankOf(path) < rankOf(r.path(best)) {
			best, ok = m, true
		}
	}
	return best, ok
}

// aroundWorks says that the title or description speaks of works.
func (r *reading) aroundWorks(mention) bool {
	if distinct(r.within(r.all("work-context"), "title", "description", "category")) > 0 {
		return true
	}
	_, whole := r.wholeOf()
	return whole
}

// copyWords are the lexicons of ways to pass on what is not licensed.
var copyWords = [...]string{"netdisk", "share-code", "copy-offer", "recording", "crack", "cam", "account-share", "stream"}

// offersCopies says that title or description offer a copy, in words that have
// hardly another use.
func (r *reading) offersCopies() bool {
	if len(r.listing.Shares) > 0 {
		return true
	}
	m, ok := strongest(r.asserted(r.within(r.all(copyWords[:]...), "title", "description")))
	return ok && m.entry.weight >= sure
}

// farBelow is the fraction of the licensed price below which a copy is dearer
// to license than to sell.
const farBelow = 0.42

// fairFrom is the fraction of the licensed price from which a price is near it.
const fairFrom = 0.6

// farBelowOwn is the same of the price that the page itself strikes out, which
// sellers set high.
const farBelowOwn = 0.2

func workSignals(r *reading, w *markwatch.Work, at int, name mention, rates markwatch.Rates) []signal {
	var out []signal
	subject := r.quote(name, markwatch.RoleSubject)
	add := func(rule string, strength float64, facts map[string]string, zh, en string, evidence ...markwatch.Evidence) {
		out = append(out, signal{matcher: "piracy", rule: rule, violation: markwatch.Piracy, subject: w.ID, strength: strength,
			reason: markwatch.Text{ZH: zh, EN: en}, facts: facts, evidence: append([]markwatch.Evidence{subject}, evidence...)})
	}
	switch {
	case name.entry.short:
		add("short-name", 1, nil, "以简称指称受保护作品:"+subject.Text, "a protected work is named by a short form: "+subject.Text)
	case rankOf(r.path(name)) == 0:
		add("title-named", 1, nil, "标题点名受保护作品:"+subject.Text, "the title names a protected work: "+subject.Text)
	default:
		add("named", 1, nil, "提到受保护作品:"+subject.Text, "a protected work is named: "+subject.Text)
	}
	price, ok := r.offered(rates)
	if i, own := r.namedPrice(r.works[at]); own {
		if cny, known := rates.ToCNY(r.listing.Prices[i].Money); known && cny.IsPositive() {
			price = offerPrice{cny: cny.InexactFloat64(), evid: markwatch.Evidence{Field: "prices[" + itoa(i) + "]", Text: r.listing.Prices[i].String(), Role: markwatch.RoleFact}}
			ok = true
		}
	}
	if !ok || price.unfit != "" || price.cny <= 0 || r.workPrice() {
		return out
	}
	ref := price.list
	from := "list-price"
	if w.Price != nil {
		if v, known := rates.ToCNY(*w.Price); known && (ref == 0 || v.InexactFloat64() > 0) {
			if own := v.InexactFloat64(); ref == 0 || own < ref {
				ref, from = own, "works"
			}
		}
	}
	if ref <= 0 {
		return out
	}
	if price.list > ref && price.cny < farBelowOwn*price.list {
		// What the page strikes out is the price of what it offers, a set of
		// several copies, say.
		ref, from = price.list, "list-price"
	}
	if n := r.setOf(); n >= leastSet && price.cny > aboveOne*ref {
		// Nobody pays more for a set than it costs: the list has the price of a
		// volume.
		ref *= float64(n)
	}
	ratio := price.cny / ref
	facts := map[string]string{"price_cny": yuan(price.cny), "reference_cny": yuan(ref), "reference_from": from, "ratio": percent(ratio)}
	switch {
	case ratio < farBelow:
		strength := math.Min(1, (0.47-ratio)/0.25)
		used := r.usedGoods()
		own, says := strongest(r.asserted(r.all("own-work")))
		mine := says && own.entry.weight >= sure
		if used || mine {
			strength *= usedPrice
		}
		add("far-below-price", strength, facts,
			"售价"+yuan(price.cny)+"元,仅为正版参考价"+yuan(ref)+"元的"+percent(ratio),
			"the price is "+percent(ratio)+" of the usual licensed price", price.evid)
		// A worn copy is cheap, whoever printed it, and what the seller made
		// himself costs what he asks. A work that only buyers mention may be
		// another thing than what is sold.
		out[len(out)-1].leans = used || mine || rankOf(r.path(name)) > 2
	case ratio > 3:
		add("other-goods", 1, facts, "售价远高于该作品,卖的应是别的商品", "the price is far above the work's: other goods are sold", price.evid)
	case r.sharesWhole():
		// One volume's price for all of them in a file is no licensed one.
	case ratio >= fairFrom || ratio >= farBelow && len(r.asserted(r.all("licensed"))) > 0:
		// A licensed file costs less than the print whose price is listed.
		add("fair-price", 1, facts, "售价接近正版参考价", "the price is near the licensed one", price.evid)
	}
	return out
}

func isFair(s signal) bool { return s.matcher == "piracy" && s.rule == "fair-price" }

// belowTogether says that the title names several works as they are called and
// that the price, which may be fair for one of them, is below what they cost
// together.
func (r *reading) belowTogether(works []markwatch.Work, rates markwatch.Rates) bool {
	price, ok := r.offered(rates)
	if !ok || price.unfit != "" {
		return false
	}
	n, sum := 0, 0.0
	for _, i := range slices.Sorted(maps.Keys(r.works)) {
		titled := slices.ContainsFunc(r.works[i], func(m mention) bool {
			return r.path(m) == "title" && !m.entry.short && !m.entry.ambiguous && m.hit.Disguise&text.DisguiseUnsure == 0
		})
		if !titled || works[i].Price == nil {
			continue
		}
		if v, known := rates.ToCNY(*works[i].Price); known {
			n, sum = n+1, sum+v.InexactFloat64()
		}
	}
	return n > 1 && price.cny < fairFrom*sum
}

// plainlyUnlicensed says that title and description hold two words at least
// that no licensed seller uses, whatever he asks: what a private server, a seat
// in somebody's account or an illegal site charges has nothing to do with the
// price of the work.
func (r *reading) plainlyUnlicensed() bool {
	ms := slices.DeleteFunc(r.asserted(r.within(r.all("netdisk", "share-code", "crack", "cam", "stream", "account-share"), "title", "description")), func(m mention) bool {
		return m.entry.weight < sure || slices.Contains(licensedForms[:], m.entry.text)
	})
	return distinct(ms) >= 2
}
