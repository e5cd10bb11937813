package matchers

import (
	"net/url"
	"strings"

	"github.com/expr-lang/expr/vm"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/regions"
)

// ruleEnv is what a rule's expression may use: a missing number is 0, a
// missing text is "".
type ruleEnv struct {
	Title        string            `expr:"title"`
	Description  string            `expr:"description"`
	Category     string            `expr:"category"`
	Brand        string            `expr:"brand"`
	Text         string            `expr:"text"`
	PriceText    string            `expr:"price_text"`
	PriceCNY     float64           `expr:"price_cny"`
	UnitPriceCNY float64           `expr:"unit_price_cny"`
	ListPriceCNY float64           `expr:"list_price_cny"`
	Availability string            `expr:"availability"`
	Condition    string            `expr:"condition"`
	Quantity     string            `expr:"quantity"`
	Seller       string            `expr:"seller"`
	SellerKind   string            `expr:"seller_kind"`
	SellerRegion string            `expr:"seller_region"`
	License      string            `expr:"license"`
	ShipsFrom    string            `expr:"ships_from"`
	Delivery     string            `expr:"delivery"`
	Sales        int64             `expr:"sales"`
	Rating       float64           `expr:"rating"`
	Platform     string            `expr:"platform"`
	Source       string            `expr:"source"`
	URL          string            `expr:"url"`
	Host         string            `expr:"host"`
	SiteKind     string            `expr:"site_kind"`
	Attributes   map[string]string `expr:"attributes"`
	Contacts     []string          `expr:"contacts"`
	Images       int               `expr:"images"`
	Shares       int               `expr:"shares"`

	// Found says that one of the lexicons is found; Count is how many
	// different things of a lexicon are.
	Found func(selectors ...string) bool    `expr:"found"`
	Count func(selectors ...string) int     `expr:"count"`
	Near  func(a, b string, reach int) bool `expr:"near"`
	// Before is Near in this order.
	Before func(a, b string, reach int) bool `expr:"before"`
	// Valid, Wrong and Expired count the numbers of a lexicon that are right,
	// that cannot be, and whose term is over; Blank counts the attributes
	// that leave one empty. Unnumbered counts the attributes whose name is in
	// a lexicon and whose value is no number, whatever it says instead; Lapsed
	// those whose last date is over.
	Valid   func(lexicon string) int `expr:"valid"`
	Wrong   func(lexicon string) int `expr:"wrong"`
	Expired func(lexicon string) int `expr:"expired"`
	Blank   func(lexicon string) int `expr:"blank"`

	Unnumbered func(lexicon string) int `expr:"unnumbered"`
	Lapsed     func(lexicon string) int `expr:"lapsed"`

	// Indicated says that the title bears a geographical indication. The
	// others say where its goods come from.
	Indicated     func() bool               `expr:"indicated"`
	MadeElsewhere func(lexicon string) bool `expr:"made_elsewhere"`
	SentElsewhere func() bool               `expr:"sent_elsewhere"`
	SoldElsewhere func() bool               `expr:"sold_elsewhere"`
	// PostedElsewhere is where the parcel's trace begins.
	PostedElsewhere func() bool `expr:"posted_elsewhere"`
	StatedInside    func() bool `expr:"stated_inside"`
}

// ruleRun is one listing under the rules: the environment of the expressions,
// and what those found of the rule that runs.
type ruleRun struct {
	r      *reading
	ls     *lookups
	places *regions.Gazetteer
	env    *ruleEnv
	// boxed is env as expressions take it.
	boxed   any
	machine vm.VM
	from    *origin
	counted map[*words][]numberSeen
	// touched is what the functions found that said yes, by lexicon.
	touched []touch
}

// touch is what a function of an expression found.
type touch struct {
	lexicon string
	at      found
	fault   numberFault
}

func (run *ruleRun) touch(lexicon string, fault numberFault, at found) {
	run.touched = append(run.touched, touch{lexicon, at, fault})
}

// selected returns what is found of a selector; those that expressions name
// were read when they were compiled.
func (run *ruleRun) selected(s string) []found {
	sel, ok := run.ls.selectors[s]
	if !ok {
		return nil
	}
	return run.r.find(sel)
}

func (run *ruleRun) numbers(lexicon string) []numberSeen {
	w := run.ls.words[lexicon]
	if w == nil {
		return nil
	}
	seen, ok := run.counted[w]
	if !ok {
		seen = run.r.numbers(w)
		if run.counted == nil {
			run.counted = map[*words][]numberSeen{}
		}
		run.counted[w] = seen
	}
	return seen
}

func (run *ruleRun) origin() *origin {
	if run.from == nil {
		run.from = run.r.originOf(run.ls, run.places)
	}
	return run.from
}

// environment is made once a listing, at the first expression that asks.
func (run *ruleRun) environment(rates markwatch.Rates, sites map[string]string) any {
	if run.boxed != nil {
		return run.boxed
	}
	run.env = envOf(run.r, rates)
	run.env.SiteKind = sites[run.env.Source]
	run.bindWords()
	run.bindNumbers()
	run.bindOrigin()
	run.boxed = *run.env
	return run.boxed
}

func (run *ruleRun) bindWords() {
	run.env.Found = func(selectors ...string) bool {
		any := false
		for _, s := range selectors {
			if fs := run.selected(s); len(fs) > 0 {
				any = true
				run.touch(lexiconOf(s), numberFault{}, fs[0])
			}
		}
		return any
	}
	run.env.Count = func(selectors ...string) int {
		seen := map[string]bool{}
		for _, s := range selectors {
			for _, f := range run.selected(s) {
				if !seen[f.what] {
					seen[f.what] = true
					run.touch(lexiconOf(s), numberFault{}, f)
				}
			}
		}
		return len(seen)
	}
	pair := func(a, b string, reach int, ordered bool) bool {
		for _, x := range run.selected(a) {
			for _, y := range run.selected(b) {
				if apart(x, y, reach, ordered) {
					run.touch(lexiconOf(a), numberFault{}, x)
					run.touch(lexiconOf(b), numberFault{}, y)
					return true
				}
			}
		}
		return false
	}
	run.env.Near = func(a, b string, reach int) bool { return pair(a, b, reach, false) }
	run.env.Before = func(a, b string, reach int) bool { return pair(a, b, reach, true) }
}

func (run *ruleRun) bindNumbers() {
	counting := func(want func(numberFault) bool) func(string) int {
		return func(lexicon string) int {
			n := 0
			for _, seen := range run.numbers(lexicon) {
				if want(seen.fault) {
					n++
					run.touch(lexicon, seen.fault, seen.found)
				}
			}
			return n
		}
	}
	run.env.Valid = counting(func(f numberFault) bool { return f.kind == "" })
	run.env.Wrong = counting(func(f numberFault) bool { return f.kind != "" && f.kind != faultExpired })
	run.env.Expired = counting(func(f numberFault) bool { return f.kind == faultExpired })
	attributes := func(want func(*words) []found) func(string) int {
		return func(lexicon string) int {
			w := run.ls.words[lexicon]
			if w == nil {
				return 0
			}
			seen := want(w)
			for _, f := range seen {
				run.touch(lexicon, numberFault{}, f)
			}
			return len(seen)
		}
	}
	run.env.Blank = attributes(run.r.blanks)
	run.env.Unnumbered = attributes(run.r.unnumbered)
	run.env.Lapsed = attributes(run.r.lapsed)
}

func (run *ruleRun) bindOrigin() {
	yes := func(lexicon string, fs []found) bool {
		for _, f := range fs {
			run.touch(lexicon, numberFault{}, f)
		}
		return len(fs) > 0
	}
	run.env.Indicated = func() bool { return yes("", run.origin().named) }
	located := func(f func(o *origin) []found) bool {
		o := run.origin()
		return len(o.of) > 0 && yes("", f(o))
	}
	run.env.MadeElsewhere = func(lexicon string) bool {
		w := run.ls.words[lexicon]
		return w != nil && located(func(o *origin) []found { return run.r.madeElsewhere(run.places, o, w) })
	}
	run.env.SentElsewhere = func() bool {
		return located(func(o *origin) []found { return run.r.statedOutside(run.places, o, "ships_from") })
	}
	run.env.SoldElsewhere = func() bool {
		return located(func(o *origin) []found { return run.r.statedOutside(run.places, o, "seller.region") })
	}
	run.env.PostedElsewhere = func() bool {
		return located(func(o *origin) []found {
			return run.r.statedOutside(run.places, o, "tracking[0].events[0].place", "tracking[0].events[0].text")
		})
	}
	run.env.StatedInside = func() bool {
		return located(func(o *origin) []found { return run.r.statedInside(run.places, o) })
	}
}

// lexiconOf is a selector without the place to look at.
func lexiconOf(selector string) string {
	id, _, _ := strings.Cut(selector, "@")
	return id
}

func envOf(r *reading, rates markwatch.Rates) *ruleEnv {
	l := r.listing
	env := &ruleEnv{
		Title: l.Title, Description: l.Description, Category: l.Category, Brand: l.Brand, Text: l.Text, PriceText: l.PriceText,
		Availability: string(l.Availability), Condition: string(l.Condition), Quantity: l.Quantity, ShipsFrom: l.ShipsFrom,
		Delivery: l.Delivery, Sales: l.Sales, Rating: l.Rating, Platform: l.Platform, Source: l.Source, URL: l.URL,
		Attributes: l.Attributes, Images: len(l.Images), Shares: len(l.Shares),
	}
	if u, err := url.Parse(l.URL); err == nil {
		env.Host = strings.ToLower(u.Hostname())
	}
	if p, ok := r.offered(rates); ok {
		env.PriceCNY, env.UnitPriceCNY, env.ListPriceCNY = p.cny, p.cny, p.list
		if n := r.packOf().count; n > 1 && !p.perUnit {
			env.UnitPriceCNY = p.cny / n
		}
	}
	if s := l.Seller; s != nil {
		env.Seller, env.SellerKind, env.SellerRegion, env.License, env.Contacts = s.Name, string(s.Kind), s.Region, s.License, s.Contacts
	}
	return env
}
