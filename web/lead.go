package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/leads"
)

// How much of one record the lead page shows, in code points and in lines.
const (
	leadTitle  = 400
	fieldText  = 20_000
	quoteText  = 400
	factLabel  = 60
	rawText    = 200_000
	leadFields = 400
	leadEvents = 200
	othersSeen = 5
)

// leadView is what the lead page shows. A listing that is no lead has the
// same page without what people do with leads.
type leadView struct {
	IsLead       bool
	Self         string
	Number       string
	Status       markwatch.LeadStatus
	DismissedFor string
	Assignee     string
	Notice       *notice

	// CanDecide is set where the person may change this lead.
	CanDecide                         bool
	CanConfirm, CanDismiss, CanReview bool
	Reasons                           []reason

	Title       []segment
	Badges      []badge
	Score       scoreGlyph
	First, Last time.Time
	Seen        int64
	Link, Host  string
	Address     string
	Findings    []findingView
	Knowledge   string
	JudgedAt    time.Time
	Fields      []fieldView
	Capture     string
	FetchedAt   time.Time
	Raw         string
	Chart       *chartView
	Seller      []sellerRow
	Others      []otherLead
	OthersTotal int64
	OthersURL   string
	// BlacklistURL is where its seller is put on the blacklist, for those who may.
	BlacklistURL  string
	Near          []nearLead
	Clusters      []clusterView
	Traces        []traceView
	Tags          []string
	Note          string
	Colleagues    []colleague
	Screenshot    string
	Pictures      []pictureView
	Events        []eventView
	Handling      *handlingView
	Feedback      *feedbackView
	Case          *caseView
	Requests      *requestsView
	plainTitleTop string
}

type findingView struct {
	Reason, Rule, RuleID, Subject string
	Version                       int
	Score                         scoreGlyph
	Badges                        []badge
	Bar                           *priceBar
	Quotes                        []quoteView
	Facts                         []factView
}

// quoteView are the quotes of one field in one role.
type quoteView struct {
	Label string
	Role  markwatch.Role
	Texts [][]segment
}

type factView struct{ Key, Label, Value string }

type fieldView struct {
	Path, Label string
	Origin      markwatch.Origin
	Text        []segment
	Quoted, Cut bool
}

type sellerRow struct{ Label, Value, Link string }

type otherLead struct {
	URL, Title, Price, Seller string
	Score                     scoreGlyph
	Status                    markwatch.LeadStatus
}

type eventView struct {
	At                  time.Time
	Actor, Action, Note string
}

func (d *desk) lead(w http.ResponseWriter, r *http.Request) {
	l := language(r)
	rec, err := d.record(r, r.PathValue("id"))
	if err == nil {
		err = d.audit(r, actorOf(r), AuditLeadView, rec.Listing.ID, rec.Lead.Number)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.renderLead(w, r, http.StatusOK, rec, d.leadNotice(l, r))
}

func (d *desk) renderLead(w http.ResponseWriter, r *http.Request, code int, rec record, n *notice) {
	v, err := d.leadPage(r, rec)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	v.Notice = n
	d.render(w, r, code, "lead", v.plainTitleTop, v)
}

func (d *desk) leadPage(r *http.Request, rec record) (leadView, error) {
	l, listing, verdict := language(r), rec.Listing, rec.Verdict
	v := leadView{
		IsLead: rec.lead, Self: leadURL(listing.ID), Title: d.title(l, rec, nil, leadTitle), Badges: d.badges(l, verdict),
		Score: newScoreGlyph(verdict.Score), Link: outsideURL(listing.URL), Address: listing.URL,
		Knowledge: verdict.Knowledge, JudgedAt: verdict.At, FetchedAt: listing.FetchedAt,
		Fields: d.fields(l, listing, verdict), Raw: raw(listing), Seller: d.sellerRows(l, listing.Seller),
	}
	v.Address, _ = clip(v.Address, quoteText)
	if u, err := url.Parse(v.Link); err == nil {
		v.Host = u.Hostname()
	}
	v.plainTitleTop, _ = clip(listing.Title, 60)
	if rec.lead {
		if err := d.showLead(r, rec.Lead, &v); err != nil {
			return v, err
		}
	}
	if d.cfg.Pages != nil {
		v.Pictures = pictureViews(listing)
	}
	if d.cfg.Pages != nil && listing.Snapshot != "" {
		v.Capture = "/captures/" + url.PathEscape(listing.ID)
		if d.cfg.Screenshots != nil {
			has, err := d.cfg.Screenshots.HasScreenshot(r.Context(), listing)
			if err != nil {
				d.cfg.Logger.WarnContext(r.Context(), "look for a screenshot", "error", err)
			} else if has {
				v.Screenshot = v.Capture + "/screenshot"
			}
		}
	}
	var official, floor, market *decimal.Decimal
	for _, f := range verdict.Findings {
		fv := d.finding(l, listing, f)
		v.Findings = append(v.Findings, fv)
		if o, ok := fact(f, officialFacts[:]); ok && official == nil {
			official = &o
			floor = optional(floorOf(f, o, d.cfg.Subject))
			market = optional(fact(f, marketFacts[:]))
		}
	}
	if d.cfg.History != nil {
		history, err := d.cfg.History.PriceHistory(r.Context(), listing.ID)
		if err != nil && markwatch.ErrorCode(err) != markwatch.CodeNotFound {
			return v, err
		}
		if len(history) > 0 {
			v.Chart = newChart(history, map[string]*decimal.Decimal{"official": official, "floor": floor, "market": market}, d.cfg.Location)
		}
	}
	d.others(r, rec, &v)
	v.BlacklistURL = d.blacklistURL(r, listing)
	v.Near, v.Clusters, v.Traces = d.near(r, rec), d.cluster(r, rec), d.traces(l, listing, verdict)
	return v, nil
}

// showLead fills in what people did and may do with a lead.
func (d *desk) showLead(r *http.Request, lead markwatch.Lead, v *leadView) error {
	l := language(r)
	v.plainTitleTop = lead.Number + " " + v.plainTitleTop
	v.Number, v.Status, v.Assignee = lead.Number, lead.Status, d.nameOf(r, lead.Assignee)
	v.Tags, v.Note = lead.Tags, lead.Note
	v.First, v.Last, v.Seen = lead.FirstSeen, lead.LastSeen, int64(lead.Seen)
	v.Reasons = reasons(l)
	if v.CanDecide = personOf(r).may(accounts.Decide); v.CanDecide {
		v.CanConfirm = allowed(lead.Status, markwatch.LeadConfirmed)
		v.CanDismiss = allowed(lead.Status, markwatch.LeadDismissed)
		v.CanReview = allowed(lead.Status, markwatch.LeadReview)
		var err error
		if v.Colleagues, err = d.colleagues(r, lead.Assignee); err != nil {
			return err
		}
	}
	var err error
	if v.Handling, err = d.handling(r, lead); err != nil {
		return err
	}
	v.Feedback = d.feedback(r, lead)
	if v.Case, err = d.caseOf(r, lead); err != nil {
		return err
	}
	if v.Requests, err = d.requests(r, lead); err != nil {
		return err
	}
	if lead.Status == markwatch.LeadDismissed {
		v.DismissedFor = reasonName(l, lead.Reason)
	}
	events, err := d.cfg.Leads.LeadEvents(r.Context(), lead.ID)
	if err != nil {
		return err
	}
	v.Events = append(v.Events, eventView{At: lead.FirstSeen, Actor: d.cat.text(l, "event.program"), Action: d.cat.text(l, "action.found")})
	for _, e := range events[max(0, len(events)-leadEvents):] {
		e.Actor = d.nameOf(r, e.Actor)
		if e.Action == leads.ActionAssign {
			e.From, e.To = d.nameOf(r, e.From), d.nameOf(r, e.To)
		}
		v.Events = append(v.Events, d.event(l, e))
	}
	return nil
}

func (d *desk) finding(l lang, listing markwatch.Listing, f markwatch.Finding) findingView {
	v := findingView{
		Reason: pick(l, f.Reason), Rule: d.ruleName(l, f), RuleID: f.Matcher + "/" + f.Rule, Version: f.Version,
		Score: newScoreGlyph(f.Score), Badges: []badge{d.badge(l, f.Violation)},
	}
	if f.Subject != "" {
		v.Subject = d.subjectName(l, f.Subject)
	}
	if _, ok := fact(f, officialFacts[:]); ok {
		alone := markwatch.Verdict{Findings: []markwatch.Finding{f}}
		if bar, ok := newPriceBar(listing, alone, d.cfg.Subject); ok {
			v.Bar = &bar
		}
	}
	for _, e := range f.Evidence {
		text, _ := clip(e.Text, quoteText)
		label := d.fieldLabel(l, e.Field)
		i := slices.IndexFunc(v.Quotes, func(q quoteView) bool { return q.Label == label && q.Role == e.Role })
		if i < 0 {
			i = len(v.Quotes)
			v.Quotes = append(v.Quotes, quoteView{Label: label, Role: e.Role})
		}
		v.Quotes[i].Texts = append(v.Quotes[i].Texts, []segment{{Text: text, Quote: e.Span != nil}})
	}
	for _, key := range factKeys(f.Facts) {
		value, _ := clip(factValue(key, f.Facts[key]), quoteText)
		label, _ := clip(d.cat.word(l, "fact", key), factLabel)
		v.Facts = append(v.Facts, factView{Key: key, Label: label, Value: value})
	}
	return v
}

// fields are the listing's fields with every quote marked, prices first.
func (d *desk) fields(l lang, listing markwatch.Listing, verdict markwatch.Verdict) []fieldView {
	var out []fieldView
	plain := func(path, text string) {
		if text != "" {
			out = append(out, fieldView{Path: path, Label: d.fieldLabel(l, path), Origin: listing.Origins[path], Text: []segment{{Text: text}}})
		}
	}
	amountOf := func(m *markwatch.Money) string {
		if m == nil {
			return ""
		}
		return money(*m)
	}
	for path, text := range listing.TextFields() {
		if len(out) == leadFields {
			break
		}
		text, cut := clip(text, fieldText)
		marks := d.quotes(l, verdict, path)
		out = append(out, fieldView{
			Path: path, Label: d.fieldLabel(l, path), Origin: listing.Origins[path],
			Text: segments(text, marks), Quoted: len(marks) > 0, Cut: cut,
		})
		if path == "title" {
			plain("price", amountOf(listing.Price))
			plain("price_max", amountOf(listing.PriceMax))
			plain("list_price", amountOf(listing.ListPrice))
		}
	}
	plain("condition", d.cat.word(l, "condition", string(listing.Condition)))
	plain("availability", d.cat.word(l, "availability", string(listing.Availability)))
	plain("platform", listing.Platform)
	plain("item_id", listing.ItemID)
	plain("sku", listing.SKU)
	plain("source", d.sourceName(listing.Source))
	return out
}

// raw is the listing as the extractor put it out. Amounts that would not fit
// on a page are taken out first.
func raw(l markwatch.Listing) string {
	for _, m := range [...]**markwatch.Money{&l.Price, &l.ListPrice, &l.PriceMax} {
		if *m != nil && !sized((*m).Amount) {
			*m = nil
		}
	}
	l.Prices = slices.DeleteFunc(slices.Clone(l.Prices), func(p markwatch.ShownPrice) bool { return !sized(p.Amount) })
	b, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return err.Error()
	}
	text, cut := clip(string(b), rawText)
	if cut {
		text += "…"
	}
	return text
}
