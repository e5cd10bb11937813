package crawler

import (
	"bytes"
	"compress/flate"
	"testing"
)

func TestDecode(t *testing.T) {
	page := bytes.Repeat([]byte("<li>鞋 ¥199</li>\n"), 200)
	var bare bytes.Buffer
	w, _ := flate.NewWriter(&bare, 6)
	w.Write(page)
	w.Close()
	for _, c := range []struct {
		name, coding string
		data         []byte
		cut          bool
		want         []byte // nil is an error
	}{
		{"none", "", page, false, page},
		{"identity", "identity", page, false, page},
		{"gzip twice", "gzip, gzip", gzipped(gzipped(page)), false, page},
		{"members", "GZIP", append(gzipped(page[:100]), gzipped(page[100:])...), false, page},
		{"brotli", "br", brotlied(page), false, page},
		{"zstd", "zstd", zstded(page), false, page},
		{"zstd frames", "zstd", append(zstded(page[:100]), zstded(page[100:])...), false, page},
		{"brotli ends early", "br", brotlied(page)[:30], false, nil},
		{"zstd ends early", "zstd", zstded(page)[:30], false, nil},
		{"brotli over gzip", "gzip, br", brotlied(gzipped(page)), false, page},
		{"bare deflate", "deflate", bare.Bytes(), false, page},
		{"empty", "gzip", nil, false, []byte{}},
		{"three codings", "gzip, gzip, gzip", gzipped(gzipped(gzipped(page))), false, nil},
		{"ends early", "gzip", gzipped(page)[:40], false, nil},
		{"ends early as the limit cut it", "gzip", gzipped(page)[:len(gzipped(page))-8], true, page},
		{"garbage behind", "gzip", append(gzipped(page), "garbage"...), false, nil},
	} {
		got, _, err := decode(c.data, c.coding, 1<<20, c.cut)
		if (c.want == nil) != (err != nil) || c.want != nil && !bytes.Equal(got, c.want) {
			t.Errorf("%s: %d bytes, %v", c.name, len(got), err)
		}
	}
}

func TestTextual(t *testing.T) {
	for kind, want := range map[string]bool{
		"": true, "text/html; charset=gbk": true, "application/json": true, "application/octet-stream": true, "application/xhtml+xml": true, "image/svg+xml": true,
		"nonsense": true, "text/html;;;": true, "image/jpeg": false, "video/mp4": false, "application/pdf": false, "application/ZIP; x": false, "IMAGE/PNG;;": false,
	} {
		if textual(kind) != want {
			t.Errorf("%q: %v", kind, !want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(gzipped([]byte("hello")), "gzip", false)
	f.Add(brotlied(make([]byte, 1<<16)), "br", false)
	f.Add(zstded(make([]byte, 1<<16)), "zstd", true)
	f.Add([]byte("x\x9c\x03\x00"), "deflate", true)
	f.Add(gzipped(make([]byte, 1<<16)), "gzip, gzip", false)
	f.Fuzz(func(t *testing.T, data []byte, coding string, cut bool) {
		const limit = 10_000
		body, over, err := decode(data, coding, limit, cut)
		if err == nil && len(body) > limit && len(body) > len(data) {
			t.Fatalf("%d bytes past the limit", len(body))
		}
		if over && err == nil && len(body) == 0 {
			t.Fatal("cut to nothing")
		}
	})
}
