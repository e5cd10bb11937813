package leads

import (
	"cmp"
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
)

// Known is what a gate and a record look at beside the lead itself. Fields are
// nil or empty where nothing is known.
type Known struct {
	Brand *markwatch.Brand
	Work  *markwatch.Work
	// Place is the whole name of the region where the lead is routed to.
	Place string
	// Amount is the estimate of the amount involved.
	Amount Amount
}

// Item is a line of a lead's checklist.
type Item struct {
	Key    string         `json:"key"`
	Name   markwatch.Text `json:"name"`
	OK     bool           `json:"ok"`
	Waived bool           `json:"waived,omitempty"`
	// Have is what fulfils it; Next what to do where nothing does.
	Have string         `json:"have,omitempty"`
	Next markwatch.Text `json:"next,omitzero"`
}

// seen returns what of a lead fulfils a requirement, as far as the program
// sees for itself; "" where nothing does.
func seen(key string, l *markwatch.Lead, k Known) string {
	switch key {
	case "address":
		return l.Listing.URL
	case "seller":
		return sellerOf(l, func(s *markwatch.Seller) string { return cmp.Or(s.Name, s.ID, s.URL) })
	case "seller-contact":
		return sellerOf(l, func(s *markwatch.Seller) string { return strings.Join(s.Contacts, " ") })
	case "licence":
		return sellerOf(l, func(s *markwatch.Seller) string { return s.License })
	case "place":
		return k.Place
	case "capture":
		return l.Listing.Snapshot
	case "price":
		if l.Listing.Price != nil {
			return l.Listing.Price.String()
		}
	case "price-source":
		return referencePrice(l)
	case "holder":
		if k.Brand != nil {
			return k.Brand.Holder
		}
	case "registration":
		if k.Brand != nil {
			return strings.Join(k.Brand.Registrations, "、")
		}
	case "work-owner":
		if k.Work != nil {
			return cmp.Or(k.Work.Publisher, strings.Join(k.Work.Creators, "、"))
		}
	case "share":
		if len(l.Listing.Shares) > 0 {
			return cmp.Or(l.Listing.Shares[0].URL, l.Listing.Shares[0].Code)
		}
	case "contradiction":
		return contradiction(l)
	case "trace":
		if len(l.Listing.Tracking) > 0 {
			return cmp.Or(l.Listing.Tracking[0].Number, l.Listing.Tracking[0].Carrier)
		}
	case "reason":
		return l.Note
	case "amount":
		return k.Amount.String()
	}
	return ""
}

func sellerOf(l *markwatch.Lead, value func(*markwatch.Seller) string) string {
	if l.Listing.Seller == nil {
		return ""
	}
	return strings.TrimSpace(value(l.Listing.Seller))
}

// referencePrice is the genuine price that a finding was computed from.
func referencePrice(l *markwatch.Lead) string {
	for _, f := range l.Verdict.Findings {
		if price := f.Facts["reference_cny"]; price != "" {
			return strings.TrimSpace(price + " CNY " + f.Facts["reference_from"])
		}
	}
	return ""
}

// contradiction quotes a claim and a fact that one finding sets against it.
func contradiction(l *markwatch.Lead) string {
	for _, f := range l.Verdict.Findings {
		var claim, fact string
		for _, e := range f.Evidence {
			switch e.Role {
			case markwatch.RoleClaim:
				claim = cmp.Or(claim, e.Text)
			case markwatch.RoleFact:
				fact = cmp.Or(fact, e.Text)
			}
		}
		if claim != "" && fact != "" {
			return "「" + claim + "」/「" + fact + "」"
		}
	}
	return ""
}

// Gates are those of a deployment, one a violation and one for the rest.
type Gates []markwatch.Gate

// Checklist is what a lead of a violation needs, in the order of the gate, and
// what of it is there. What a person stated under a key counts before what the
// page shows.
func (g Gates) Checklist(lead *markwatch.Lead, violation markwatch.Violation, k Known) []Item {
	var items []Item
	for _, key := range g.needs(violation) {
		all := markwatch.Requirements()
		i := slices.IndexFunc(all, func(r markwatch.Requirement) bool { return r.Key == key })
		if i < 0 {
			continue // configs names every key that is not known
		}
		r := all[i]
		item := Item{Key: key, Name: r.Name, Have: cmp.Or(strings.TrimSpace(lead.Handling.Checked[key]), seen(key, lead, k))}
		item.OK = item.Have != ""
		if !item.OK {
			item.Next = r.Hand
			if item.Next == (markwatch.Text{}) {
				item.Next = markwatch.Text{ZH: "页面没有,请补充", EN: "the page does not show it: add it"}
			}
			item.Waived = slices.ContainsFunc(lead.Handling.Waived, func(w markwatch.Waiver) bool { return w.Requirement == key })
		}
		items = append(items, item)
	}
	return items
}

func (g Gates) needs(violation markwatch.Violation) []string {
	var rest []string
	for _, gate := range g {
		if gate.Violation == violation {
			return gate.Needs
		}
		if gate.Violation == "" {
			rest = gate.Needs
		}
	}
	return rest
}

// Pass says whether a checklist lets a lead go. The error has
// markwatch.CodeConflict and names what is missing and how to add it.
func Pass(number string, items []Item) error {
	var zh, en []string
	for _, item := range items {
		if !item.OK && !item.Waived {
			zh = append(zh, item.Name.ZH+"("+item.Key+","+item.Next.ZH+")")
			en = append(en, item.Key)
		}
	}
	if len(zh) == 0 {
		return nil
	}
	return markwatch.Errorf(markwatch.CodeConflict, "线索 %s 尚缺:%s;用 leads check 填写,或由批准人用 --waive 注明 / lead %s lacks %s: state them with leads check, or let the approver waive them",
		number, strings.Join(zh, "、"), number, strings.Join(en, ", "))
}
