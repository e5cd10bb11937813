package feed_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/feed"
)

const rss = `<?xml version="1.0" encoding="%s"?><rss version="2.0"><channel><item><title>高仿耐克</title><description>一比一复刻</description><link>https://shop.example/1</link></item></channel></rss>`

func TestEveryCharset(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(fmt.Sprintf(rss, "gb2312"))
	if err != nil {
		t.Fatal(err)
	}
	unlabelled, err := simplifiedchinese.GBK.NewEncoder().String(strings.Replace(rss, ` encoding="%s"`, "", 1))
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(fmt.Sprintf(rss, "utf-16"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ body, header string }{
		"UTF-8":                     {fmt.Sprintf(rss, "utf-8"), ""},
		"GBK":                       {gbk, "text/html"},
		"GBK named by the header":   {unlabelled, "text/xml; charset=GBK"},
		"UTF-16":                    {wide, ""},
		"UTF-8 that says GBK":       {fmt.Sprintf(rss, "gbk"), "text/xml; charset=gbk"},
		"control characters within": {strings.Replace(fmt.Sprintf(rss, "utf-8"), "耐", "\x01\x0b耐", 1), ""},
	} {
		page := pageOf(c.body)
		page.Header.Set("Content-Type", c.header)
		f, err := feed.Parse(page, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(f.Pages) != 1 || f.Pages[0].Title != "高仿耐克" || len(f.Problems) > 0 {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func compressed(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGzipFilesAndBombs(t *testing.T) {
	whole := compressed(t, fmt.Sprintf(rss, "utf-8"))
	f, err := feed.Parse(pageOf(whole), nil)
	if err != nil || len(f.Pages) != 1 || len(f.Problems) > 0 {
		t.Errorf("%+v, %v", f, err)
	}
	urls := "<urlset>" + strings.Repeat("<url><loc>/1</loc></url>", 1000)
	f, err = feed.Parse(pageOf(compressed(t, urls+strings.Repeat(" ", 80<<20))), nil)
	if err != nil || len(f.Pages) != 1000 || !strings.Contains(strings.Join(f.Problems, " "), "inflates to more") {
		t.Errorf("bomb: %v", err)
	}
	cut := compressed(t, urls)
	f, err = feed.Parse(pageOf(cut[:len(cut)-9]), nil)
	if err != nil || len(f.Pages) == 0 || len(f.Problems) == 0 {
		t.Errorf("cut: %+v, %v", f, err)
	}
}

func TestWhatIsNoFeedIsAnError(t *testing.T) {
	for name, body := range map[string]string{
		"nothing":       "",
		"HTML":          "<!DOCTYPE html><html><body>登录</body></html>",
		"other XML":     "<svg/>",
		"text":          "404 page not found",
		"JSON":          `{"code": 403}`,
		"broken JSON":   `{`,
		"a broken gzip": "\x1f\x8b\x08",
		"binary":        "\x00\x01\x02\x03\x04\x00\x00",
		"a comment":     "<!-- only this",
	} {
		if f, err := feed.Parse(pageOf(body), nil); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
	page := pageOf(fmt.Sprintf(rss, "utf-8"))
	page.Status = http.StatusForbidden
	if _, err := feed.Parse(page, nil); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Errorf("an error's body was read: %v", err)
	}
}

func TestLimits(t *testing.T) {
	f, err := feed.Parse(pageOf("<urlset>"+strings.Repeat("<url><loc>/1</loc></url>", 50_001)+"</urlset>"), nil)
	if err != nil || len(f.Pages) != 50_000 || len(f.Problems) != 1 {
		t.Errorf("%d pages, %v, %v", len(f.Pages), f.Problems, err)
	}
	deep := "<urlset>" + strings.Repeat("<a>", 100_000)
	if f, err = feed.Parse(pageOf(deep), nil); err != nil || len(f.Problems) != 1 {
		t.Errorf("%v %v", f.Problems, err)
	}
	f, err = feed.Parse(pageOf("<urlset><url>"+strings.Repeat("<a>", 100_000)+"</url><url><loc>/2</loc></url></urlset>"), nil)
	if err != nil || len(f.Problems) != 1 || len(f.Pages) != 1 {
		t.Errorf("%v %v", f, err)
	}
	f, err = feed.Parse(pageOf("<urlset>"+strings.Repeat("<url><loc>mailto:x</loc></url>", 1000)+"</urlset>"), nil)
	if err != nil || len(f.Problems) != 51 || !strings.Contains(f.Problems[50], "950") {
		t.Errorf("%d problems, %v", len(f.Problems), err)
	}
	nested := strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000)
	src := &markwatch.Source{JSON: markwatch.JSONPaths{Items: "items", Fields: map[string]string{"title": "t", "url": "u"}}}
	f, err = feed.Parse(pageOf(`{"items": [`+nested+`, {"t": "一", "u": "/1"}]}`), src)
	if err != nil || len(f.Listings) != 1 || len(f.Problems) != 1 {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestPaths(t *testing.T) {
	const doc = `{"pages": [{"items": [{"t": "a"}]}, {"items": [{"t": "b"}, {"t": "c"}]}], "map": {"x": {"goods": {"t": "d"}}, "y": {"goods": [{"t": "e"}]}}, "a.b": [{"t": "f"}], "deep": [[{"t": "g"}], [{"t": "h"}]]}`
	for path, want := range map[string]string{
		"pages[0].items": "a", "pages[1].items[1]": "c", "pages.items": "abc", "pages[*].items[*]": "abc", "$.pages.*.items": "abc",
		"map.*.goods": "de", `["a.b"]`: "f", "deep": "gh", "nothing.here": "", "pages[9].items": "", "map[0]": "", "pages.items.t.x": "",
	} {
		src := &markwatch.Source{JSON: markwatch.JSONPaths{Items: path, Fields: map[string]string{"title": "t", "id": "t"}}}
		f, err := feed.Parse(pageOf(doc), src)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		got := ""
		for _, l := range f.Listings {
			got += l.Title
		}
		if got != want || want == "" && len(f.Problems) != 1 {
			t.Errorf("%s leads to %q, want %q; %v", path, got, want, f.Problems)
		}
	}
	for _, path := range []string{"a..b", "a[x]", "a[-1]", "a[0", strings.Repeat("a.", 50) + "a"} {
		src := &markwatch.Source{JSON: markwatch.JSONPaths{Items: path}}
		if _, err := feed.Parse(pageOf(doc), src); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("%s: %v", path, err)
		}
	}
	src := &markwatch.Source{JSON: markwatch.JSONPaths{Fields: map[string]string{"price": "p|pence"}}}
	if _, err := feed.Parse(pageOf(doc), src); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Errorf("an unknown unit: %v", err)
	}
}

func TestWrappersOfJSON(t *testing.T) {
	src := &markwatch.Source{JSON: markwatch.JSONPaths{Items: "l", Fields: map[string]string{"title": "t", "url": "u"}}}
	const body = `{"l":[{"t":"鞋","u":"/1"}]}`
	for _, text := range []string{
		body, "callback(" + body + ")", "cb.x[0] (" + body + ");", ")]}',\n" + body, ")]}'" + body, "for(;;);" + body, "while(1);" + body, "/**/jQuery1(" + body + ");",
		"try{cb(" + body + ")}catch(e){}", "var data = " + body + ";", "window.goods=" + body, "\ufeff  " + body + "\n<!-- 12 ms -->",
	} {
		f, err := feed.Parse(pageOf(text), src)
		if err != nil || len(f.Listings) != 1 || f.Listings[0].Title != "鞋" || len(f.Problems) > 0 {
			t.Errorf("%s: %+v, %v", text, f, err)
		}
	}
}

func TestNextIsNotItself(t *testing.T) {
	page := pageOf(fmt.Sprintf(rss, "utf-8"))
	page.Header.Add("Link", `<https://shop.example/x>; rel="prev", </api/feed?p=2>; title="a"; rel="next"`)
	f, err := feed.Parse(page, nil)
	if err != nil || f.Next != "https://shop.example/api/feed?p=2" {
		t.Errorf("%+v, %v", f, err)
	}
	page.Header.Set("Link", `</api/feed>; rel=next`)
	if f, err = feed.Parse(page, nil); err != nil || f.Next != "" {
		t.Errorf("%+v, %v", f, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		fmt.Sprintf(rss, "gbk"), "<urlset><url><loc>/1</loc><lastmod>2026</lastmod></url>", `cb({"l":[{"t":"a","u":"/1","p":1e400}]})`, "http://a.example/\nx",
		"<feed xml:base='//x'><entry><link href=''/><price>1</price></entry>", "\x1f\x8b", `{"version":"https://jsonfeed.org/version/1","items":[{"id":1}]}`,
		"<rss><item><g:price>1</g:price><title>&#0;</title></item><<item>", `{"l":{"l":[[{"t":[{"t":{}}],"u":"/1"}]]}}`,
	} {
		f.Add(seed)
	}
	src := &markwatch.Source{ID: "s", JSON: markwatch.JSONPaths{Items: "l", Fields: map[string]string{"title": "t", "url": "u", "price": "p|cents", "images": "i", "seller": "s", "attributes": "a.*"}}}
	f.Fuzz(func(t *testing.T, body string) {
		got, err := feed.Parse(pageOf(body), src)
		if err != nil {
			if markwatch.ErrorCode(err) != markwatch.CodeInvalid {
				t.Error(err)
			}
			return
		}
		for _, l := range slices.Concat(got.Feeds, got.Pages) {
			if !strings.HasPrefix(l.URL, "http") {
				t.Errorf("address %q", l.URL)
			}
		}
		for _, l := range got.Listings {
			if l.ID == "" || l.Title == "" {
				t.Errorf("listing %+v", l)
			}
		}
	})
}

func BenchmarkSitemap(b *testing.B) {
	page := pageOf("<urlset>" + strings.Repeat("<url><loc>https://shop.example/item/12345</loc><lastmod>2026-11-20T00:00:00Z</lastmod></url>\n", 50_000) + "</urlset>")
	b.SetBytes(int64(len(page.Body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := feed.Parse(page, nil); err != nil {
			b.Fatal(err)
		}
	}
}
