package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/chromedp/chromedp"

	"github.com/markwatch/markwatch"
)

// ownHostile are texts that a page may hold in any of its fields.
var ownHostile = [...]string{
	`<script>window.ran=1</script>`, `"><img src=x onerror="window.ran=1">`, `'"></a><svg onload=window.ran=1>`, `</title><script>window.ran=1</script>`,
	`</textarea></style></script><body onload=window.ran=1>`, `<iframe srcdoc="<script>parent.ran=1</script>">`, `javascript:window.ran=1`,
	`{{.}}{{template "layout.html"}}`, `=HYPERLINK("https://evil.example")`, "+cmd|' /C calc'!A0", "\x00\x01\x02\x1b[31mred\x07", "\u202egnp.exe\u2066", "\u200b\u200c\u200d\ufeff",
	"\xff\xfe\xc0\xaf", strings.Repeat("长", 5000), strings.Repeat("W", 3000), "a\u0300\u0301\u0302\u0303\u0304\u0305", "-->]]>", "%0d%0aSet-Cookie:x=1", "https://evil.example/\"onclick=\"x",
	`<base href="https://evil.example/">`, `<meta http-equiv=refresh content="0;url=https://evil.example/">`, `<link rel=stylesheet href=https://evil.example/x.css>`, "𝔸\U0010ffff",
}

// naughty is a published list of hostile strings, where it is at hand.
func naughty(t *testing.T) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "shared", "real", "hostile", "blns.json"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Log("../shared is absent: only the test's own hostile texts are tried")
		return nil
	}
	var list []string
	if err != nil || json.Unmarshal(b, &list) != nil {
		t.Fatalf("read the list of hostile strings: %v", err)
	}
	return list
}

// poisoned is a lead whose every field is a hostile text.
func poisoned(i int, s string) offer {
	m := cny("1")
	m.Currency = s
	l := markwatch.Listing{
		ID: fmt.Sprintf("bad-%04d", i), Source: "sample-market", URL: s, Platform: s, ItemID: s, SKU: s, Title: s, Description: s, Category: s, Brand: s,
		ListPrice: &m, PriceText: s, Prices: []markwatch.ShownPrice{{Kind: markwatch.PriceKind(s), Money: m, Text: s, Condition: s}}, Quantity: s,
		Availability: markwatch.Availability(s), Condition: markwatch.Condition(s), Images: []string{s}, ShipsFrom: s, Delivery: s, SalesText: s,
		Seller:     &markwatch.Seller{ID: s, Name: s, URL: s, Kind: markwatch.SellerKind(s), Region: s, License: s, Contacts: []string{s}, Accounts: []markwatch.Account{{Kind: s, Value: s}}},
		Attributes: map[string]string{s: s}, Text: s, Shares: []markwatch.Share{{Kind: s, Host: s, URL: s, Code: s}},
		Tracking: []markwatch.Tracking{{Carrier: s, Number: s, URL: s, Events: []markwatch.TraceEvent{{Place: s, Text: s}}}},
		Snapshot: s, Origins: map[string]markwatch.Origin{"title": markwatch.Origin(s)},
	}
	v := judged(l, markwatch.Finding{
		Matcher: s, Rule: s, Violation: markwatch.Violation(s), Subject: s, Score: 0.9, Reason: markwatch.Text{ZH: s, EN: s},
		Facts:    map[string]string{s: s, "price_cny": s, "reference_cny": s},
		Evidence: []markwatch.Evidence{{Field: "title", Span: &markwatch.Span{Start: 0, End: 3}, Text: s, Role: markwatch.Role(s)}, {Field: s, Text: s, Role: markwatch.RoleFact}},
	})
	v.Knowledge = s
	return offer{Listing: l, Verdict: v}
}

// harmless parses a page and fails where a hostile text became more than text.
func harmless(t *testing.T, name, body string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if slices.Contains([]string{"img", "object", "embed", "base", "style", "math"}, n.Data) || n.Data == "script" && n.FirstChild != nil {
			t.Fatalf("%s: a listing's text became <%s>", name, n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" {
				t.Fatalf("%s: a listing's text became the attribute %s of <%s>", name, a.Key, n.Data)
			}
			if a.Key != "href" && a.Key != "src" && a.Key != "action" {
				continue
			}
			u, err := url.Parse(a.Val)
			if err != nil || (u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https") {
				t.Fatalf("%s: <%s %s=%q>", name, n.Data, a.Key, a.Val)
			}
			if u.Host != "" && (n.Data != "a" || !slices.Contains(n.Attr, html.Attribute{Key: "rel", Val: "noreferrer noopener nofollow"})) {
				t.Fatalf("%s: <%s> leads outside to %q", name, n.Data, a.Val)
			}
		}
	}
}

func TestHostileListings(t *testing.T) {
	texts := append(naughty(t), ownHostile[:]...)
	var offers []offer
	for i, s := range texts {
		offers = append(offers, poisoned(i, s))
	}
	b := newBench(t, offers...)
	var brands []markwatch.Brand
	for i, s := range ownHostile {
		brands = append(brands, markwatch.Brand{ID: fmt.Sprintf("b%d", i), Names: map[string]string{"zh": s}, Holder: s, Products: []markwatch.Product{{Name: s, Unit: s}}})
	}
	if _, err := b.store.EditLists(t.Context(), "test", now, func(l *markwatch.Lists) error {
		l.Brands, l.Rules = brands, []markwatch.Rule{{ID: "r", Title: ownHostile[0], Basis: []markwatch.Basis{{Law: ownHostile[1]}}}}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	t.Run("leads", func(t *testing.T) {
		t.Parallel()
		c := b.login()
		for i, s := range texts {
			res, body := c.get(fmt.Sprintf("/leads/bad-%04d", i))
			if res.StatusCode != http.StatusOK {
				t.Errorf("%q: the lead page answers %d", clipped(s), res.StatusCode)
			}
			harmless(t, fmt.Sprintf("lead page of %q", clipped(s)), body)
		}
	})
	t.Run("searches", func(t *testing.T) {
		t.Parallel()
		c := b.login()
		for _, s := range texts {
			res, body := c.get("/?q=" + url.QueryEscape(s))
			if res.StatusCode >= 500 {
				t.Errorf("%q: a search for it answers %d", clipped(s), res.StatusCode)
			}
			harmless(t, fmt.Sprintf("search for %q", clipped(s)), body)
		}
	})
	t.Run("figures", func(t *testing.T) {
		t.Parallel()
		c := b.login()
		for _, path := range [...]string{"/sellers", "/dashboard", "/rules", "/audit", "/api/v1/leads?size=200", "/export?format=csv", "/lists/brands"} {
			res, body := c.get(path)
			if res.StatusCode != http.StatusOK {
				t.Errorf("%s answers %d", path, res.StatusCode)
			}
			if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
				harmless(t, path, body)
			} else if path == "/export?format=csv" && (strings.Contains(body, "\n=HYPERLINK") || strings.Contains(body, ",=HYPERLINK") || strings.Contains(body, ",\"=HYPERLINK")) {
				t.Error("an export holds a formula")
			}
		}
	})
	t.Run("tags and notes", func(t *testing.T) {
		t.Parallel()
		c := b.login()
		for i, s := range ownHostile {
			path := fmt.Sprintf("/leads/bad-%04d", len(texts)-len(ownHostile)+i)
			for _, form := range []url.Values{{"do": {"tag"}, "tags": {s}}, {"status": {""}, "note": {s}}} {
				if res, _ := c.post(path, form); res.StatusCode >= 500 {
					t.Errorf("%q: %d", clipped(s), res.StatusCode)
				}
			}
			_, body := c.get(path)
			harmless(t, fmt.Sprintf("noted %q", clipped(s)), body)
		}
	})
	t.Run("result pages", func(t *testing.T) {
		t.Parallel()
		c := b.login()
		for p := range (len(texts) + 24) / 25 {
			res, body := c.get(fmt.Sprintf("/?p=%d", p+1))
			if res.StatusCode != http.StatusOK {
				t.Errorf("page %d answers %d", p+1, res.StatusCode)
			}
			harmless(t, fmt.Sprintf("search page %d", p+1), body)
		}
	})
}

func clipped(s string) string {
	if len(s) > 40 {
		return s[:40]
	}
	return s
}

func testHostileListings(t *testing.T, ctx context.Context) {
	var offers []offer
	for i, s := range ownHostile {
		offers = append(offers, poisoned(i, s))
	}
	b := newBench(t, offers...)
	w := watch(t, ctx)
	enter(t, ctx, b)
	paths := []string{"/"}
	for i := range ownHostile {
		paths = append(paths, fmt.Sprintf("/leads/bad-%04d", i))
	}
	for _, path := range paths {
		if err := chromedp.Do(ctx, look{width: 390}.set(), chromedp.Navigate(b.server.URL+path)); err != nil {
			t.Fatal(err)
		}
		if value(t, ctx, chromedp.Evaluate[bool]("'ran' in window")) {
			t.Errorf("%s ran a script of the listing", path)
		}
		if over := value(t, ctx, chromedp.Evaluate[string](widerThanPage)); over != "" {
			t.Errorf("%s is wider than the window: %s", path, over)
		}
	}
	shoot(t, ctx, "hostile-narrow-light")
	w.quiet(t, b.server.URL)
}
