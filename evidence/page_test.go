package evidence_test

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence"
)

func coded(t testing.TB, open func(io.Writer) (io.WriteCloser, error), s string) string {
	t.Helper()
	var b bytes.Buffer
	w, err := open(&b)
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

func chunked(s string) string {
	return fmt.Sprintf("%x\r\n%s\r\n%04X;ext=1\r\n%s\r\n0\r\nTrailer: x\r\n\r\n", 3, s[:3], len(s)-3, s[3:])
}

func TestPageCodings(t *testing.T) {
	const html = "<html><body>耐克 空军一号 ¥199</body></html>"
	long := strings.Repeat(html, 200)
	deflated := coded(t, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, 9) }, html)
	zlibbed := coded(t, func(w io.Writer) (io.WriteCloser, error) { return zlib.NewWriter(w), nil }, html)
	br := coded(t, func(w io.Writer) (io.WriteCloser, error) { return brotli.NewWriter(w), nil }, html)
	zst := coded(t, func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) }, html)
	tests := []struct {
		name, header, body, want string
		truncated                bool
	}{
		{"plain", "X: y", html, html, false},
		{"chunked", "Transfer-Encoding: chunked", chunked(html), html, false},
		{"chunked by name only", "Transfer-Encoding: chunked", html, html, false},
		{"chunks break off", "Transfer-Encoding: chunked", chunked(html)[:29], html[:12], true},
		{"gzip", "Content-Encoding: gzip", zipped(html), html, false},
		{"gzip in chunks", "Transfer-Encoding: chunked\r\nContent-Encoding: gzip", chunked(zipped(html)), html, false},
		{"gzip by name only", "Content-Encoding: gzip", html, html, false},
		{"deflate", "Content-Encoding: deflate", zlibbed, html, false},
		{"deflate without its frame", "Content-Encoding: deflate", deflated, html, false},
		{"br", "content-encoding: BR", br, html, false},
		{"br by name only", "Content-Encoding: br", html, html, false},
		{"zstd", "Content-Encoding: zstd", zst, html, false},
		{"gzip of br", "Content-Encoding: br, gzip", zipped(br), html, false},
		{"unknown coding", "Content-Encoding: rot13", html, html, false},
		{"too many codings", "Content-Encoding: gzip, gzip, gzip, gzip", html, html, true},
		{"empty", "Content-Encoding: gzip", "", "", false},
		{"WARC says truncated", "X: y", html, html, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			truncated := ""
			if test.name == "WARC says truncated" {
				truncated = "length"
			}
			page := pageOf(t, &markwatch.Exchange{
				URL: "https://a.example/", Truncated: truncated,
				Response: []byte("HTTP/1.1 200 OK\r\n" + test.header + "\r\n\r\n" + test.body),
			})
			if string(page.Body) != test.want || page.Truncated != test.truncated {
				t.Errorf("body %q truncated %v, want %q %v", page.Body, page.Truncated, test.want, test.truncated)
			}
		})
	}
	t.Run("gzip breaks off", func(t *testing.T) {
		z := zipped(long)
		page := pageOf(t, &markwatch.Exchange{URL: "https://a.example/", Response: []byte("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + z[:len(z)-20])})
		if !page.Truncated || !strings.HasPrefix(long, string(page.Body)) || len(page.Body) == 0 {
			t.Errorf("%d bytes, truncated %v", len(page.Body), page.Truncated)
		}
	})
	t.Run("bomb", func(t *testing.T) {
		bomb := coded(t, func(w io.Writer) (io.WriteCloser, error) { return brotli.NewWriterLevel(w, 3), nil }, strings.Repeat("\x00", 80<<20))
		page := pageOf(t, &markwatch.Exchange{URL: "https://a.example/", Response: []byte("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n" + bomb)})
		if !page.Truncated || len(page.Body) != 64<<20 {
			t.Errorf("%d bytes, truncated %v", len(page.Body), page.Truncated)
		}
	})
}

func pageOf(t *testing.T, ex *markwatch.Exchange) *markwatch.Page {
	t.Helper()
	a, _ := openArchive(t, evidence.ArchiveOptions{})
	snapshot := keep(t, a, ex)
	page, err := a.Page(t.Context(), snapshot)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func TestPageHeads(t *testing.T) {
	for head, want := range map[string]string{
		"HTTP/1.1 404 Not Found\r\nX-A: 1\r\nx-a: 2\r\nbroken line\r\n: empty\r\nX-B:3\r\n folded\r\n\r\n": "404 map[X-A:[1 2] X-B:[3 folded]]",
		"HTTP/1.0 200\r\n\r\n":                                "200 map[]",
		"HTTP/2 200 \nContent-Type: text/html\n\n":            "200 map[Content-Type:[text/html]]",
		"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX: cu": "200 map[Content-Type:[text/html] X:[cu]]",
	} {
		page := pageOf(t, &markwatch.Exchange{URL: "https://a.example/", Response: []byte(head)})
		if got := fmt.Sprint(page.Status, " ", map[string][]string(page.Header)); got != want {
			t.Errorf("%q: %s, want %s", head, got, want)
		}
	}
	for _, rec := range []*evidence.Record{
		{Type: "request", Block: []byte("GET / HTTP/1.1\r\n\r\n")},
		{Type: "warcinfo"}, {Type: "revisit"},
		{Type: "response", Block: []byte("www.example.com. 300 IN A 192.0.2.1"), Header: map[string][]string{"Content-Type": {"text/dns"}}},
		{Type: "response", Block: []byte("what is this"), Header: map[string][]string{"Content-Type": {"application/http"}}},
		{Type: "response", Block: []byte("HTTP/1.1 many OK\r\n\r\n")},
	} {
		if _, err := rec.Page("f"); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("a page of %s %q: %v", rec.Type, rec.Block, err)
		}
	}
}

func TestVerifyDigestsFindsChanges(t *testing.T) {
	a, dir := openArchive(t, evidence.ArchiveOptions{})
	if _, err := a.Record(t.Context(), exchange(1)); err != nil {
		t.Fatal(err)
	}
	a.Close()
	files, _ := filepath.Glob(filepath.Join(dir, "*.gz"))
	data, _ := os.ReadFile(files[0])
	recs, _ := readAll(t, bytes.NewReader(data), evidence.ReaderOptions{})
	rec := recs[1]
	for i := range rec.Block {
		rec.Block[i] ^= 1
		if err := rec.VerifyDigests(); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Fatalf("byte %d changed: %v", i, err)
		}
		rec.Block[i] ^= 1
	}
	// Labels and forms of other tools.
	for _, d := range []string{
		"sha1:2jmj7l5rSw0yVb/vlWAYkK/YBwk=x", "md5:00", "sha256:", "SHA-512:00",
	} {
		rec.Header.Set("WARC-Payload-Digest", d)
		if rec.VerifyDigests() == nil {
			t.Errorf("payload digest %q passed", d)
		}
	}
	for _, d := range []string{"", "blake9:00", "none"} {
		rec.Header.Set("WARC-Payload-Digest", d)
		if err := rec.VerifyDigests(); err != nil {
			t.Errorf("payload digest %q: %v", d, err)
		}
	}
}

// shared returns a path of the real material beside the repository.
func shared(t testing.TB, path string) string {
	t.Helper()
	_, file, _, _ := runtime.Caller(0)
	full := filepath.Join(filepath.Dir(file), "..", "..", "shared", path)
	if _, err := os.Stat(full); err != nil {
		t.Skip("../shared is absent: files of other tools are not read")
	}
	return full
}

// TestFilesOfOtherTools holds what warcio's own tests expect of its samples.
func TestFilesOfOtherTools(t *testing.T) {
	dir := shared(t, "real/warc")
	const example = "warcinfo warcinfo response request revisit request"
	tests := map[string]struct {
		types    string
		page     int    // record that is a page
		contains string // its body
	}{
		"example.warc":                  {example, 2, "<h1>Example Domain</h1>"},
		"example.warc.gz":               {example, 2, "<h1>Example Domain</h1>"},
		"example-resource.warc.gz":      {"warcinfo warcinfo resource", 2, "<h1>Example Domain</h1>"},
		"example-iana.org-chunked.warc": {"warcinfo response request", 1, "<title>Internet Assigned Numbers Authority</title>"},
		"post-test.warc.gz":             {"response request response request response request", 0, `"foo": "bar"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Skip("../shared is absent: " + name)
			}
			recs, faults := readAll(t, bytes.NewReader(data), evidence.ReaderOptions{})
			if len(faults) > 0 {
				t.Errorf("faults: %v", faults)
			}
			var types []string
			for _, rec := range recs {
				types = append(types, rec.Type)
				if err := rec.VerifyDigests(); err != nil {
					t.Error(err)
				}
				if rec.Date.IsZero() || !strings.HasPrefix(rec.ID, "urn:uuid:") {
					t.Errorf("record %+v", rec)
				}
			}
			if got := strings.Join(types, " "); got != test.types {
				t.Fatalf("records %q, want %q", got, test.types)
			}
			for _, rec := range recs {
				if rec.Type != "revisit" {
					continue
				}
				page, err := evidence.ReadPage(t.Context(), filepath.Join(dir, name), rec.ID)
				if err != nil || page.Status != 200 || !page.FetchedAt.Equal(rec.Date) || !strings.Contains(string(page.Body), test.contains) {
					t.Errorf("revisit: %v, %v", page, err)
				}
			}
			page, err := recs[test.page].Page(name)
			if err != nil {
				t.Fatal(err)
			}
			if page.Status != 200 || page.Truncated || !strings.Contains(string(page.Body), test.contains) {
				t.Errorf("status %d, truncated %v, body %.300q", page.Status, page.Truncated, page.Body)
			}
		})
	}
}

func TestRealPages(t *testing.T) {
	path := shared(t, "real/pages.warc.gz")
	r, err := evidence.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	pages, size := 0, 0
	last := ""
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := rec.VerifyDigests(); err != nil {
			t.Error(err)
		}
		if !rec.IsPage() {
			continue
		}
		page, err := rec.Page(filepath.Base(path))
		if err != nil {
			t.Error(err)
			continue
		}
		pages++
		size += len(page.Body)
		last = rec.ID
		if page.Status != 200 || page.URL == "" || len(page.Body) == 0 {
			t.Errorf("%s: status %d, %d bytes", page.URL, page.Status, len(page.Body))
		}
	}
	if pages != 38 || size < 15_000_000 {
		t.Errorf("%d pages with %d bytes", pages, size)
	}
	if page, err := evidence.ReadPage(t.Context(), path, last); err != nil || page.Snapshot != "pages.warc.gz#"+last {
		t.Errorf("ReadPage: %v, %v", page, err)
	}
}
