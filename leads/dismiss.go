package leads

import (
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
)

// DismissReason is why a lead was none. It teaches the rules, so it says what
// was taken for what; remarks go into the note.
type DismissReason struct {
	ID   string
	Text markwatch.Text
}

// DismissReasons returns the six reasons in the order of the dialogue. One of
// them is required on dismissal.
func DismissReasons() []DismissReason {
	return []DismissReason{
		{"genuine", markwatch.Text{ZH: "正品或已获授权", EN: "genuine or authorised"}},
		{"resale", markwatch.Text{ZH: "二手、样品、空瓶等,价格不可比", EN: "second-hand, sample or packaging: the price cannot be compared"}},
		{"wrong-subject", markwatch.Text{ZH: "不是该品牌或作品(配件、同名、他牌)", EN: "not this brand or work (accessory, homonym, other goods)"}},
		{"not-an-offer", markwatch.Text{ZH: "并非销售(新闻、鉴别、测评、教程)", EN: "not an offer (news, authentication, review, lesson)"}},
		{"misread", markwatch.Text{ZH: "页面读取有误(价格、数量、店铺等)", EN: "the page was misread (price, quantity, seller)"}},
		{"insufficient", markwatch.Text{ZH: "证据不足,暂不处理", EN: "not enough to go on"}},
	}
}

// checkReason says whether there is a reason with an id.
func checkReason(id string) error {
	reasons := DismissReasons()
	i := slices.IndexFunc(reasons, func(r DismissReason) bool { return r.ID == id })
	if i >= 0 {
		return nil
	}
	names := make([]string, len(reasons))
	for i, r := range reasons {
		names[i] = r.ID + "(" + r.Text.ZH + ")"
	}
	list := strings.Join(names, "、")
	if id == "" {
		return markwatch.Errorf(markwatch.CodeInvalid, "排除线索须选一个原因:%s / dismissing a lead needs one of these reasons", list)
	}
	return markwatch.Errorf(markwatch.CodeInvalid, "没有排除原因 %q,可用:%s / there is no reason %q, only these", id, list, id)
}
