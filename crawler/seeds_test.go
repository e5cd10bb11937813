package crawler

import (
	"slices"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
)

func TestSeeds(t *testing.T) {
	lists := markwatch.Lists{
		Brands: []markwatch.Brand{
			{ID: "nike", Names: map[string]string{"en": "Nike", "zh": "耐克"}, Aliases: []string{"AJ"}},
			{ID: "jo", Names: map[string]string{"en": "Jo & Co"}},
			{ID: "again", Names: map[string]string{"en": "Nike"}},
		},
		Works: []markwatch.Work{{ID: "w", Titles: []string{"流浪地球2", " "}}},
	}
	src := &markwatch.Source{ID: "s", Kind: markwatch.KindMarketplace, Keywords: []string{"代购", "海外 直邮"}}
	for _, c := range []struct {
		name   string
		starts []string
		want   []string // address, then its name after a space where it has one
	}{
		{"plain, canonical", []string{"HTTPS://M.example", "https://m.example/#top"}, []string{"https://m.example/"}},
		{"brands, each name, pages slowest", []string{"https://m.example/s?q={brand}&page={page:1-2}"}, []string{
			"https://m.example/s?page=1&q=%E8%80%90%E5%85%8B 耐克", "https://m.example/s?page=1&q=Nike Nike", "https://m.example/s?page=1&q=Jo+%26+Co Jo & Co",
			"https://m.example/s?page=2&q=%E8%80%90%E5%85%8B 耐克", "https://m.example/s?page=2&q=Nike Nike", "https://m.example/s?page=2&q=Jo+%26+Co Jo & Co",
		}},
		{"work in the path", []string{"https://m.example/s/{work}/"}, []string{"https://m.example/s/%E6%B5%81%E6%B5%AA%E5%9C%B0%E7%90%832/ 流浪地球2"}},
		{"two variables", []string{"https://m.example/s?k={keyword}&q={work}"}, []string{
			"https://m.example/s?k=%E4%BB%A3%E8%B4%AD&q=%E6%B5%81%E6%B5%AA%E5%9C%B0%E7%90%832 代购 流浪地球2",
			"https://m.example/s?k=%E6%B5%B7%E5%A4%96+%E7%9B%B4%E9%82%AE&q=%E6%B5%81%E6%B5%AA%E5%9C%B0%E7%90%832 海外 直邮 流浪地球2",
		}},
		{"one variable twice", []string{"https://m.example/{page:7-8}?p={page:7-8}"}, []string{"https://m.example/7?p=7", "https://m.example/8?p=8"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			src.Start = c.starts
			seeds, err := Seeds(src, lists)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range seeds {
				got = append(got, strings.TrimSpace(s.URL+" "+s.Name))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestSeedErrors(t *testing.T) {
	src := &markwatch.Source{ID: "s", Kind: markwatch.KindMarketplace, Start: []string{"https://m.example/{brand}", "https://m.example/good", "ftp://m.example/"}}
	seeds, err := Seeds(src, markwatch.Lists{})
	if markwatch.ErrorCode(err) != markwatch.CodeInvalid || !strings.Contains(err.Error(), "{brand}") || !strings.Contains(err.Error(), "ftp:") || len(seeds) != 1 {
		t.Errorf("%v, %v", seeds, err)
	}
	for _, start := range []string{"https://h/{brnd}", "https://h/{brand", "https://h/{page:3-1}", "https://h/{page:1-}", "https://h/{page:0-99999999}", "https://h/{page}", "not an address"} {
		src.Start = []string{start}
		if seeds, err := Seeds(src, markwatch.Lists{Brands: []markwatch.Brand{{Names: map[string]string{"en": "x"}}}}); markwatch.ErrorCode(err) != markwatch.CodeInvalid || len(seeds) != 0 || !strings.Contains(err.Error(), "source s") {
			t.Errorf("%s: %v, %v", start, seeds, err)
		}
	}
	// A name too long for an address costs no other.
	src.Start = []string{"https://h/?q={brand}"}
	seeds, err = Seeds(src, markwatch.Lists{Brands: []markwatch.Brand{{Names: map[string]string{"en": strings.Repeat("鞋", 2000)}}, {Names: map[string]string{"en": "x"}}}})
	if err == nil || len(seeds) != 1 || seeds[0].Name != "x" {
		t.Errorf("%v, %v", seeds, err)
	}
	if _, err := Seeds(&markwatch.Source{Kind: markwatch.KindArchive, Start: []string{"a.warc"}}, markwatch.Lists{}); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Errorf("archive: %v", err)
	}
}

func TestScope(t *testing.T) {
	for _, c := range []struct {
		name        string
		src         markwatch.Source
		follow, not string
	}{
		{"hosts of the start pages", markwatch.Source{Start: []string{"https://Market.example/s?q={brand}", "http://shop.example:8080"}},
			"https://market.example/x http://market.example/ http://shop.example:8080/a", "https://www.market.example/ http://shop.example/ https://evil.example/?market.example/ nonsense"},
		{"allow", markwatch.Source{Start: []string{"https://market.example/"}, Allow: []string{"market.example/item/*", "cdn.example"}},
			"https://market.example/item/1?a=b http://cdn.example/x", "https://market.example/ https://market.example/items https://evil.example/market.example/item/1"},
		{"host wildcard stays in the host", markwatch.Source{Allow: []string{"*.market.example/*"}},
			"https://a.market.example/ https://a.b.market.example/x", "https://market.example/ https://evil.example/a.market.example/ https://evil.example/?x.market.example/y"},
		{"deny wins", markwatch.Source{Start: []string{"https://m.example/"}, Deny: []string{"*/login*", "m.example/*?*sort=*"}},
			"https://m.example/a https://m.example/a?q=1", "https://m.example/login https://m.example/user/login.htm https://m.example/a?q=1&sort=x"},
		{"exact pattern, query sorted", markwatch.Source{Allow: []string{"https://m.example/s?q=*&p=*", "m.example/exact"}},
			"https://m.example/s?p=2&q=x https://m.example/exact", "https://m.example/exact/more https://m.example/exact?x"},
		{"encoded and international", markwatch.Source{Allow: []string{"例子.测试/商品/*"}},
			"http://xn--fsqu00a.xn--0zwm56d/%E5%95%86%E5%93%81/1", "http://xn--fsqu00a.xn--0zwm56d/x"},
		{"port", markwatch.Source{Allow: []string{"127.0.0.1:8080/item/*", "m.example:443/*"}},
			"http://127.0.0.1:8080/item/1", "http://127.0.0.1/item/1 http://127.0.0.1:8081/item/1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := NewScope(&c.src)
			if err != nil {
				t.Fatal(err)
			}
			for u := range strings.FieldsSeq(c.follow) {
				if !s.Follow(u) {
					t.Errorf("%s is not followed", u)
				}
			}
			for u := range strings.FieldsSeq(c.not) {
				if s.Follow(u) {
					t.Errorf("%s is followed", u)
				}
			}
		})
	}
	s, err := NewScope(&markwatch.Source{Start: []string{"https://m.example/"}, Listing: []string{"m.example/item/*"}})
	if err != nil || !s.Listing("https://m.example/item/5") || s.Listing("https://m.example/list") || s.Listing("") {
		t.Errorf("listing: %v", err)
	}
	for _, bad := range []markwatch.Source{{ID: "s", Allow: []string{""}}, {ID: "s", Deny: []string{"/login"}}, {ID: "s", Listing: []string{"bad host/x"}}, {ID: "s", Start: []string{"nonsense"}}} {
		if _, err := NewScope(&bad); markwatch.ErrorCode(err) != markwatch.CodeInvalid || !strings.Contains(err.Error(), "source s") {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func FuzzGlob(f *testing.F) {
	f.Add("*a*b", "xaxb")
	f.Add("a*a", "a")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern) > 40 || len(s) > 200 {
			return
		}
		if got, want := newGlob(pattern).match(s), slowGlob(pattern, s); got != want {
			t.Fatalf("%q on %q: %v", pattern, s, got)
		}
	})
}

// slowGlob is the definition, step by step.
func slowGlob(pattern, s string) bool {
	reach := make([]bool, len(s)+1)
	reach[0] = true
	for i := range len(pattern) {
		next := make([]bool, len(s)+1)
		for j := range reach {
			switch {
			case pattern[i] == '*':
				next[j] = reach[j] || j > 0 && next[j-1]
			case j > 0:
				next[j] = reach[j-1] && s[j-1] == pattern[i]
			}
		}
		reach = next
	}
	return reach[len(s)]
}
