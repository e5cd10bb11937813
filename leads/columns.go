package leads

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

// Column is one column of the table for people.
type Column struct {
	// Key is how units.yaml names it, Header what stands above it.
	Key, Header string
	// Number is set where the program computes the value, so that a
	// spreadsheet may reckon with it.
	Number bool
	// Batch is set for what only a lead that is sent has.
	Batch bool
	Value func(r *Row) string
}

// columns are the columns of the table, in the order of a lead's record:
// origin, listing, subject, violation, money, evidence, handling.
var columns = []Column{
	{Key: "number", Header: "线索编号", Value: func(l *Row) string { return l.Number }},
	{Key: "status", Header: "状态", Value: func(l *Row) string { return StatusName(l.Status).ZH }},
	{Key: "score", Header: "可疑度", Number: true, Value: func(l *Row) string { return score(l.Verdict.Score) }},
	{Key: "violations", Header: "违法类型", Value: func(l *Row) string { return violations(&l.Verdict) }},
	{Key: "subjects", Header: "涉及品牌或作品", Value: func(l *Row) string { return subjects(&l.Verdict) }},
	{Key: "reasons", Header: "可疑理由", Value: func(l *Row) string { return reasons(&l.Verdict) }},
	{Key: "quotes", Header: "证据引文", Value: func(l *Row) string { return quotes(&l.Verdict) }},
	{Key: "platform", Header: "平台", Value: func(l *Row) string { return l.Listing.Platform }},
	{Key: "source", Header: "来源", Value: func(l *Row) string { return l.Listing.Source }},
	{Key: "url", Header: "网址", Value: func(l *Row) string { return l.Listing.URL }},
	{Key: "item_id", Header: "商品编号", Value: func(l *Row) string { return l.Listing.ItemID }},
	{Key: "sku", Header: "规格编号", Value: func(l *Row) string { return l.Listing.SKU }},
	{Key: "title", Header: "标题", Value: func(l *Row) string { return l.Listing.Title }},
	{Key: "price", Header: "价格", Number: true, Value: func(l *Row) string { return amount(l.Listing.Price) }},
	{Key: "currency", Header: "币种", Value: func(l *Row) string { return currency(l.Listing.Price) }},
	{Key: "price_text", Header: "页面价格", Value: func(l *Row) string { return l.Listing.PriceText }},
	{Key: "list_price", Header: "划线价", Number: true, Value: func(l *Row) string { return amount(l.Listing.ListPrice) }},
	{Key: "sales", Header: "销量(下限)", Number: true, Value: func(l *Row) string { return sales(&l.Listing) }},
	{Key: "sales_text", Header: "页面销量", Value: func(l *Row) string { return l.Listing.SalesText }},
	{Key: "ships_from", Header: "发货地", Value: func(l *Row) string { return l.Listing.ShipsFrom }},
	{Key: "seller", Header: "店铺名称", Value: seller(func(s *markwatch.Seller) string { return s.Name })},
	{Key: "seller_id", Header: "店铺编号", Value: seller(func(s *markwatch.Seller) string { return s.ID })},
	{Key: "seller_url", Header: "店铺网址", Value: seller(func(s *markwatch.Seller) string { return s.URL })},
	{Key: "seller_region", Header: "店铺地区", Value: seller(func(s *markwatch.Seller) string { return s.Region })},
	{Key: "license", Header: "统一社会信用代码", Value: seller(func(s *markwatch.Seller) string { return s.License })},
	{Key: "contacts", Header: "联系方式", Value: seller(func(s *markwatch.Seller) string { return strings.Join(s.Contacts, "\n") })},
	{Key: "first_seen", Header: "首次发现", Value: func(l *Row) string { return moment(l.FirstSeen) }},
	{Key: "last_seen", Header: "最近发现", Value: func(l *Row) string { return moment(l.LastSeen) }},
	{Key: "seen", Header: "发现次数", Number: true, Value: func(l *Row) string { return strconv.Itoa(l.Seen) }},
	{Key: "assignee", Header: "承办人", Value: func(l *Row) string { return l.Assignee }},
	{Key: "dismissed", Header: "排除原因", Value: dismissal},
	{Key: "tags", Header: "标签", Value: func(l *Row) string { return strings.Join(l.Tags, "、") }},
	{Key: "note", Header: "备注", Value: func(l *Row) string { return l.Note }},
	{Key: "snapshot", Header: "网页存档", Value: func(l *Row) string { return l.Listing.Snapshot }},
	{Key: "judged_at", Header: "判定时间", Value: func(l *Row) string { return moment(l.Verdict.At) }},
	{Key: "knowledge", Header: "判定依据版本", Value: func(l *Row) string { return l.Verdict.Knowledge }},
	{Key: "id", Header: "商品标识", Value: func(l *Row) string { return l.ID }},
	{Key: "sent_as", Header: "移送案由", Batch: true, Value: func(l *Row) string { return ViolationName(Routed(&l.Lead)).ZH }},
	{Key: "holder", Header: "权利人", Batch: true, Value: func(l *Row) string { return l.Holder }},
	{Key: "registration", Header: "商标注册号", Batch: true, Value: func(l *Row) string { return l.Registration }},
	{Key: "reference", Header: "参考价及出处", Batch: true, Value: func(l *Row) string {
		return cmp.Or(l.Handling.Checked["price-source"], referencePrice(&l.Lead))
	}},
	{Key: "authorisation", Header: "授权核实", Batch: true, Value: func(l *Row) string { return l.Handling.Checked["authorisation"] }},
	{Key: "amount_from", Header: "涉案金额下限", Number: true, Batch: true, Value: func(l *Row) string { return bound(l.Amount, l.Amount.From) }},
	{Key: "amount_to", Header: "涉案金额上限", Number: true, Batch: true, Value: func(l *Row) string { return bound(l.Amount, l.Amount.To) }},
	{Key: "crime", Header: "涉嫌犯罪", Batch: true, Value: func(l *Row) string { return strings.Join(l.Crimes, "\n") }},
	{Key: "other_urls", Header: "并案网址", Batch: true, Value: func(l *Row) string { return strings.Join(l.otherAddresses(), "\n") }},
	{Key: "shown", Header: "移送前复查", Batch: true, Value: func(l *Row) string { return ShownName(l.Handling.ShownOnSending).ZH }},
	{Key: "place", Header: "管辖地", Batch: true, Value: func(l *Row) string { return l.PlaceName }},
	{Key: "basis", Header: "管辖依据", Batch: true, Value: func(l *Row) string { return l.Handling.Addressee.Basis }},
	{Key: "repeat", Header: "屡犯", Batch: true, Value: func(l *Row) string { return l.Repeat }},
	{Key: "package", Header: "证据包", Batch: true, Value: func(l *Row) string { return l.Handling.Package }},
	{Key: "package_hash", Header: "证据包SHA-256", Batch: true, Value: func(l *Row) string { return l.Handling.PackageHash }},
}

// Row is a lead as the tables show it, with what is known beside it.
type Row struct {
	markwatch.Lead
	// Parts are the leads that were merged into it.
	Parts        []markwatch.Lead `json:"parts,omitempty"`
	Holder       string           `json:"holder,omitempty"`
	Registration string           `json:"registration,omitempty"`
	Amount       Amount           `json:"amount,omitzero"`
	// Crimes name the crimes whose thresholds the amount reaches.
	Crimes    []string `json:"crimes,omitempty"`
	PlaceName string   `json:"place_name,omitempty"`
	// Suspicions say the same with the documents that a transfer needs.
	Suspicions []Suspicion `json:"-"`
	// SameGoods are the same goods of one hand under other addresses.
	SameGoods []markwatch.Twin `json:"-"`
	// Repeat says that the seller was found out before.
	Repeat string `json:"repeat,omitempty"`
}

func (r *Row) otherAddresses() []string {
	var list []string
	for _, p := range r.Parts {
		list = append(list, p.Number+" "+p.Listing.URL)
	}
	return list
}

func bound(a Amount, d decimal.Decimal) string {
	if !a.Known {
		return ""
	}
	return d.StringFixed(2)
}

// PlainColumns are those of the table of any leads, BatchColumns those of a
// list that goes to a unit.
func PlainColumns() []Column {
	return slices.DeleteFunc(slices.Clone(columns), func(c Column) bool { return c.Batch })
}

// BatchColumns returns the columns with these keys in the order of the table;
// without keys all but those that are of no use outside. The error has
// markwatch.CodeInvalid and names the keys that there are.
func BatchColumns(keys []string) ([]Column, error) {
	var chosen []Column
	var all []string
	for _, c := range columns {
		all = append(all, c.Key)
		inner := c.Key == "assignee" || c.Key == "dismissed" || c.Key == "tags" || c.Key == "snapshot"
		if slices.Contains(keys, c.Key) || len(keys) == 0 && !inner {
			chosen = append(chosen, c)
		}
	}
	for _, key := range keys {
		if !slices.Contains(all, key) {
			list := strings.Join(all, ", ")
			return nil, markwatch.Errorf(markwatch.CodeInvalid, "没有字段 %q,可用:%s / there is no field %q, only %s", key, list, key, list)
		}
	}
	return chosen, nil
}

func seller(value func(*markwatch.Seller) string) func(*Row) string {
	return func(l *Row) string {
		if l.Listing.Seller == nil {
			return ""
		}
		return value(l.Listing.Seller)
	}
}

// violations names the flagged violations, the gravest first.
func violations(v *markwatch.Verdict) string {
	flagged := flaggedViolations(v)
	names := make([]string, len(flagged))
	for i, name := range flagged {
		names[i] = ViolationName(name).ZH
	}
	return strings.Join(names, "、")
}

// flaggedViolations are the flagged violations, the gravest first.
func flaggedViolations(v *markwatch.Verdict) []markwatch.Violation {
	var flagged []markwatch.Violation
	for name, verdict := range v.Violations {
		if verdict.Flagged {
			flagged = append(flagged, name)
		}
	}
	slices.SortFunc(flagged, func(a, b markwatch.Violation) int {
		return cmp.Or(cmp.Compare(v.Violations[b].Score, v.Violations[a].Score), cmp.Compare(a, b))
	})
	return flagged
}

func subjects(v *markwatch.Verdict) string {
	var ids []string
	for _, f := range v.Findings {
		if f.Subject != "" && !slices.Contains(ids, f.Subject) {
			ids = append(ids, f.Subject)
		}
	}
	return strings.Join(ids, "、")
}

func reasons(v *markwatch.Verdict) string {
	lines := make([]string, 0, len(v.Findings))
	for _, f := range v.Findings {
		if !slices.Contains(lines, f.Reason.ZH) {
			lines = append(lines, f.Reason.ZH)
		}
	}
	return strings.Join(lines, "\n")
}

// quotes are the quoted places by field: title:「耐 克」「莆田」.
func quotes(v *markwatch.Verdict) string {
	fields := map[string][]string{}
	for _, f := range v.Findings {
		for _, e := range f.Evidence {
			if e.Text != "" && !slices.Contains(fields[e.Field], e.Text) {
				fields[e.Field] = append(fields[e.Field], e.Text)
			}
		}
	}
	var lines []string
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		lines = append(lines, field+":「"+strings.Join(fields[field], "」「")+"」")
	}
	return strings.Join(lines, "\n")
}

func dismissal(l *Row) string {
	for _, r := range DismissReasons() {
		if r.ID == l.Reason {
			return r.Text.ZH
		}
	}
	return l.Reason
}

func score(s float64) string { return strconv.FormatFloat(s, 'f', 2, 64) }

func amount(m *markwatch.Money) string {
	if m == nil {
		return ""
	}
	return m.AmountText()
}

func currency(m *markwatch.Money) string {
	if m == nil {
		return ""
	}
	return m.Currency
}

func sales(l *markwatch.Listing) string {
	if l.Sales == 0 && l.SalesText == "" {
		return ""
	}
	return strconv.FormatInt(l.Sales, 10)
}

// china is the one legal time of China, in which the table is written whatever
// zone the program runs in.
var china = time.FixedZone("", 8*60*60)

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(china).Format(time.RFC3339)
}
