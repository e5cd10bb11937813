package sample

import (
	"html/template"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/markwatch/markwatch"
)

// Options size a market.
type Options struct {
	// Pages is about how many pages a crawl with the market's own
	// configuration fetches; 600 where zero.
	Pages int
	// Seed makes another market of the same size; the texts are the same.
	Seed uint64
}

// Market is a shop site. It keeps a few numbers an offer and makes pages when
// they are asked for. It is safe for concurrent use.
type Market struct {
	*corpus
	seed   uint64
	offers []slot    // by serial number
	byText [][]int32 // serial numbers of a text's offers
	bySlug map[string][]int32
	byShop map[string][]int32
	slugs  []string // categories in their order
	pages  *template.Template
	filler []template.HTML
	nav    template.HTML
	footer template.HTML

	requests, disallowed atomic.Int64
}

// slot says which text an offer has, and for the how-manieth time.
type slot struct{ text, repetition uint16 }

// Offer is one offer of the market and the truth about it.
type Offer struct {
	ItemID string
	// Path is where its page is: /item/<ItemID>.html
	Path string
	// Violations are what is planted; empty where the offer is innocent.
	Violations []markwatch.Violation
	// Kind names the trick, or what makes an innocent offer look suspect.
	Kind string
	// Subject is the id of the brand or work that is offended, where there is
	// one.
	Subject string
}

const (
	defaultPages = 600
	// blockSize offers have one planted violation among them.
	blockSize = 8
	perPage   = 24
	firstItem = 600_000_000_000
	itemStep  = 97
)

// New makes a market; the same options make the same one. It panics only on
// a fault in the embedded texts, which the package's tests exclude.
func New(opts Options) *Market {
	if opts.Pages <= 0 {
		opts.Pages = defaultPages
	}
	c, err := readCorpus()
	if err != nil {
		panic(err)
	}
	m := &Market{corpus: c, seed: opts.Seed, pages: parsePages(), filler: makeFiller(opts.Seed)}
	m.lay(offersFor(opts.Pages))
	m.nav, m.footer = m.constant("nav"), m.constant("footer")
	return m
}

// offersFor leaves room for result pages and pages without offers.
func offersFor(pages int) int {
	const others = 100
	n := (pages - others) * 49 / 50
	return max(5, n/blockSize) * blockSize
}

// lay distributes the texts over n offers: in each block one planted, the
// rest hard innocent and everyday ones by turns. No text of a kind comes
// again before every other of that kind was there.
func (m *Market) lay(n int) {
	r := rand.New(rand.NewPCG(m.seed, 0x5a11))
	planted := deck{r: r, texts: m.planted}
	innocent := deck{r: r, texts: m.innocent}
	ordinary := deck{r: r, texts: m.ordinary}
	m.offers = make([]slot, n)
	m.byText = make([][]int32, len(m.texts))
	m.bySlug, m.byShop = map[string][]int32{}, map[string][]int32{}
	trick := 0
	for i := range m.offers {
		if i%blockSize == 0 {
			trick = i + r.IntN(blockSize)
		}
		switch {
		case i == trick:
			m.offers[i] = planted.next()
		case i%2 == 0:
			m.offers[i] = innocent.next()
		default:
			m.offers[i] = ordinary.next()
		}
		at := int32(i)
		t := m.offers[i].text
		m.byText[t] = append(m.byText[t], at)
		slug := m.slug(m.texts[t].Category)
		if m.bySlug[slug] == nil {
			m.slugs = append(m.slugs, slug)
		}
		m.bySlug[slug] = append(m.bySlug[slug], at)
		shop := shopID(m.seller(i).Name)
		m.byShop[shop] = append(m.byShop[shop], at)
	}
}

// deck deals texts in random order, and shuffles again when all were dealt.
type deck struct {
	r     *rand.Rand
	texts []int
	order []int
	round uint16
}

func (d *deck) next() slot {
	if len(d.order) == 0 {
		d.order = d.r.Perm(len(d.texts))
		d.round++
	}
	t := d.texts[d.order[0]]
	d.order = d.order[1:]
	return slot{uint16(t), d.round - 1}
}

// slug is the address part of a category's first level.
func (m *Market) slug(category string) string {
	first, _, _ := strings.Cut(category, " > ")
	return m.words.CategorySlugs[first]
}

func itemID(i int) string { return strconv.Itoa(firstItem + i*itemStep) }

// serial is the inverse of itemID; ok is false where there is no such offer.
func (m *Market) serial(id string) (i int, ok bool) {
	n, err := strconv.Atoi(id)
	if err != nil || n < firstItem || (n-firstItem)%itemStep != 0 {
		return 0, false
	}
	i = (n - firstItem) / itemStep
	return i, i < len(m.offers) && itemID(i) == id
}

// Truth returns every offer, planted and innocent, in the order of item ids.
func (m *Market) Truth() []Offer {
	all := make([]Offer, len(m.offers))
	for i, s := range m.offers {
		t := &m.texts[s.text]
		id := itemID(i)
		all[i] = Offer{ItemID: id, Path: "/item/" + id + ".html", Violations: t.Violations, Kind: t.Kind, Subject: t.Subject}
	}
	return all
}

// Brands returns the protected brands that offers are planted against.
func (m *Market) Brands() []markwatch.Brand { return m.brands }

// Works returns the protected works that offers are planted against.
func (m *Market) Works() []markwatch.Work { return m.works }

// Requests is how many requests the market has answered.
func (m *Market) Requests() int64 { return m.requests.Load() }

// DisallowedRequests is how many of them robots.txt forbids.
func (m *Market) DisallowedRequests() int64 { return m.disallowed.Load() }
