package clusters

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/markwatch/markwatch"
)

// The reasons for which goods are the same, beside those of links.
const (
	ReasonSeller  = "seller"
	ReasonCluster = "cluster"
	ReasonTitle   = "title"
	ReasonSKU     = "sku"
)

// leastTitle is how many letters and digits a title needs to tell goods, and
// manyTwins how many offers may share one thing: what more do is no sign.
const (
	leastTitle = 6
	manyTwins  = 200
)

// Goods finds the leads whose goods are offered at several addresses by one
// hand, by the lead's id. Sellers are one hand where they are one shop or stand
// in one cluster; goods are the same where their titles are, but for signs,
// blanks, letter case and width, or where a picture or the shop's own number
// (SKU) is. Pairs that people cut stay apart. Merged leads belong to their
// whole and are left out.
//
// The reasons of a twin begin with ReasonSeller for one shop, the reason of a
// link of Build between two, or ReasonCluster where others stand between; then
// come title, picture and SKU.
func Goods(leads []markwatch.Lead, list []Cluster, cuts []Cut) map[string][]markwatch.Twin {
	heads, cut := Heads(list), map[[2]string]bool{}
	for _, c := range cuts {
		cut[pair(c.A, c.B)] = true
	}
	groups := map[[3]string][]*markwatch.Lead{}
	for i := range leads {
		l := &leads[i]
		head, known := heads[Key(&l.Listing)]
		if !known || l.Status == markwatch.LeadMerged {
			continue
		}
		for _, r := range goodsOf(&l.Listing) {
			k := [3]string{head, r.Reason, r.Value}
			groups[k] = append(groups[k], l)
		}
	}
	found := map[string]map[string]*markwatch.Twin{}
	for k, group := range groups {
		if len(group) < 2 || len(group) > manyTwins {
			continue
		}
		for _, l := range group {
			for _, other := range group {
				if l.ID == other.ID || l.Listing.URL == other.Listing.URL || cut[pair(l.ID, other.ID)] {
					continue
				}
				if found[l.ID] == nil {
					found[l.ID] = map[string]*markwatch.Twin{}
				}
				t := found[l.ID][other.ID]
				if t == nil {
					t = &markwatch.Twin{Number: other.Number, ID: other.ID, URL: other.Listing.URL}
					found[l.ID][other.ID] = t
				}
				t.Reasons = append(t.Reasons, markwatch.TwinReason{Reason: k[1], Value: k[2]})
			}
		}
	}
	hands, keys := directly(list), map[string]string{}
	for i := range leads {
		keys[leads[i].ID] = Key(&leads[i].Listing)
	}
	all := map[string][]markwatch.Twin{}
	for id, twins := range found {
		for _, t := range twins {
			slices.SortFunc(t.Reasons, func(x, y markwatch.TwinReason) int {
				return cmp.Or(cmp.Compare(x.Reason, y.Reason), cmp.Compare(x.Value, y.Value))
			})
			why, linked := hands[pair(keys[id], keys[t.ID])]
			switch {
			case keys[id] == keys[t.ID]:
				why = markwatch.TwinReason{Reason: ReasonSeller, Value: keys[id]}
			case !linked:
				why = markwatch.TwinReason{Reason: ReasonCluster, Value: heads[keys[id]]}
			}
			t.Reasons = slices.Insert(slices.Compact(t.Reasons), 0, why)
			all[id] = append(all[id], *t)
		}
		slices.SortFunc(all[id], func(x, y markwatch.Twin) int { return cmp.Or(cmp.Compare(x.Number, y.Number), cmp.Compare(x.ID, y.ID)) })
	}
	return all
}

// directly is the first reason for which each pair of sellers is linked.
func directly(list []Cluster) map[[2]string]markwatch.TwinReason {
	why := map[[2]string]markwatch.TwinReason{}
	for _, c := range list {
		for _, l := range c.Links {
			if p := pair(l.A, l.B); why[p] == (markwatch.TwinReason{}) {
				why[p] = markwatch.TwinReason{Reason: l.Reason, Value: l.Value}
			}
		}
	}
	return why
}

// goodsOf is what tells an offer's goods. Numbers stay in titles, since models
// differ by them; SKUs count within a brand alone, as shops number anew.
func goodsOf(l *markwatch.Listing) []markwatch.TwinReason {
	var of []markwatch.TwinReason
	title := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKC.String(l.Title))
	if len([]rune(title)) >= leastTitle {
		of = append(of, markwatch.TwinReason{Reason: ReasonTitle, Value: title})
	}
	for _, address := range l.Images {
		of = append(of, markwatch.TwinReason{Reason: ReasonPicture, Value: address})
	}
	if l.SKU != "" {
		of = append(of, markwatch.TwinReason{Reason: ReasonSKU, Value: strings.TrimSpace(l.Brand + " " + l.SKU)})
	}
	return slices.Compact(of)
}
