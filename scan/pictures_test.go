package scan_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/pictures"
)

// picture paints stripes and a disc.
func picture(t testing.TB) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 160, 120))
	for y := range 120 {
		for x := range 160 {
			c := color.RGBA{uint8(x), uint8(40 + y), 90, 255}
			if (x-60)*(x-60)+(y-50)*(y-50) < 900 || x > 110 && y%30 < 12 {
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

// Pictures are fetched only where the source asks for it, those of flagged
// offers or of all; robots.txt of the pictures' own host holds for them, and
// what came is kept as evidence.
func TestPictures(t *testing.T) {
	file := picture(t)
	var mu sync.Mutex
	asked := map[string]int{}
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked[r.URL.Path]++
		mu.Unlock()
		switch {
		case r.URL.Path == "/robots.txt":
			fmt.Fprint(w, "User-agent: *\nDisallow: /private/\n")
		case strings.HasSuffix(r.URL.Path, ".png"):
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write(file)
		default:
			http.NotFound(w, r)
		}
	}))
	defer host.Close()
	pageOf := func(name, picture string) string {
		return fmt.Sprintf(`<html><head><title>%[1]s</title><script type="application/ld+json">{"@context":"https://schema.org","@type":"Product","name":"%[1]s","image":["%[2]s","%[2]s.gone"],"offers":{"@type":"Offer","price":"120.00","priceCurrency":"CNY"}}</script></head><body><h1>%[1]s</h1></body></html>`, name, picture)
	}
	shop := &shelf{}
	shop.put("/", "text/html; charset=utf-8", `<html><body><a href="/item/1">1</a><a href="/item/2">2</a><a href="/item/3">3</a></body></html>`)
	shop.put("/item/1", "text/html; charset=utf-8", pageOf("云霄一手香烟 整条包邮", host.URL+"/flagged.png"))
	shop.put("/item/2", "text/html; charset=utf-8", pageOf("手工陶瓷茶杯", host.URL+"/innocent.png"))
	shop.put("/item/3", "text/html; charset=utf-8", pageOf("硬中华香烟 一条", host.URL+"/private/x.png"))
	market := httptest.NewServer(shop)
	defer market.Close()
	for mode, want := range map[string][]string{"none": nil, "": nil, "flagged": {"/flagged.png"}, "all": {"/flagged.png", "/innocent.png"}} {
		t.Run("pictures: "+mode, func(t *testing.T) {
			mu.Lock()
			clear(asked)
			mu.Unlock()
			delay := markwatch.Duration(0)
			r := open(t, t.TempDir(), markwatch.Source{
				ID: "shop", Kind: markwatch.KindSite, Start: []string{market.URL + "/"}, Listing: []string{"*/item/*"}, Pictures: mode,
				PrivateAddresses: "allow", Politeness: markwatch.Politeness{Delay: &delay, Parallel: 1},
			})
			r.night("shop")
			mu.Lock()
			defer mu.Unlock()
			for _, path := range []string{"/flagged.png", "/innocent.png"} {
				wanted := 0
				for _, p := range want {
					if p == path {
						wanted = 1
					}
				}
				if asked[path] != wanted {
					t.Errorf("%s was asked for %d times, want %d", path, asked[path], wanted)
				}
			}
			if asked["/private/x.png"] > 0 {
				t.Error("a picture was fetched that robots.txt refuses")
			}
			hash, err := pictures.Of(file)
			check(t, err)
			kept := 0
			for _, rec := range r.listings() {
				for _, p := range rec.Listing.Pictures {
					kept++
					got, err := pictures.Parse(p.Hash)
					if err != nil || !got.Same(hash) || p.Snapshot == "" || !r.readable(p.Snapshot) {
						t.Errorf("%s: picture %+v, %v", rec.Listing.Title, p, err)
					}
				}
			}
			if kept != len(want) {
				t.Errorf("%d pictures are kept, want %d", kept, len(want))
			}
		})
	}
}
