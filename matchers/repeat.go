package matchers

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
)

// Repeat adds to a suspicion what is known of the seller; alone it makes none.
var Repeat = Matcher{
	Name: "repeat",
	Doc:  "sellers on the blacklist or behind confirmed leads, shops that claim an official name, licence numbers that cannot be right",
	New:  newRepeat,
}

// Sellers are the sellers that are known for earlier violations.
type Sellers []markwatch.KnownSeller

// Version names the content, short, as verdicts cite it; empty where there is
// none.
func (s Sellers) Version() string {
	if len(s) == 0 {
		return ""
	}
	content, err := json.Marshal(s)
	if err != nil {
		return "unreadable"
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])[:8]
}

// What is known of a seller, in log-odds: a blacklisted one makes a suspicion
// about three times as likely, each confirmed lead less than twice, up to
// three leads.
const (
	oddsBlacklisted = 1.1
	oddsConfirmed   = 0.5
	oddsOfficial    = 0.5
	oddsLicense     = 0.4
	maxConfirmed    = 3
)

// sellerIndex finds known sellers by what recognises one.
type sellerIndex map[string][]int

func (x sellerIndex) put(key string, i int) {
	if !slices.Contains(x[key], i) {
		x[key] = append(x[key], i)
	}
}

// sellerKeys are what recognises a seller, the surest first.
func sellerKeys(v *vocabulary, platform, id, license, name string, accounts []markwatch.Account) []string {
	var keys []string
	if platform != "" && id != "" {
		keys = append(keys, "id|"+platform+"|"+id)
	}
	if license != "" {
		keys = append(keys, "license|"+strings.ToUpper(strings.TrimSpace(license)))
	}
	for _, a := range accounts {
		if a.Kind != "" && a.Value != "" && a.Kind != "site" {
			keys = append(keys, "account|"+a.Kind+"|"+strings.ToLower(a.Value))
		}
	}
	if platform != "" && name != "" {
		keys = append(keys, "name|"+platform+"|"+v.folder.Fold(name).Letters())
	}
	return keys
}

func newRepeat(k kit) (check, error) {
	known := k.knowledge.Sellers
	index := sellerIndex{}
	for i, s := range known {
		for _, key := range sellerKeys(k.vocabulary, s.Platform, s.ID, s.License, s.Name, s.Accounts) {
			index.put(key, i)
		}
		for _, o := range s.Others {
			for _, key := range sellerKeys(k.vocabulary, o.Platform, o.ID, o.License, o.Name, o.Accounts) {
				index.put(key, i)
			}
		}
	}
	brands := k.knowledge.Lists.Brands
	return func(r *reading) []signal {
		seller := r.listing.Seller
		if seller == nil || len(r.suspected) == 0 {
			return nil
		}
		var found []signal
		listed := map[int]string{}
		if len(known) > 0 {
			for _, key := range sellerKeys(r.v, r.listing.Platform, seller.ID, seller.License, seller.Name, seller.Accounts) {
				for _, i := range index[key] {
					if _, ok := listed[i]; !ok {
						listed[i] = key
					}
				}
			}
		}
		for _, i := range slices.Sorted(maps.Keys(listed)) {
			if s, ok := knownSignal(r, known[i], listed[i]); ok {
				found = append(found, s)
			}
		}
		if fault := licenseFault(seller.License); fault.kind != "" {
			found = append(found, signal{rule: "invalid-license", odds: oddsLicense,
				reason:   say("展示的统一社会信用代码不成立:"+fault.text.ZH, "the licence number that is shown cannot be right: "+fault.text.EN),
				evidence: []markwatch.Evidence{{Field: "seller.license", Text: seller.License, Role: markwatch.RoleFact}}})
		}
		var out []signal
		for _, violation := range r.suspected {
			for _, s := range found {
				s.violation = violation
				out = append(out, s)
			}
		}
		if slices.Contains(r.suspected, markwatch.Counterfeit) {
			out = append(out, claimsOfficial(r, brands)...)
		}
		for i := range out {
			out[i].matcher, out[i].strength, out[i].leans = "repeat", 1, true
		}
		return out
	}, nil
}

func knownSignal(r *reading, s markwatch.KnownSeller, key string) (signal, bool) {
	at := r.in.At
	if !at.IsZero() && (s.Since.After(at) || !s.Until.IsZero() && !at.Before(s.Until.AddDate(0, 0, 1))) {
		return signal{}, false
	}
	by, _, _ := strings.Cut(key, "|")
	facts := map[string]string{"recognised_by": by}
	if n := len(s.Leads); n > 0 {
		odds := oddsConfirmed * float64(min(n, maxConfirmed))
		facts["confirmed"], facts["leads"] = strconv.Itoa(n), strings.Join(s.Leads[:min(n, 10)], " ")
		facts["log_odds"] = strconv.FormatFloat(odds, 'f', 2, 64)
		return signal{rule: "confirmed-before", odds: odds, facts: facts, evidence: sellerEvidence(r),
			reason: say("同一卖家已有"+strconv.Itoa(n)+"条线索经核实", strconv.Itoa(n)+" leads of the same seller were confirmed")}, true
	}
	facts["log_odds"] = strconv.FormatFloat(oddsBlacklisted, 'f', 2, 64)
	if !s.Since.IsZero() {
		facts["since"] = s.Since.Format(time.DateOnly)
	}
	if s.Basis != "" {
		facts["basis"] = s.Basis
	}
	reason := "卖家在黑名单上"
	if s.Reason != "" {
		reason += ":" + s.Reason
	}
	return signal{rule: "blacklisted", odds: oddsBlacklisted, facts: facts, evidence: sellerEvidence(r),
		reason: say(reason, "the seller is on the blacklist")}, true
}

// licenseFault tests a displayed 统一社会信用代码; the older number of 15 digits
// has none to test.
func licenseFault(license string) numberFault {
	code := strings.ToUpper(strings.TrimSpace(narrow(license)))
	if len(code) == 15 && digitCount(code) == 15 || code == "" {
		return numberFault{}
	}
	return checkCreditCode(code)
}

// claimsOfficial finds shops that bear a brand's name with a word of being
// official, and that the brand's holder did not name.
func claimsOfficial(r *reading, brands []markwatch.Brand) []signal {
	claims := r.within(r.all("official"), "seller.name")
	if len(claims) == 0 {
		return nil
	}
	var out []signal
	for _, st := range r.standings(brands) {
		if st.official {
			continue
		}
		for _, m := range r.brands[st.index] {
			if r.path(m) != "seller.name" {
				continue
			}
			name, claim := r.quote(m, markwatch.RoleSubject), r.quote(claims[0], markwatch.RoleClaim)
			out = append(out, signal{rule: "claims-official", violation: markwatch.Counterfeit, subject: st.brand.ID, odds: oddsOfficial,
				reason:   say("店名自称“"+claim.Text+"”,不在权利人授权名单", "the shop calls itself “"+claim.Text+"” and is not among those that the holder named"),
				evidence: []markwatch.Evidence{name, claim}})
			break
		}
	}
	return out
}
