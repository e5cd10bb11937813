package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/clusters"
)

// aboutLead is what is known of a lead beside its record.
type aboutLead struct {
	Amount     leads.Amount      `json:"amount"`
	Suspicions []leads.Suspicion `json:"suspicions,omitempty"`
	// Repeat is the past of the seller and of those who are one hand with them.
	Repeat string `json:"repeat,omitempty"`
	// SameGoods are the same goods under other addresses.
	SameGoods []markwatch.Twin `json:"same_goods,omitempty"`
}

func (a *app) about(ctx context.Context, lead markwatch.Lead) (aboutLead, error) {
	h := a.handler()
	if err := h.countRight(ctx); err != nil {
		return aboutLead{}, err
	}
	parts, err := h.parts(ctx, lead)
	if err != nil {
		return aboutLead{}, err
	}
	amount := h.known(&lead, parts).Amount
	return aboutLead{Amount: amount, Suspicions: h.suspicions(&lead, amount), Repeat: h.offenders.mark(&lead), SameGoods: h.offenders.twins[lead.ID]}, nil
}

// printAbout writes it for a person at a terminal.
func (a *app) printAbout(about aboutLead) {
	if s := about.Amount.String(); s != "" {
		fmt.Fprintln(a.out, "涉案金额 amount", s)
	}
	if about.Repeat != "" {
		fmt.Fprintln(a.out, "卖家记录 seller's past", about.Repeat)
	}
	for _, t := range about.SameGoods {
		var why []string
		for _, r := range t.Reasons {
			why = append(why, clusters.ReasonName(r.Reason).ZH+" "+printable(r.Value, 40))
		}
		fmt.Fprintln(a.out, "同款 same goods", t.Number, printable(t.URL, 0), strings.Join(why, ";"))
	}
	for _, s := range about.Suspicions {
		degree := "可能 possibly"
		if s.Likely {
			degree = "很可能 likely"
		}
		fmt.Fprintf(a.out, "涉嫌犯罪 crime %s %s(%s ≥ %s 元,%s)\n", degree, s.Threshold.Crime, s.Threshold.Measure, s.Threshold.Amount, s.Threshold.Basis)
		a.printDocuments(s.Documents)
	}
}

func (a *app) printDocuments(list []leads.Document) {
	for _, d := range list {
		mark, told := "✗", ""
		if d.There {
			mark, told = "✓", d.From
		}
		if d.Held != nil {
			told = strings.TrimSpace(d.Held.By + " " + d.Held.At.In(a.cfg.Deployment.Location()).Format(time.DateTime) + " " + d.Held.File + " " + d.Held.Note)
		}
		fmt.Fprintln(a.out, "  "+mark, d.Name, printable(told, 100))
	}
}
