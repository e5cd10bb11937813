package listsheet

import (
	"strings"

	"github.com/markwatch/markwatch"
)

// SellerColumns are the columns of the blacklist, in order.
func SellerColumns() []Column {
	return []Column{
		{"platform", markwatch.Text{ZH: "平台", EN: "platform"}}, {"id", markwatch.Text{ZH: "卖家编号", EN: "seller id"}},
		{"name", markwatch.Text{ZH: "店名", EN: "name"}}, {"license", markwatch.Text{ZH: "证照号", EN: "licence"}},
		{"accounts", markwatch.Text{ZH: "账号", EN: "accounts"}}, {"reason", markwatch.Text{ZH: "原因", EN: "reason"}},
		{"basis", markwatch.Text{ZH: "依据", EN: "basis"}}, {"since", markwatch.Text{ZH: "自", EN: "since"}}, {"until", markwatch.Text{ZH: "至", EN: "until"}},
	}
}

// SellerRows writes sellers of the blacklist as rows. An account is written
// kind:value, as in wechat:abc.
func SellerRows(sellers []markwatch.KnownSeller) []Row {
	rows := make([]Row, len(sellers))
	for i, s := range sellers {
		var accounts []string
		for _, a := range s.Accounts {
			accounts = append(accounts, a.Kind+":"+a.Value)
		}
		rows[i] = Row{Cells: map[string]string{
			"platform": s.Platform, "id": s.ID, "name": s.Name, "license": s.License, "accounts": joined(accounts),
			"reason": s.Reason, "basis": s.Basis, "since": day(s.Since), "until": day(s.Until),
		}}
	}
	return rows
}

// NobodyRecognised says what a seller lacks that no key recognises.
func NobodyRecognised() markwatch.Text {
	return markwatch.Text{ZH: "认不出卖家:须有平台与编号、证照号、账号,或平台与店名", EN: "nothing recognises the seller: platform and id, licence, an account, or platform and name"}
}

// Sellers reads rows as sellers of the blacklist. key recognises a seller, and
// is empty where nothing does; such rows, and those of a seller that stands
// there twice, are problems and left out, as are rows of which a cell is wrong.
func Sellers(rows []Row, key func(markwatch.KnownSeller) string) ([]markwatch.KnownSeller, []Problem) {
	c := &reading{}
	var out []markwatch.KnownSeller
	seen := map[string]bool{}
	for _, row := range rows {
		c.row = row
		before, cells := len(c.problems), row.Cells
		s := markwatch.KnownSeller{
			Platform: cells["platform"], ID: cells["id"], Name: cells["name"], License: cells["license"],
			Reason: cells["reason"], Basis: cells["basis"], Since: c.day("since"), Until: c.day("until"),
		}
		for _, a := range list(cells["accounts"]) {
			kind, value, ok := strings.Cut(a, ":")
			if !ok || kind == "" || value == "" {
				c.fail("accounts", "账号写成 wechat:abc", "accounts are written kind:value, as in wechat:abc")
				continue
			}
			s.Accounts = append(s.Accounts, markwatch.Account{Kind: kind, Value: value})
		}
		k := key(s)
		switch {
		case k == "":
			unknown := NobodyRecognised()
			c.fail("", unknown.ZH, unknown.EN)
		case seen[k]:
			c.fail("", "同一卖家已在前面的行", "the seller stands in a row before")
		}
		seen[k] = true
		if len(c.problems) == before {
			out = append(out, s)
		}
	}
	return out, c.problems
}
