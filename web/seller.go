package web

import (
	"net/http"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
)

// sellerRows are what the page says of its seller.
func (d *desk) sellerRows(l lang, s *markwatch.Seller) []sellerRow {
	if s == nil {
		return nil
	}
	var out []sellerRow
	add := func(key, value, link string) {
		if value != "" {
			out = append(out, sellerRow{Label: d.cat.text(l, "field."+key), Value: value, Link: link})
		}
	}
	add("seller.name", s.Name, outsideURL(s.URL))
	if s.Kind != "" {
		add("seller.kind", d.cat.word(l, "seller", string(s.Kind)), "")
	}
	add("seller.region", s.Region, "")
	add("seller.license", s.License, "")
	add("seller.id", s.ID, "")
	for _, a := range s.Accounts {
		add("seller.account", d.cat.word(l, "account", a.Kind)+" "+a.Value, "")
	}
	if len(s.Accounts) == 0 {
		for _, c := range s.Contacts {
			add("seller.contacts", c, "")
		}
	}
	return out
}

// others looks up what else the seller has on offer. It adds to the page and
// is left out where the index cannot answer.
func (d *desk) others(r *http.Request, rec record, v *leadView) {
	if rec.Listing.Seller == nil || rec.Listing.Seller.Name == "" {
		return
	}
	same := choice{Field: index.FieldSeller, Value: rec.Listing.Seller.Name}
	a := address{Page: 1}.with(same)
	q := index.Query{Limit: othersSeen + 1, Location: d.cfg.Location}
	a.filter(&q)
	res, err := d.ask(r, q)
	if err != nil {
		d.cfg.Logger.WarnContext(r.Context(), "look up a seller's other leads", "error", err)
		return
	}
	v.OthersTotal = int64(res.Total)
	for _, hit := range res.Hits {
		if hit.ID == rec.Listing.ID || len(v.Others) == othersSeen {
			continue
		}
		other, err := d.record(r, hit.ID)
		if err != nil {
			continue
		}
		v.Others = append(v.Others, d.otherLead(other))
	}
	if len(v.Others) > 0 {
		v.OthersURL = a.url()
	}
}
