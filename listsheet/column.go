package listsheet

import (
	"strings"

	"github.com/markwatch/markwatch"
)

// Column is one column of a table. Its head is written "中文名 name_zh"; either
// word of it is understood.
type Column struct {
	Key   string
	Label markwatch.Text
}

// BrandColumns are the columns of brands, in order. A brand has one row for
// each product; the rows after its first need nothing but the id.
func BrandColumns() []Column {
	return []Column{
		{"id", markwatch.Text{ZH: "编号", EN: "id"}}, {"name_zh", markwatch.Text{ZH: "中文名", EN: "Chinese name"}},
		{"name_en", markwatch.Text{ZH: "英文名", EN: "English name"}}, {"names", markwatch.Text{ZH: "其他语言名称", EN: "names in other languages"}},
		{"aliases", markwatch.Text{ZH: "别名", EN: "aliases"}}, {"ambiguous", markwatch.Text{ZH: "易混名称", EN: "ambiguous names"}},
		{"categories", markwatch.Text{ZH: "类目", EN: "categories"}}, {"holder", markwatch.Text{ZH: "权利人", EN: "holder"}},
		{"registrations", markwatch.Text{ZH: "注册号", EN: "registrations"}}, {"origin", markwatch.Text{ZH: "原产地", EN: "origin"}},
		{"floor", markwatch.Text{ZH: "最低折扣", EN: "floor"}}, {"shops", markwatch.Text{ZH: "授权店铺", EN: "authorised shops"}},
		{"domains", markwatch.Text{ZH: "授权域名", EN: "authorised domains"}}, {"product", markwatch.Text{ZH: "产品", EN: "product"}},
		{"product_aliases", markwatch.Text{ZH: "产品别名", EN: "product aliases"}}, {"price", markwatch.Text{ZH: "官方价", EN: "official price"}},
		{"currency", markwatch.Text{ZH: "币种", EN: "currency"}}, {"unit", markwatch.Text{ZH: "规格", EN: "unit"}},
		{"product_floor", markwatch.Text{ZH: "产品最低折扣", EN: "product floor"}},
	}
}

// WorkColumns are the columns of works, in order.
func WorkColumns() []Column {
	return []Column{
		{"id", markwatch.Text{ZH: "编号", EN: "id"}}, {"type", markwatch.Text{ZH: "类型", EN: "type"}}, {"titles", markwatch.Text{ZH: "标题", EN: "titles"}},
		{"ambiguous", markwatch.Text{ZH: "易混标题", EN: "ambiguous titles"}}, {"creators", markwatch.Text{ZH: "作者", EN: "creators"}},
		{"publisher", markwatch.Text{ZH: "出版发行", EN: "publisher"}}, {"isbn", markwatch.Text{ZH: "书号", EN: "ISBN"}},
		{"price", markwatch.Text{ZH: "正版价", EN: "licensed price"}}, {"currency", markwatch.Text{ZH: "币种", EN: "currency"}},
		{"released", markwatch.Text{ZH: "发行日期", EN: "released"}}, {"domains", markwatch.Text{ZH: "正版域名", EN: "official domains"}},
		{"shops", markwatch.Text{ZH: "正版店铺", EN: "official shops"}}, {"batch", markwatch.Text{ZH: "批次", EN: "batch"}},
		{"protected_from", markwatch.Text{ZH: "预警自", EN: "protected from"}}, {"protected_to", markwatch.Text{ZH: "预警至", EN: "protected to"}},
	}
}

// head is how a column is headed in a file.
func (c Column) head() string { return c.Label.ZH + " " + c.Key }

// keyOf finds the column that a head names; "" where there is none.
func keyOf(columns []Column, head string) string {
	head = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(head, "\ufeff")))
	for _, c := range columns {
		if head == c.Key || head == c.Label.ZH || head == strings.ToLower(c.head()) || head == strings.ToLower(c.Label.EN) {
			return c.Key
		}
	}
	return ""
}

// list cuts a cell that holds several values.
func list(cell string) []string {
	var out []string
	for part := range strings.FieldsFuncSeq(cell, func(r rune) bool { return strings.ContainsRune(";;\n", r) }) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func joined(values []string) string { return strings.Join(values, "; ") }
