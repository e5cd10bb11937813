package leads

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
)

// column is one column of the table for people.
type column struct {
	header string
	// number is set where the program computes the value, so that a
	// spreadsheet may reckon with it.
	number bool
	value  func(l *markwatch.Lead) string
}

// columns are the columns of the table, in the order of a lead's record:
// origin, listing, subject, violation, money, evidence, handling.
var columns = []column{
	{"线索编号", false, func(l *markwatch.Lead) string { return l.Number }},
	{"状态", false, func(l *markwatch.Lead) string { return StatusName(l.Status).ZH }},
	{"可疑度", true, func(l *markwatch.Lead) string { return score(l.Verdict.Score) }},
	{"违法类型", false, func(l *markwatch.Lead) string { return violations(&l.Verdict) }},
	{"涉及品牌或作品", false, func(l *markwatch.Lead) string { return subjects(&l.Verdict) }},
	{"可疑理由", false, func(l *markwatch.Lead) string { return reasons(&l.Verdict) }},
	{"证据引文", false, func(l *markwatch.Lead) string { return quotes(&l.Verdict) }},
	{"平台", false, func(l *markwatch.Lead) string { return l.Listing.Platform }},
	{"来源", false, func(l *markwatch.Lead) string { return l.Listing.Source }},
	{"网址", false, func(l *markwatch.Lead) string { return l.Listing.URL }},
	{"商品编号", false, func(l *markwatch.Lead) string { return l.Listing.ItemID }},
	{"规格编号", false, func(l *markwatch.Lead) string { return l.Listing.SKU }},
	{"标题", false, func(l *markwatch.Lead) string { return l.Listing.Title }},
	{"价格", true, func(l *markwatch.Lead) string { return amount(l.Listing.Price) }},
	{"币种", false, func(l *markwatch.Lead) string { return currency(l.Listing.Price) }},
	{"页面价格", false, func(l *markwatch.Lead) string { return l.Listing.PriceText }},
	{"划线价", true, func(l *markwatch.Lead) string { return amount(l.Listing.ListPrice) }},
	{"销量(下限)", true, func(l *markwatch.Lead) string { return sales(&l.Listing) }},
	{"页面销量", false, func(l *markwatch.Lead) string { return l.Listing.SalesText }},
	{"发货地", false, func(l *markwatch.Lead) string { return l.Listing.ShipsFrom }},
	{"店铺名称", false, seller(func(s *markwatch.Seller) string { return s.Name })},
	{"店铺编号", false, seller(func(s *markwatch.Seller) string { return s.ID })},
	{"店铺网址", false, seller(func(s *markwatch.Seller) string { return s.URL })},
	{"店铺地区", false, seller(func(s *markwatch.Seller) string { return s.Region })},
	{"统一社会信用代码", false, seller(func(s *markwatch.Seller) string { return s.License })},
	{"联系方式", false, seller(func(s *markwatch.Seller) string { return strings.Join(s.Contacts, "\n") })},
	{"首次发现", false, func(l *markwatch.Lead) string { return moment(l.FirstSeen) }},
	{"最近发现", false, func(l *markwatch.Lead) string { return moment(l.LastSeen) }},
	{"发现次数", true, func(l *markwatch.Lead) string { return strconv.Itoa(l.Seen) }},
	{"承办人", false, func(l *markwatch.Lead) string { return l.Assignee }},
	{"排除原因", false, dismissal},
	{"标签", false, func(l *markwatch.Lead) string { return strings.Join(l.Tags, "、") }},
	{"备注", false, func(l *markwatch.Lead) string { return l.Note }},
	{"网页存档", false, func(l *markwatch.Lead) string { return l.Listing.Snapshot }},
	{"判定时间", false, func(l *markwatch.Lead) string { return moment(l.Verdict.At) }},
	{"判定依据版本", false, func(l *markwatch.Lead) string { return l.Verdict.Knowledge }},
	{"商品标识", false, func(l *markwatch.Lead) string { return l.ID }},
}

func seller(value func(*markwatch.Seller) string) func(*markwatch.Lead) string {
	return func(l *markwatch.Lead) string {
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

func dismissal(l *markwatch.Lead) string {
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
