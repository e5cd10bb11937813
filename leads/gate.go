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

// Requirement is one thing that a unit may need before a lead goes.
type Requirement struct {
	Key  string
	Name markwatch.Text
	// Hand says what a person has to state under Handling.Checked where no
	// page shows it; empty where the program sees for itself.
	Hand markwatch.Text
	// have returns what fulfils it, "" where nothing does.
	have func(lead *markwatch.Lead, k Known) string
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

// Requirements returns every requirement that a gate may name, a line each.
func Requirements() []Requirement {
	page := markwatch.Text{}
	return []Requirement{
		{"address", markwatch.Text{ZH: "商品网址", EN: "address"}, page, func(l *markwatch.Lead, _ Known) string { return l.Listing.URL }},
		{"seller", markwatch.Text{ZH: "店铺或卖家", EN: "seller"}, page, sellerOf(func(s *markwatch.Seller) string { return cmp.Or(s.Name, s.ID, s.URL) })},
		{"seller-contact", markwatch.Text{ZH: "卖家联系方式", EN: "seller's contact"}, page, sellerOf(func(s *markwatch.Seller) string { return strings.Join(s.Contacts, " ") })},
		{"licence", markwatch.Text{ZH: "营业执照(统一社会信用代码)", EN: "business licence"}, page, sellerOf(func(s *markwatch.Seller) string { return s.License })},
		{"place", markwatch.Text{ZH: "实际经营地", EN: "place of trade"}, markwatch.Text{ZH: "查明后填写", EN: "find it out and write it down"}, func(_ *markwatch.Lead, k Known) string { return k.Place }},
		{"capture", markwatch.Text{ZH: "网页存档", EN: "captured page"}, page, func(l *markwatch.Lead, _ Known) string { return l.Listing.Snapshot }},
		{"price", markwatch.Text{ZH: "标价", EN: "price"}, page, func(l *markwatch.Lead, _ Known) string {
			if l.Listing.Price == nil {
				return ""
			}
			return l.Listing.Price.String()
		}},
		{"price-source", markwatch.Text{ZH: "参考价及出处", EN: "reference price and its source"}, markwatch.Text{ZH: "写明正品价、出处与日期", EN: "write down the genuine price, where it is from and its date"}, referencePrice},
		{"holder", markwatch.Text{ZH: "权利人", EN: "holder"}, markwatch.Text{ZH: "写明权利人", EN: "write down the holder"}, func(_ *markwatch.Lead, k Known) string {
			if k.Brand == nil {
				return ""
			}
			return k.Brand.Holder
		}},
		{"registration", markwatch.Text{ZH: "商标注册号", EN: "registration"}, markwatch.Text{ZH: "写明注册号", EN: "write down the registration"}, func(_ *markwatch.Lead, k Known) string {
			if k.Brand == nil {
				return ""
			}
			return strings.Join(k.Brand.Registrations, "、")
		}},
		{"work-owner", markwatch.Text{ZH: "作品权利人", EN: "owner of the work"}, markwatch.Text{ZH: "写明作品权利人", EN: "write down the owner"}, func(_ *markwatch.Lead, k Known) string {
			if k.Work == nil {
				return ""
			}
			return cmp.Or(k.Work.Publisher, strings.Join(k.Work.Creators, "、"))
		}},
		{"share", markwatch.Text{ZH: "分享链接", EN: "share link"}, page, func(l *markwatch.Lead, _ Known) string {
			if len(l.Listing.Shares) == 0 {
				return ""
			}
			return cmp.Or(l.Listing.Shares[0].URL, l.Listing.Shares[0].Code)
		}},
		{"contradiction", markwatch.Text{ZH: "矛盾事实", EN: "contradiction"}, markwatch.Text{ZH: "写明声称与事实", EN: "write down the claim and the fact against it"}, contradiction},
		{"trace", markwatch.Text{ZH: "物流轨迹", EN: "parcel's trace"}, markwatch.Text{ZH: "附上物流轨迹", EN: "add the parcel's trace"}, func(l *markwatch.Lead, _ Known) string {
			if len(l.Listing.Tracking) == 0 {
				return ""
			}
			return cmp.Or(l.Listing.Tracking[0].Number, l.Listing.Tracking[0].Carrier)
		}},
		{"authorisation", markwatch.Text{ZH: "授权核实", EN: "authorisation checked"}, markwatch.Text{ZH: "向权利人核实后填写结果", EN: "ask the holder and write down the answer"}, none},
		{"reason", markwatch.Text{ZH: "认定理由", EN: "reason"}, markwatch.Text{ZH: "写明认定理由", EN: "write down why"}, func(l *markwatch.Lead, _ Known) string { return l.Note }},
		{"amount", markwatch.Text{ZH: "涉案金额", EN: "amount involved"}, markwatch.Text{ZH: "写明金额及计算方法", EN: "write down the amount and how it was reckoned"}, func(_ *markwatch.Lead, k Known) string {
			if !k.Amount.Known {
				return ""
			}
			return k.Amount.String()
		}},
	}
}

func none(*markwatch.Lead, Known) string { return "" }

func sellerOf(value func(*markwatch.Seller) string) func(*markwatch.Lead, Known) string {
	return func(l *markwatch.Lead, _ Known) string {
		if l.Listing.Seller == nil {
			return ""
		}
		return strings.TrimSpace(value(l.Listing.Seller))
	}
}

// referencePrice is the genuine price that a finding was computed from.
func referencePrice(l *markwatch.Lead, _ Known) string {
	for _, f := range l.Verdict.Findings {
		if price := f.Facts["reference_cny"]; price != "" {
			return strings.TrimSpace(price + " CNY " + f.Facts["reference_from"])
		}
	}
	return ""
}

// contradiction quotes a claim and a fact that one finding sets against it.
func contradiction(l *markwatch.Lead, _ Known) string {
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
		all := Requirements()
		i := slices.IndexFunc(all, func(r Requirement) bool { return r.Key == key })
		if i < 0 {
			continue // configs names every key that is not known
		}
		r := all[i]
		item := Item{Key: key, Name: r.Name, Have: cmp.Or(strings.TrimSpace(lead.Handling.Checked[key]), r.have(lead, k))}
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
