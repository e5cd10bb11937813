package matchers

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/markwatch/markwatch"
)

// Overseas holds what an offer claims of a foreign origin against what it
// says of dispatch, speed, papers and services.
var Overseas = Matcher{
	Name: "overseas",
	Doc:  "claims of overseas origin against the facts that contradict them, and services that fake an origin",
	New:  newOverseas,
}

var overseasRules = []wordRule{
	{"overseas", "service", markwatch.FakeOverseas, []string{"overseas-service", "empty-package"}, nil, true, markwatch.RoleFact, "出售或使用伪造来源的服务", "a service that fakes an origin"},
	{"overseas", "fake-paper", markwatch.FakeOverseas, []string{"fake-paper"}, nil, true, markwatch.RoleFact, "票据内容可以定做", "papers are made to order"},
}

// claimRules fire only beside a claim.
var claimRules = []wordRule{
	{"overseas", "no-customs", markwatch.FakeOverseas, []string{"no-customs"}, nil, false, markwatch.RoleFact, "自称海外来源却免去海关手续", "overseas, yet without customs steps"},
	{"overseas", "domestic-words", markwatch.FakeOverseas, []string{"domestic-dispatch"}, nil, true, markwatch.RoleFact, "自称海外来源却在境内发货或退货", "overseas, yet dispatched or returned at home"},
	{"overseas", "hint", markwatch.FakeOverseas, []string{"hint"}, nil, false, markwatch.RoleContext, "暗示内情", "hints at what may not be said"},
	{"overseas", "complaint", markwatch.FakeOverseas, []string{"complaint"}, []string{"text"}, false, markwatch.RoleFact, "买家反映来源不实", "buyers doubt the origin"},
	{"overseas", "supply", markwatch.FakeOverseas, []string{"supply", "grey-sale"}, nil, true, markwatch.RoleContext, "面向分销的供货", "supply for resale"},
}

// sure is the weight from which a word has hardly an innocent use.
const sure = 0.7

// forgeryOffer finds the offer of the forgery itself: the seller's own words
// name at least two things that are made for nothing else. One alone may be
// a warning or a stray phrase.
func forgeryOffer(r *reading) (signal, bool) {
	ms := r.notTopic(r.asserted(r.within(r.all("overseas-service"), "title", "description", "attributes.", "text")))
	ms = slices.DeleteFunc(ms, func(m mention) bool { return m.entry.weight < sure })
	if distinctWords(ms) < 2 {
		return signal{}, false
	}
	return wordRule{matcher: "overseas", rule: "forgery-offer", violation: markwatch.FakeOverseas, role: markwatch.RoleClaim,
		zh: "出售成套的造假服务或材料", en: "offers the means to fake an origin"}.of(r, ms)
}

// distinctWords counts different terms, of those inside one another only the
// longest.
func distinctWords(ms []mention) int {
	seen := map[*entry]bool{}
	for _, m := range ms {
		if !covered(m, ms) {
			seen[m.entry] = true
		}
	}
	return len(seen)
}

// claims are what the offer says of a foreign origin: words that mean abroad by
// themselves or beside a place abroad, and a place abroad with a word of
// buying or sending. Where something was made, or for which market (德国原装,
// 欧版), claims nothing of the parcel: imported goods lawfully lie at home.
func (r *reading) claims() []mention {
	paths := []string{"title", "description", "attributes.", "seller.name", "ships_from", "delivery"}
	words := r.notTopic(r.asserted(r.within(r.all("overseas-claim"), paths...)))
	places := slices.DeleteFunc(r.within(r.all("foreign-place"), append(paths, "seller.region")...), r.namesBrand)
	abroad := len(places) > 0
	var out []mention
	for _, m := range words {
		if r.longAgo(m) {
			continue
		}
		if abroad || strings.ContainsAny(m.entry.text, "海境国免税保港欧美日韩澳德法英") {
			out = append(out, m)
		}
	}
	// Where used goods were bought once says nothing of this parcel.
	used := r.listing.Condition == markwatch.ConditionUsed
	presence := r.all("presence")
	for _, p := range r.notTopic(r.asserted(places)) {
		if used || r.longAgo(p) || r.outward(p) {
			continue
		}
		if r.callsHimselfAbroad(p) || slices.ContainsFunc(presence, func(at mention) bool { return at.field == p.field && at.hit.To == p.hit.At }) {
			out = append(out, p)
			continue
		}
		for _, v := range r.all("claim-verb") {
			if v.field != p.field || v.hit.At < p.hit.At && v.hit.To > p.hit.At {
				continue
			}
			chinese := v.entry.text[0] >= 0x80
			after, before := v.hit.At-p.hit.To, p.hit.At-v.hit.To
			if chinese && after >= 0 && after <= 5 && r.sameClause(p.field, p.hit.To, v.hit.At) ||
				!chinese && before >= 0 && before <= 20 && r.sameClause(p.field, v.hit.To, p.hit.At) {
				out = append(out, p)
				break
			}
		}
	}
	return out
}

// namesBrand says that a place is the name of a brand whose goods are offered:
// 哥伦比亚 on a jacket.
func (r *reading) namesBrand(p mention) bool {
	return slices.ContainsFunc(r.standing, func(st standing) bool {
		return st.doubt == 0 && slices.ContainsFunc(st.names, func(n mention) bool {
			return n.field == p.field && n.hit.At <= p.hit.At && p.hit.To <= n.hit.To
		})
	})
}

// callsHimselfAbroad says that a seller's name puts him into a place: 在日宝妈,
// 旅法小鹿, 东京阿美在银座.
func (r *reading) callsHimselfAbroad(p mention) bool {
	f := &r.fields[p.field]
	return f.path == "seller.name" && p.hit.At > 0 && strings.ContainsRune("在旅驻居", f.folded.Runes[p.hit.At-1])
}

// longAgo says that a word of the past stands before a place in its clause: what
// was bought in Osaka last year was not bought for this order.
func (r *reading) longAgo(p mention) bool {
	return slices.ContainsFunc(r.all("past"), func(m mention) bool {
		return m.field == p.field && m.hit.To <= p.hit.At && p.hit.At-m.hit.To <= pastReach && r.sameClause(p.field, m.hit.To, p.hit.At)
	})
}

// outward says that a parcel goes to a place: who sends to Canada (发往加拿大)
// does not say that anything comes from there.
func (r *reading) outward(p mention) bool {
	before := string(r.fields[p.field].folded.Runes[max(0, p.hit.At-6):p.hit.At])
	return slices.ContainsFunc(outwardWords[:], func(w string) bool { return strings.HasSuffix(before, w) })
}

var outwardWords = [...]string{"发往", "寄往", "运往", "送往", "飞往", "销往", "寄到", "发到", "送到", "运到", "出口", "寄去", "带去", "shipto", "sendto"}

// pastReach is how many letters may stand between a word of the past and the
// place.
const pastReach = 6

func newOverseas(k kit) (check, error) {
	return func(r *reading) []signal {
		var out []signal
		for _, w := range overseasRules {
			if s, ok := w.signal(r); ok {
				out = append(out, s)
			}
		}
		if s, ok := paperToOrder(r); ok {
			out = append(out, s)
			r.forgery = r.forgery || s.strength >= 1
		}
		if s, ok := bottledAtHome(r); ok {
			out = append(out, s)
		}
		if s, ok := pretendedOrigin(r); ok {
			out = append(out, s)
			r.forgery = r.forgery || s.strength >= sure
		}
		if s, ok := forgeryOffer(r); ok {
			r.forgery = true
			out = append(out, s)
		}
		claims := r.claims()
		claim, claimed := strongest(claims)
		if !claimed {
			if len(out) > 0 && !slices.ContainsFunc(out, func(s signal) bool {
				return s.rule == "service" || s.rule == "paper-to-order" || s.rule == "papers-to-order" || s.rule == "bottled-at-home" || s.rule == "pretended-origin"
			}) && !r.forgery {
				out = append(out, signal{matcher: "overseas", rule: "no-claim", violation: markwatch.FakeOverseas, strength: 1,
					reason: say("未自称海外来源", "no claim of overseas origin")})
			}
			return out
		}
		quote := r.quote(claim, markwatch.RoleClaim)
		out = append(out, signal{
			matcher: "overseas", rule: "claim", violation: markwatch.FakeOverseas, strength: sumUp(claims),
			reason:   markwatch.Text{ZH: "自称海外来源:" + quote.Text, EN: "claims overseas origin: " + quote.Text},
			evidence: []markwatch.Evidence{quote},
		})
		for _, w := range claimRules {
			if s, ok := w.signal(r); ok {
				s.evidence = append([]markwatch.Evidence{quote}, s.evidence...)
				out = append(out, s)
			}
		}
		out = append(out, dispatchSignals(r, quote)...)
		return out
	}, nil
}

// dispatchPaths are where pages state the place of dispatch.
var dispatchPaths = []string{"ships_from", "attributes.发货地", "attributes.发货仓", "attributes.发货仓库", "attributes.Dispatch", "attributes.Ships from", "attributes.Item location"}

// dispatchSignals hold place and speed of dispatch against the claim. What the
// offer itself says of them clears it only where no parcel disproves it.
func dispatchSignals(r *reading, claim markwatch.Evidence) []signal {
	var out []signal
	add := func(rule string, strength float64, zh, en string, fact markwatch.Evidence) {
		out = append(out, signal{
			matcher: "overseas", rule: rule, violation: markwatch.FakeOverseas, strength: strength,
			reason: markwatch.Text{ZH: zh, EN: en}, evidence: []markwatch.Evidence{claim, fact},
		})
	}
	l := r.listing
	bonded := len(r.within(r.all("bonded"), "ships_from", "title", "seller.name")) > 0
	domestic := r.within(r.all("domestic-place"), dispatchPaths...)
	foreign := r.within(r.all("foreign-place"), "ships_from")
	switch {
	case len(domestic) > 0 && len(r.within(r.all("bonded"), "ships_from")) == 0:
		q := r.whole(r.path(domestic[0]), markwatch.RoleFact)
		rule := "claim-vs-dispatch"
		if bonded {
			rule = "bonded-vs-dispatch"
		}
		add(rule, 1, "自称"+claim.Text+",发货地却是"+q.Text, "claims "+claim.Text+" but is dispatched from "+q.Text, q)
	case len(foreign) > 0 && !r.betrayed:
		out = append(out, signal{matcher: "overseas", rule: "dispatch-abroad", violation: markwatch.FakeOverseas, strength: 1,
			reason:   markwatch.Text{ZH: "发货地在境外:" + l.ShipsFrom, EN: "dispatched from abroad: " + l.ShipsFrom},
			evidence: []markwatch.Evidence{r.whole("ships_from", markwatch.RoleContext)}})
	}
	if s := l.Seller; s != nil && s.Region != "" {
		switch {
		case len(r.within(r.all("domestic-place"), "seller.region")) > 0:
			add("claim-vs-seller", 1, "自称"+claim.Text+",卖家却在"+s.Region, "claims "+claim.Text+" but the seller is in "+s.Region, r.whole("seller.region", markwatch.RoleFact))
		case !r.betrayed && len(r.within(r.all("foreign-place"), "seller.region")) > 0:
			out = append(out, signal{matcher: "overseas", rule: "seller-abroad", violation: markwatch.FakeOverseas, strength: 1,
				reason: say("卖家在境外", "the seller is abroad"), evidence: []markwatch.Evidence{r.whole("seller.region", markwatch.RoleContext)}})
		}
	}
	if body := r.outsideTrace(r.within(r.all("domestic-place"), "text", "description", "attributes.")); len(body) > 0 && !bonded {
		m := body[0]
		add("claim-vs-text", min(1, 0.5+0.2*float64(distinct(body))), "自称"+claim.Text+",正文却提到境内"+r.quote(m, "").Text, "claims "+claim.Text+" but the text names "+r.quote(m, "").Text, r.quote(m, markwatch.RoleFact))
	}
	for _, path := range []string{"delivery", "title", "description", "text"} {
		days, start, end, ok := deliveryDays(r.listing.Field(path))
		if !ok {
			continue
		}
		i := slices.IndexFunc(r.fields, func(f field) bool { return f.path == path })
		if i < 0 {
			continue
		}
		q := r.span(i, start, end, markwatch.RoleFact)
		switch {
		case days <= 3 && !bonded:
			add("too-fast", 1, "自称"+claim.Text+",却承诺"+q.Text, "claims "+claim.Text+" but promises "+q.Text, q)
		case days >= 7 && !r.betrayed:
			out = append(out, signal{matcher: "overseas", rule: "slow-delivery", violation: markwatch.FakeOverseas, strength: 1,
				reason: markwatch.Text{ZH: "到货时间符合跨境:" + q.Text, EN: "a delivery time that fits a border: " + q.Text}, evidence: []markwatch.Evidence{q}})
		default:
			continue
		}
		break
	}
	return out
}

var (
	dayPattern = regexp.MustCompile(`(?:(\d{1,2})\s*[-~–至到]\s*)?(\d{1,2})\s*(?:个)?(?:工作日|天|日(?:内|到|达|发)|days?|giorni)`)
	// spokenDays is a speed in words, beside what is done so soon: 两天到手,
	// 三天内送达.
	spokenDays  = regexp.MustCompile(`([一两二三四五六七八九十]{1,3})个?(?:工作日|天)(?:内|之内|左右|就|即|可|能|准)*(?:到手|到货|到家|到达|送达|签收|收到|收货|到[^期店校])`)
	fastPattern = regexp.MustCompile(`(?:昨天|昨日|昨晚|前天|早上|上午|中午)(?:才|刚|刚刚)?(?:拍|买|下单|下的单|付款|付的款|订)[^。.|｜,，;；]{0,6}[,，]?(?:今天|今日|今早|下午|晚上|当天)[^。|｜,，;；]{0,4}(?:到|收|拿|穿|用)|(?:今晚|今天|今日|上午|现在)(?:拍|下单|付款)[^。.|｜;；]{0,6}(?:明天|明早|明晚|明日|下午|晚上)[^。|｜,，;；]{0,4}(?:到|收|穿|用|达|戴|喝)|明[天早晚](?:就|就能|能|可以?|准)?(?:到|收到|送到)|同城\d*小时|次日达|次日|隔日达|明日达|明天到|当日达|当天到|小时达|\d+\s*小时(?:内)?(?:签收|送达|到)|\d+\s*分钟(?:内)?送达|当天(?:深圳|广州|上海|北京)?发|24小时(?:内)?发|48小时(?:内)?发|当日发|next (?:working )?day|same day|(?:arrived|came|delivered|here) (?:the )?(?:very )?next (?:morning|afternoon)|(?:arrived|delivered|came|here) in (?:one|two|1|2) days`)
)

// promising passes over the texts in which neither pattern can be.
func promising(s string) bool {
	for _, word := range [...]string{"天", "日", "时", "分钟", "明早", "明晚", "day", "giorni"} {
		if strings.Contains(s, word) {
			return true
		}
	}
	return false
}

// deliveryDays reads the longest of the days that a text promises, and where.
func deliveryDays(s string) (days, start, end int, ok bool) {
	if !promising(s) {
		return 0, 0, 0, false
	}
	for _, m := range dayPattern.FindAllStringSubmatchIndex(s, -1) {
		n, err := strconv.Atoi(s[m[4]:m[5]])
		if err != nil || n == 0 || n <= days {
			continue
		}
		days, ok = n, true
		start, end = runeSpan(s, m[0], m[1])
	}
	if !ok {
		for _, m := range spokenDays.FindAllStringSubmatchIndex(s, -1) {
			if n, read := hanNumber(s[m[2]:m[3]]); read && n > days {
				days, ok = n, true
				start, end = runeSpan(s, m[0], m[1])
			}
		}
	}
	if ok {
		return days, start, end, true
	}
	if m := fastPattern.FindStringIndex(s); m != nil {
		start, end = runeSpan(s, m[0], m[1])
		return 1, start, end, true
	}
	return 0, 0, 0, false
}

// runeSpan turns byte offsets into code points.
func runeSpan(s string, from, to int) (start, end int) {
	start = len([]rune(s[:from]))
	return start, start + len([]rune(s[from:to]))
}
