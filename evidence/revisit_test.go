package evidence_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence"
)

// notModified answers an exchange with a 304 that brings a header up to date.
func notModified(ex *markwatch.Exchange, prior markwatch.Capture) *markwatch.Exchange {
	again := *ex
	again.At = ex.At.Add(24 * time.Hour)
	again.Prior = &prior
	again.Response = []byte("HTTP/1.1 304 Not Modified\r\nETag: \"new\"\r\nContent-Length: 0\r\n\r\n")
	return &again
}

func readFile(t testing.TB, path string) []*evidence.Record {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	recs, damage := readAll(t, bytes.NewReader(data), evidence.ReaderOptions{})
	if len(damage) > 0 {
		t.Fatalf("%s is damaged: %v", path, damage)
	}
	return recs
}

func TestRevisits(t *testing.T) {
	for _, place := range []string{"same file", "file after file"} {
		t.Run(place, func(t *testing.T) {
			opts := evidence.ArchiveOptions{}
			if place == "file after file" {
				opts.RotateBytes = 1
			}
			a, dir := openArchive(t, opts)
			first := exchange(1)
			original := capture(t, a, first)
			wantDigest := original.PayloadDigest
			if !strings.HasPrefix(wantDigest, "sha256:") || original.URL != first.URL || !original.At.Equal(first.At) {
				t.Fatalf("capture %+v", original)
			}

			unchanged := capture(t, a, notModified(first, original))
			same := *first
			same.At = first.At.Add(48 * time.Hour)
			same.Response = bytes.Replace(first.Response, []byte("200 OK\r\n"), []byte("203 Other\r\nX-Served: again\r\n"), 1)
			same.Prior = &original
			identical := capture(t, a, &same)
			changed := exchange(2)
			changed.Prior = &original
			full := capture(t, a, changed)

			page, err := a.Page(t.Context(), original.Snapshot)
			if err != nil {
				t.Fatal(err)
			}
			for _, test := range []struct {
				capture markwatch.Capture
				status  int
				header  [2]string
				kind    string
				profile string
			}{
				{unchanged, 200, [2]string{"Etag", `"new"`}, "revisit", "http://netpreserve.org/warc/1.1/revisit/server-not-modified"},
				{identical, 203, [2]string{"X-Served", "again"}, "revisit", "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"},
			} {
				if test.capture.PayloadDigest != wantDigest || test.capture.Snapshot == original.Snapshot {
					t.Errorf("capture %+v", test.capture)
				}
				got, err := a.Page(t.Context(), test.capture.Snapshot)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got.Body, page.Body) || got.Status != test.status || got.Header.Get(test.header[0]) != test.header[1] ||
					got.Header.Get("Content-Type") != "text/html; charset=utf-8" || got.Truncated {
					t.Errorf("%s: status %d header %v, %d bytes, truncated %v", test.profile, got.Status, got.Header, len(got.Body), got.Truncated)
				}
				if got.Snapshot != test.capture.Snapshot || !got.FetchedAt.Equal(test.capture.At) || got.Source != "sample-market" {
					t.Errorf("snapshot %s at %s of %q", got.Snapshot, got.FetchedAt, got.Source)
				}
			}
			if got, err := a.Page(t.Context(), full.Snapshot); err != nil || bytes.Equal(got.Body, page.Body) {
				t.Errorf("a changed page: %v", err)
			}
			a.Close()

			// The records themselves, and as an archive source scans them.
			file, id, _ := strings.Cut(unchanged.Snapshot, "#")
			r, err := evidence.OpenFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			for {
				rec, err := r.Next()
				if err != nil {
					t.Fatal(err)
				}
				if err := rec.VerifyDigests(); err != nil {
					t.Error(err)
				}
				if rec.ID != id {
					continue
				}
				refers, uri, date := rec.RefersTo()
				originalFile, originalID, _ := strings.Cut(original.Snapshot, "#")
				got := []any{rec.IsRevisit(), rec.IsPage(), refers, uri, date, rec.Header.Get("Markwatch-Refers-To-File")}
				want := []any{true, true, originalID, first.URL, original.At, originalFile}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
				break
			}

			// The original is gone.
			originalFile, _, _ := strings.Cut(original.Snapshot, "#")
			if place == "file after file" {
				os.Remove(filepath.Join(dir, originalFile))
				if _, err := a.Page(t.Context(), unchanged.Snapshot); markwatch.ErrorCode(err) != markwatch.CodeNotFound || !strings.Contains(err.Error(), originalFile) {
					t.Errorf("without its original: %v", err)
				}
			}
		})
	}
}

func TestPriorIsNotThere(t *testing.T) {
	a, dir := openArchive(t, evidence.ArchiveOptions{})
	first := exchange(1)
	original := capture(t, a, first)
	if err := a.End(first.Source); err != nil {
		t.Fatal(err)
	}
	revisit := capture(t, a, notModified(first, original))
	a.End(first.Source)

	// A prior capture that is a revisit leads to the original itself.
	again := capture(t, a, notModified(first, revisit))
	file, _, _ := strings.Cut(again.Snapshot, "#")
	for _, rec := range readFile(t, filepath.Join(dir, file)) {
		if rec.Type != "revisit" {
			continue
		}
		id, _, date := rec.RefersTo()
		if id != original.Snapshot[strings.Index(original.Snapshot, "#")+1:] || !date.Equal(original.At) {
			t.Errorf("a revisit of a revisit refers to %s of %s", id, date)
		}
	}

	originalFile, originalID, _ := strings.Cut(original.Snapshot, "#")
	for name, snapshot := range map[string]string{
		"no file": "crawl-x.warc.gz#" + originalID, "no record": originalFile + "#urn:uuid:0", "no name": "", "outside": "../" + originalFile + "#" + originalID,
	} {
		prior := original
		prior.Snapshot = snapshot
		if _, err := a.Record(t.Context(), notModified(first, prior)); markwatch.ErrorCode(err) != markwatch.CodeNotFound {
			t.Errorf("%s: a 304 without its original: %v", name, err)
		}
		same := exchange(1)
		same.Prior = &prior
		c := capture(t, a, same)
		if page, err := a.Page(t.Context(), c.Snapshot); err != nil || page.Status != 200 {
			t.Errorf("%s: a page without its original: %v", name, err)
		}
	}
	// A 304 that nothing is known of is an answer like others.
	plain := notModified(first, original)
	plain.Prior = nil
	if page, err := a.Page(t.Context(), keep(t, a, plain)); err != nil || page.Status != 304 {
		t.Errorf("a 304: %v, %v", page, err)
	}
}

// TestRevisitsOfOtherTools reads revisits that name their original in the ways
// of other tools.
func TestRevisitsOfOtherTools(t *testing.T) {
	body := "<html>耐克</html>"
	block := "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
	rec := func(kind, id, date, fields, block string) string {
		return fmt.Sprintf("WARC/1.0\r\nWARC-Type: %s\r\nWARC-Record-ID: <urn:uuid:%s>\r\nWARC-Target-URI: http://a.example/x\r\nWARC-Date: %s\r\n%sContent-Type: application/http;msgtype=response\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n",
			kind, id, date, fields, len(block), block)
	}
	sum := "WARC-Payload-Digest: sha1:AAAA\r\n"
	identical := "WARC-Profile: http://netpreserve.org/warc/1.0/revisit/identical-payload-digest\r\n"
	original := rec("response", "o", "2026-01-02T03:04:05Z", sum, block+body)
	other := rec("response", "p", "2026-01-01T00:00:00Z", "WARC-Payload-Digest: sha1:BBBB\r\n", block+"something else")
	tests := map[string]struct {
		fields string
		found  bool
	}{
		"record id":            {identical + "WARC-Refers-To: <urn:uuid:o>\r\n", true},
		"address and time":     {identical + sum + "WARC-Refers-To-Target-URI: http://a.example/x\r\nWARC-Refers-To-Date: 2026-01-02T03:04:05Z\r\n", true},
		"digest alone":         {identical + sum, true},
		"not modified, 1.0":    {"WARC-Profile: http://netpreserve.org/warc/1.0/revisit/server-not-modified\r\nWARC-Refers-To: <urn:uuid:o>\r\n", true},
		"not modified, time":   {"WARC-Profile: http://netpreserve.org/warc/1.0/revisit/server-not-modified\r\nWARC-Refers-To-Date: 2026-01-02T03:04:05Z\r\n", true},
		"brackets":             {"WARC-Profile: <http://netpreserve.org/warc/1.1/revisit/identical-payload-digest>\r\nWARC-Refers-To: <urn:uuid:o>\r\n", true},
		"other digest":         {identical + "WARC-Payload-Digest: sha1:CCCC\r\n", false},
		"other time":           {identical + sum + "WARC-Refers-To-Date: 2025-01-02T03:04:05Z\r\n", false},
		"unknown profile":      {"WARC-Profile: http://example.org/revisit/of-mine\r\nWARC-Refers-To: <urn:uuid:o>\r\n", false},
		"itself":               {identical + "WARC-Refers-To: <urn:uuid:r>\r\n", false},
		"file outside":         {identical + "WARC-Refers-To: <urn:uuid:o>\r\nMarkwatch-Refers-To-File: ../a.warc\r\n", false},
		"named file not there": {identical + "WARC-Refers-To: <urn:uuid:o>\r\nMarkwatch-Refers-To-File: b.warc\r\n", false},
	}
	for name, test := range tests {
		revisit := rec("revisit", "r", "2026-02-03T00:00:00Z", test.fields, block)
		for layout, files := range map[string][]string{
			"before": {original + other + revisit}, "behind": {revisit + other + original}, "members": {zipped(other) + zipped(original) + zipped(revisit)},
			"one member": {zipped(other + original + revisit)}, "other file": {other + revisit, original}, "other file, zipped": {zipped(revisit), zipped(original) + zipped(other)},
		} {
			dir := t.TempDir()
			for i, content := range files {
				ending := ".warc"
				if strings.HasPrefix(content, "\x1f\x8b") {
					ending += ".gz"
				}
				os.WriteFile(filepath.Join(dir, fmt.Sprint("f", i, ending)), []byte(content), 0o644)
			}
			paths, _ := filepath.Glob(filepath.Join(dir, "f0.*"))
			page, err := evidence.ReadPage(context.Background(), paths[0], "urn:uuid:r")
			if test.found && (err != nil || string(page.Body) != body || page.Status != 200) {
				t.Errorf("%s, %s: %v", name, layout, err)
			}
			if !test.found && err == nil {
				t.Errorf("%s, %s: resolved to %q", name, layout, page.Body)
			}
		}
	}
}
