package evidence_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence"
)

var clock = time.Date(2026, 11, 21, 2, 13, 7, 250_000_000, time.FixedZone("CST", 8*3600))

// exchange is a capture of page n; its body does not repeat, so that sizes
// differ and damage hits something.
func exchange(n int) *markwatch.Exchange {
	body := fmt.Sprintf("<html><title>商品 %d</title>%s</html>", n, strings.Repeat(fmt.Sprintf("<p>耐 克 %d</p>", n*7919), 5+n%40))
	url := fmt.Sprintf("https://market.example/item/%d.html", n)
	return &markwatch.Exchange{
		Source: "sample-market", URL: url, IP: "192.0.2.7", At: clock.Add(time.Duration(n) * time.Second),
		Request:  fmt.Appendf(nil, "GET /item/%d.html HTTP/1.1\r\nHost: market.example\r\n\r\n", n),
		Response: fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s", len(body), body),
	}
}

func openArchive(t testing.TB, opts evidence.ArchiveOptions) (*evidence.Archive, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "warc")
	if opts.Now == nil {
		opts.Now = func() time.Time { return clock }
	}
	a, err := evidence.OpenArchive(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a, dir
}

// keep records an exchange and returns its snapshot.
func keep(t testing.TB, a *evidence.Archive, ex *markwatch.Exchange) string {
	t.Helper()
	return capture(t, a, ex).Snapshot
}

func capture(t testing.TB, a *evidence.Archive, ex *markwatch.Exchange) markwatch.Capture {
	t.Helper()
	c, err := a.Record(context.Background(), ex)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// readAll returns the records of a file and the damage reported between them.
func readAll(t testing.TB, src io.Reader, opts evidence.ReaderOptions) (recs []*evidence.Record, damage []*evidence.FormatError) {
	t.Helper()
	r := evidence.NewReader(src, opts)
	for {
		rec, err := r.Next()
		var broken *evidence.FormatError
		switch {
		case err == nil:
			recs = append(recs, rec)
		case errors.Is(err, io.EOF):
			return recs, damage
		case errors.As(err, &broken):
			damage = append(damage, broken)
		default:
			t.Fatalf("Next: %v", err)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	a, dir := openArchive(t, evidence.ArchiveOptions{Software: "markwatch/test"})
	ctx := context.Background()
	ex := exchange(1)
	ex.Truncated = "length"
	ex.Reconstructed = true
	snapshot := keep(t, a, ex)
	second := keep(t, a, exchange(2))
	// A capture is readable while its file is still being written.
	page, err := a.Page(ctx, snapshot)
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := bytes.Cut(ex.Response, []byte("\r\n\r\n"))
	want := &markwatch.Page{
		Source: "sample-market", URL: ex.URL, FinalURL: ex.URL, Status: 200,
		Header: map[string][]string{"Content-Type": {"text/html; charset=utf-8"}, "Content-Length": {fmt.Sprint(len(body))}},
		Body:   body, FetchedAt: ex.At.UTC(), Snapshot: snapshot, Truncated: true,
	}
	if diff := cmp.Diff(want, page); diff != "" {
		t.Errorf("page read back (-want +got):\n%s", diff)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}

	file, id, _ := strings.Cut(snapshot, "#")
	data, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	recs, damage := readAll(t, bytes.NewReader(data), evidence.ReaderOptions{})
	if len(damage) > 0 {
		t.Fatalf("own file is damaged: %v", damage)
	}
	var types []string
	for _, rec := range recs {
		types = append(types, rec.Type)
		if err := rec.VerifyDigests(); err != nil {
			t.Error(err)
		}
		if rec.Header.Get("WARC-Block-Digest") == "" {
			t.Errorf("%s record has no block digest", rec.Type)
		}
	}
	if diff := cmp.Diff([]string{"warcinfo", "response", "request", "response", "request"}, types); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	response, request := recs[1], recs[2]
	if !bytes.Equal(response.Block, ex.Response) || !bytes.Equal(request.Block, ex.Request) {
		t.Error("the bytes of the wire were changed")
	}
	for name, want := range map[string]string{
		"WARC-IP-Address": "192.0.2.7", "WARC-Truncated": "length", "WARC-Date": "2026-11-20T18:13:08.250000Z",
		"Markwatch-Source": "sample-market", "Markwatch-Reconstructed": "true",
	} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := request.Header.Get("WARC-Concurrent-To"); got != "<"+id+">" {
		t.Errorf("request is concurrent to %s, want <%s>", got, id)
	}
	if !strings.Contains(string(recs[0].Block), "software: markwatch/test\r\n") {
		t.Errorf("warcinfo is %q", recs[0].Block)
	}

	// Without its index a capture is found by reading the file.
	if err := os.Remove(filepath.Join(dir, file+".idx")); err != nil {
		t.Fatal(err)
	}
	if page, err := a.Page(ctx, second); err != nil || page.URL != exchange(2).URL {
		t.Errorf("without an index: %v, %v", page, err)
	}
	// An index that lies is not believed.
	_, id2, _ := strings.Cut(second, "#")
	os.WriteFile(filepath.Join(dir, file+".idx"), []byte(id2+" 0\n"), 0o644)
	if page, err := a.Page(ctx, second); err != nil || page.URL != exchange(2).URL {
		t.Errorf("with a wrong index: %v, %v", page, err)
	}
}

func TestPageNotFound(t *testing.T) {
	a, dir := openArchive(t, evidence.ArchiveOptions{})
	snapshot := keep(t, a, exchange(1))
	file, id, _ := strings.Cut(snapshot, "#")
	outside := filepath.Join(filepath.Dir(dir), "outside.warc.gz")
	data, _ := os.ReadFile(filepath.Join(dir, file))
	os.WriteFile(outside, data, 0o644)
	for _, s := range []string{
		"", "#", file, file + "#", "#" + id, file + "#urn:uuid:00000000-0000-0000-0000-000000000000", "none.warc.gz#" + id,
		"../outside.warc.gz#" + id, outside + "#" + id, "..#" + id, ".#" + id,
	} {
		if _, err := a.Page(context.Background(), s); markwatch.ErrorCode(err) != markwatch.CodeNotFound {
			t.Errorf("Page(%q): %v, want CodeNotFound", s, err)
		}
	}
}

func TestHostileFieldsForgeNoHeader(t *testing.T) {
	a, dir := openArchive(t, evidence.ArchiveOptions{Software: "x\r\nWARC-Type: forged"})
	ex := exchange(1)
	ex.URL = "https://market.example/a b\r\nWARC-Type: resource\r\n\r\n<x>耐克"
	ex.Source = "s\r\nWARC-Truncated: time"
	ex.IP = "not an address\r\nX: y"
	snapshot := keep(t, a, ex)
	file, _, _ := strings.Cut(snapshot, "#")
	data, _ := os.ReadFile(filepath.Join(dir, file))
	recs, damage := readAll(t, bytes.NewReader(data), evidence.ReaderOptions{})
	if len(recs) != 3 || len(damage) != 0 || recs[1].Type != "response" {
		t.Fatalf("%d records, damage %v", len(recs), damage)
	}
	if got := recs[1].TargetURI; got != "https://market.example/a%20b%0D%0AWARC-Type:%20resource%0D%0A%0D%0A%3Cx%3E耐克" {
		t.Errorf("target URI is %q", got)
	}
	if recs[1].Header.Get("WARC-Truncated") != "" || recs[1].Header.Get("WARC-IP-Address") != "" || recs[1].Header.Get("X") != "" {
		t.Errorf("forged header: %v", recs[1].Header)
	}
}

func TestConcurrentRecordsAndRotation(t *testing.T) {
	a, dir := openArchive(t, evidence.ArchiveOptions{RotateBytes: 20_000})
	const workers, each = 8, 25
	var mu sync.Mutex
	want := map[string]string{} // snapshot to URL
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				ex := exchange(w*each + i)
				c, err := a.Record(context.Background(), ex)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				want[c.Snapshot] = ex.URL
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if err := a.Sync(); err != nil {
		t.Error(err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	if _, err := a.Record(context.Background(), exchange(1)); markwatch.ErrorCode(err) != markwatch.CodeConflict {
		t.Errorf("Record after Close: %v", err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "crawl-sample-market-20261120T181307Z-*.warc.gz"))
	if len(files) < 3 {
		t.Errorf("%d files of 20 kB, want several", len(files))
	}
	got := map[string]string{}
	for _, path := range files {
		data, _ := os.ReadFile(path)
		recs, damage := readAll(t, bytes.NewReader(data), evidence.ReaderOptions{})
		if len(damage) > 0 {
			t.Errorf("%s: %v", path, damage)
		}
		if recs[0].Type != "warcinfo" || recs[0].Header.Get("WARC-Filename") != filepath.Base(path) {
			t.Errorf("%s begins with %v", path, recs[0].Header)
		}
		for _, rec := range recs {
			if rec.Type == "response" {
				got[filepath.Base(path)+"#"+rec.ID] = rec.TargetURI
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("captures in the files (-want +got):\n%s", diff)
	}
}

func TestCanceledAndEmpty(t *testing.T) {
	a, dir := openArchive(t, evidence.ArchiveOptions{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := a.Record(ctx, exchange(1)); markwatch.ErrorCode(err) != markwatch.CodeCanceled {
		t.Errorf("canceled: %v", err)
	}
	if _, err := a.Record(context.Background(), &markwatch.Exchange{URL: "https://a.example/"}); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Errorf("no response: %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("files were made: %v", entries)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}
