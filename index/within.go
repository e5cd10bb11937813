package index

import (
	"slices"

	"github.com/markwatch/markwatch"
)

// Within says whether an offer lies within a person's bounds: in one of their
// regions, and at one of their units, where they are bounded so. What has no
// region or no unit lies in none. units is asked only where units matter.
func Within(b markwatch.Bounds, offer *markwatch.Listing, units func() []string) bool {
	if len(b.Regions) > 0 {
		region := ""
		if offer.Seller != nil {
			region = Region(offer.Seller.Region)
		}
		if region == "" || !slices.Contains(b.Regions, region) {
			return false
		}
	}
	return len(b.Units) == 0 || slices.ContainsFunc(units(), func(unit string) bool { return slices.Contains(b.Units, unit) })
}
