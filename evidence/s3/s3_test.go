package s3_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence"
	"github.com/markwatch/markwatch/evidence/s3"
)

// startServer runs a server of the protocol and returns the address of a
// bucket in it, its backend, and a switch that turns every request away.
func startServer(t *testing.T) (address string, backend *s3mem.Backend, down *atomic.Bool) {
	t.Helper()
	backend = s3mem.New()
	if err := backend.CreateBucket("captures"); err != nil {
		t.Fatal(err)
	}
	down = &atomic.Bool{}
	handler := gofakes3.New(backend).Server()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			http.Error(w, "down", http.StatusForbidden)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	return "s3://captures/night?region=us-east-1&endpoint=" + server.URL, backend, down
}

func openBucket(t *testing.T, address string) *s3.Bucket {
	t.Helper()
	b, err := s3.Open(address)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func objects(t *testing.T, backend *s3mem.Backend) (names []string) {
	t.Helper()
	list, err := backend.ListBucket("captures", nil, gofakes3.ListBucketPage{})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range list.Contents {
		names = append(names, strings.TrimPrefix(o.Key, "night/"))
	}
	slices.Sort(names)
	return names
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func machine(t *testing.T, address string) *evidence.Archive {
	t.Helper()
	a, err := evidence.OpenArchive(filepath.Join(t.TempDir(), "captures"), evidence.ArchiveOptions{Bucket: openBucket(t, address)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

func page(n int) *markwatch.Exchange {
	body := fmt.Sprintf("<title>商品 %d</title>", n)
	return &markwatch.Exchange{
		Source: "shop", URL: fmt.Sprintf("https://shop.example/%d", n), At: noon.Add(time.Duration(n) * time.Second),
		Request:  []byte("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n"),
		Response: fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nETag: \"%d\"\r\nContent-Length: %d\r\n\r\n%s", n, len(body), body),
	}
}

func record(t *testing.T, a *evidence.Archive, ex *markwatch.Exchange) markwatch.Capture {
	t.Helper()
	c, err := a.Record(t.Context(), ex)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func mirror(t *testing.T, a *evidence.Archive) evidence.Mirrored {
	t.Helper()
	done, err := a.Mirror(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func body(t *testing.T, a *evidence.Archive, snapshot string) string {
	t.Helper()
	p, err := a.Page(t.Context(), snapshot)
	if err != nil {
		t.Fatalf("%s: %v", snapshot, err)
	}
	return string(p.Body)
}

func TestMachinesReadEachOthersCaptures(t *testing.T) {
	address, backend, _ := startServer(t)
	one, other := machine(t, address), machine(t, address)
	var snapshots []string
	var last markwatch.Capture
	for n := range 20 {
		last = record(t, one, page(n))
		snapshots = append(snapshots, last.Snapshot)
	}
	if done := mirror(t, one); done.Copied != 0 {
		t.Errorf("a file that is still written was copied: %+v", done)
	}
	if err := one.End("shop"); err != nil {
		t.Fatal(err)
	}
	// A later night, in another file, confirms the last page.
	confirm := page(19)
	confirm.Prior = &last
	confirm.Response = []byte("HTTP/1.1 304 Not Modified\r\nETag: \"19\"\r\n\r\n")
	revisit := record(t, one, confirm)
	if err := one.End("shop"); err != nil {
		t.Fatal(err)
	}
	if done := mirror(t, one); done.Copied != 2 || done.Bytes == 0 {
		t.Errorf("copied %+v", done)
	}
	if done := mirror(t, one); done.Copied != 0 || done.Removed != 0 {
		t.Errorf("what did not change was copied again: %+v", done)
	}
	for n, s := range snapshots {
		if got, want := body(t, other, s), fmt.Sprintf("<title>商品 %d</title>", n); got != want {
			t.Errorf("%s: %q", s, got)
		}
	}
	if got := body(t, other, revisit.Snapshot); got != "<title>商品 19</title>" {
		t.Errorf("the page that a 304 confirms: %q", got)
	}
	file, _, _ := strings.Cut(snapshots[0], "#")
	for _, wrong := range []string{file + "#urn:uuid:none", "other.warc.gz#x", "../" + file + "#x"} {
		if _, err := other.Page(t.Context(), wrong); markwatch.ErrorCode(err) != markwatch.CodeNotFound {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	if n := len(objects(t, backend)); n != 4 {
		t.Errorf("%d objects: %v", n, objects(t, backend))
	}
}

func TestCopiesFollowWhatIsPruned(t *testing.T) {
	address, backend, _ := startServer(t)
	one, other := machine(t, address), machine(t, address)
	keep, drop := record(t, one, page(1)), record(t, one, page(2))
	foreign := record(t, other, page(3))
	for _, a := range []*evidence.Archive{one, other} {
		if err := a.End("shop"); err != nil {
			t.Fatal(err)
		}
		mirror(t, a)
	}
	file, _, _ := strings.Cut(keep.Snapshot, "#")
	prune := func(keeps func(evidence.Entry) bool) {
		t.Helper()
		if _, err := one.Prune(t.Context(), file, keeps); err != nil {
			t.Fatal(err)
		}
		mirror(t, one)
	}
	prune(func(e evidence.Entry) bool { return e.URL == "https://shop.example/1" })
	if got := body(t, other, keep.Snapshot); got != "<title>商品 1</title>" {
		t.Errorf("what was kept: %q", got)
	}
	if _, err := other.Page(t.Context(), drop.Snapshot); markwatch.ErrorCode(err) != markwatch.CodeNotFound {
		t.Errorf("what was dropped is still in the bucket: %v", err)
	}
	prune(func(evidence.Entry) bool { return false })
	if _, err := other.Page(t.Context(), keep.Snapshot); markwatch.ErrorCode(err) != markwatch.CodeNotFound {
		t.Errorf("a file that is gone is still in the bucket: %v", err)
	}
	if got := body(t, one, foreign.Snapshot); got != "<title>商品 3</title>" {
		t.Errorf("another machine's capture: %q", got)
	}
	if left := objects(t, backend); len(left) != 2 {
		t.Errorf("objects: %v", left)
	}
}

func TestABucketThatIsDownCostsNoCapture(t *testing.T) {
	address, _, down := startServer(t)
	a := machine(t, address)
	c := record(t, a, page(1))
	if err := a.End("shop"); err != nil {
		t.Fatal(err)
	}
	down.Store(true)
	if _, err := a.Mirror(t.Context()); markwatch.ErrorCode(err) != markwatch.CodeUnavailable {
		t.Errorf("copying to a bucket that is down: %v", err)
	}
	if got := body(t, a, c.Snapshot); got != "<title>商品 1</title>" {
		t.Errorf("its own capture: %q", got)
	}
	if _, err := a.Page(t.Context(), "other.warc.gz#x"); markwatch.ErrorCode(err) != markwatch.CodeUnavailable {
		t.Errorf("a capture of another machine while the bucket is down: %v", err)
	}
	down.Store(false)
	if done := mirror(t, a); done.Copied != 1 {
		t.Errorf("the next Mirror: %+v", done)
	}
}

func TestPartsOfAnObject(t *testing.T) {
	address, _, _ := startServer(t)
	b := openBucket(t, address)
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.Put(t.Context(), "f", path); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		offset, length int64
		want           string
	}{{0, -1, "0123456789"}, {3, -1, "3456789"}, {3, 2, "34"}, {0, 100, "0123456789"}} {
		r, err := b.Open(t.Context(), "f", c.offset, c.length)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || string(got) != c.want {
			t.Errorf("from %d, %d bytes: %q, %v", c.offset, c.length, got, err)
		}
		r.Close()
	}
	if err := b.Remove(t.Context(), "never"); err != nil {
		t.Errorf("removing what is not there: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Put(ctx, "f", path); markwatch.ErrorCode(err) != markwatch.CodeCanceled {
		t.Errorf("stopped: %v", err)
	}
}

func TestAddresses(t *testing.T) {
	for _, wrong := range []string{
		"s3://", "http://bucket", "s3://user:secret@bucket", "s3://bucket?endpoint=minio:9000", "s3://bucket?endpoint=https://h/path",
		"s3://bucket?acces_key=x", "s3://B%zz",
	} {
		_, err := s3.Open(wrong)
		if markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("%s: %v", wrong, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the password is shown: %v", err)
		}
	}
	for _, right := range []string{"s3://bucket", "s3://bucket/a/b/", "s3://bucket?region=cn-north-1&endpoint=https://minio.example:9000"} {
		if _, err := s3.Open(right); err != nil {
			t.Errorf("%s: %v", right, err)
		}
	}
}
