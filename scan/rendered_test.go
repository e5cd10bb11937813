package scan_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/render"
)

// shell is a page whose content comes by script.
const shell = `<!doctype html><html><head><meta charset="utf-8"><title>商品</title></head><body><div id="app"></div><script>
fetch("/data" + location.pathname).then(r => r.text()).then(html => { document.getElementById("app").innerHTML = html })
</script></body></html>`

// chromium is the real browser, or the test is skipped.
func chromium(t *testing.T) *render.Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("rendering is left out of -short")
	}
	engine := os.Getenv("MARKWATCH_CHROMIUM")
	if _, err := render.Find(engine); err != nil {
		t.Skipf("no Chromium on this machine (MARKWATCH_CHROMIUM names another): %v", err)
	}
	b, err := render.Open(t.Context(), render.Options{Engine: engine})
	check(t, err)
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// scripted is a shop whose offers come by script.
func scripted(items int) *shelf {
	docs := row(items, "")
	for i := range items {
		name := teapot(i)
		if i == 0 {
			name = replica
		}
		docs.put(fmt.Sprintf("/item/%d", i), htmlUTF8, shell)
		docs.put(fmt.Sprintf("/data/item/%d", i), htmlUTF8, `<h1>`+name+`</h1><script type="application/ld+json">`+
			fmt.Sprintf(`{"@context":"https://schema.org","@type":"Product","name":%q,"offers":{"@type":"Offer","price":"168.00","priceCurrency":"CNY"}}`, name)+
			`</script><p>高仿一比一,加微信看实拍,一件代发</p>`)
	}
	return docs
}

func TestOffersThatComeByScriptAreSeen(t *testing.T) {
	browser := chromium(t)
	docs := scripted(2)
	docs.put("/item/9", htmlUTF8, strings.Replace(captcha, "</p>", `</p><script>fetch("/solved")</script>`, 1))
	docs.put("/", htmlUTF8, docs.docs["/"].body+`<a href="/item/9">九</a>`)
	v, site := visited(t, docs)
	clock := &calendar{now: time.Now()}
	src := source(site.URL)
	src.Render, src.Revisit, src.Keep.Pages = "auto", week, "flagged"
	r := deploy(t, t.TempDir(), setup{now: clock.Now, browser: browser}, src)
	sum := r.night("shop")
	if want := (markwatch.PageCounts{Fetched: 3, Blocked: 1}); sum.Pages != want || sum.Listings.New != 2 || sum.Leads.New != 1 {
		t.Errorf("summary %+v", sum)
	}
	if v.count("/solved") != 0 || v.count("/item/9") != 1 {
		t.Error("a captcha was rendered")
	}
	suspect, ok := r.listings()[replica]
	if !ok {
		t.Fatalf("listings %v", r.listings())
	}
	page, err := r.archive.Page(t.Context(), suspect.Listing.Snapshot)
	if err != nil || !strings.Contains(string(page.Body), "<h1>"+replica) {
		t.Errorf("the snapshot does not lead to what was shown: %v", err)
	}
	// What the browser showed, what came over the wire and a picture of it stay
	// together for as long as the lead stands on them.
	clock.add(3 * day)
	if r.prune("shop") == 0 {
		t.Error("nothing was dropped")
	}
	types := map[string]int{}
	for _, url := range []string{site.URL + "/item/0", "urn:view:" + site.URL + "/item/0", site.URL + "/item/1"} {
		found, err := r.archive.Find(t.Context(), url, time.Time{}, clock.Now())
		check(t, err)
		for _, e := range found {
			types[e.Type+" "+e.Mime+" "+strings.TrimPrefix(e.URL, site.URL)]++
		}
	}
	want := map[string]int{"response text/html /item/0": 1, "resource text/html /item/0": 1, "resource image/png urn:view:" + site.URL + "/item/0": 1}
	if fmt.Sprint(types) != fmt.Sprint(want) {
		t.Errorf("in the archive: %v, want %v", types, want)
	}
}

// blank is a browser that shows every page as it says.
type blank struct{ html string }

func (b blank) Render(_ context.Context, req render.Request) (*render.Result, error) {
	if b.html == "" {
		return nil, markwatch.Errorf(markwatch.CodeUnavailable, "the browser does not start")
	}
	return &render.Result{URL: req.URL, Status: http.StatusOK, HTML: []byte(b.html), Bytes: 1 << 20}, nil
}

// loading is a page that is no shell, and whose offer comes by script.
const loading = `<!doctype html><title>详情</title><p>` + "为您呈现来自各地手艺人的作品,每一件都有自己的故事,我们只负责把它们带到您的面前,请耐心等待页面加载完毕,感谢您的理解与支持,祝您购物愉快。" + `</p><script>load()</script>`

func TestWithoutABrowserTheRestRunsAndNothingIsTakenForSeen(t *testing.T) {
	docs := row(3, "")
	docs.put("/item/1", htmlUTF8, loading)
	v, site := visited(t, docs)
	clock := &calendar{now: time.Now()}
	src := source(site.URL)
	src.Render, src.Revisit = "auto", week
	dir := t.TempDir()
	r := deploy(t, dir, setup{now: clock.Now}, src)
	sum := r.night("shop")
	if sum.Pages.Fetched != 4 || sum.Listings.Seen < 2 || !strings.Contains(strings.Join(sum.Warnings, "\n"), "本机没有 Chromium") {
		t.Errorf("summary %+v", sum)
	}
	r.stop()
	// A browser that fails is no better than none.
	clock.add(time.Hour)
	r = deploy(t, dir, setup{now: clock.Now, browser: blank{}}, src)
	if sum := r.night("shop"); sum.Pages.Fetched != 1 || sum.Pages.NotDue != 2 || !strings.Contains(strings.Join(sum.Warnings, "\n"), "浏览器未能读取") {
		t.Errorf("summary %+v", sum)
	}
	r.stop()
	// Once there is one, the page that nobody saw is shown, unchanged as it is.
	v.begin()
	clock.add(time.Hour)
	r = deploy(t, dir, setup{now: clock.Now, browser: blank{html: offer(teapot(1), "268.00", "陶艺工坊", "本店手工制作")}}, src)
	sum = r.night("shop")
	if l := r.listings()[teapot(1)].Listing; l.Price.String() != "268.00 CNY" || v.count("/item/1") != 1 || v.count("/item/2") != 0 {
		t.Errorf("listing %+v, summary %+v, asked %v", l, sum, v.asked)
	}
	r.stop()
	// What a browser showed is shown again: the wire tells nothing of it.
	v.begin()
	clock.add(3 * day)
	r = deploy(t, dir, setup{now: clock.Now, browser: blank{html: offer(teapot(1), "199.00", "陶艺工坊", "本店手工制作")}}, src)
	if sum := r.night("shop"); sum.Listings.Changed != 1 {
		t.Errorf("summary %+v, asked %v", sum, v.asked)
	}
}

func TestWhatTheBrowserMovesIsTraffic(t *testing.T) {
	docs := row(12, "")
	for i := range 12 {
		docs.put(fmt.Sprintf("/item/%d", i), htmlUTF8, loading)
	}
	_, site := visited(t, docs)
	src := source(site.URL)
	src.Render, src.Politeness.Parallel, src.Limits.Traffic = "auto", 1, 2<<20
	r := deploy(t, t.TempDir(), setup{browser: blank{html: offer(teapot(1), "268.00", "陶艺工坊", "本店手工制作")}}, src)
	if sum := r.night("shop"); sum.Pages.Left == 0 || sum.Complete {
		t.Errorf("summary %+v", sum)
	}
}

// A page may show itself and what the scope holds, and nothing of the network
// that the source is not allowed to reach.
func TestTheBrowserStaysInScope(t *testing.T) {
	browser := chromium(t)
	var inner atomic.Int32
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.Add(1)
		fmt.Fprint(w, "outside")
	}))
	defer outside.Close()
	docs := row(1, "")
	docs.put("/item/0", htmlUTF8, strings.Replace(shell, "</body>", `<iframe src="`+outside.URL+`/frame"></iframe></body>`, 1))
	docs.put("/data/item/0", htmlUTF8, `<h1>`+teapot(0)+`</h1><p>¥268.00</p>`)
	_, site := visited(t, docs)
	src := source(site.URL)
	src.Render = "always"
	r := deploy(t, t.TempDir(), setup{browser: browser}, src)
	r.night("shop")
	if inner.Load() != 0 {
		t.Error("a frame beyond the source's scope was opened")
	}

	// The same market, reached as a public one would be: loopback is refused.
	src.ID, src.PrivateAddresses = "public", "refuse"
	v, site := visited(t, docs)
	src.Start = []string{site.URL + "/"}
	r = deploy(t, t.TempDir(), setup{browser: browser}, src)
	if sum := r.night("public"); sum.Pages.Failed != 1 || sum.Complete || len(v.asked) != 0 {
		t.Errorf("summary %+v, asked %v", sum, v.asked)
	}
}
