package web

import (
	"time"

	"github.com/markwatch/markwatch"
)

var interim = []reason{{"genuine", "正品"}, {"authorized", "已授权"}, {"used", "二手或配件"}, {"wrong-match", "认错品牌作品"}, {"wrong-price", "价格读错"}, {"other", "其他"}}

func apply(l markwatch.Lead, c markwatch.LeadChange, actor string, now time.Time) (markwatch.Lead, []markwatch.LeadEvent, error) {
	if c.Status == l.Status {
		return l, nil, markwatch.Errorf(markwatch.CodeConflict, "already %s", l.Status)
	}
	e := markwatch.LeadEvent{At: now, Actor: actor, Action: "status", From: string(l.Status), To: string(c.Status), Note: c.Note}
	if c.Status == "" {
		e = markwatch.LeadEvent{At: now, Actor: actor, Action: "note", Note: c.Note}
	} else {
		l.Status = c.Status
		l.Reason = c.Reason
	}
	if c.Note != "" {
		l.Note = c.Note
	}
	return l, []markwatch.LeadEvent{e}, nil
}
func allowed(from, to markwatch.LeadStatus) bool { return from != to }
func (d *desk) reasons(l lang) []reason          { return interim }
func reasonName(l lang, id string) string {
	for _, r := range interim {
		if r.ID == id {
			return r.Name
		}
	}
	return ""
}
