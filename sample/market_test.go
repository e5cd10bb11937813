package sample_test

import (
	"bytes"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html/charset"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/sample"
)

func get(t testing.TB, h http.Handler, path string) *http.Response {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "http://market.example"+path, nil))
	return w.Result()
}

// read decodes a page as browsers do and checks that nothing in it is
// undecodable.
func read(t testing.TB, h http.Handler, path string) string {
	t.Helper()
	resp := get(t, h, path)
	if resp.StatusCode != 200 {
		t.Fatalf("%s: status %d", path, resp.StatusCode)
	}
	raw, _ := io.ReadAll(resp.Body)
	r, err := charset.NewReader(bytes.NewReader(raw), resp.Header.Get("Content-Type"))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	b, err := io.ReadAll(r)
	if err != nil || bytes.ContainsRune(b, '\uFFFD') {
		t.Fatalf("%s (%s) is not in its charset: %v", path, resp.Header.Get("Content-Type"), err)
	}
	return html.UnescapeString(string(b))
}

func TestSameOptionsSameMarket(t *testing.T) {
	a, b := sample.New(sample.Options{Pages: 900, Seed: 7}), sample.New(sample.Options{Pages: 900, Seed: 7})
	other := sample.New(sample.Options{Pages: 900, Seed: 8})
	if diff := cmp.Diff(a.Truth(), b.Truth()); diff != "" {
		t.Errorf("truth differs:\n%s", diff)
	}
	if cmp.Equal(a.Truth(), other.Truth()) {
		t.Error("another seed makes the same market")
	}
	for _, path := range []string{"/", "/search?q=%E7%BB%B4%E6%9C%B5%E6%8B%89", "/category/bags?page=2", a.Truth()[5].Path, a.Truth()[700].Path, "/news/1.html", "/sitemap.xml"} {
		if one, two := read(t, a.Handler(), path), read(t, b.Handler(), path); one != two {
			t.Errorf("%s differs between equal markets", path)
		}
	}
}

// TestTruthIsOnThePages holds what is said of each offer against its page.
func TestTruthIsOnThePages(t *testing.T) {
	m := sample.New(sample.Options{Pages: 1400, Seed: 3})
	h := m.Handler()
	texts := sample.TextsOf(m)
	charsets, markups, sizes := map[string]int{}, map[string]int{}, [2]int{1 << 30, 0}
	for i, o := range m.Truth() {
		page := read(t, h, o.Path)
		shown := strings.ReplaceAll(page, "￥", "¥")
		for _, want := range texts[i] {
			if !strings.Contains(shown, want) {
				t.Errorf("%s (%s): %q is not on the page", o.Path, o.Kind, want)
			}
		}
		sizes[0], sizes[1] = min(sizes[0], len(page)), max(sizes[1], len(page))
		for _, name := range []string{"application/ld+json", "itemscope", "og:title", "__INITIAL_STATE__"} {
			if strings.Contains(page, name) {
				markups[name]++
			}
		}
		for _, name := range []string{"gbk", "gb18030", "utf-8"} {
			if strings.Contains(page, `<meta charset="`+name+`">`) {
				charsets[name]++
			}
		}
		if strings.HasPrefix(page, "\uFEFF") {
			charsets["bom"]++
		}
	}
	if len(charsets) != 4 || len(markups) != 4 {
		t.Errorf("charsets %v, markups %v: want four of each", charsets, markups)
	}
	if sizes[0] > 16_000 || sizes[1] < 45_000 || sizes[1] > 70_000 {
		t.Errorf("pages have %d to %d bytes", sizes[0], sizes[1])
	}
}

func TestPlantedTextsAreDistinctBeforeAnyRepeats(t *testing.T) {
	for _, seed := range []uint64{0, 1, 99} {
		m := sample.New(sample.Options{Pages: 5000, Seed: seed})
		texts := sample.TextsOf(m)
		seen := map[string]bool{}
		violations := map[markwatch.Violation]int{}
		distinct, innocentKinds, planted := 0, map[string]bool{}, 0
		repeated := false
		titles := map[string]int{}
		for i, o := range m.Truth() {
			titles[sample.TitleOf(m, i)]++
			if len(o.Violations) == 0 {
				innocentKinds[o.Kind] = true
				continue
			}
			planted++
			for _, v := range o.Violations {
				violations[v]++
			}
			key := strings.Join(texts[i], "\n")
			if repeated = repeated || seen[key]; !repeated {
				distinct++
			}
			seen[key] = true
		}
		if distinct < 60 || len(innocentKinds) < 60 {
			t.Errorf("seed %d: %d planted texts before a repetition, %d kinds of innocent ones", seed, distinct, len(innocentKinds))
		}
		if all := len(m.Truth()); planted*7 > all || planted*9 < all {
			t.Errorf("seed %d: %d of %d offers are planted", seed, planted, all)
		}
		for _, v := range []markwatch.Violation{markwatch.Counterfeit, markwatch.FakeOverseas, markwatch.Piracy} {
			if violations[v] < planted/5 {
				t.Errorf("seed %d: %d of %d planted offers are %s", seed, violations[v], planted, v)
			}
		}
		for title, n := range titles {
			if n > 8 {
				t.Errorf("seed %d: %d offers are titled %q", seed, n, title)
			}
		}
	}
}

// TestEveryOfferIsReached crawls as the market's configuration says: from the
// home page through categories.
func TestEveryOfferIsReached(t *testing.T) {
	m := sample.New(sample.Options{})
	h := m.Handler()
	queue, seen, items := []string{"/"}, map[string]bool{"/": true}, map[string]bool{}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		page := read(t, h, path)
		for _, part := range strings.Split(page, `href="`)[1:] {
			link, _, _ := strings.Cut(part, `"`)
			link, _, _ = strings.Cut(strings.TrimPrefix(link, "http://market.example"), "spm=")
			link = strings.TrimRight(link, "?&")
			if strings.HasPrefix(link, "/item/history/") || seen[link] {
				continue
			}
			if id := sample.ItemID("http://market.example" + link); id != "" {
				items[id] = true
			}
			if strings.HasPrefix(link, "/category/") || strings.HasPrefix(link, "/item/") || strings.HasPrefix(link, "/shop/") || strings.HasPrefix(link, "/news/") || strings.HasPrefix(link, "/help/") {
				seen[link] = true
				queue = append(queue, link)
			}
		}
	}
	if len(items) != len(m.Truth()) {
		t.Errorf("%d of %d offers are linked", len(items), len(m.Truth()))
	}
	if m.DisallowedRequests() != 0 || m.Requests() != int64(len(seen)) {
		t.Errorf("%d requests (%d disallowed) for %d pages", m.Requests(), m.DisallowedRequests(), len(seen))
	}
}

func TestRobotsAndCounting(t *testing.T) {
	m := sample.New(sample.Options{Pages: 200})
	h := m.Handler()
	robots := read(t, h, "/robots.txt")
	for _, path := range []string{"/cart/", "/member/", "/trade/", "/item/history/"} {
		if !strings.Contains(robots, "Disallow: "+path+"\n") {
			t.Errorf("robots.txt does not forbid %s", path)
		}
		before := m.DisallowedRequests()
		if get(t, h, path+"1.html"); m.DisallowedRequests() != before+1 {
			t.Errorf("a request for %s is not counted", path)
		}
	}
	if m.Requests() != 5 {
		t.Errorf("%d requests counted, want 5", m.Requests())
	}
	for _, path := range []string{"/none", "/item/1.html", "/item/x", "/category/none", "/shop/0.html", "/news/99.html", "/item/600000000001.html"} {
		if resp := get(t, h, path); resp.StatusCode != 404 {
			t.Errorf("%s: status %d, want 404", path, resp.StatusCode)
		}
	}
}

func TestUnchangedOffersAre304(t *testing.T) {
	m := sample.New(sample.Options{Pages: 200})
	h := m.Handler()
	path := m.Truth()[3].Path
	first := get(t, h, path+"?spm=a.b.c")
	for name, value := range map[string]string{"If-None-Match": first.Header.Get("ETag"), "If-Modified-Since": first.Header.Get("Last-Modified")} {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set(name, value)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if value == "" || w.Code != 304 || w.Body.Len() > 0 {
			t.Errorf("%s: %q: status %d with %d bytes", name, value, w.Code, w.Body.Len())
		}
	}
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("If-None-Match", `"other"`)
	r.Header.Set("If-Modified-Since", first.Header.Get("Last-Modified"))
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != 200 {
		t.Errorf("another tag: status %d", w.Code)
	}
}

func TestSearchFindsDisguisedOffers(t *testing.T) {
	m := sample.New(sample.Options{Pages: 900})
	h := m.Handler()
	for _, q := range []string{"维朵拉", "Vedora", "雁回关", "单号"} {
		if page := read(t, h, "/search?q="+q); strings.Count(page, `class="goods-item"`) < 3 {
			t.Errorf("search for %s finds next to nothing", q)
		}
	}
	for _, q := range []string{"", "zzzz"} {
		if page := read(t, h, "/search?q="+q); strings.Contains(page, `class="goods-item"`) {
			t.Errorf("search for %q finds something", q)
		}
	}
	// The last page and those behind it.
	if page := read(t, h, "/search?q=维朵拉&page=99"); strings.Contains(page, `class="goods-item"`) {
		t.Error("there are offers behind the last page")
	}
}

func TestScore(t *testing.T) {
	m := sample.New(sample.Options{})
	flagged := map[string][]markwatch.Violation{"1": {markwatch.Piracy}}
	violations, innocent := 0, 0
	for _, o := range m.Truth() {
		flagged[o.ItemID] = slices.Clone(o.Violations)
		violations += len(o.Violations)
		if len(o.Violations) == 0 {
			innocent++
		}
	}
	perfect := sample.Score{Planted: violations, Found: violations, Innocent: innocent}
	if diff := cmp.Diff(perfect, m.Score(flagged)); diff != "" {
		t.Errorf("a perfect scan:\n%s", diff)
	}
	missed, wrong := 0, 0
	for i, o := range m.Truth() {
		switch {
		case len(o.Violations) > 0 && missed == 0:
			delete(flagged, o.ItemID)
			missed = len(o.Violations)
		case len(o.Violations) == 0 && i > 10 && wrong == 0:
			flagged[o.ItemID] = []markwatch.Violation{markwatch.Piracy, markwatch.Counterfeit}
			wrong++
		case slices.Equal(o.Violations, []markwatch.Violation{markwatch.Piracy}):
			flagged[o.ItemID] = []markwatch.Violation{markwatch.Piracy, "tobacco", "tobacco"}
		}
	}
	s := m.Score(flagged)
	if s.Found != violations-missed || s.False != 1 || s.Extra == 0 || len(s.Missed) != 1 || len(s.Wrong) != 1 {
		t.Errorf("score %+v", s)
	}
	if none := m.Score(nil); none.Found != 0 || none.False != 0 || none.Planted != violations {
		t.Errorf("nothing flagged: %+v", none)
	}
}
