package matchers

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
)

// Trace reads a parcel's trace: where it was first scanned, whether it left a
// country and was cleared, and whether it could have travelled so fast.
var Trace = Matcher{
	Name: "trace",
	Doc:  "first scan at home, missing clearance and impossible speed in a parcel's trace",
	New:  newTrace,
}

// crossing is the least time from a place abroad to a place at home: a flight
// and its handling. Clearance itself normally takes 3 to 7 days.
const crossing = 20 * time.Hour

var (
	labelOnly = regexp.MustCompile(`(?i)label created|information received|打包|已发货|下单|面单|待揽收|申报中|已申报|申报`)
	collected = regexp.MustCompile(`(?i)揽收|揽件|收件|取件|收寄|已收|收取|received|accepted|posting|引受|picked up|收货|清关|发货|到达|出库`)
	customs   = regexp.MustCompile(`(?i)海关|清关|放行|验放|clear|customs|国際交換|国际交换|office of exchange|通关|申报|三单`)
	bondedRE  = regexp.MustCompile(`(?i)保税|bonded|综保`)
	// homeNumber is the shape of the numbers of domestic carriers.
	homeNumber   = regexp.MustCompile(`^(YT|ZT|JT|SF|STO|YD|DP|7[0-9]|43|46|31|98)\w{8,}$`)
	homeCarrier  = regexp.MustCompile(`中通|圆通|申通|韵达|极兔|顺丰|邮政|德邦|京东|百世|菜鸟|YunExpress|4PX|Yanwen|ZTO|YTO`)
	postalNumber = regexp.MustCompile(`^[A-Z]{2}\d{9}[A-Z]{2}$`)
)

func newTrace(kit) (check, error) {
	return func(r *reading) []signal {
		parcels := r.parcels()
		if len(parcels) == 0 {
			return nil
		}
		claim, claimed := strongest(r.claims())
		if !claimed {
			return nil
		}
		quote := r.quote(claim, markwatch.RoleClaim)
		var out []signal
		for i := range parcels {
			signals, betrayed := traceSignals(&parcels[i], quote)
			out = append(out, signals...)
			r.betrayed = r.betrayed || betrayed
		}
		return out
	}, nil
}

// traceSignals reads one trace. betrayed says that it disproves what the offer
// says of its dispatch.
func traceSignals(p *parcel, quote markwatch.Evidence) (out []signal, betrayed bool) {
	add := func(rule, zh, en string, evidence ...markwatch.Evidence) {
		out = append(out, signal{matcher: "trace", rule: rule, violation: markwatch.FakeOverseas, strength: 1,
			reason: markwatch.Text{ZH: zh, EN: en}, evidence: evidence})
	}
	cleared, bonded, abroad := false, false, false
	for _, s := range p.steps {
		cleared = cleared || customs.MatchString(s.event.Text) || customs.MatchString(s.event.Place)
		bonded = bonded || bondedRE.MatchString(s.event.Text) || bondedRE.MatchString(s.event.Place)
		abroad = abroad || s.known && !s.domestic
	}
	// The first scan that a carrier really made.
	first := slices.IndexFunc(p.steps, func(s step) bool {
		return s.known && (!labelOnly.MatchString(s.event.Text) || collected.MatchString(s.event.Text))
	})
	if first >= 0 && p.steps[first].domestic && !bonded {
		e := p.steps[first].quote
		betrayed = true
		add("first-scan-at-home", "自称"+quote.Text+",包裹首次揽收却在"+e.Text, "claims "+quote.Text+" but the parcel was first scanned in "+e.Text, quote, e)
	}
	if j, k, ok := impossible(p.steps); ok {
		betrayed = true
		apart := p.steps[k].event.At.Sub(p.steps[j].event.At).Round(time.Minute).String()
		add("impossible-speed", "两次扫描相隔"+apart+",不可能跨境", "two scans "+apart+" apart cannot lie on both sides of a border",
			p.steps[j].quote, p.steps[k].quote)
	}
	if !cleared && len(p.steps) > 1 {
		add("no-clearance", "全程没有出境或清关记录", "no export or clearance in the whole trace", quote, p.steps[0].quote)
	}
	if abroad && cleared && first >= 0 && !p.steps[first].domestic && len(out) == 0 {
		out = append(out, signal{matcher: "trace", rule: "genuine", violation: markwatch.FakeOverseas, strength: 1,
			reason:   say("物流自境外起运并经清关", "the parcel started abroad and was cleared"),
			evidence: []markwatch.Evidence{p.steps[first].quote}})
	}
	if bonded && cleared {
		out = append(out, signal{matcher: "trace", rule: "bonded-clearance", violation: markwatch.FakeOverseas, strength: 1,
			reason: say("保税区申报放行", "declared and released in a bonded zone"), evidence: []markwatch.Evidence{p.steps[0].quote}})
	}
	number := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(p.number.Text))
	if homeNumber.MatchString(number) && homeCarrier.MatchString(p.carrier) && !bonded && !postalNumber.MatchString(number) && !cleared {
		add("home-carrier", "单号属于境内快递:"+p.number.Text, "the number is a domestic carrier's: "+p.number.Text, quote, p.number)
	}
	if c := carrierOf(p.carrier); c != nil {
		if number != "" && !c.numbers.MatchString(number) {
			add("number-of-another", "单号"+p.number.Text+"不是"+p.carrier+"的格式", "the number "+p.number.Text+" has none of the formats of "+p.carrier, quote, p.number)
		}
		if own, ok := c.ownPage(p.page.Text); ok && !own {
			add("foreign-site", "查询网址"+p.page.Text+"不是"+p.carrier+"的网站", "the tracking page "+p.page.Text+" is none of "+p.carrier+"'s", quote, p.page)
		}
	}
	return out, betrayed
}

// impossible finds scans on both sides of the border too close together, or
// clearance faster than any office works.
func impossible(steps []step) (j, k int, ok bool) {
	for j = range steps {
		for k = j + 1; k < len(steps); k++ {
			a, b := steps[j], steps[k]
			if a.event.At.IsZero() || b.event.At.IsZero() || !a.known || !b.known || a.domestic == b.domestic {
				continue
			}
			if d := b.event.At.Sub(a.event.At); d < crossing && !near(a, b) {
				return j, k, true
			}
		}
	}
	return 0, 0, false
}

// near leaves out Hong Kong and Macau, from which a parcel is driven.
func near(a, b step) bool {
	for _, s := range []step{a, b} {
		if !s.domestic && (strings.Contains(s.event.Place, "香港") || strings.Contains(s.event.Place, "澳门") || strings.Contains(s.event.Place, "Hong Kong")) {
			return true
		}
	}
	return false
}
