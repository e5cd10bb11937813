package matchers

import (
	"regexp"
	"strconv"
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
		var out []signal
		for i := range r.listing.Tracking {
			out = append(out, traceSignals(r, i)...)
		}
		return out
	}, nil
}

// step is one event with its place told apart.
type step struct {
	event    markwatch.TraceEvent
	path     string
	domestic bool
	known    bool
}

func traceSignals(r *reading, i int) []signal {
	tr := r.listing.Tracking[i]
	base := "tracking[" + strconv.Itoa(i) + "]."
	var out []signal
	add := func(rule string, strength float64, zh, en string, evidence ...markwatch.Evidence) {
		out = append(out, signal{matcher: "trace", rule: rule, violation: markwatch.FakeOverseas, strength: strength,
			reason: markwatch.Text{ZH: zh, EN: en}, evidence: evidence})
	}
	steps := make([]step, 0, len(tr.Events))
	cleared, bonded, abroad := false, false, false
	for j, e := range tr.Events {
		path := base + "events[" + strconv.Itoa(j) + "]."
		domestic, known := r.domesticPlace(path, e.Place)
		steps = append(steps, step{e, path, domestic, known})
		cleared = cleared || customs.MatchString(e.Text) || customs.MatchString(e.Place)
		bonded = bonded || bondedRE.MatchString(e.Text) || bondedRE.MatchString(e.Place)
		abroad = abroad || known && !domestic
	}
	claim, claimed := strongest(r.claims())
	if !claimed || len(steps) == 0 {
		return nil
	}
	quote := r.quote(claim, markwatch.RoleClaim)
	where := func(s step) markwatch.Evidence {
		if s.event.Place != "" {
			return r.whole(s.path+"place", markwatch.RoleFact)
		}
		return r.whole(s.path+"text", markwatch.RoleFact)
	}
	// The first scan that a carrier really made.
	first := -1
	for j, s := range steps {
		if s.known && !(labelOnly.MatchString(s.event.Text) && !collected.MatchString(s.event.Text)) {
			first = j
			break
		}
	}
	if first >= 0 && steps[first].domestic && !bonded {
		e := where(steps[first])
		add("first-scan-at-home", 1, "自称"+quote.Text+",包裹首次揽收却在"+e.Text, "claims "+quote.Text+" but the parcel was first scanned in "+e.Text, quote, e)
	}
	if j, k, ok := impossible(steps); ok {
		add("impossible-speed", 1,
			"两次扫描相隔"+steps[k].event.At.Sub(steps[j].event.At).Round(time.Minute).String()+",不可能跨境",
			"two scans "+steps[k].event.At.Sub(steps[j].event.At).Round(time.Minute).String()+" apart cannot lie on both sides of a border",
			where(steps[j]), where(steps[k]))
	}
	if !cleared && len(steps) > 1 {
		add("no-clearance", 1, "全程没有出境或清关记录", "no export or clearance in the whole trace", quote, where(steps[0]))
	}
	if abroad && cleared && first >= 0 && !steps[first].domestic && len(out) == 0 {
		out = append(out, signal{matcher: "trace", rule: "genuine", violation: markwatch.FakeOverseas, strength: 1,
			reason:   say("物流自境外起运并经清关", "the parcel started abroad and was cleared"),
			evidence: []markwatch.Evidence{where(steps[first])}})
	}
	if bonded && cleared {
		out = append(out, signal{matcher: "trace", rule: "bonded-clearance", violation: markwatch.FakeOverseas, strength: 1,
			reason: say("保税区申报放行", "declared and released in a bonded zone"), evidence: []markwatch.Evidence{where(steps[0])}})
	}
	number := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(tr.Number))
	if homeNumber.MatchString(number) && homeCarrier.MatchString(tr.Carrier) && !bonded && !postalNumber.MatchString(number) && !cleared {
		add("home-carrier", 1, "单号属于境内快递:"+tr.Number, "the number is a domestic carrier's: "+tr.Number,
			quote, markwatch.Evidence{Field: base + "number", Text: tr.Number, Role: markwatch.RoleFact})
	}
	return out
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
