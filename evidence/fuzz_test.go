package evidence_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch/evidence"
)

func FuzzReader(f *testing.F) {
	a, b := record("a", "alpha"), record("b", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"+zipped("<p>"))
	for _, seed := range []string{
		a + b, zipped(a) + zipped(b), zipped(a + b), zipped(a) + broken(zipped(b)) + zipped(a), a + zipped(b)[:20],
		strings.Replace(a, "Length: 5", "Length: 7", 1) + b, "\x1f\x8b\x08\x00", "WARC/1.1\n\n", strings.Replace(b, "resource", "response", 1),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := evidence.NewReader(bytes.NewReader(data), evidence.ReaderOptions{MaxRecord: 1 << 20})
		at := int64(-1)
		for n := 0; ; n++ {
			rec, err := r.Next()
			var damage *evidence.FormatError
			switch {
			case errors.Is(err, io.EOF):
				return
			case errors.As(err, &damage):
			case err != nil:
				t.Fatalf("%v on bytes in memory", err)
			default:
				if rec.Offset < at || rec.Offset >= int64(len(data)) {
					t.Fatalf("record at %d after one at %d in %d bytes", rec.Offset, at, len(data))
				}
				at = rec.Offset
				rec.VerifyDigests()
				rec.Page("f")
			}
			if n > len(data)*1100 {
				t.Fatal("no end")
			}
		}
	})
}

// drain reads all that a reader gives of hostile bytes and makes pages of it.
func drain(t *testing.T, r *evidence.Reader, size int) {
	for n := 0; ; n++ {
		rec, err := r.Next()
		var damage *evidence.FormatError
		switch {
		case errors.As(err, &damage):
			if errors.Is(err, io.EOF) {
				t.Fatalf("a fault that reads as the end: %v", err)
			}
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			t.Fatalf("%v on bytes in memory", err)
		default:
			rec.VerifyDigests()
			rec.IsPage()
			rec.Page("f")
			rec.Fields()
			rec.Chain()
		}
		if n > 1100*(size+1) {
			t.Fatal("no end")
		}
	}
}

func FuzzHAR(f *testing.F) {
	whole, err := os.ReadFile("testdata/saved.har")
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(whole), string(whole[:900]), `{"log":{"entries":[{"request":{"url":"http://a.example/"},"response":{"status":200,"content":{"text":"eA==","encoding":"base64"}}}]}}`,
		`{"log":{"entries":[1,"",null,{}]}}`, "\xef\xbb\xbf{}", `{"log":{"log":{}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		drain(t, evidence.ReadHAR(bytes.NewReader(data), evidence.ReaderOptions{MaxRecord: 1 << 20}), len(data))
	})
}

func FuzzMHTML(f *testing.F) {
	whole, err := os.ReadFile("testdata/saved.mhtml")
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(whole), string(whole[:900]), "Content-Type: text/html\n\n<p>", "Content-Type: multipart/x; boundary=a\n\n--a\nContent-Type: multipart/x; boundary=b\n\n--b\n\nx\n--b--\n--a--\n",
		"Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\nContent-Location: \x00//\n\n=3D=\n=zz=",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := evidence.ReadMHTML(bytes.NewReader(data), evidence.ReaderOptions{MaxRecord: 1 << 20})
		if err == nil {
			drain(t, r, len(data))
		}
	})
}

func FuzzWACZ(f *testing.F) {
	a, b := record("a", "alpha"), record("b", "beta")
	for _, method := range []uint16{zip.Store, zip.Deflate} {
		f.Add([]byte(wacz(f, method, "archive/a.warc.gz", zipped(a)+zipped(b), "archive/b.warc", b, "x", "y")))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := evidence.ReadWACZ(bytes.NewReader(data), int64(len(data)), evidence.ReaderOptions{MaxRecord: 1 << 20})
		if err == nil {
			drain(t, r, len(data))
		}
	})
}

// FuzzIndex has an index of any content beside a file: what is found is in the
// file, and what is in the file is found.
func FuzzIndex(f *testing.F) {
	content := zipped(record("a", "alpha")) + zipped(record("b", "beta"))
	f.Add([]byte("!open {}\n"), []byte("urn:a 0\n"))
	f.Add([]byte("!meta {\"size\":10,\"body\":0}\n"), []byte("urn:b 99999999999999999999\n"))
	f.Add([]byte("!open {}\nexample,a)/a 20261121000000000 {\"url\":\"http://a.example/a\",\"type\":\"resource\",\"offset\":\"0\",\"length\":\"9\",\"filename\":\"x.warc.gz\",\"id\":\"urn:a\"}\n"), []byte(""))
	f.Fuzz(func(t *testing.T, entries, offsets []byte) {
		dir := t.TempDir()
		path := filepath.Join(dir, "x.warc.gz")
		os.WriteFile(path, []byte(content), 0o644)
		os.WriteFile(path+".cdxj", entries, 0o644)
		os.WriteFile(path+".idx", offsets, 0o644)
		a, err := evidence.OpenArchive(dir, evidence.ArchiveOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Find(t.Context(), "http://a.example/a", time.Time{}, time.Time{}); err != nil {
			t.Fatal(err)
		}
		if page, err := a.Page(t.Context(), "x.warc.gz#urn:b"); err != nil || string(page.Body) != "beta" {
			t.Fatalf("%v, %v", page, err)
		}
	})
}
