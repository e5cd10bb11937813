package scan_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/markwatch/markwatch"
)

// offer is a page with one offer in JSON-LD.
func offer(name, price, seller, text string) string {
	return `<!doctype html><html><head><meta charset="utf-8"><title>` + name + `</title><script type="application/ld+json">` +
		fmt.Sprintf(`{"@context":"https://schema.org","@type":"Product","name":%q,"offers":{"@type":"Offer","price":%q,"priceCurrency":"CNY","seller":{"@type":"Organization","name":%q}}}`, name, price, seller) +
		`</script></head><body><h1>` + name + `</h1><p>` + text + `</p></body></html>`
}

// shop is a small site: an index page that links to its items, one of which is
// suspect, one behind robots.txt, one missing and one a login wall.
func shop() *http.ServeMux {
	mux := http.NewServeMux()
	page := func(path, body string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, body)
		})
	}
	mux.HandleFunc("GET /robots.txt", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "User-agent: *\nDisallow: /private/\n")
	})
	page("/{$}", `<title>小店</title><h1>全部商品</h1><a href="/item/1?utm_source=x">一</a> <a href="/item/1">一</a> <a href="/item/2">二</a>
		<a href="/private/3">三</a> <a href="/item/404">四</a> <a href="/item/login">五</a> <a href="https://elsewhere.example/">别处</a>`)
	page("/item/1", offer("耐克 Nike Air Force 1 空军一号 顶级复刻 莆田纯原 支持过验", "168.00", "鞋坊小李", "高仿一比一,加微信看实拍,一件代发"))
	page("/item/2", offer("宜兴紫砂壶 手工西施壶 250ml", "268.00", "陶艺工坊", "本店手工制作"))
	page("/private/3", offer("不该被看到的商品", "1.00", "x", ""))
	page("/item/login", `<title>用户登录</title><form action="/login" method="post"><input name="username"><input type="password" name="password"><button>登录</button></form><p>请先登录后查看商品详情</p>`)
	return mux
}

func source(base string) markwatch.Source {
	none := markwatch.Duration(0)
	return markwatch.Source{
		ID: "shop", Name: "小店", Kind: markwatch.KindSite, Start: []string{base + "/"},
		Listing:          []string{"*/item/*"},
		Limits:           markwatch.Limits{Depth: 3},
		Politeness:       markwatch.Politeness{Delay: &none, Parallel: 2, Robots: "obey"},
		PrivateAddresses: "allow",
	}
}

func TestAScanCountsEveryPageAndStoresWhatItSaw(t *testing.T) {
	site := httptest.NewServer(shop())
	defer site.Close()
	r := open(t, t.TempDir(), source(site.URL))
	sum := r.night("shop")
	want := markwatch.PageCounts{Fetched: 3, Robots: 1, Failed: 1, Blocked: 1}
	if sum.Pages != want {
		t.Errorf("pages %+v, want %+v", sum.Pages, want)
	}
	if sum.Listings.Seen != 2 || sum.Listings.New != 2 || sum.Leads.New != 1 || sum.Violations[markwatch.Counterfeit] != 1 {
		t.Errorf("summary %+v", sum)
	}
	if !sum.Complete || sum.Resumed {
		t.Errorf("complete %v, resumed %v", sum.Complete, sum.Resumed)
	}
	all := r.listings()
	suspect, ok := all["耐克 Nike Air Force 1 空军一号 顶级复刻 莆田纯原 支持过验"]
	if !ok {
		t.Fatalf("stored listings %v", all)
	}
	if !suspect.Verdict.Flagged || suspect.Listing.Price.String() != "168.00 CNY" || suspect.Listing.Seller.Name != "鞋坊小李" {
		t.Errorf("suspect %+v", suspect)
	}
	page, err := r.archive.Page(t.Context(), suspect.Listing.Snapshot)
	if err != nil || !strings.Contains(string(page.Body), "莆田纯原") {
		t.Errorf("the snapshot %q does not lead to the page: %v", suspect.Listing.Snapshot, err)
	}
	lead, err := r.store.Lead(t.Context(), suspect.Listing.ID)
	if err != nil || lead.Status != markwatch.LeadNew || len(lead.Verdict.Findings) == 0 {
		t.Errorf("lead %+v, %v", lead, err)
	}
}

func TestASecondScanUpdatesTheSameLead(t *testing.T) {
	site := httptest.NewServer(shop())
	defer site.Close()
	r := open(t, t.TempDir(), source(site.URL))
	r.night("shop")
	sum := r.night("shop")
	if sum.Listings.New != 0 || sum.Listings.Seen != 2 || sum.Leads.New != 0 || sum.Leads.Updated != 1 {
		t.Errorf("second scan %+v", sum)
	}
	for _, rec := range r.listings() {
		if rec.Seen != 2 {
			t.Errorf("%s was seen in %d scans", rec.Listing.Title, rec.Seen)
		}
	}
}

func TestADeadSiteIsNeverNoHits(t *testing.T) {
	site := httptest.NewServer(shop())
	src := source(site.URL)
	site.Close()
	r := open(t, t.TempDir(), src)
	sum := r.night("shop")
	if sum.Complete || sum.Pages.Fetched != 0 || sum.Pages.Total() == 0 || len(sum.Warnings) == 0 {
		t.Errorf("summary of a dead site: %+v", sum)
	}
}

func TestFewerListingsThanExpectedAreWarnedOf(t *testing.T) {
	site := httptest.NewServer(shop())
	defer site.Close()
	src := source(site.URL)
	src.Expect = markwatch.Expect{Listings: 5, Coverage: map[string]float64{"price": 0.9, "brand": 0.9}}
	sum := open(t, t.TempDir(), src).night("shop")
	text := strings.Join(sum.Warnings, "\n")
	if !strings.Contains(text, "预期至少 5 件") || !strings.Contains(text, "brand") || strings.Contains(text, "字段 price") {
		t.Errorf("warnings:\n%s", text)
	}
}

func TestTheLimitOfPagesEndsAScanAndIsTold(t *testing.T) {
	site := httptest.NewServer(shop())
	defer site.Close()
	src := source(site.URL)
	src.Limits.Pages = 2
	sum := open(t, t.TempDir(), src).night("shop")
	if sum.Pages.Total() != 2 || sum.Complete || len(sum.Warnings) == 0 {
		t.Errorf("summary %+v", sum)
	}
}

func TestAnArchiveIsReadPastItsDamage(t *testing.T) {
	site := httptest.NewServer(shop())
	defer site.Close()
	first := open(t, t.TempDir(), source(site.URL))
	first.night("shop")
	first.stop()
	files, err := filepath.Glob(filepath.Join(first.dir, "captures", "*.warc.gz"))
	if err != nil || len(files) != 1 {
		t.Fatalf("captures %v, %v", files, err)
	}
	whole, err := os.ReadFile(files[0])
	check(t, err)
	dir := t.TempDir()
	check(t, os.WriteFile(filepath.Join(dir, "night.warc.gz"), whole, 0o600))
	check(t, os.WriteFile(filepath.Join(dir, "torn.warc.gz"), append(whole[:len(whole)-40:len(whole)-40], "rubbish"...), 0o600))

	archive := markwatch.Source{ID: "nights", Kind: markwatch.KindArchive, Start: []string{"*.warc.gz"}, Listing: []string{"*/item/*"}}
	r := open(t, dir, archive)
	sum := r.night("nights")
	if sum.Listings.Seen != 2 || sum.Leads.New != 1 {
		t.Errorf("summary %+v", sum)
	}
	if text := strings.Join(sum.Warnings, "\n"); !strings.Contains(text, "torn.warc.gz") {
		t.Errorf("the damage is not told: %s", text)
	}
	for title, rec := range r.listings() {
		if !strings.HasPrefix(rec.Listing.Snapshot, "night.warc.gz#") && !strings.HasPrefix(rec.Listing.Snapshot, "torn.warc.gz#") {
			t.Errorf("%s has the snapshot %q", title, rec.Listing.Snapshot)
		}
	}
}

func TestAnArchiveThatIsNotThereOpensNoScan(t *testing.T) {
	r := open(t, t.TempDir(), markwatch.Source{ID: "nights", Kind: markwatch.KindArchive, Start: []string{"none.warc"}})
	_, err := r.scanner.Begin(t.Context(), "nights")
	if markwatch.ErrorCode(err) != markwatch.CodeUnavailable || !strings.Contains(err.Error(), "none.warc") {
		t.Errorf("error %v", err)
	}
	if _, open, err := r.store.OpenScan(t.Context(), "nights"); open || err != nil {
		t.Errorf("a scan was opened: %v, %v", open, err)
	}
}

func TestAnUnknownSourceNamesTheKnownOnes(t *testing.T) {
	r := open(t, t.TempDir(), markwatch.Source{ID: "shop", Kind: markwatch.KindSite, Start: []string{"https://shop.example/"}})
	_, err := r.scanner.Begin(t.Context(), "shp")
	if markwatch.ErrorCode(err) != markwatch.CodeNotFound || !strings.Contains(err.Error(), "shop") {
		t.Errorf("error %v", err)
	}
}

func TestAnOfferThatIsTakenDownIsGone(t *testing.T) {
	var down atomic.Bool
	pages := shop()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down.Load() && r.URL.Path == "/item/2" {
			http.NotFound(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	}))
	defer site.Close()
	r := open(t, t.TempDir(), source(site.URL))
	r.night("shop")
	down.Store(true)
	sum := r.night("shop")
	if sum.Listings.Gone != 1 {
		t.Errorf("summary %+v", sum)
	}
	if got := r.listings()["宜兴紫砂壶 手工西施壶 250ml"].Listing.Availability; got != markwatch.Gone {
		t.Errorf("availability %q", got)
	}
}
