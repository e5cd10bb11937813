// Package matchers judges one listing at a time: Listing → Findings, as a pure
// function of the listing, the recorded inputs and one compiled, immutable
// value of knowledge.
//
// Adding a matcher is one file with a Matcher value and one line in
// registry.go.
package matchers

import (
	"time"

	"github.com/markwatch/markwatch"
)

// Knowledge is everything that judging depends on beside the listing. It is
// not changed after it was compiled.
type Knowledge struct {
	Lists    markwatch.Lists
	Versions markwatch.Versions
	Rates    markwatch.Rates
	// Originals are the registered texts of works.
	Originals Originals
	// Pictures are the registered pictures of brands.
	Pictures Registered
	// Sellers are the sellers that are known for earlier violations.
	Sellers Sellers
	// Thresholds says from which score on a violation is flagged, by the
	// violation's name, "default" for the others; 0.5 where nothing is said.
	Thresholds map[string]float64
}

// String is the form that verdicts cite:
// "brands@12 works@3 lexicons@2 rules@7 rates@2026-11-20".
func (k Knowledge) String() string {
	s := k.Versions.String()
	if !k.Rates.Date.IsZero() {
		s += " rates@" + k.Rates.Date.Format(time.DateOnly)
	}
	if v := k.Originals.Version(); v != "" {
		s += " originals@" + v
	}
	if v := k.Pictures.Version(); v != "" {
		s += " pictures@" + v
	}
	if v := k.Sellers.Version(); v != "" {
		s += " blacklist@" + v
	}
	return s
}

// Input is what one check looks at.
type Input struct {
	Listing markwatch.Listing
	// At is the time of the check, which the verdict records; dated lists
	// (protection of a work) are held against it.
	At time.Time
	// Market is what sellers asked for the product lines of the brands in the
	// time before; a line that too few sellers offered is not in it. Where it
	// counted, the finding's facts record it.
	Market map[markwatch.Line]markwatch.LineMarket
	// SamePictures are the listing's pictures that were found on offers of
	// other sellers, one of each seller.
	SamePictures []markwatch.SamePicture
}
