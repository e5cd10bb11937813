package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// ActionReopened is the action of the event that a dismissed lead gets when
// its offer changed in a way that matters; From and To are states, Note says
// what changed.
const ActionReopened = "reopened"

// dismissedAs is what a lead looked like when it was dismissed.
type dismissedAs struct {
	Watched
	Description string `json:"description,omitempty"`
	Violations  string `json:"violations"`
}

func dismissedForm(l *markwatch.Listing, v *markwatch.Verdict) dismissedAs {
	return dismissedAs{Watched: watchedOf(l), Description: l.Description, Violations: violationSet(v)}
}

// priceMatters is how far a price must fall, as a fraction of what it was when
// the lead was dismissed: less is the daily play of coupons.
var priceMatters = decimal.RequireFromString("0.8")

// matters says what changed since a dismissal that the person who dismissed
// could not have judged; empty where nothing did.
func (d dismissedAs) matters(now dismissedAs) string {
	var what []string
	text := func(name, a, b string) {
		if a != "" && b != "" && plainText(a) != plainText(b) {
			what = append(what, name)
		}
	}
	text("标题 title", d.Title, now.Title)
	text("卖家 seller", d.SellerID+d.SellerName, now.SellerID+now.SellerName)
	text("发货地 dispatch", d.ShipsFrom, now.ShipsFrom)
	text("成色 condition", string(d.Condition), string(now.Condition))
	text("描述 description", d.Description, now.Description)
	if a, b := d.Price, now.Price; a != nil && b != nil && (a.Currency != b.Currency || b.Amount.LessThan(a.Amount.Mul(priceMatters))) {
		what = append(what, "价格 price "+a.String()+" → "+b.String())
	}
	was := strings.Split(d.Violations, "|")
	for _, v := range strings.Split(now.Violations, "|") {
		if v != "" && !slices.Contains(was, v) {
			what = append(what, "违法类型 violation "+v)
		}
	}
	return strings.Join(what, ", ")
}

// plainText leaves out what changes without meaning anything: spaces,
// punctuation and letter case.
func plainText(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r < 0x80 && (r < '0' || r > '9' && r < 'A' || r > 'Z' && r < 'a' || r > 'z') || r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xff20 {
			return -1
		}
		return r
	}, s))
}

// putDismissed remembers, or forgets, what a lead looked like.
func putDismissed(ctx context.Context, tx *sql.Tx, l markwatch.Lead) error {
	form := ""
	if l.Status == markwatch.LeadDismissed {
		var err error
		if form, err = document(dismissedForm(&l.Listing, &l.Verdict)); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE leads SET dismissed_as = $2 WHERE id = $1`, l.ID, sqlform.Plain(form))
	return err
}

// reopen sets a dismissed lead back to review where its offer changed in a way
// that matters since. A lead that was dismissed before this was remembered
// stays as it is.
func (s *Store) reopen(ctx context.Context, tx *sql.Tx, l *markwatch.Listing, v *markwatch.Verdict) error {
	var status, form string
	if err := tx.QueryRowContext(ctx, `SELECT status, dismissed_as FROM leads WHERE id = $1`, l.ID).Scan(&status, &form); err != nil {
		return err
	}
	if status != string(markwatch.LeadDismissed) || form == "" {
		return nil
	}
	var was dismissedAs
	if err := json.Unmarshal([]byte(form), &was); err != nil {
		return err
	}
	what := was.matters(dismissedForm(l, v))
	if what == "" {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `UPDATE leads SET status = $2, reason = '', dismissed_as = '' WHERE id = $1`,
		l.ID, string(markwatch.LeadReview)); err != nil {
		return err
	}
	return s.putEvent(ctx, tx, l.ID, markwatch.LeadEvent{
		Actor: actorProgram, Action: ActionReopened, From: status, To: string(markwatch.LeadReview), Note: what,
	})
}
