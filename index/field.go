package index

import (
	"slices"

	"github.com/markwatch/markwatch"
)

// Field names a part of a Document that can be searched, filtered, sorted or
// counted by. The name is also its name in the query language.
type Field string

// The fields of text. A searched text is a sequence of tokens in them.
const (
	FieldTitle  Field = "title"
	FieldSeller Field = "seller" // also filtered and counted by the whole name
	FieldBrand  Field = "brand"  // the declared brand and the subjects' names
	FieldPlace  Field = "place"  // where it ships from, where the seller is
	FieldURL    Field = "url"
	FieldNumber Field = "number"
	FieldReason Field = "reason"
)

// The fields of keywords, which are equal or not.
const (
	FieldViolation Field = "violation"
	FieldSubject   Field = "subject" // ids of protected brands and works
	FieldSource    Field = "source"
	FieldPlatform  Field = "platform"
	FieldRegion    Field = "region" // the seller's province, else its region as shown
	FieldUnit      Field = "unit"
	FieldStatus    Field = "status"
	FieldRule      Field = "rule" // matcher/rule; a query may name either half
	FieldAssignee  Field = "assignee"
	FieldBand      Field = "band"    // score in tenths: "0.9" is 0.9 and above
	FieldLead      Field = "lead"    // "true" or "false"
	FieldFlagged   Field = "flagged" // "true" or "false"
	FieldID        Field = "id"
)

// The fields of numbers, and of days in the deployment's time zone.
const (
	FieldScore Field = "score"
	FieldPrice Field = "price" // renminbi
	FieldSales Field = "sales"
	FieldSeen  Field = "seen"  // seen last
	FieldFirst Field = "first" // seen first
)

// Kind says what can be asked of a field.
type Kind int

// The kinds of field.
const (
	KindText Kind = iota + 1
	KindKeyword
	KindNumber
	KindDate
)

// FieldInfo describes a field for the parser, the engines and the help panel.
type FieldInfo struct {
	Field Field
	Kind  Kind
	// Facet is set where the field's values can be counted.
	Facet bool
	// Aliases are other names in the query language.
	Aliases []string
	Label   markwatch.Text
	Example string
}

// Fields returns every field in the order of the help panel.
func Fields() []FieldInfo {
	return []FieldInfo{
		{FieldTitle, KindText, false, []string{"标题"}, markwatch.Text{ZH: "标题", EN: "Title"}, "title:空军一号"},
		{FieldSeller, KindText, true, []string{"卖家", "店铺"}, markwatch.Text{ZH: "卖家", EN: "Seller"}, "seller:鞋坊"},
		{FieldBrand, KindText, false, []string{"品牌"}, markwatch.Text{ZH: "品牌或作品名", EN: "Brand or work by name"}, "brand:耐克"},
		{FieldPlace, KindText, false, []string{"地点", "发货地"}, markwatch.Text{ZH: "发货地、卖家所在地", EN: "Ships from, seller's place"}, "place:莆田"},
		{FieldURL, KindText, false, []string{"网址", "链接"}, markwatch.Text{ZH: "网址", EN: "Address"}, "url:item.example.com"},
		{FieldNumber, KindText, false, []string{"编号", "线索号"}, markwatch.Text{ZH: "线索编号", EN: "Lead number"}, "number:2026-0412"},
		{FieldReason, KindText, false, []string{"理由", "原因"}, markwatch.Text{ZH: "可疑理由", EN: "Reason"}, "reason:低于最低"},
		{FieldViolation, KindKeyword, true, []string{"违法", "违法类型", "类型"}, markwatch.Text{ZH: "违法类型", EN: "Violation"}, "violation:counterfeit"},
		{FieldSubject, KindKeyword, true, []string{"对象"}, markwatch.Text{ZH: "品牌 / 作品", EN: "Brand or work"}, "subject:nike"},
		{FieldSource, KindKeyword, true, []string{"来源"}, markwatch.Text{ZH: "来源", EN: "Source"}, "source:taobao"},
		{FieldPlatform, KindKeyword, true, []string{"平台"}, markwatch.Text{ZH: "平台", EN: "Platform"}, "platform:taobao"},
		{FieldRegion, KindKeyword, true, []string{"地区", "省份"}, markwatch.Text{ZH: "地区", EN: "Region"}, "region:福建"},
		{FieldUnit, KindKeyword, true, []string{"单位"}, markwatch.Text{ZH: "办理单位", EN: "Unit"}, "unit:gy-scjg"},
		{FieldStatus, KindKeyword, true, []string{"状态"}, markwatch.Text{ZH: "处理状态", EN: "Status"}, "status:new,review"},
		{FieldRule, KindKeyword, true, []string{"规则"}, markwatch.Text{ZH: "规则", EN: "Rule"}, "rule:below-floor"},
		{FieldAssignee, KindKeyword, true, []string{"承办", "指派"}, markwatch.Text{ZH: "承办人", EN: "Assignee"}, "assignee:zhangmin"},
		{FieldBand, KindKeyword, true, []string{"分段"}, markwatch.Text{ZH: "可疑度分段", EN: "Score band"}, "band:0.9"},
		{FieldLead, KindKeyword, true, []string{"线索"}, markwatch.Text{ZH: "是线索", EN: "Is a lead"}, "lead:true"},
		{FieldFlagged, KindKeyword, true, []string{"可疑"}, markwatch.Text{ZH: "被标记", EN: "Flagged"}, "flagged:true"},
		{FieldID, KindKeyword, false, nil, markwatch.Text{ZH: "内部编号", EN: "Id"}, "id:taobao-123"},
		{FieldScore, KindNumber, false, []string{"可疑度", "分数"}, markwatch.Text{ZH: "可疑度(0 到 1)", EN: "Score (0 to 1)"}, "score:>0.8"},
		{FieldPrice, KindNumber, false, []string{"价格", "价"}, markwatch.Text{ZH: "价格(元)", EN: "Price (CNY)"}, "price:100..500"},
		{FieldSales, KindNumber, false, []string{"销量", "已售"}, markwatch.Text{ZH: "销量", EN: "Units sold"}, "sales:>1万"},
		{FieldSeen, KindDate, false, []string{"末见", "最近"}, markwatch.Text{ZH: "最近看到的日期", EN: "Day last seen"}, "seen:2026-11-01..2026-11-20"},
		{FieldFirst, KindDate, false, []string{"首见"}, markwatch.Text{ZH: "首次看到的日期", EN: "Day first seen"}, "first:2026-11-20"},
	}
}

// Info describes a field by its name; ok is false for an unknown one.
func (f Field) Info() (info FieldInfo, ok bool) {
	all := Fields()
	i := slices.IndexFunc(all, func(i FieldInfo) bool { return i.Field == f })
	if i < 0 {
		return FieldInfo{}, false
	}
	return all[i], true
}

// Facets returns the fields whose values can be counted.
func Facets() []Field {
	var out []Field
	for _, i := range Fields() {
		if i.Facet {
			out = append(out, i.Field)
		}
	}
	return out
}
