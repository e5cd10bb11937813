package index

import (
	"math"
	"time"
)

// Query asks an Index. Every Term and Range must hold, no negated one may,
// every field of Filters must have one of its values, and no field of Exclude
// any of them. The zero value finds everything.
type Query struct {
	Terms  []Term
	Ranges []Range
	// Filters are values of fields that are keywords, and whole names of
	// sellers. Facet counts of a field leave out that field's own filter, so
	// that a person sees what another choice would bring.
	Filters map[Field][]string
	Exclude map[Field][]string

	Sort   Sort
	Offset int
	// Limit is the number of hits on a page; 0 is DefaultLimit, a negative
	// one asks for counts alone.
	Limit int
	// Facets are the fields whose values are counted, FacetLimit the number
	// of values of each that is returned, 0 is DefaultFacetLimit.
	Facets     []Field
	FacetLimit int
	// Location is the time zone of the days in ranges; nil is UTC+8.
	Location *time.Location
}

// What a Query asks for where it says nothing.
const (
	DefaultLimit      = 20
	DefaultFacetLimit = 20
)

// Term is a text to be found as a sequence of tokens.
type Term struct {
	// Field is a field of text, or "" for all that is searched by default:
	// title, description and other text of the page, brand, seller, place,
	// names of the subjects and the lead's number.
	Field Field
	Text  string
	// Phrase is set where the text was quoted; no typo is forgiven in it.
	Phrase bool
	Not    bool
}

// Range bounds a field of numbers or days. Days are counted from 1970-01-01
// and both bounds belong to the range. A document without the value is in no
// range.
type Range struct {
	Field Field
	// Min and Max are infinite where that side is open.
	Min, Max float64
	// MinOpen and MaxOpen leave the bound itself out; never set for days.
	MinOpen, MaxOpen bool
	Not              bool
}

// Sort is an order of hits.
type Sort string

// The orders. Hits that are equal in it stand newest seen first, then by id.
const (
	SortScore     Sort = "score" // the default: most suspect first
	SortRelevance Sort = "relevance"
	SortNewest    Sort = "newest" // seen first most lately
	SortSeen      Sort = "seen"   // seen last most lately
	SortCheap     Sort = "price"
	SortDear      Sort = "-price"
	SortSales     Sort = "sales"
)

// Sorts returns every order, the default first.
func Sorts() []Sort {
	return []Sort{SortScore, SortRelevance, SortNewest, SortSeen, SortCheap, SortDear, SortSales}
}

// Weights of one term in SortRelevance by the best field that holds it. A
// word that was found only through a typo weighs half. The weights of all
// terms add up; equal sums stand by score.
const (
	WeightTitle  = 8.0
	WeightName   = 4.0 // brand and names of the subjects
	WeightSeller = 2.0
	WeightText   = 1.0
)

// Holds says whether a value lies within the bounds; Not is left to the
// caller. Dates are asked in seconds, see Seconds.
func (r Range) Holds(v float64) bool {
	if v < r.Min || v > r.Max {
		return false
	}
	return !(r.MinOpen && v == r.Min) && !(r.MaxOpen && v == r.Max)
}

// Seconds turns a range of days into one of seconds since 1970 in a time
// zone: from the first instant of Min to before the day after Max.
func (r Range) Seconds(loc *time.Location) Range {
	if loc == nil {
		loc = China()
	}
	at := func(day float64) float64 {
		d := time.Unix(0, 0).UTC().AddDate(0, 0, int(day))
		return float64(time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, loc).Unix())
	}
	if !math.IsInf(r.Min, 0) {
		r.Min = at(r.Min)
	}
	if !math.IsInf(r.Max, 0) {
		r.Max, r.MaxOpen = at(r.Max+1), true
	}
	return r
}

// China is the time zone of a deployment that names no other.
func China() *time.Location { return time.FixedZone("UTC+8", 8*60*60) }
