package configs_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
)

func shipped(t testing.TB) *configs.Config {
	t.Helper()
	c, err := configs.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestShippedLexicons holds the ids that other rooms and people's rules refer
// to, and that each list is a list and not a sample.
func TestShippedLexicons(t *testing.T) {
	least := map[string]int{
		"replica": 60, "overseas-claim": 50, "overseas-service": 50, "domestic-dispatch": 40, "netdisk": 40,
		"share-code": 20, "copy-offer": 60, "crack": 40, "cam": 30, "account-share": 40, "accessory": 60,
		"second-hand": 50, "denial": 50, "education": 50, "comparison": 40, "official": 40, "review": 40,
		"merch": 40, "ticket": 30, "physical-book": 40, "deposit": 50, "contact": 50, "supply": 50,
		"bonded": 40, "sample": 40, "empty-package": 40, "news": 40,
	}
	found := map[string]bool{}
	for _, lexicon := range shipped(t).Lists.Lexicons {
		found[lexicon.ID] = true
		n, ok := least[lexicon.ID]
		if !ok {
			continue
		}
		if len(lexicon.Terms) < n {
			t.Errorf("%s has %d terms, want %d", lexicon.ID, len(lexicon.Terms), n)
		}
		for _, term := range lexicon.Terms {
			for _, not := range term.Not {
				if len(not) <= len(term.Term) || !strings.Contains(strings.ToLower(not), strings.ToLower(term.Term)) {
					t.Errorf("%s: %q is no longer string that holds %q, so it has no effect", lexicon.ID, not, term.Term)
				}
			}
		}
	}
	for id := range least {
		if !found[id] {
			t.Errorf("no lexicon %s", id)
		}
	}
}

func TestShippedBrandsAndWorks(t *testing.T) {
	c := shipped(t)
	if n := len(c.Lists.Brands); n < 40 {
		t.Errorf("%d brands", n)
	}
	if n := len(c.Lists.Works); n < 30 {
		t.Errorf("%d works", n)
	}
	for _, b := range c.Lists.Brands {
		names := slices.Clone(b.Aliases)
		for _, name := range b.Names {
			names = append(names, name)
		}
		for _, a := range b.Ambiguous {
			if !slices.Contains(names, a) {
				t.Errorf("%s: %q is called ambiguous and is neither a name nor an alias", b.ID, a)
			}
		}
		if b.Floor == nil || len(b.Products) == 0 || len(b.Categories) == 0 {
			t.Errorf("%s has no floor, no product or no category", b.ID)
		}
		for _, p := range b.Products {
			if p.Price == nil || p.Price.Currency != markwatch.CNY || !p.Price.Amount.IsPositive() {
				t.Errorf("%s: %s has no price in renminbi", b.ID, p.Name)
			}
		}
	}
	if len(c.Lists.Sources) != 0 {
		t.Error("there are shipped sources")
	}
}

func TestShippedRates(t *testing.T) {
	rates := shipped(t).Rates
	for _, code := range []string{"USD", "EUR", "JPY", "HKD", "GBP", "KRW", "AUD"} {
		hundred, err := markwatch.ParseMoney("100", code)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := rates.ToCNY(hundred); !ok {
			t.Errorf("no rate for %s", code)
		}
	}
	if rates.Date.IsZero() || rates.Source == "" {
		t.Errorf("the rates say neither day nor source: %+v", rates)
	}
	dollar, _ := markwatch.ParseMoney("1", "USD")
	if cny, _ := rates.ToCNY(dollar); cny.IntPart() < 5 || cny.IntPart() > 9 {
		t.Errorf("a dollar is %s yuan: the table is the wrong way round", cny)
	}
}
