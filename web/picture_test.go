package web_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/matchers/pictures"
	"github.com/markwatch/markwatch/web"
)

// painted is a picture of stripes and a disc, at a width.
func painted(t *testing.T, width int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, width*3/4))
	for y := range img.Rect.Dy() {
		for x := range width {
			u, v := x*160/width, y*160/width
			c := color.RGBA{uint8(u), uint8(40 + v), 90, 255}
			if (u-60)*(u-60)+(v-50)*(v-50) < 900 || u > 110 && v%30 < 12 {
				c = color.RGBA{230, 220, 40, 255}
			}
			img.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pictured is a market in which two offers with nothing in common but their
// brand show the same picture, one of them beside a file that is none.
func pictured(t *testing.T) *bench {
	t.Helper()
	offers := market()
	var hashes [2]string
	var files [2][]byte
	for i, width := range [...]int{480, 200} {
		files[i] = append(painted(t, width), "<script>alert(1)</script>"...)
		h, err := pictures.Of(files[i])
		if err != nil {
			t.Fatal(err)
		}
		hashes[i] = h.String()
	}
	for i := range 2 {
		offers[i].Listing.Images = []string{"https://img.example/1.png"}
		offers[i].Listing.Pictures = []markwatch.Picture{{URL: "https://img.example/1.png", Hash: hashes[i], Snapshot: "pics.warc.gz#" + string(rune('a'+i))}}
		offers[i].Verdict.Findings[0].Subject = "nike"
	}
	offers[0].Listing.Pictures = append(offers[0].Listing.Pictures, markwatch.Picture{URL: "https://img.example/2.svg", Snapshot: "pics.warc.gz#svg"}, markwatch.Picture{URL: "https://img.example/3.png"})
	b := newBench(t, offers...)
	b.crew()
	b.pages["pics.warc.gz#a"] = &markwatch.Page{Header: http.Header{"Content-Type": {"text/html"}}, Body: files[0]}
	b.pages["pics.warc.gz#b"] = &markwatch.Page{Body: files[1]}
	b.pages["pics.warc.gz#svg"] = &markwatch.Page{Header: http.Header{"Content-Type": {"image/svg+xml"}}, Body: []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`)}
	return b
}

func TestPictures(t *testing.T) {
	b := pictured(t)
	c := b.login()
	_, search := c.get("/")
	_, lead := c.get("/leads/demo-1001")
	for name, body := range map[string]string{"search": search, "lead": lead} {
		if !strings.Contains(body, `src="/captures/demo-1001/pictures/0?thumb=1"`) {
			t.Errorf("the page %s does not show the captured picture", name)
		}
		if strings.Contains(body, `src="http`) {
			t.Errorf("the page %s asks another server for a picture", name)
		}
	}
	if strings.Contains(lead, "pictures/2") {
		t.Error("a picture that was not captured is shown")
	}
	if !strings.Contains(lead, `href="/leads/demo-1002"`) || !strings.Contains(lead, "同图") {
		t.Error("an offer of the same brand with the same picture is not among the near ones")
	}
	for path, side := range map[string]int{"/captures/demo-1001/pictures/0": 480, "/captures/demo-1001/pictures/0?thumb=1": 160} {
		res, body := c.get(path)
		img, format, err := image.DecodeConfig(strings.NewReader(body))
		if err != nil || format != "jpeg" || img.Width != side || res.Header.Get("Content-Type") != "image/jpeg" || strings.Contains(body, "script") {
			t.Errorf("%s: %s of %d, %q, %v", path, format, img.Width, res.Header.Get("Content-Type"), err)
		}
		if csp := res.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "sandbox;") || res.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: policy %q", path, csp)
		}
	}
	for _, path := range [...]string{
		"/captures/demo-1001/pictures/1", "/captures/demo-1001/pictures/2", "/captures/demo-1001/pictures/9", "/captures/demo-1001/pictures/-1",
		"/captures/demo-1001/pictures/x", "/captures/none/pictures/0", "/captures/..%2fdemo-1001/pictures/0",
	} {
		if res, _ := c.get(path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	if res, _ := b.loginAs("fujian").get("/captures/demo-1002/pictures/0"); res.StatusCode != http.StatusNotFound {
		t.Errorf("a picture beyond the bounds: %d", res.StatusCode)
	}
	if res, _ := b.stranger().get("/captures/demo-1001/pictures/0"); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("a stranger's picture: %d", res.StatusCode)
	}
	views := 0
	for _, e := range b.audits(web.AuditCaptureView) {
		if e.Detail == "picture pics.warc.gz#a" {
			views++
		}
	}
	if views != 1 {
		t.Errorf("%d looks at the large picture in the audit log", views)
	}
}

func TestAPICaptures(t *testing.T) {
	b := pictured(t)
	b.pages["2026/1121.warc.gz#1001"] = &markwatch.Page{URL: "https://market.example/item/1001", Status: 200, Header: http.Header{"Content-Type": {"text/html; charset=gbk"}}, Body: []byte("<p>\xc4\xcd\xbf\xcb<script>")}
	p := b.program("zhangmin", accounts.See)
	var page struct {
		Text   string
		Status int
	}
	if res := p.call("GET", "/leads/demo-1001/page", "", &page); res.StatusCode != http.StatusOK || page.Text != "<p>耐克<script>" || page.Status != 200 {
		t.Errorf("%d %+v", res.StatusCode, page)
	}
	if res := p.call("GET", "/leads/demo-1001/pictures/0", "", nil); res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
	for _, path := range [...]string{"/leads/demo-1001/pictures/1", "/leads/demo-1001/pictures/7", "/leads/demo-1001/screenshot", "/leads/none/page"} {
		var got problem
		if res := p.call("GET", path, "", &got); res.StatusCode != http.StatusNotFound || got.Status != http.StatusNotFound {
			t.Errorf("%s: %d %+v", path, res.StatusCode, got)
		}
	}
	if res := b.program("fujian", accounts.See).call("GET", "/leads/demo-1002/pictures/0", "", nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("a picture beyond the bounds: %d", res.StatusCode)
	}
}

// testPictures holds that pictures are really drawn, in both widths.
func testPictures(t *testing.T, ctx context.Context) {
	b := pictured(t)
	enter(t, ctx, b)
	for _, page := range [...]string{"/", "/leads/demo-1001"} {
		if err := chromedp.Do(ctx, chromedp.Navigate(b.server.URL+page), chromedp.WaitVisible(chromedp.CSS(`img[src*="/pictures/0"]`))); err != nil {
			t.Fatal(err)
		}
		drawn := value(t, ctx, chromedp.Evaluate[bool](`(async () => { const i = document.querySelector('img[src*="/pictures/0"]'); await i.decode(); return i.naturalWidth === 160 })()`, chromedp.EvalAwaitPromise))
		if !drawn {
			t.Errorf("%s does not draw the picture", page)
		}
		shoot(t, ctx, "pictures"+strings.ReplaceAll(page, "/", "-"))
	}
}
