package evidence_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/markwatch/markwatch/evidence"
)

// TestCopiesOfOfficersCaptures holds that a capture of every format leaves as
// WARC: the same page under the same id, its request with it, digests that hold,
// and the file that it is a copy from named with its digest.
func TestCopiesOfOfficersCaptures(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, content []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a, made := openArchive(t, evidence.ArchiveOptions{})
	for n := range 3 {
		keep(t, a, exchange(n))
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(openFirst(t, made))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	put("plain.warc", plain)
	var zipped bytes.Buffer
	zw := zip.NewWriter(&zipped)
	member, err := zw.Create("archive/data.warc")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := member.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	put("saved.wacz", zipped.Bytes())
	for _, name := range []string{"saved.har", "saved.mhtml"} {
		content, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		put(name, content)
	}
	archive, err := evidence.OpenArchive(dir, evidence.ArchiveOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file    string
		request bool
	}{{"plain.warc", true}, {"saved.wacz", true}, {"saved.har", false}, {"saved.mhtml", false}} {
		t.Run(c.file, func(t *testing.T) {
			pages := pagesOf(t, filepath.Join(dir, c.file))
			if len(pages) == 0 {
				t.Fatal("no page")
			}
			for _, page := range pages {
				want, err := page.Page(c.file)
				if err != nil {
					t.Fatal(err)
				}
				var taken bytes.Buffer
				if err := archive.Extract(context.Background(), want.Snapshot, &taken); err != nil {
					t.Fatal(err)
				}
				recs, damage := readAll(t, &taken, evidence.ReaderOptions{})
				if len(damage) > 0 || len(recs) < 2 || recs[0].Type != "warcinfo" || recs[0].Fields()["markwatch-copied-file"] == nil {
					t.Fatalf("%d records, damage %v", len(recs), damage)
				}
				at := slices.IndexFunc(recs, func(r *evidence.Record) bool { return r.ID == page.ID })
				if at < 0 {
					t.Fatalf("%s is not in its copy", page.ID)
				}
				got, err := recs[at].Page(c.file)
				if err != nil || !bytes.Equal(got.Body, want.Body) || got.URL != want.URL || !got.FetchedAt.Equal(want.FetchedAt) || got.Status != want.Status {
					t.Errorf("the copy gives another page: %v", err)
				}
				for _, r := range recs {
					if err := r.VerifyDigests(); err != nil {
						t.Error(err)
					}
				}
				if has := slices.ContainsFunc(recs, func(r *evidence.Record) bool { return r.Type == "request" }); has != c.request {
					t.Errorf("request: %v", has)
				}
			}
		})
	}
}

// pagesOf are the records of a file that are pages.
func pagesOf(t *testing.T, path string) []*evidence.Record {
	t.Helper()
	f, err := evidence.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var pages []*evidence.Record
	for {
		rec, err := f.Next()
		if err != nil {
			return pages
		}
		if rec.IsPage() {
			pages = append(pages, rec)
		}
	}
}
