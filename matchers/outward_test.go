package matchers_test

import (
	"slices"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers"
)

// A parcel that goes abroad comes from nowhere abroad.
func TestSendingAbroadClaimsNothing(t *testing.T) {
	s := compile(t, someLists(t))
	for title, claims := range map[string]bool{
		"中国发往加拿大海运 双清 家具": false, "淘宝集运寄到澳洲 空运专线": false,
		"加拿大直邮 枫糖浆": true, "澳洲空运直邮 绵羊油": true,
	} {
		v := s.Check(matchers.Input{Listing: markwatch.Listing{Title: title, Price: cny("18"), ShipsFrom: "广东广州", Seller: &markwatch.Seller{Region: "广东广州"}}, At: at})
		found := slices.ContainsFunc(v.Findings, func(f markwatch.Finding) bool { return f.Matcher == "overseas" && f.Rule == "claim" })
		if found != claims {
			t.Errorf("%s: claims a foreign origin %v, want %v: %+v", title, found, claims, v.Violations)
		}
	}
}
