// Package clusters finds sellers that are one hand: those that share a contact,
// a licence, a picture, a text or an account for payment. Each link has its
// reason, and people may cut one for good.
package clusters

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/markwatch/markwatch"
)

// Link says why two sellers are taken for one hand.
type Link struct {
	A string `json:"a"`
	B string `json:"b"`
	// Reason is account, license, picture or text.
	Reason string `json:"reason"`
	// Value is what both share: "wechat:abc123", a licence, an address of a
	// picture, the beginning of a text.
	Value string `json:"value"`
}

// The reasons of links.
const (
	ReasonAccount = "account"
	ReasonLicense = "license"
	ReasonPicture = "picture"
	ReasonText    = "text"
)

// ReasonName is a reason's name for people.
func ReasonName(reason string) markwatch.Text {
	switch reason {
	case ReasonAccount:
		return markwatch.Text{ZH: "同一联系方式或收款账户", EN: "same contact or account for payment"}
	case ReasonLicense:
		return markwatch.Text{ZH: "同一营业执照", EN: "same licence"}
	case ReasonPicture:
		return markwatch.Text{ZH: "同一图片", EN: "same picture"}
	case ReasonSeller:
		return markwatch.Text{ZH: "同一店铺", EN: "same shop"}
	case ReasonCluster:
		return markwatch.Text{ZH: "同一卖家群组", EN: "same cluster of sellers"}
	case ReasonTitle:
		return markwatch.Text{ZH: "同一标题", EN: "same title"}
	case ReasonSKU:
		return markwatch.Text{ZH: "同一货号", EN: "same SKU"}
	case ReasonText:
		return markwatch.Text{ZH: "同一文字", EN: "same text"}
	}
	return markwatch.Text{ZH: reason, EN: reason}
}

// Seller is one shop as a platform names it.
type Seller struct {
	// Key is stable: the platform and the shop's id there, else its name.
	Key      string   `json:"key"`
	Name     string   `json:"name"`
	Platform string   `json:"platform,omitempty"`
	Leads    []string `json:"leads"` // numbers
}

// Cluster is sellers that are linked, the one with the most leads first.
type Cluster struct {
	Sellers []Seller `json:"sellers"`
	Links   []Link   `json:"links,omitempty"`
}

// Cut is a link that a person took away for good, whatever the reason.
type Cut struct {
	A string `json:"a"`
	B string `json:"b"`
}

// Key is a lead's seller; "" where the page names none.
func Key(l *markwatch.Listing) string {
	if l.Seller == nil {
		return ""
	}
	name := cmp.Or(l.Seller.ID, l.Seller.URL, strings.Join(strings.Fields(l.Seller.Name), " "))
	if name == "" {
		return ""
	}
	return cmp.Or(l.Platform, l.Source) + "/" + name
}

// Heads names each seller's cluster by one of its sellers, the same for all of
// them.
func Heads(list []Cluster) map[string]string {
	heads := map[string]string{}
	for _, c := range list {
		for _, s := range c.Sellers {
			heads[s.Key] = c.Sellers[0].Key
		}
	}
	return heads
}

// A value that very many sellers show belongs to none of them: a platform's
// hotline, a stock picture. Those that more than commonShare of at least
// commonLeast sellers have make no link.
const (
	commonShare = 0.2
	commonLeast = 20
)

// leastText is how long a text must be, in letters, to link two sellers.
const leastText = 40

// Build groups the sellers of leads. Those who share nothing are clusters of
// their own.
func Build(leads []markwatch.Lead, cuts []Cut) []Cluster {
	sellers := map[string]*Seller{}
	shared := map[[2]string]map[string]bool{} // reason and value → keys of sellers
	for i := range leads {
		l := &leads[i].Listing
		key := Key(l)
		if key == "" {
			continue
		}
		s := sellers[key]
		if s == nil {
			s = &Seller{Key: key, Name: l.Seller.Name, Platform: l.Platform}
			sellers[key] = s
		}
		s.Leads = append(s.Leads, leads[i].Number)
		for _, v := range values(l) {
			if shared[v] == nil {
				shared[v] = map[string]bool{}
			}
			shared[v][key] = true
		}
	}
	return group(sellers, links(shared, len(sellers), cuts))
}

// values are what may link an offer's seller to others, as reason and value.
func values(l *markwatch.Listing) [][2]string {
	var found [][2]string
	for _, a := range l.Seller.Accounts {
		if len(a.Value) >= 5 {
			found = append(found, [2]string{ReasonAccount, a.Kind + ":" + strings.ToLower(a.Value)})
		}
	}
	if license := strings.ToUpper(strings.TrimSpace(l.Seller.License)); len(license) >= 15 {
		found = append(found, [2]string{ReasonLicense, license})
	}
	for _, address := range l.Images {
		found = append(found, [2]string{ReasonPicture, address})
	}
	if letters := onlyLetters(l.Description); len([]rune(letters)) >= leastText {
		sum := sha256.Sum256([]byte(letters))
		begin := []rune(letters)
		found = append(found, [2]string{ReasonText, string(begin[:min(30, len(begin))]) + "…#" + hex.EncodeToString(sum[:4])})
	}
	return found
}

// onlyLetters makes texts comparable that differ in signs, blanks and numbers.
func onlyLetters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

func links(shared map[[2]string]map[string]bool, sellers int, cuts []Cut) []Link {
	cut := map[[2]string]bool{}
	for _, c := range cuts {
		cut[pair(c.A, c.B)] = true
	}
	var found []Link
	for v, keys := range shared {
		if len(keys) < 2 || len(keys) >= commonLeast && float64(len(keys)) > commonShare*float64(sellers) {
			continue
		}
		sorted := slices.Sorted(maps.Keys(keys))
		if len(sorted) > commonLeast {
			// A chain says as much as each pair, which would be very many.
			for i := range sorted[1:] {
				if p := pair(sorted[i], sorted[i+1]); !cut[p] {
					found = append(found, Link{p[0], p[1], v[0], v[1]})
				}
			}
			continue
		}
		for i, a := range sorted {
			for _, b := range sorted[i+1:] {
				if !cut[pair(a, b)] {
					found = append(found, Link{a, b, v[0], v[1]})
				}
			}
		}
	}
	slices.SortFunc(found, func(x, y Link) int {
		return cmp.Or(cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B), cmp.Compare(x.Reason, y.Reason), cmp.Compare(x.Value, y.Value))
	})
	return found
}

func pair(a, b string) [2]string {
	if a > b {
		a, b = b, a
	}
	return [2]string{a, b}
}

// group joins what is linked.
func group(sellers map[string]*Seller, links []Link) []Cluster {
	head := map[string]string{}
	var find func(string) string
	find = func(k string) string {
		if next, ok := head[k]; ok && next != k {
			head[k] = find(next)
			return head[k]
		}
		return k
	}
	for _, l := range links {
		if a, b := find(l.A), find(l.B); a != b {
			head[max(a, b)] = min(a, b)
		}
	}
	clusters := map[string]*Cluster{}
	for _, key := range slices.Sorted(maps.Keys(sellers)) {
		h := find(key)
		if clusters[h] == nil {
			clusters[h] = &Cluster{}
		}
		slices.Sort(sellers[key].Leads)
		clusters[h].Sellers = append(clusters[h].Sellers, *sellers[key])
	}
	for _, l := range links {
		c := clusters[find(l.A)]
		c.Links = append(c.Links, l)
	}
	var all []Cluster
	for _, c := range clusters {
		slices.SortStableFunc(c.Sellers, func(x, y Seller) int { return len(y.Leads) - len(x.Leads) })
		all = append(all, *c)
	}
	slices.SortFunc(all, func(x, y Cluster) int {
		return cmp.Or(y.count()-x.count(), len(y.Sellers)-len(x.Sellers), cmp.Compare(x.Sellers[0].Key, y.Sellers[0].Key))
	})
	return all
}

func (c Cluster) count() (n int) {
	for _, s := range c.Sellers {
		n += len(s.Leads)
	}
	return n
}
