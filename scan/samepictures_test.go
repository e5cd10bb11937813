package scan_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

// The same picture on another seller's offer is told beside a suspicion, with
// both captures, and makes none.
func TestSamePictureOfAnotherSeller(t *testing.T) {
	file := picture(t)
	shop := &shelf{}
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".png") {
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write(file)
			return
		}
		http.NotFound(w, r)
	}))
	defer host.Close()
	item := func(n int, name, seller string) {
		shop.put(fmt.Sprint("/item/", n), "text/html; charset=utf-8", fmt.Sprintf(`<html><head><title>%[1]s</title><script type="application/ld+json">{"@context":"https://schema.org","@type":"Product","name":"%[1]s","image":["%[2]s/%[4]d.png"],"offers":{"@type":"Offer","price":"120.00","priceCurrency":"CNY","seller":{"@type":"Organization","name":"%[3]s"}}}</script></head><body><h1>%[1]s</h1></body></html>`, name, host.URL, seller, n))
	}
	shop.put("/", "text/html; charset=utf-8", `<html><body><a href="/item/1">1</a><a href="/item/2">2</a><a href="/item/3">3</a></body></html>`)
	item(1, "手工陶瓷茶杯", "甲店")
	item(2, "云霄一手香烟 整条包邮", "乙店")
	item(3, "手工陶瓷花瓶", "乙店")
	market := httptest.NewServer(shop)
	defer market.Close()
	delay := markwatch.Duration(0)
	var ahead atomic.Int64
	clock := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	r := openAt(t, t.TempDir(), clock, markwatch.Source{
		ID: "shop", Kind: markwatch.KindSite, Start: []string{market.URL + "/"}, Listing: []string{"*/item/*"}, Pictures: "all",
		PrivateAddresses: "allow", Politeness: markwatch.Politeness{Delay: &delay, Parallel: 1},
	})
	r.night("shop")
	// What was seen in whatever order the first night is known the second.
	item(1, "手工陶瓷茶杯 白", "甲店")
	item(2, "云霄一手香烟 整条包邮 到货", "乙店")
	ahead.Store(int64(8 * 24 * time.Hour))
	r.night("shop")
	told := 0
	var capture string
	for _, rec := range r.listings() {
		if strings.HasPrefix(rec.Listing.Title, "手工陶瓷茶杯") && len(rec.Listing.Pictures) > 0 {
			capture = rec.Listing.Pictures[0].Snapshot
		}
	}
	for _, rec := range r.listings() {
		suspect := strings.Contains(rec.Listing.Title, "香烟")
		if rec.Verdict.Flagged != suspect {
			t.Errorf("%s: flagged %v", rec.Listing.Title, rec.Verdict.Flagged)
		}
		for _, f := range rec.Verdict.Findings {
			if f.Rule != "same-picture" {
				continue
			}
			told++
			if !suspect || f.Facts["sellers"] != "1" || f.Facts["other_snapshot"] == "" || f.Facts["snapshot"] == "" || !r.readable(f.Facts["other_snapshot"]) {
				t.Errorf("%s: %+v", rec.Listing.Title, f.Facts)
			}
		}
	}
	if told != 1 || capture == "" {
		t.Fatalf("the same picture is told %d times, capture %q", told, capture)
	}
	// The innocent offer's capture stays with the verdict that cites it.
	name, _, _ := strings.Cut(capture, "#")
	referred, err := r.store.Referred(t.Context(), name)
	check(t, err)
	if len(referred) == 0 {
		t.Error("no capture of a picture is kept for the verdict")
	}
}
