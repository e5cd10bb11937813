package markwatch

import "slices"

// Lexicon is a list of weighted terms.
type Lexicon struct {
	ID    string `json:"id" yaml:"id"`
	Title string `json:"title,omitempty" yaml:"title,omitempty"`
	Terms []Term `json:"terms" yaml:"terms"`
	// Patterns are regular expressions (RE2) for what no fixed word says:
	// "7天瘦5斤". They are held against the text as shown, whatever the case
	// and width of its letters.
	Patterns []string `json:"patterns,omitempty" yaml:"patterns,omitempty"`
	// Number makes the lexicon one of numbers that authorities give out; its
	// terms are the words that announce such a number.
	Number *NumberForm `json:"number,omitempty" yaml:"number,omitempty"`
	// Indications make it one of goods whose names belong to a place; it
	// needs no terms then.
	Indications []Indication `json:"indications,omitempty" yaml:"indications,omitempty"`
}

// NumberForm says how a number that an authority gives out is written.
type NumberForm struct {
	// Like finds what means to be such a number, right or wrong (RE2).
	// Empty where only the announcing words tell.
	Like string `json:"like,omitempty" yaml:"like,omitempty"`
	// Forms are the regular expressions of which a right one fits one as a
	// whole.
	Forms []string `json:"forms" yaml:"forms"`
	// Check names a further test of the program, see NumberChecks; empty is
	// none.
	Check string `json:"check,omitempty" yaml:"check,omitempty"`
}

// NumberChecks are the names of the tests that a NumberForm may ask for:
// patent is the check digit, kind and term of a Chinese patent number
// (ZC 0006-2003), credit-code the check sign of a 统一社会信用代码 (GB 32100-2015).
func NumberChecks() []string { return []string{"credit-code", "patent"} }

// Indication is a geographical indication: a name that only goods of one area
// may bear.
type Indication struct {
	Name    string   `json:"name" yaml:"name"`
	Aliases []string `json:"aliases,omitempty" yaml:"aliases,omitempty"`
	// Not lists longer strings inside which the name means nothing.
	Not []string `json:"not,omitempty" yaml:"not,omitempty"`
	// Area names the divisions (GB/T 2260) and other places in which the
	// goods are made.
	Area []string `json:"area" yaml:"area"`
}

// Words are the terms and the names of the indications, which are searched
// alike.
func (l Lexicon) Words() []Term {
	if len(l.Indications) == 0 {
		return l.Terms
	}
	words := slices.Clone(l.Terms)
	for _, i := range l.Indications {
		for _, name := range append([]string{i.Name}, i.Aliases...) {
			words = append(words, Term{Term: name, Not: i.Not})
		}
	}
	return words
}

// UnmarshalYAML accepts a bare string for {term: …}.
func (t *Term) UnmarshalYAML(unmarshal func(any) error) error {
	var term string
	if err := unmarshal(&term); err == nil {
		*t = Term{Term: term}
		return nil
	}
	type plain Term
	return unmarshal((*plain)(t))
}

// Term is a word of a trade.
type Term struct {
	Term string `json:"term" yaml:"term"`
	// Weight is between 0 and 1; 1 where the file states none.
	Weight float64 `json:"weight,omitempty" yaml:"weight,omitempty"`
	// Not lists longer strings inside which the term means nothing.
	Not []string `json:"not,omitempty" yaml:"not,omitempty"`
}

// Rule is one rule of a pack.
type Rule struct {
	ID        string    `json:"id" yaml:"id"`
	Violation Violation `json:"violation" yaml:"violation"`
	// Version is raised by who changes what the rule means, so that its
	// outcomes are counted anew; 0 is 1.
	Version int     `json:"version,omitempty" yaml:"version,omitempty"`
	Title   string  `json:"title,omitempty" yaml:"title,omitempty"`
	Basis   []Basis `json:"basis,omitempty" yaml:"basis,omitempty"`
	// All, Any and None are ids of lexicons: each must be found, at least
	// one must be found, none may be found. An id may be followed by where
	// to look: "tobacco.goods@title".
	All  []string `json:"all,omitempty" yaml:"all,omitempty"`
	Any  []string `json:"any,omitempty" yaml:"any,omitempty"`
	None []string `json:"none,omitempty" yaml:"none,omitempty"`
	// Where is an expression (expr-lang) over the listing's fields.
	Where string  `json:"where,omitempty" yaml:"where,omitempty"`
	Score float64 `json:"score" yaml:"score"`
	// Lowers makes the rule speak against the violation: it takes away what
	// a rule of this score would add.
	Lowers bool `json:"lowers,omitempty" yaml:"lowers,omitempty"`
	// Off keeps the rule in the list without using it.
	Off    bool   `json:"off,omitempty" yaml:"off,omitempty"`
	Reason string `json:"reason,omitempty" yaml:"reason,omitempty"`
	// ReasonEN is the reason in English; made of the title where empty.
	ReasonEN string   `json:"reason_en,omitempty" yaml:"reason_en,omitempty"`
	Examples Examples `json:"examples,omitzero" yaml:"examples,omitempty"`
}

// Basis is a legal basis and the days between which it holds.
type Basis struct {
	Law     string `json:"law" yaml:"law"`
	Article string `json:"article,omitempty" yaml:"article,omitempty"`
	Since   Date   `json:"since,omitzero" yaml:"since,omitempty"`
	// Until is the last day; zero where it still holds.
	Until Date `json:"until,omitzero" yaml:"until,omitempty"`
}

// Probe is an offer with a known verdict: it must, or must not, be flagged for
// a violation. Packs bring them; every scan runs them.
type Probe struct {
	Violation Violation `json:"violation" yaml:"violation"`
	Flagged   bool      `json:"flagged" yaml:"flagged"`
	Example   Example   `json:"example" yaml:"example"`
	// At is where it stands, file:line.
	At string `json:"at,omitempty" yaml:"-"`
}

// Examples are listings that a rule must hit and must miss.
type Examples struct {
	Hit  []Example `json:"hit,omitempty" yaml:"hit,omitempty"`
	Miss []Example `json:"miss,omitempty" yaml:"miss,omitempty"`
}

// Example is a listing in short: a title, or the fields that matter. Price is
// a price text as a page shows it.
type Example struct {
	Title       string            `json:"title,omitempty" yaml:"title,omitempty"`
	Description string            `json:"description,omitempty" yaml:"description,omitempty"`
	Category    string            `json:"category,omitempty" yaml:"category,omitempty"`
	Price       string            `json:"price,omitempty" yaml:"price,omitempty"`
	Text        string            `json:"text,omitempty" yaml:"text,omitempty"`
	ShipsFrom   string            `json:"ships_from,omitempty" yaml:"ships_from,omitempty"`
	Seller      string            `json:"seller,omitempty" yaml:"seller,omitempty"`
	Region      string            `json:"region,omitempty" yaml:"region,omitempty"`
	License     string            `json:"license,omitempty" yaml:"license,omitempty"`
	Contacts    []string          `json:"contacts,omitempty" yaml:"contacts,omitempty"`
	Condition   string            `json:"condition,omitempty" yaml:"condition,omitempty"`
	Source      string            `json:"source,omitempty" yaml:"source,omitempty"`
	URL         string            `json:"url,omitempty" yaml:"url,omitempty"`
	Attributes  map[string]string `json:"attributes,omitempty" yaml:"attributes,omitempty"`
}

// UnmarshalYAML accepts a bare string for {title: …}.
func (e *Example) UnmarshalYAML(unmarshal func(any) error) error {
	var title string
	if err := unmarshal(&title); err == nil {
		*e = Example{Title: title}
		return nil
	}
	type plain Example
	return unmarshal((*plain)(e))
}

// RuleScopes are the parts of a listing that may stand behind @ in a rule's
// selector, with the paths of Listing.TextFields that each means; a path that
// ends in a dot or bracket stands for all below it.
func RuleScopes() map[string][]string {
	return map[string][]string{
		"title": {"title"}, "description": {"description"}, "text": {"text"}, "category": {"category"}, "brand": {"brand"},
		"attributes": {"attributes."}, "quantity": {"quantity"}, "delivery": {"delivery"}, "dispatch": {"ships_from"},
		"region": {"seller.region"}, "seller": {"seller.name"}, "contacts": {"seller.contacts["},
		"price": {"price_text", "prices["},
		// What the goods are called.
		"head": {"title", "category", "brand"},
		// What the seller says of the goods, without what others say.
		"offer": {"title", "description", "category", "brand", "attributes.", "quantity", "price_text"},
	}
}

// RuleFunctions are the functions of a rule's expression, with how many of
// their first arguments name lexicons; -1 is all.
func RuleFunctions() map[string]int {
	return map[string]int{
		"found": -1, "count": -1, "near": 2, "before": 2, "valid": 1, "wrong": 1, "expired": 1, "blank": 1, "unnumbered": 1, "lapsed": 1,
		"indicated": 0, "made_elsewhere": 1, "sent_elsewhere": 0, "sold_elsewhere": 0, "posted_elsewhere": 0, "stated_inside": 0,
	}
}

// RuleFields are the fields that a rule's expression may use.
func RuleFields() []string {
	return []string{
		"attributes", "availability", "brand", "category", "condition", "contacts", "delivery", "description", "host",
		"images", "license", "list_price_cny", "platform", "price_cny", "price_text", "quantity", "rating", "sales", "seller",
		"seller_kind", "seller_region", "shares", "ships_from", "site_kind", "source", "text", "title", "unit_price_cny", "url",
	}
}
