package sample

import (
	"bytes"
	"embed"
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/markwatch/markwatch"
)

//go:embed data/*.yaml
var data embed.FS

// text is one hand-written offer.
type text struct {
	Kind       string
	Violations []markwatch.Violation
	Subject    string // id of the protected brand or work it offends
	Category   string // "first > second"
	Title      string
	Price      string
	Currency   string // ISO 4217; CNY where empty
	List       string // struck-out price
	Shown      string // how the price is shown, with {price}; "¥{price}" where empty
	Coupon     *coupon
	Seller     *shop
	Ships      string
	Delivery   string
	Sales      string
	Condition  markwatch.Condition
	Specs      []string // "name=value"
	About      string
	Notice     string
	Reviews    []string
	Trace      *trace
}

// coupon makes the paid price out of a higher one; Text may hold {cut}.
type coupon struct{ Before, Text string }

// shop is who sells. Fixed shops keep their name where an offer is repeated.
type shop struct {
	Name     string
	Kind     markwatch.SellerKind
	Region   string
	License  string
	Contacts []string
	Fixed    bool
}

// trace is a parcel's way: time, place, text.
type trace struct {
	Carrier, Number, URL string
	Events               [][3]string
}

// article is a page without an offer.
type article struct{ Title, Body string }

// words are the market's own texts and what repetitions differ by.
type words struct {
	Name, Operator string
	Marks, Tails   []string
	PersonalShops  []string `yaml:"personal_shops"`
	Shops          []string
	Regions        []string
	Deliveries     []string
	Sales          []string
	Reviews        []string
	Promises       []string
	CategorySlugs  map[string]string `yaml:"category_slugs"`
	Keywords       []string
	News, Help     []article
}

// corpus is everything that is written by hand.
type corpus struct {
	texts []text
	// planted, innocent and ordinary are indexes of texts: offers that
	// violate, lawful ones that look suspect, and everyday goods.
	planted, innocent, ordinary []int
	words                       words
	brands                      []markwatch.Brand
	works                       []markwatch.Work
}

// readCorpus reads the embedded texts. An error is a fault of the program.
func readCorpus() (*corpus, error) {
	c := &corpus{}
	for _, part := range []struct {
		into  *[]int
		files []string
	}{
		{&c.planted, []string{"planted-counterfeit", "planted-overseas", "planted-piracy"}},
		{&c.innocent, []string{"innocent-goods", "innocent-overseas", "innocent-works"}},
		{&c.ordinary, []string{"ordinary"}},
	} {
		for _, file := range part.files {
			var texts []text
			if err := readYAML(file, &texts); err != nil {
				return nil, err
			}
			for _, t := range texts {
				*part.into = append(*part.into, len(c.texts))
				c.texts = append(c.texts, t)
			}
		}
	}
	var brands struct {
		Version int
		Brands  []markwatch.Brand
	}
	var works struct {
		Version int
		Works   []markwatch.Work
	}
	for file, into := range map[string]any{"market": &c.words, "brands": &brands, "works": &works} {
		if err := readYAML(file, into); err != nil {
			return nil, err
		}
	}
	c.brands, c.works = brands.Brands, works.Works
	return c, nil
}

// readYAML decodes an embedded file strictly.
func readYAML(name string, into any) error {
	b, err := data.ReadFile("data/" + name + ".yaml")
	if err != nil {
		return fmt.Errorf("reading sample texts: %w", err)
	}
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("reading sample texts %s: %w", name, err)
	}
	return nil
}
