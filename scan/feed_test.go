package scan_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

func feedOf(base, start string) markwatch.Source {
	src := source(base)
	src.Kind, src.Start, src.Limits.Depth, src.Revisit = markwatch.KindFeed, []string{base + start}, 1, week
	return src
}

func gzipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.String()
}

func sitemap(base string, modified ...time.Time) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`)
	for i, at := range modified {
		fmt.Fprintf(&b, `<url><loc>%s/item/%d</loc><lastmod>%s</lastmod></url>`, base, i, at.UTC().Format(time.RFC3339))
	}
	return b.String() + `</urlset>`
}

func TestASitemapLeadsToOffersNightAfterNight(t *testing.T) {
	docs := &shelf{}
	v, site := visited(t, docs)
	clock := &calendar{now: time.Now()}
	old := clock.now.Add(-30 * day)
	docs.put("/sitemap.xml", "application/xml", `<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>`+site.URL+`/map.xml.gz</loc></sitemap></sitemapindex>`)
	docs.put("/map.xml.gz", "application/x-gzip", gzipped(sitemap(site.URL, old, old, old)))
	for i := range 3 {
		docs.put(fmt.Sprintf("/item/%d", i), htmlUTF8, offer(teapot(i), "268.00", "陶艺工坊", "本店手工制作"))
	}
	src := feedOf(site.URL, "/sitemap.xml")
	r := openAt(t, t.TempDir(), clock.Now, src)
	first := r.night("shop")
	if first.Pages.Fetched != 5 || first.Listings.New != 3 || !first.Complete {
		t.Fatalf("first night %+v", first)
	}

	// Nothing changed: two 304s keep the crawl going, to its full depth.
	v.begin()
	clock.add(time.Hour)
	second := r.night("shop")
	if want := (markwatch.PageCounts{Unchanged: 2, NotDue: 3}); second.Pages != want || second.Listings.Seen != 3 || v.begin() != 2 {
		t.Errorf("second night %+v", second)
	}

	// One page changed by the site's own word; the word on another is old.
	clock.add(time.Hour)
	docs.put("/map.xml.gz", "application/x-gzip", gzipped(sitemap(site.URL, clock.Now(), clock.Now().Add(-3*time.Hour), old)))
	docs.put("/item/0", htmlUTF8, offer(teapot(0), "199.00", "陶艺工坊", "本店手工制作"))
	third := r.night("shop")
	if v.count("/item/0") != 1 || v.count("/item/1")+v.count("/item/2") != 0 || third.Listings.Changed != 1 {
		t.Errorf("third night %+v, asked %v", third.Pages, v.asked)
	}
	if got := r.listings()[teapot(0)].Listing.Price.String(); got != "199.00 CNY" {
		t.Errorf("price %s", got)
	}
}

func TestShopFeedsBringPrices(t *testing.T) {
	docs := &shelf{}
	_, site := visited(t, docs)
	docs.put("/rss", "application/rss+xml", `<?xml version="1.0"?><rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>小店</title>
		<item><title>`+teapot(0)+`</title><link>`+site.URL+`/item/0</link><g:price>268.00 CNY</g:price></item>
		<item><title>`+teapot(1)+`</title><link>`+site.URL+`/item/1</link><g:price>288.00 CNY</g:price></item></channel></rss>`)
	src := feedOf(site.URL, "/rss")
	src.Deny = []string{"*/item/*"}
	r := open(t, t.TempDir(), src)
	sum := r.night("shop")
	if sum.Listings.New != 2 || sum.Pages.Fetched != 1 || len(sum.Warnings) != 0 {
		t.Errorf("summary %+v", sum)
	}
	l := r.listings()[teapot(1)].Listing
	if l.Price.String() != "288.00 CNY" || !r.readable(l.Snapshot) {
		t.Errorf("listing %+v", l)
	}
}

// goodsPage is one part of a list that an interface hands out.
func goodsPage(base, next string, from, to int) string {
	var items []string
	for i := from; i < to; i++ {
		items = append(items, fmt.Sprintf(`{"name":%q,"sale":"%d.00","link":"%s/item/%d"}`, teapot(i), 200+i, base, i))
	}
	return fmt.Sprintf(`{"data":{"list":[%s],"next":%q}}`, strings.Join(items, ","), next)
}

func TestAPagedInterfaceIsReadToItsEndEveryNight(t *testing.T) {
	docs := &shelf{}
	v, site := visited(t, docs)
	clock := &calendar{now: time.Now()}
	const parts, each = 4, 3
	for p := range parts {
		next := ""
		if p+1 < parts {
			next = fmt.Sprintf("/goods?page=%d", p+2)
		}
		docs.put(fmt.Sprintf("/goods?page=%d", p+1), "application/json", goodsPage(site.URL, next, p*each, p*each+each))
	}
	src := feedOf(site.URL, "/goods?page=1")
	src.Region = "520100" // whose prices are in its own currency
	src.Deny, src.JSON = []string{"*/item/*"}, markwatch.JSONPaths{Items: "data.list", Fields: map[string]string{"title": "name", "price": "sale", "url": "link"}}
	r := openAt(t, t.TempDir(), clock.Now, src)
	for night, want := range []markwatch.PageCounts{{Fetched: parts}, {Unchanged: parts}, {Unchanged: parts}} {
		sum := r.night("shop")
		if sum.Pages != want || sum.Listings.Seen != parts*each || !sum.Complete {
			t.Errorf("night %d: %+v", night, sum)
		}
		clock.add(day)
		v.begin()
	}
	if got := r.listings()[teapot(11)].Listing.Price.String(); got != "211.00 CNY" {
		t.Errorf("price %s", got)
	}
}

func TestABrokenFeedGivesWhatItHolds(t *testing.T) {
	docs := &shelf{}
	_, site := visited(t, docs)
	whole := sitemap(site.URL, time.Now(), time.Now())
	docs.put("/sitemap.xml", "text/xml", strings.TrimSuffix(whole, "</urlset>")+"<url><loc>"+site.URL+"/ite")
	for i := range 2 {
		docs.put(fmt.Sprintf("/item/%d", i), htmlUTF8, offer(teapot(i), "268.00", "陶艺工坊", "本店手工制作"))
	}
	sum := open(t, t.TempDir(), feedOf(site.URL, "/sitemap.xml")).night("shop")
	if sum.Listings.New != 2 || !strings.Contains(strings.Join(sum.Warnings, "\n"), "订阅源有误") {
		t.Errorf("summary %+v", sum)
	}
}

func TestAWebPageInTheFeedsPlaceIsTold(t *testing.T) {
	docs := &shelf{}
	_, site := visited(t, docs)
	docs.put("/sitemap.xml", htmlUTF8, `<!doctype html><html><title>首页</title><p>欢迎光临</p><a href="/item/1">一</a></html>`)
	sum := open(t, t.TempDir(), feedOf(site.URL, "/sitemap.xml")).night("shop")
	if sum.Pages.Empty != 1 || !strings.Contains(strings.Join(sum.Warnings, "\n"), "the feed's address answers with a web page") {
		t.Errorf("summary %+v", sum)
	}
}

func TestAWallOfAnInterfaceIsBlockedAndNotEmpty(t *testing.T) {
	docs := &shelf{}
	_, site := visited(t, docs)
	docs.put("/goods", "application/json", `{"api":"mtop.search","ret":["FAIL_SYS_USER_VALIDATE","RGV587_ERROR::SM"],"data":{"url":"https://h5.example/_____tmd_____/punish?x5secdata=1"}}`)
	src := feedOf(site.URL, "/goods")
	src.JSON = markwatch.JSONPaths{Items: "data.list", Fields: map[string]string{"title": "name"}}
	r := open(t, t.TempDir(), src)
	sum := r.night("shop")
	if want := (markwatch.PageCounts{Blocked: 1}); sum.Pages != want || sum.Complete {
		t.Errorf("summary %+v", sum)
	}
	if got := r.status("shop").Health; got != markwatch.HealthBlocked {
		t.Errorf("health %s", got)
	}
}
