package markwatch

import "github.com/shopspring/decimal"

// Gate is what a unit needs before a lead of a violation may go.
type Gate struct {
	// Violation is empty for those that no other gate names.
	Violation Violation `json:"violation,omitempty" yaml:"violation"`
	// Needs are keys of Requirements.
	Needs []string `json:"needs" yaml:"needs"`
}

// Requirement is one thing that a unit may need before a lead goes. What of a
// lead fulfils it, package leads sees.
type Requirement struct {
	Key  string
	Name Text
	// Hand says what a person has to state under Handling.Checked where no
	// page shows it; empty where it is looked for on the page.
	Hand Text
}

// Requirements returns every requirement that a gate may name, a line each.
func Requirements() []Requirement {
	return []Requirement{
		{Key: "address", Name: Text{ZH: "商品网址", EN: "address"}},
		{Key: "seller", Name: Text{ZH: "店铺或卖家", EN: "seller"}},
		{Key: "seller-contact", Name: Text{ZH: "卖家联系方式", EN: "seller's contact"}},
		{Key: "licence", Name: Text{ZH: "营业执照(统一社会信用代码)", EN: "business licence"}},
		{Key: "place", Name: Text{ZH: "实际经营地", EN: "place of trade"}, Hand: Text{ZH: "查明后填写", EN: "find it out and write it down"}},
		{Key: "capture", Name: Text{ZH: "网页存档", EN: "captured page"}},
		{Key: "price", Name: Text{ZH: "标价", EN: "price"}},
		{Key: "price-source", Name: Text{ZH: "参考价及出处", EN: "reference price and its source"}, Hand: Text{ZH: "写明正品价、出处与日期", EN: "write down the genuine price, where it is from and its date"}},
		{Key: "holder", Name: Text{ZH: "权利人", EN: "holder"}, Hand: Text{ZH: "写明权利人", EN: "write down the holder"}},
		{Key: "registration", Name: Text{ZH: "商标注册号", EN: "registration"}, Hand: Text{ZH: "写明注册号", EN: "write down the registration"}},
		{Key: "work-owner", Name: Text{ZH: "作品权利人", EN: "owner of the work"}, Hand: Text{ZH: "写明作品权利人", EN: "write down the owner"}},
		{Key: "share", Name: Text{ZH: "分享链接", EN: "share link"}},
		{Key: "contradiction", Name: Text{ZH: "矛盾事实", EN: "contradiction"}, Hand: Text{ZH: "写明声称与事实", EN: "write down the claim and the fact against it"}},
		{Key: "trace", Name: Text{ZH: "物流轨迹", EN: "parcel's trace"}, Hand: Text{ZH: "附上物流轨迹", EN: "add the parcel's trace"}},
		{Key: "authorisation", Name: Text{ZH: "授权核实", EN: "authorisation checked"}, Hand: Text{ZH: "向权利人核实后填写结果", EN: "ask the holder and write down the answer"}},
		{Key: "reason", Name: Text{ZH: "认定理由", EN: "reason"}, Hand: Text{ZH: "写明认定理由", EN: "write down why"}},
		{Key: "amount", Name: Text{ZH: "涉案金额", EN: "amount involved"}, Hand: Text{ZH: "写明金额及计算方法", EN: "write down the amount and how it was reckoned"}},
	}
}

// StateTerm is how long a lead may stand in a state.
type StateTerm struct {
	Status LeadStatus `json:"status" yaml:"status"`
	Days   int        `json:"days" yaml:"days"`
	// Count is "working" for working days, else "calendar".
	Count string `json:"count,omitempty" yaml:"count"`
	// Remind is how many days before the end people are reminded.
	Remind int `json:"remind,omitempty" yaml:"remind"`
	// Basis names the rule, for the reminder.
	Basis string `json:"basis,omitempty" yaml:"basis"`
}

// CrimeThreshold is an amount from which a lead is to be considered for
// transfer to the police. It is dated configuration.
type CrimeThreshold struct {
	ID        string    `json:"id" yaml:"id"`
	Violation Violation `json:"violation" yaml:"violation"`
	Crime     string    `json:"crime" yaml:"crime"`
	// Amount is in yuan.
	Amount decimal.Decimal `json:"amount" yaml:"amount"`
	// Measure says what the law counts (销售金额, 非法经营数额).
	Measure string `json:"measure,omitempty" yaml:"measure"`
	Basis   string `json:"basis" yaml:"basis"`
	Since   Date   `json:"since" yaml:"since"`
	Until   Date   `json:"until,omitzero" yaml:"until"`
	// Documents are those that a transfer needs.
	Documents []string `json:"documents,omitempty" yaml:"documents"`
}
