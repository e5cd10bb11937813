package scan_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/sample"
)

// calendar is a clock that a test sets.
type calendar struct {
	mu  sync.Mutex
	now time.Time
}

func (c *calendar) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Millisecond) // time passes
	return c.now
}

func (c *calendar) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

const day = 24 * time.Hour

// visitor counts what a server is asked, by path, and how it answered.
type visitor struct {
	http.Handler
	mu          sync.Mutex
	asked       map[string]int
	conditional int
	unchanged   int
}

func (v *visitor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	tell := &teller{ResponseWriter: w, status: http.StatusOK}
	v.Handler.ServeHTTP(tell, r)
	v.mu.Lock()
	defer v.mu.Unlock()
	if r.URL.Path == "/robots.txt" {
		return
	}
	v.asked[r.URL.RequestURI()]++
	if r.Header.Get("If-None-Match") != "" || r.Header.Get("If-Modified-Since") != "" {
		v.conditional++
	}
	if tell.status == http.StatusNotModified {
		v.unchanged++
	}
}

// begin forgets what was asked so far and returns the sum of it.
func (v *visitor) begin() (total int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, n := range v.asked {
		total += n
	}
	v.asked, v.conditional, v.unchanged = map[string]int{}, 0, 0
	return total
}

func (v *visitor) count(path string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.asked[path]
}

type teller struct {
	http.ResponseWriter
	status int
}

func (t *teller) WriteHeader(status int) {
	t.status = status
	t.ResponseWriter.WriteHeader(status)
}

func visited(t *testing.T, h http.Handler) (*visitor, *httptest.Server) {
	t.Helper()
	v := &visitor{Handler: h, asked: map[string]int{}}
	site := httptest.NewServer(v)
	t.Cleanup(site.Close)
	return v, site
}

// week is what a source's revisit is where its file says nothing.
var week = markwatch.Revisit{Min: markwatch.Duration(day), Max: markwatch.Duration(7 * day)}

func TestASecondNightOverAnUnchangedMarketAsksForHalfAtMost(t *testing.T) {
	market := sample.New(sample.Options{Pages: 400})
	v, site := visited(t, market.Handler())
	clock := &calendar{now: time.Now()}
	src := market.Source(site.URL)
	src.Revisit = week
	r := openAt(t, t.TempDir(), clock.Now, src)
	first := r.night(src.ID)
	asked := v.begin()
	before := r.listings()

	clock.add(day)
	second := r.night(src.ID)
	again := v.begin()
	if 2*again > asked {
		t.Errorf("the second night asked %d times, the first %d", again, asked)
	}
	if second.Pages.NotDue == 0 || second.Listings.Seen != first.Listings.Seen || second.Listings.New+second.Listings.Gone != 0 {
		t.Errorf("first %+v\nsecond %+v", first, second)
	}
	if len(second.Warnings) > 0 || !second.Complete {
		t.Errorf("warnings of an ordinary night: %v", second.Warnings)
	}
	after := r.listings()
	for title := range before {
		if _, ok := after[title]; !ok {
			t.Errorf("lost %s", title)
		}
	}
}

// oneOffer is a site with a result page of tiles and the offers' own pages.
type oneOffer struct {
	mu     sync.Mutex
	prices []string
}

func (o *oneOffer) set(i int, price string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.prices[i] = price
}

func (o *oneOffer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	var i int
	if n, _ := fmt.Sscanf(r.URL.Path, "/item/%d", &i); n == 1 && i < len(o.prices) {
		tag := `"` + o.prices[i] + `"`
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, offer(teapot(i), o.prices[i], "陶艺工坊", "本店手工制作"))
		return
	}
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	fmt.Fprint(w, `<title>全部商品</title><ul class="goods">`)
	for i, price := range o.prices {
		fmt.Fprintf(w, `<li class="goods-item"><a href="/item/%d"><img src="/img/%d.jpg"><h3 class="goods-title">%s</h3></a><span class="goods-price">¥%s</span><span class="shop">陶艺工坊</span></li>`, i, i, teapot(i), price)
	}
	fmt.Fprint(w, `</ul>`)
}

func teapot(i int) string { return fmt.Sprintf("宜兴紫砂壶 手工西施壶 %d毫升", 200+10*i) }

func TestATileThatShowsNewsBringsThePageForward(t *testing.T) {
	shop := &oneOffer{prices: []string{"268.00", "288.00", "308.00", "328.00", "348.00", "368.00"}}
	v, site := visited(t, shop)
	clock := &calendar{now: time.Now()}
	src := source(site.URL)
	src.Revisit = week
	r := openAt(t, t.TempDir(), clock.Now, src)
	r.night("shop")
	v.begin()
	clock.add(time.Hour)
	shop.set(2, "199.00")
	sum := r.night("shop")
	if v.count("/item/2") != 1 || v.count("/item/1") != 0 {
		t.Errorf("asked %v", v.asked)
	}
	if sum.Listings.Changed != 1 || sum.Pages.NotDue != len(shop.prices)-1 || sum.Pages.Total() != len(shop.prices)+1 {
		t.Errorf("summary %+v", sum)
	}
	if got := r.listings()[teapot(2)].Listing.Price.String(); got != "199.00 CNY" {
		t.Errorf("price %s", got)
	}
}

func TestIntervalsGrowWhileAnOfferStaysTheSame(t *testing.T) {
	// The index page has no tiles: nothing tells of the offer but its own page.
	page := offer("宜兴紫砂壶 手工西施壶 250ml", "268.00", "陶艺工坊", "本店手工制作")
	v, site := visited(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path == "/item/1" {
			http.ServeContent(w, r, "", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), strings.NewReader(page))
			return
		}
		fmt.Fprint(w, `<title>小店</title><p>欢迎光临</p><a href="/item/1">紫砂壶</a>`)
	}))
	clock := &calendar{now: time.Now()}
	src := source(site.URL)
	src.Revisit = week
	r := openAt(t, t.TempDir(), clock.Now, src)
	var nights []int
	for night := range 30 {
		r.night("shop")
		if v.count("/item/1") > 0 {
			nights = append(nights, night)
		}
		v.begin()
		clock.add(day)
	}
	gap, grown := 0, false
	for i := 1; i < len(nights); i++ {
		g := nights[i] - nights[i-1]
		if g < gap || g > 7 {
			t.Errorf("nights on which it was asked for: %v", nights)
			break
		}
		grown = grown || g > gap && gap > 0
		gap = g
	}
	if len(nights) < 4 || !grown {
		t.Errorf("nights on which it was asked for: %v", nights)
	}
	rec := r.listings()["宜兴紫砂壶 手工西施壶 250ml"]
	if rec.LastSeen.Sub(rec.FirstSeen) < 20*day {
		t.Errorf("first seen %s, last seen %s", rec.FirstSeen, rec.LastSeen)
	}
}

func TestEveryPageIsAskedForWhereSomebodySaysSo(t *testing.T) {
	shop := &oneOffer{prices: []string{"268.00", "288.00"}}
	v, site := visited(t, shop)
	src := source(site.URL)
	src.Revisit = week
	dir := t.TempDir()
	first := open(t, dir, src)
	first.night("shop")
	first.stop()
	v.begin()
	sum := deploy(t, dir, setup{askAll: true}, src).night("shop")
	if sum.Pages.NotDue != 0 || v.count("/item/0") != 1 || v.count("/item/1") != 1 {
		t.Errorf("pages %+v, asked %v", sum.Pages, v.asked)
	}
}
