package leads_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
)

func TestTags(t *testing.T) {
	lead := markwatch.Lead{Status: markwatch.LeadNew, Tags: []string{"直播", "团伙"}}
	got, events, err := leads.Apply(lead, markwatch.LeadChange{AddTags: []string{" 重点  商品 ", "直播", ""}, DropTags: []string{"团伙", "没有"}}, "zhangmin", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"直播", "重点 商品"}, got.Tags); d != "" {
		t.Error(d)
	}
	if len(events) != 2 || events[0].Action != leads.ActionUntag || events[1].Action != leads.ActionTag || events[1].To != "重点 商品" {
		t.Errorf("%+v", events)
	}
	if lead.Tags[1] != "团伙" {
		t.Error("the lead that was given was changed")
	}
	var many []string
	for i := range 21 {
		many = append(many, fmt.Sprint(i))
	}
	for _, tags := range [][]string{many, {strings.Repeat("长", 41)}} {
		if _, _, err := leads.Apply(markwatch.Lead{Status: markwatch.LeadNew}, markwatch.LeadChange{AddTags: tags}, "zhangmin", time.Now()); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("%d tags: %v", len(tags), err)
		}
	}
}
