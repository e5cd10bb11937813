package dispatch

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/canonical"
	"github.com/markwatch/markwatch/leads/intake"
	"github.com/markwatch/markwatch/store"
)

// ComplaintSource is the source of leads that hotlines brought.
const ComplaintSource = "complaints"

// Fate is what becomes of a complaint.
type Fate string

// The fates.
const (
	FateLinked Fate = "linked" // to a lead that there is
	FateNew    Fate = "new"    // it is a lead by itself
	FateOpen   Fate = "open"   // people have to see to it
)

// Complained is what became of one record of a hotline.
type Complained struct {
	intake.Complaint
	Fate Fate
	// By says what linked it: "address", "seller", or "number" where it was
	// linked before.
	By string
	// Number and Title are those of the lead; of one that is only tried and
	// would be new they are empty.
	LeadNumber, LeadTitle string
	Err                   error
}

// TakeComplaints links records of hotlines to leads, by address, else by the
// shop's name; one with an address and no lead becomes a lead, the rest is left
// to people. dry only says what would become of them. A record that belongs to
// a lead that is not taken is refused, and not kept.
func (o *Office) TakeComplaints(ctx context.Context, list []intake.Complaint, by string, dry bool, takes Takes) ([]Complained, error) {
	at, err := o.places(ctx, takes)
	if err != nil {
		return nil, err
	}
	out := make([]Complained, 0, len(list))
	for _, c := range list {
		one, key := at.find(c)
		if l := at.leads[one.Lead]; l != nil && !l.taken {
			one = Complained{Complaint: c, Fate: FateOpen, Err: markwatch.Errorf(markwatch.CodeNotFound, "属于其他单位或地区的线索,请由其人员导入 / it belongs to a lead of another unit or region, whose people may take it in")}
			out = append(out, one)
			continue
		}
		if l := at.leads[one.Lead]; l != nil {
			one.LeadNumber, one.LeadTitle = l.number, l.title
		}
		if !dry {
			err = o.keepFound(ctx, &one, key, by)
		}
		if fatal(err) {
			return out, err
		}
		one.Err = err
		if one.Fate == FateNew && err == nil {
			at.add(key, one)
		}
		out = append(out, one)
	}
	if dry {
		return out, nil
	}
	return out, o.cfg.Flush(ctx)
}

func (o *Office) keepFound(ctx context.Context, one *Complained, key, by string) error {
	if one.Fate == FateNew {
		var err error
		if one.Lead, err = o.leadOf(ctx, one.Complaint, key, by); err != nil {
			return err
		}
		l, err := o.cfg.Store.Lead(ctx, one.Lead)
		if err != nil {
			return err
		}
		one.LeadNumber, one.LeadTitle = l.Number, l.Listing.Title
	}
	return o.keepComplaint(ctx, one.Complaint, by)
}

// LinkComplaint links a record that was left to people.
func (o *Office) LinkComplaint(ctx context.Context, number, lead, by string, takes Takes) error {
	kept, err := o.cfg.Store.PaperByNumber(ctx, store.PaperComplaint, number)
	if err != nil {
		return err
	}
	l, err := o.lead(ctx, lead, takes)
	if err != nil {
		return err
	}
	var c intake.Complaint
	if err := json.Unmarshal(kept.Document, &c); err != nil {
		return fmt.Errorf("reading complaint %s: %w", number, err)
	}
	if kept.Lead != "" && kept.Lead != l.ID {
		return markwatch.Errorf(markwatch.CodeConflict, "投诉 %s 已与另一条线索相连 / complaint %s is linked to another lead", number, number)
	}
	c.Lead = l.ID
	if err := o.keepComplaint(ctx, c, by); err != nil {
		return err
	}
	return o.cfg.Flush(ctx)
}

// Complaints are the records of hotlines of a lead, by number; those that are
// left to people where lead is empty.
func (o *Office) Complaints(ctx context.Context, lead string) ([]intake.Complaint, error) {
	papers, err := o.cfg.Store.Papers(ctx, store.PaperComplaint, lead)
	if err != nil {
		return nil, err
	}
	var list []intake.Complaint
	for _, p := range papers {
		if p.Lead != lead {
			continue
		}
		c := intake.Complaint{}
		if err := json.Unmarshal(p.Document, &c); err != nil {
			return nil, fmt.Errorf("reading complaint %s: %w", p.Number, err)
		}
		list = append(list, c)
	}
	return list, nil
}

// places are the leads by where they are offered.
type places struct {
	leads    map[string]*placed // by id
	byURL    map[string]string
	bySeller map[string]string // the newest of the shop
	byNumber map[string]string // of records that were linked before
}

type placed struct {
	number, title string
	taken         bool
}

func (o *Office) places(ctx context.Context, takes Takes) (*places, error) {
	p := &places{map[string]*placed{}, map[string]string{}, map[string]string{}, map[string]string{}}
	for l, err := range o.cfg.Store.Leads(ctx, store.LeadFilter{}) {
		if err != nil {
			return nil, err
		}
		p.leads[l.ID] = &placed{l.Number, l.Listing.Title, takes.takes(&l)}
		if key, err := canonical.URL(l.Listing.URL); err == nil {
			p.byURL[key] = l.ID
		}
		if s := l.Listing.Seller; s != nil && s.Name != "" && p.bySeller[s.Name] == "" {
			p.bySeller[s.Name] = l.ID
		}
	}
	kept, err := o.cfg.Store.Papers(ctx, store.PaperComplaint, "")
	for _, paper := range kept {
		p.byNumber[paper.Number] = paper.Lead
	}
	return p, err
}

// find says where a record belongs, and its address in the one form.
func (p *places) find(c intake.Complaint) (one Complained, key string) {
	one = Complained{Complaint: c, Fate: FateOpen}
	key, err := canonical.URL(c.URL)
	switch {
	case p.byNumber[c.Number] != "":
		one.Fate, one.By, one.Lead = FateLinked, "number", p.byNumber[c.Number]
	case err == nil && p.byURL[key] != "":
		one.Fate, one.By, one.Lead = FateLinked, "address", p.byURL[key]
	case p.bySeller[c.Seller] != "":
		one.Fate, one.By, one.Lead = FateLinked, "seller", p.bySeller[c.Seller]
	case err == nil && c.URL != "":
		one.Fate = FateNew
	}
	return one, key
}

// add makes a new lead known, so that the next record of its page is linked.
func (p *places) add(key string, one Complained) {
	id := one.Lead
	if id == "" {
		id = markwatch.ListingID("", "", key)
	}
	p.byURL[key] = id
	p.leads[id] = &placed{one.LeadNumber, complained(one.Complaint, id, key).Title, true}
}

// keepComplaint keeps the record and notes it on its lead.
func (o *Office) keepComplaint(ctx context.Context, c intake.Complaint, who string) error {
	doc, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if _, err := o.cfg.Store.PutPaper(ctx, store.Paper{Kind: store.PaperComplaint, Number: c.Number, Lead: c.Lead, Actor: who, Document: doc}); err != nil {
		return err
	}
	if c.Lead == "" {
		return nil
	}
	_, err = o.cfg.Store.UpdateLead(ctx, c.Lead, func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		if slices.Contains(l.Handling.Complaints, c.Number) {
			return l, nil, nil
		}
		l.Handling.Complaints = append(slices.Clone(l.Handling.Complaints), c.Number)
		return l, []markwatch.LeadEvent{{Actor: who, Action: "complaint", To: strings.TrimSpace(c.Hotline + " " + c.Number), Note: c.Text}}, nil
	})
	return err
}

// complaintScore is the weight of a hotline's record alone: enough for a lead,
// less than what was seen on a page.
const complaintScore = 0.6

func complained(c intake.Complaint, id, key string) markwatch.Listing {
	l := markwatch.Listing{ID: id, Source: ComplaintSource, URL: key, Title: c.Title, Text: c.Text, Seller: &markwatch.Seller{Name: c.Seller, Region: c.Region}}
	if l.Title == "" {
		l.Title = "投诉举报 " + c.Number
	}
	return l
}

// leadOf makes a lead of a complaint about a page that no scan saw.
func (o *Office) leadOf(ctx context.Context, c intake.Complaint, key, who string) (string, error) {
	violation := c.Violation
	if violation == "" {
		violation = markwatch.Counterfeit
	}
	now := o.cfg.Now()
	l := complained(c, markwatch.ListingID("", "", key), key)
	l.FetchedAt = now.UTC()
	v := markwatch.Verdict{ID: l.ID, Score: complaintScore, Flagged: true, At: now.UTC(),
		Violations: map[markwatch.Violation]markwatch.ViolationVerdict{violation: {Score: complaintScore, Flagged: true}},
		Findings: []markwatch.Finding{{Matcher: "complaint", Rule: "hotline", Version: 1, Violation: violation, Score: complaintScore,
			Reason: markwatch.Text{ZH: "投诉举报 " + c.Hotline + " " + c.Number, EN: "a complaint to hotline " + c.Hotline + ", " + c.Number}}}}
	s := o.cfg.Store
	scan, err := s.StartScan(ctx, ComplaintSource, now)
	if markwatch.ErrorCode(err) == markwatch.CodeConflict {
		var open bool
		if scan, open, err = s.OpenScan(ctx, ComplaintSource); err == nil && !open {
			err = markwatch.Errorf(markwatch.CodeConflict, "另一进程正在导入投诉,请稍后再试 / another process takes in complaints: try again")
		}
	}
	if err != nil {
		return "", err
	}
	err = s.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := s.PutListing(ctx, tx, scan, l, v, store.PutOptions{IndexAll: o.cfg.IndexAll(), At: now}); err != nil {
			return err
		}
		_, err := s.FinishScan(ctx, tx, scan, store.Finish{Complete: true, At: now})
		return err
	})
	if err != nil {
		return "", err
	}
	return l.ID, o.cfg.Audit(ctx, who, "lead-complaint", l.ID, who)
}
