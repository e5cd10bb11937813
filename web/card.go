package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
)

// How much of a listing a card shows, in code points and in reasons.
const (
	cardTitle   = 160
	cardReason  = 90
	cardReasons = 3
	cardMeta    = 40
)

// record is a hit as the store has it: a lead, or a listing that is none.
type record struct {
	lead    bool
	Lead    markwatch.Lead
	Listing markwatch.Listing
	Verdict markwatch.Verdict
}

// record reads a lead, else the listing of that id where the desk has a
// reader for them.
// What lies outside the person's bounds does not exist for them.
func (d *desk) record(r *http.Request, id string) (record, error) {
	rec, err := d.stored(r.Context(), id)
	if err == nil && !d.within(personOf(r).Bounds, rec) {
		return record{}, markwatch.Errorf(markwatch.CodeNotFound, "there is no lead %s", id)
	}
	return rec, err
}

func (d *desk) stored(ctx context.Context, id string) (record, error) {
	lead, err := d.cfg.Leads.Lead(ctx, id)
	if err == nil {
		return recordOf(lead), nil
	}
	if markwatch.ErrorCode(err) != markwatch.CodeNotFound || d.cfg.Listings == nil {
		return record{}, err
	}
	listing, verdict, err := d.cfg.Listings.Listing(ctx, id)
	if err != nil {
		return record{}, err
	}
	return record{Listing: listing, Verdict: verdict}, nil
}

func recordOf(lead markwatch.Lead) record {
	return record{lead: true, Lead: lead, Listing: lead.Listing, Verdict: lead.Verdict}
}

// card is one hit of a search.
type card struct {
	ID, Number, URL string
	Lead            bool
	Score           scoreGlyph
	Title           []segment
	Badges          []badge
	Status          markwatch.LeadStatus
	Price           string
	PriceText       string
	Bar             *priceBar
	Reasons         []string
	// More is the number of reasons that are not shown.
	More int
	Meta []string
	Tags []string
	// Assignee is who has the lead.
	Assignee string
	// Picture is the first one that was captured.
	Picture string
}

func (d *desk) card(l lang, rec record, hit index.Hit) card {
	listing, verdict := rec.Listing, rec.Verdict
	c := card{
		ID: listing.ID, Lead: rec.lead, Score: newScoreGlyph(verdict.Score),
		Badges: d.badges(l, verdict), URL: leadURL(listing.ID), PriceText: d.cat.text(l, "search.no-price"),
	}
	if rec.lead {
		c.Number, c.Status, c.Tags, c.Assignee = rec.Lead.Number, rec.Lead.Status, rec.Lead.Tags, rec.Lead.Assignee
	}
	c.Title = d.title(l, rec, hit.Highlights["title"], cardTitle)
	if listing.Price != nil {
		c.Price = money(*listing.Price)
	} else if listing.PriceText != "" {
		c.PriceText, _ = clip(listing.PriceText, cardMeta)
	}
	if bar, ok := newPriceBar(listing, verdict, d.cfg.Subject); ok {
		c.Bar = &bar
	}
	for i, f := range verdict.Findings {
		if i == cardReasons {
			c.More = len(verdict.Findings) - cardReasons
			break
		}
		reason, cut := clip(pick(l, f.Reason), cardReason)
		if cut {
			reason += "…"
		}
		c.Reasons = append(c.Reasons, reason)
	}
	c.Meta = d.cardMeta(l, rec)
	if shown := pictureViews(listing); len(shown) > 0 && d.cfg.Pages != nil {
		c.Picture = shown[0].Thumb
	}
	return c
}

// title is a listing's title with its quotes and the query's matches marked.
func (d *desk) title(l lang, rec record, hits []markwatch.Span, limit int) []segment {
	text, cut := clip(rec.Listing.Title, limit)
	if strings.TrimSpace(text) == "" {
		return []segment{{Text: d.cat.text(l, "lead.untitled")}}
	}
	marks := d.quotes(l, rec.Verdict, "title")
	for _, s := range hits {
		marks = append(marks, mark{Span: s, hit: true})
	}
	out := segments(text, marks)
	if cut {
		out = append(out, segment{Text: "…"})
	}
	return out
}

func (d *desk) quotes(l lang, v markwatch.Verdict, field string) []mark {
	return quotes(v.Findings, field, func(f markwatch.Finding) string { return d.ruleName(l, f) })
}

// cardMeta is the last line of a card: seller, place, sales, when seen.
func (d *desk) cardMeta(l lang, rec record) []string {
	var out []string
	add := func(s string) {
		if s = strings.TrimSpace(s); s == "" {
			return
		}
		s, cut := clip(s, cardMeta)
		if cut {
			s += "…"
		}
		out = append(out, s)
	}
	listing := rec.Listing
	place := listing.ShipsFrom
	if listing.Seller != nil {
		add(listing.Seller.Name)
		if place == "" {
			place = listing.Seller.Region
		}
	}
	add(place)
	if listing.Sales > 0 {
		add(d.cat.text(l, "card.sales", short(l, listing.Sales)))
	}
	add(d.sourceName(listing.Source))
	first := listing.FetchedAt
	if rec.lead {
		first = rec.Lead.FirstSeen
	}
	if !first.IsZero() {
		add(d.cat.text(l, "card.first", d.shortDay(first)))
	}
	if rec.lead && rec.Lead.Seen > 1 {
		add(d.cat.text(l, "card.seen", rec.Lead.Seen))
	}
	return out
}

// shortDay is a day without the year where it is this year's.
func (d *desk) shortDay(t time.Time) string {
	t = t.In(d.cfg.Location)
	if t.Year() == d.cfg.Now().In(d.cfg.Location).Year() {
		return t.Format("01-02")
	}
	return t.Format("2006-01-02")
}
