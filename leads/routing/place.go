package routing

import (
	"fmt"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/regions"
)

// PlaceKey is the key of Handling.Checked under which people state where a
// seller really trades.
const PlaceKey = "place"

// found is a place with what is to be told of it.
type found struct {
	codes []string
	text  string // what was read
	notes []markwatch.Text
	why   markwatch.Text // where there are no codes
}

// quote puts what was read before a sentence.
func (f found) quote(s string) string {
	if f.text == "" {
		return s
	}
	return "「" + f.text + "」" + s
}

// place finds what a route's place is for a lead.
func (r *Router) place(kind markwatch.Place, q Question) found {
	if stated := q.Lead.Handling.Checked[PlaceKey]; stated != "" && kind != markwatch.PlaceSource {
		return r.first(kind, []string{stated})
	}
	l := &q.Lead.Listing
	var texts []string
	switch kind {
	case markwatch.PlaceSeller:
		if l.Seller != nil {
			texts = append(texts, l.Seller.Region)
		}
		texts = append(texts, l.ShipsFrom)
		f := r.first(kind, texts)
		if len(f.codes) == 0 && l.Seller != nil {
			return r.registered(l.Seller.License, f)
		}
		return r.compare(f, l)
	case markwatch.PlacePosting:
		for _, parcel := range l.Tracking {
			for _, e := range parcel.Events {
				texts = append(texts, e.Place)
			}
		}
		return r.first(kind, append(texts, l.ShipsFrom))
	case markwatch.PlaceOperator:
		if q.Source != nil && q.Source.Platform.Kind == "own-site" {
			texts = append(texts, q.Source.Region)
		}
	case markwatch.PlacePlatform:
		if q.Source != nil && q.Source.Platform.Kind != "own-site" {
			texts = append(texts, q.Source.Region)
		}
	case markwatch.PlaceSource:
		if q.Source != nil {
			texts = append(texts, q.Source.Region)
		}
	}
	return r.first(kind, texts)
}

// first reads texts in order until one names a region of China.
func (r *Router) first(kind markwatch.Place, texts []string) found {
	f := found{why: unknownPlace(kind)}
	for _, text := range texts {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		reading := r.table.Read(text)
		if len(reading.Codes) > 0 {
			f.codes, f.text = reading.Codes, text
			if len(f.notes) > 0 {
				f.notes = append(f.notes, markwatch.Text{ZH: fmt.Sprintf("地点取自「%s」", text), EN: fmt.Sprintf("the place is taken from %q", text)})
			}
			return f
		}
		note := markwatch.Text{ZH: fmt.Sprintf("「%s」不是可识别的地名", text), EN: fmt.Sprintf("%q is no place that is known", text)}
		if reading.Foreign != "" {
			note = markwatch.Text{ZH: fmt.Sprintf("「%s」在境外(%s)", text, reading.Foreign), EN: fmt.Sprintf("%q is abroad (%s)", text, reading.Foreign)}
		}
		f.notes = append(f.notes, note)
	}
	for _, n := range f.notes {
		f.why.ZH, f.why.EN = f.why.ZH+";"+n.ZH, f.why.EN+"; "+n.EN
	}
	return f
}

// compare notes that the place of dispatch is another than the seller's.
func (r *Router) compare(f found, l *markwatch.Listing) found {
	other := r.table.Read(l.ShipsFrom)
	if len(f.codes) != 1 || !other.Certain() || f.text == strings.TrimSpace(l.ShipsFrom) ||
		regions.Covers(f.codes[0], other.Codes[0]) || regions.Covers(other.Codes[0], f.codes[0]) {
		return f
	}
	f.notes = append(f.notes, markwatch.Text{
		ZH: fmt.Sprintf("发货地「%s」与店铺所在地「%s」不同,请核实实际经营地", l.ShipsFrom, f.text),
		EN: fmt.Sprintf("it ships from %q, the shop says %q: find out where the seller really trades", l.ShipsFrom, f.text),
	})
	return f
}

// registered falls back on where a seller is registered: digits 3 to 8 of the
// unified social credit code (GB 32100-2015) are the region of the office that
// registered it.
func (r *Router) registered(license string, f found) found {
	license = strings.TrimSpace(license)
	if len(license) != 18 || !r.table.Known(license[2:8]) {
		return f
	}
	code := regions.Trim(license[2:8])
	return found{codes: []string{code}, text: license, notes: append(f.notes, markwatch.Text{
		ZH: fmt.Sprintf("页面未写明经营地,按登记机关所在地(%s)移送", r.table.Name(code)),
		EN: fmt.Sprintf("the page states no place of trade; taken from where the seller is registered (%s)", r.table.Name(code)),
	})}
}

func unknownPlace(kind markwatch.Place) markwatch.Text {
	switch kind {
	case markwatch.PlaceSeller:
		return markwatch.Text{ZH: "不知卖家实际经营地", EN: "where the seller really trades is not known"}
	case markwatch.PlaceOperator:
		return markwatch.Text{ZH: "不知网站经营者所在地,请在来源设置里填写 region 与 platform.kind: own-site", EN: "the seat of the site's operator is not known; set region and platform.kind: own-site of the source"}
	case markwatch.PlacePlatform:
		return markwatch.Text{ZH: "不知平台所在地,请在来源设置里填写 region", EN: "the seat of the platform is not known; set region of the source"}
	case markwatch.PlaceSource:
		return markwatch.Text{ZH: "来源没有设置 region", EN: "the source has no region"}
	case markwatch.PlacePosting:
		return markwatch.Text{ZH: "不知寄件地,没有物流轨迹或发货地", EN: "the place of posting is not known: there is neither a parcel's trace nor a place of dispatch"}
	case markwatch.PlaceServer:
		return markwatch.Text{ZH: "服务器所在地须人工查明", EN: "where the server stands has to be found out by people"}
	}
	return markwatch.Text{ZH: "地点不明", EN: "the place is not known"}
}
