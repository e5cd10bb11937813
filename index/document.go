package index

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

// Document is the search view of a lead or listing: what is searched,
// filtered, sorted and counted by, and no more. What a page shows of a hit is
// read from the store by ID.
type Document struct {
	ID     string // of the listing
	Number string // of the lead

	Title, Description, Text    string
	Seller, SellerRegion, Place string
	Source, Platform, URL       string
	Brand                       string
	Names                       []string // of the subjects, in all languages
	Subjects, Violations        []string
	Rules                       []string // matcher/rule
	Units                       []string
	Reasons                     []string
	Status, Assignee            string
	Lead, Flagged               bool
	Score                       float64
	// PriceCNY is only for sorting and ranges; nil where there is none.
	PriceCNY            *float64
	Sales               int64
	FirstSeen, LastSeen time.Time
	// Folded is description, text and every other text of the listing that
	// has no field of its own here, folded, one a line. No match goes past
	// the end of a line.
	Folded string
}

// Inputs is what NewDocument needs beside the records.
type Inputs struct {
	// Fold must be the folding that the index was opened with.
	Fold func(string) string
	// SubjectNames are all names of a protected brand or work; nil is none.
	SubjectNames func(id string) []string
	// PriceCNY converts to renminbi (markwatch.Rates.ToCNY); where it is nil,
	// only prices in renminbi count.
	PriceCNY func(markwatch.Money) (decimal.Decimal, bool)
	// Units are the ids of the units that are competent for a listing and the
	// lead that it became, if it did; nil is none.
	Units func(l markwatch.Listing, v markwatch.Verdict, lead *markwatch.Lead) []string
}

// maxText bounds in bytes what is searched of one field, so that one hostile
// page cannot fill the index.
const maxText = 64 << 10

// NewDocument makes the search view of a listing and its verdict, and of the
// lead that it became, if it did.
func NewDocument(l markwatch.Listing, v markwatch.Verdict, lead *markwatch.Lead, in Inputs) Document {
	d := Document{
		ID: l.ID, Title: clip(l.Title), Description: clip(l.Description), Text: clip(l.Text),
		Source: l.Source, Platform: l.Platform, URL: clip(l.URL), Brand: clip(l.Brand), Place: clip(l.ShipsFrom),
		Flagged: v.Flagged, Score: v.Score, Sales: l.Sales,
		FirstSeen: l.FetchedAt, LastSeen: l.FetchedAt,
	}
	if l.Seller != nil {
		d.Seller, d.SellerRegion = clip(l.Seller.Name), clip(l.Seller.Region)
	}
	if lead != nil {
		d.Lead, d.Number = true, lead.Number
		d.Status, d.Assignee = string(lead.Status), lead.Assignee
		d.FirstSeen, d.LastSeen = lead.FirstSeen, lead.LastSeen
	}
	if in.Units != nil {
		d.Units = in.Units(l, v, lead)
	}
	d.PriceCNY = priceCNY(l.Price, in.PriceCNY)
	for violation, vv := range v.Violations {
		if vv.Flagged {
			d.Violations = append(d.Violations, string(violation))
		}
	}
	slices.Sort(d.Violations)
	for _, f := range v.Findings {
		d.Rules = appendNew(d.Rules, f.Matcher+"/"+f.Rule)
		d.Reasons = appendNew(d.Reasons, f.Reason.ZH)
		if f.Subject != "" && !slices.Contains(d.Subjects, f.Subject) {
			d.Subjects = append(d.Subjects, f.Subject)
			if in.SubjectNames != nil {
				for _, name := range in.SubjectNames(f.Subject) {
					d.Names = appendNew(d.Names, name)
				}
			}
		}
	}
	d.Folded = foldedRest(&l, in.Fold)
	return d
}

// foldedRest folds the texts that are not searched as fields of their own.
func foldedRest(l *markwatch.Listing, fold func(string) string) string {
	var b strings.Builder
	for path, text := range l.TextFields() {
		switch path {
		case "title", "brand", "seller.name", "seller.region", "ships_from":
			continue
		}
		if b.Len() > 2*maxText {
			break
		}
		text = strings.Map(func(r rune) rune {
			if r == '\n' || r == '\r' {
				return ' '
			}
			return r
		}, clip(text))
		if fold != nil {
			text = fold(text)
		}
		b.WriteString(text)
		b.WriteByte('\n')
	}
	return b.String()
}

// TextOf returns the texts of a field of text, as they were shown.
func (d *Document) TextOf(f Field) []string {
	switch f {
	case FieldTitle:
		return some(d.Title)
	case FieldSeller:
		return some(d.Seller)
	case FieldBrand:
		return append(some(d.Brand), d.Names...)
	case FieldPlace:
		return some(d.Place, d.SellerRegion)
	case FieldURL:
		return some(d.URL)
	case FieldNumber:
		return some(d.Number)
	case FieldReason:
		return d.Reasons
	}
	return nil
}

// KeywordsOf returns the values by which a field is filtered and counted, each
// as Keyword has it.
func (d *Document) KeywordsOf(f Field) []string {
	values := d.keywords(f)
	for i, v := range values {
		if len(v) > maxKeyword {
			values = slices.Clone(values)
			values[i] = Keyword(v)
		}
	}
	return values
}

func (d *Document) keywords(f Field) []string {
	switch f {
	case FieldViolation:
		return d.Violations
	case FieldSubject:
		return d.Subjects
	case FieldSource:
		return some(d.Source)
	case FieldPlatform:
		return some(d.Platform)
	case FieldSeller:
		return some(d.Seller)
	case FieldRegion:
		return some(Region(d.SellerRegion))
	case FieldUnit:
		return d.Units
	case FieldStatus:
		return some(d.Status)
	case FieldRule:
		return d.Rules
	case FieldAssignee:
		return some(d.Assignee)
	case FieldBand:
		return []string{Band(d.Score)}
	case FieldLead:
		return []string{strconv.FormatBool(d.Lead)}
	case FieldFlagged:
		return []string{strconv.FormatBool(d.Flagged)}
	case FieldID:
		return some(d.ID)
	}
	return nil
}

// NumberOf returns the value of a field of numbers, and of days as seconds
// since 1970; ok is false where the document has none.
func (d *Document) NumberOf(f Field) (v float64, ok bool) {
	switch f {
	case FieldScore:
		return d.Score, true
	case FieldSales:
		return float64(d.Sales), true
	case FieldPrice:
		if d.PriceCNY == nil {
			return 0, false
		}
		return *d.PriceCNY, true
	case FieldSeen:
		return float64(d.LastSeen.Unix()), !d.LastSeen.IsZero()
	case FieldFirst:
		return float64(d.FirstSeen.Unix()), !d.FirstSeen.IsZero()
	}
	return 0, false
}

// RuleNames returns every name by which a query may call a rule: both halves
// of matcher/rule and the whole.
func RuleNames(rule string) []string {
	matcher, name, ok := strings.Cut(rule, "/")
	if !ok {
		return []string{rule}
	}
	return []string{rule, matcher, name}
}

// Band is the tenth that a score lies in: 0.93 is "0.9"; 1 is in "0.9" too.
func Band(score float64) string {
	// The small addend keeps 0.7 from falling into 0.6 by its binary form.
	tenth := min(9, max(0, int(math.Floor(score*10+1e-9))))
	return "0." + strconv.Itoa(tenth)
}

func priceCNY(m *markwatch.Money, convert func(markwatch.Money) (decimal.Decimal, bool)) *float64 {
	if m == nil {
		return nil
	}
	amount := m.Amount
	if convert != nil {
		var ok bool
		if amount, ok = convert(*m); !ok {
			return nil
		}
	} else if m.Currency != "" && m.Currency != markwatch.CNY {
		return nil
	}
	f := amount.InexactFloat64()
	return &f
}

func clip(s string) string { return clipTo(s, maxText) }

// clipTo cuts a text off at the border of a character.
func clipTo(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

func appendNew(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

func some(list ...string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}
