package matchers

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/pictures"
)

// RegisteredPictures finds the registered pictures of brands among those of a
// listing. It speaks only where the listing's pictures were fetched.
var RegisteredPictures = Matcher{
	Name: "pictures",
	Doc:  "registered pictures of a brand, also scaled, compressed again, framed or written over",
	New:  newRegisteredPictures,
}

// RegisteredPicture is a picture that a brand's holder registered.
type RegisteredPicture struct {
	Brand string
	// Path is where the brand's list says that it lies.
	Path string
	Hash pictures.Hash
}

// Registered are all registered pictures.
type Registered []RegisteredPicture

// Version names the content, short, as verdicts cite it; empty where there is
// none.
func (p Registered) Version() string {
	if len(p) == 0 {
		return ""
	}
	h := sha256.New()
	for _, r := range p {
		h.Write([]byte(r.Brand + "\n" + r.Hash.String() + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil))[:8]
}

// oddsPicture is what a registered picture adds to a suspicion: honest
// resellers use the holder's pictures too.
const oddsPicture = 0.6

func newRegisteredPictures(k kit) (check, error) {
	registered := k.knowledge.Pictures
	brands := map[string]*markwatch.Brand{}
	for i := range k.knowledge.Lists.Brands {
		b := &k.knowledge.Lists.Brands[i]
		brands[b.ID] = b
	}
	return func(r *reading) []signal {
		if len(registered) == 0 {
			return nil
		}
		var out []signal
		told := map[string]bool{}
		for i, shown := range r.listing.Pictures {
			hash, err := pictures.Parse(shown.Hash)
			if err != nil {
				continue
			}
			for _, p := range registered {
				b := brands[p.Brand]
				if b == nil || told[p.Brand] || !hash.Same(p.Hash) || r.officialShop(b.Authorized.Shops, b.Authorized.Domains) {
					continue
				}
				told[p.Brand] = true
				dct, blocks := hash.Distance(p.Hash)
				out = append(out, signal{
					matcher: "pictures", rule: "registered-picture", violation: markwatch.Counterfeit, subject: p.Brand, strength: 1, odds: oddsPicture, leans: true,
					reason:   say("图片与权利人登记的图片 "+p.Path+" 相同", "a picture is the registered one, "+p.Path),
					facts:    map[string]string{"registered": p.Path, "distance": strconv.Itoa(dct) + "/64 " + strconv.Itoa(blocks) + "/256", "snapshot": shown.Snapshot},
					evidence: []markwatch.Evidence{{Field: "pictures[" + strconv.Itoa(i) + "]", Text: shown.URL, Role: markwatch.RoleFact}},
				})
			}
		}
		return out
	}, nil
}
