package matchers

import (
	"strconv"
	"strings"

	"github.com/markwatch/markwatch"
)

// SharedPictures tells that other sellers show the same picture. It adds a
// little to a suspicion: copies are sold by many with the pictures of one, and
// honest resellers share pictures too.
var SharedPictures = Matcher{
	Name: "shared-pictures",
	Doc:  "pictures of the listing that stand on other sellers' offers",
	New:  newSharedPictures,
}

// oddsShared is what a picture on another seller's offer adds, oddsSharedMost
// what it adds where many sellers have it.
const (
	oddsShared     = 0.15
	oddsSharedMost = 0.45
)

func newSharedPictures(kit) (check, error) {
	return func(r *reading) []signal {
		same := r.in.SamePictures
		if len(same) == 0 || len(r.suspected) == 0 {
			return nil
		}
		first := same[0]
		if first.Picture < 0 || first.Picture >= len(r.listing.Pictures) {
			return nil
		}
		n := len(same)
		var others []string
		for _, s := range same[:min(n, 5)] {
			others = append(others, s.Listing)
		}
		shown := r.listing.Pictures[first.Picture]
		var out []signal
		for _, v := range r.suspected {
			out = append(out, signal{
				matcher: "shared-pictures", rule: "same-picture", violation: v, strength: 1, odds: min(oddsSharedMost, oddsShared*float64(n)), leans: true,
				reason: markwatch.Text{ZH: "同一图片也出现在另外" + strconv.Itoa(n) + "个卖家的商品上:" + strings.Join(others, "、"),
					EN: "the same picture stands on offers of " + strconv.Itoa(n) + " other sellers: " + strings.Join(others, ", ")},
				facts: map[string]string{"sellers": strconv.Itoa(n), "listings": strings.Join(others, " "), "snapshot": shown.Snapshot,
					"other_snapshot": first.Snapshot, "distance": strconv.Itoa(first.DCT) + "/64 " + strconv.Itoa(first.Blocks) + "/256"},
				evidence: []markwatch.Evidence{{Field: "pictures[" + strconv.Itoa(first.Picture) + "]", Text: shown.URL, Role: markwatch.RoleFact}},
			})
		}
		return out
	}, nil
}
