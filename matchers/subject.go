package matchers

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/text"
)

// standing is what a protected brand is to an offer.
type standing struct {
	index int
	brand *markwatch.Brand
	// names are its mentions, the best one first.
	names []mention
	// product is the line that is offered, nil where none is told.
	product     *markwatch.Product
	productName mention
	// official: an authorised shop or domain of the brand's list.
	official bool
	// disguised is a mention whose letters were dressed up on purpose.
	disguised *mention
	// declared: the page's own brand attribute names the brand.
	declared bool
	// title: a name stands in the title.
	title bool
	// doubt is above 0 where the words may well mean something else.
	doubt float64
	// byProduct: only a product line is named, not the brand.
	byProduct bool
}

// standings finds the brands that the listing speaks of. A brand whose names
// are all ambiguous counts with its categories or one of its products beside.
func (r *reading) standings(brands []markwatch.Brand) []standing {
	if r.stood {
		return r.standing
	}
	r.stood = true
	for _, i := range r.sorted(r.brands) {
		if st, ok := r.stand(i, &brands[i]); ok {
			r.standing = append(r.standing, st)
		}
	}
	for _, i := range r.sorted(r.products) {
		if slices.ContainsFunc(r.standing, func(st standing) bool { return st.index == i }) {
			continue
		}
		if st, ok := r.standByProduct(i, &brands[i]); ok {
			r.standing = append(r.standing, st)
		}
	}
	return r.standing
}

// sorted are the indices of what is named, in the reading's memory.
func (r *reading) sorted(named map[int][]mention) []int {
	r.order = r.order[:0]
	for i := range named {
		r.order = append(r.order, i)
	}
	slices.Sort(r.order)
	return r.order
}

// partOfProduct says that a longer product of a brand that stands covers a
// product's name: 飞行员RB3025 is not another brand's 飞行员.
func (r *reading) partOfProduct(m mention, owner int) bool {
	return slices.ContainsFunc(r.standing, func(st standing) bool {
		return st.index != owner && covered(m, r.products[st.index])
	})
}

// standByProduct finds a brand whose name is left out while one of its product
// lines stands in the title under a name that says nothing else.
func (r *reading) standByProduct(i int, b *markwatch.Brand) (standing, bool) {
	st := standing{index: i, brand: b, byProduct: true, title: true}
	var best mention
	ok := false
	// Beside words for copies, or another name of the line that says nothing
	// else, a plainer name is enough: VS厂海马300.
	known := r.guilty() || slices.ContainsFunc(r.products[i], func(m mention) bool {
		return distinctive(m, b) && slices.Contains(ownPaths[:], strings.SplitAfter(r.path(m), ".")[0])
	})
	for _, m := range r.products[i] {
		if r.path(m) == "title" && !r.partOfProduct(m, i) && (distinctive(m, b) || known && says(m) >= leastSaying && !m.entry.plain) && (!ok || m.hit.To-m.hit.At > best.hit.To-best.hit.At) {
			best, ok = m, true
		}
	}
	if !ok {
		return st, false
	}
	st.product, st.productName = &b.Products[best.entry.item], best
	st.names = []mention{best}
	if best.hit.Disguise&^text.DisguiseSpaces != 0 {
		st.disguised = &best
	}
	st.official = r.v.outlets[i] && r.officialShop(b.Authorized.Shops, b.Authorized.Domains)
	return st, true
}

// leastSaying is how much a product's name says that is taken for it beside
// words for copies.
const leastSaying = 4

// says is how much a name says: a Han character twice what a Latin letter does.
func says(m mention) int {
	n := 0
	for _, c := range m.entry.text {
		switch {
		case c >= 0x2e80:
			n += 2
		case c > ' ':
			n++
		}
	}
	return n
}

// ownPaths are the fields in which a seller says what is offered.
var ownPaths = [...]string{"title", "description", "attributes.", "brand"}

// guilty says that the offer itself gives away that it is one of copies: by
// words that have hardly another use, by a price for those who ask that is a
// fraction of the one shown, or by papers of a purchase made to order.
func (r *reading) guilty() bool {
	if word, said := strongest(r.asserted(r.within(r.all("replica"), "title", "description"))); said && word.entry.weight >= sure {
		return true
	}
	if _, _, tricked := r.privatePrice(); tricked {
		return true
	}
	_, forges := paperToOrder(r)
	return forges
}

// distinctive tells a name that was made up from a word, a number and the kind
// of goods.
func distinctive(m mention, b *markwatch.Brand) bool {
	if m.entry.plain {
		return false
	}
	for _, c := range b.Categories {
		if strings.Contains(m.entry.text, c) && utf8.RuneCountInString(m.entry.text)-utf8.RuneCountInString(c) < 2 {
			return false
		}
	}
	if modelNumber(m.entry.text) {
		return true
	}
	n, letters := 0, 0
	for _, c := range m.entry.text {
		n++
		if c >= 0x2e80 {
			letters += 2
		} else if c > '9' {
			letters++
		}
	}
	return letters >= 5 && n >= 3
}

// modelNumber says that a name is a maker's number of at least two letters and
// three digits (X100VI, IW371605), which no ordinary word is.
func modelNumber(name string) bool {
	letters, digits := 0, 0
	for _, c := range name {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			letters++
		case c != '-' && c != ' ':
			return false
		}
	}
	return letters >= 2 && digits >= 3
}

func (r *reading) stand(i int, b *markwatch.Brand) (standing, bool) {
	ms := r.brands[i]
	from, to := len(r.standingNames), len(r.standingNames)+len(ms)
	r.standingNames = slices.Grow(r.standingNames, len(ms))[:to]
	st := standing{index: i, brand: b, names: r.standingNames[from:from:to]}
	sure, initials, guessed := false, true, true
	for k := range ms {
		m := ms[k]
		path := r.path(m)
		if path == "seller.name" || strings.HasPrefix(path, "seller.") || strings.HasPrefix(path, "tracking[") || path == "category" {
			// A shop may call itself after a brand and sell others.
			continue
		}
		if (m.entry.code || m.hit.Disguise&^text.DisguiseSpaces != 0) && st.disguised == nil {
			st.disguised = &ms[k]
		}
		rank := rankOf(path)
		if (path == "brand" || isBrandKey(path)) && m.hit.Disguise&text.DisguiseUnsure == 0 {
			st.declared = true
			sure = true
		}
		st.title = st.title || path == "title"
		sure = sure || !m.entry.ambiguous
		initials = initials && m.hit.Disguise&text.DisguiseInitial != 0
		guessed = guessed && (m.entry.code || m.hit.Disguise&text.DisguiseUnsure != 0)
		if len(st.names) > 0 && rank < rankOf(r.path(st.names[0])) {
			st.names = slices.Insert(st.names, 0, m)
		} else {
			st.names = append(st.names, m)
		}
	}
	if len(st.names) == 0 {
		return st, false
	}
	st.product, st.productName = r.product(i, b)
	// A letter behind a character may be anything else but among the brand's
	// goods.
	if initials && (r.categories[i] == 0 && st.product == nil || r.categoryForeign(i)) {
		return st, false
	}
	if guessed && !r.borneOut(i, st) {
		return st, false
	}
	// A name that says other things too stands for the brand only among its
	// goods: not for the fruit, the flower or the region.
	if !sure && st.product == nil {
		switch {
		case r.categoryForeign(i):
			return st, false
		case r.categories[i] == 0:
			st.doubt = 1
		}
	}
	st.official = r.v.outlets[i] && r.officialShop(b.Authorized.Shops, b.Authorized.Domains)
	return st, true
}

// longName is how many letters a guessed name has that chance hardly makes.
const longName = 3

// borneOut says that what else the listing says makes a guess the name of the
// brand: one of its product lines; its goods, beside words for copies where the
// name is short.
func (r *reading) borneOut(i int, st standing) bool {
	if st.product != nil {
		return true
	}
	if r.categories[i] == 0 || r.categoryForeign(i) {
		return false
	}
	if slices.ContainsFunc(st.names, func(m mention) bool { return m.entry.code || m.hit.To-m.hit.At >= longName }) {
		return true
	}
	word, said := strongest(r.asserted(r.within(r.all("replica", "hint", "withheld-brand", "house-code"), "title", "description", "text")))
	return said && word.entry.weight >= sure
}

func rankOf(path string) int {
	switch {
	case path == "title":
		return 0
	case path == "brand", isBrandKey(path):
		return 1
	case path == "description", strings.HasPrefix(path, "attributes."):
		return 2
	}
	return 3
}

func isBrandKey(path string) bool {
	key, ok := strings.CutPrefix(path, "attributes.")
	if !ok {
		return false
	}
	switch strings.ToLower(key) {
	case "品牌", "brand", "商标", "品牌名称", "manufacturer":
		return true
	}
	return false
}

// categoryForeign says that the page names a category and none of the brand's
// categories is part of it or of the title.
func (r *reading) categoryForeign(brand int) bool {
	categories := r.v.categories[brand]
	if r.listing.Category == "" || len(categories) == 0 {
		return false
	}
	for i := range r.fields {
		if p := r.fields[i].path; p != "category" && p != "title" {
			continue
		}
		letters := r.fields[i].folded.Letters()
		for _, c := range categories {
			if strings.Contains(letters, c) {
				return false
			}
		}
	}
	return true
}

// product chooses the product line that the listing names: one in the title
// before one elsewhere, a longer name before a shorter one, then the cheaper
// line, so that a doubt favours the seller.
func (r *reading) product(i int, b *markwatch.Brand) (*markwatch.Product, mention) {
	var best *markwatch.Product
	var at mention
	if len(r.products) == 0 {
		return nil, at
	}
	for _, m := range r.products[i] {
		path := r.path(m)
		if strings.HasPrefix(path, "seller.") || strings.HasPrefix(path, "tracking[") {
			continue
		}
		p := &b.Products[m.entry.item]
		if best == nil || r.prefer(m, p, at, best) {
			best, at = p, m
		}
	}
	return best, at
}

func (r *reading) prefer(m mention, p *markwatch.Product, than mention, best *markwatch.Product) bool {
	a, b := min(rankOf(r.path(m)), 3), min(rankOf(r.path(than)), 3)
	if a != b {
		return a < b
	}
	if n, k := m.hit.To-m.hit.At, than.hit.To-than.hit.At; n != k {
		return n > k
	}
	return p.Price != nil && (best.Price == nil || p.Price.Amount.LessThan(best.Price.Amount))
}

// officialShop says that the seller or the site is one of those that the
// holder named. A shop that only calls itself official is not.
func (r *reading) officialShop(shops []markwatch.ShopRef, domains []string) bool {
	l := r.listing
	if l.URL != "" && len(domains) > 0 {
		if u, err := url.Parse(l.URL); err == nil {
			host := strings.ToLower(u.Hostname())
			for _, d := range domains {
				d = strings.ToLower(d)
				if host == d || strings.HasSuffix(host, "."+d) {
					return true
				}
			}
		}
	}
	if l.Seller == nil {
		return false
	}
	var name string
	for _, s := range shops {
		if s.Platform != "" && l.Platform != "" && s.Platform != l.Platform {
			continue
		}
		if s.ID != "" && l.Seller.ID != "" {
			if s.ID == l.Seller.ID {
				return true
			}
			continue
		}
		if s.Name == "" || l.Seller.Name == "" {
			continue
		}
		if name == "" {
			name = r.v.folder.Fold(l.Seller.Name).Letters()
		}
		if name == r.v.folded(s.Name) {
			return true
		}
	}
	return false
}
