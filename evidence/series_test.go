package evidence_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence"
)

func filesOf(t testing.TB, a *evidence.Archive) (names []string) {
	t.Helper()
	files, err := a.Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		names = append(names, f.Name)
	}
	return names
}

func TestSeriesOfSources(t *testing.T) {
	now := clock
	a, dir := openArchive(t, evidence.ArchiveOptions{
		Software: "markwatch/test", Operator: "贵阳网监 ops@example.org", OpenFiles: 3, Now: func() time.Time { return now },
		UserAgent: func(source string) string { return "watcher of " + source },
		Robots:    func(string) string { return "obey" },
		Describe: func(source string) []byte {
			if source == "s1" {
				return []byte("id: s1\nname: 示例\n")
			}
			return []byte(fmt.Sprintf("{\n  \"id\": %q\n}", source))
		},
	})
	sources := []string{"s0", "s1", "s2", "s3", "s4", "商城/../x", "", "s5"}
	var snapshots []string
	for round := range 3 {
		for n, source := range sources {
			ex := exchange(round*100 + n)
			ex.Source = source
			snapshots = append(snapshots, keep(t, a, ex))
		}
	}
	if err := a.Sync(); err != nil {
		t.Fatal(err)
	}
	if open := openHandles(t, dir); open > 9 {
		t.Errorf("%d files are open, want no more than three files with their indexes", open)
	}
	if names := filesOf(t, a); len(names) != len(sources) {
		t.Errorf("%d sources have the files %v", len(sources), names)
	}
	for _, snapshot := range snapshots {
		if _, err := a.Page(t.Context(), snapshot); err != nil {
			t.Error(err)
		}
	}
	file, _, _ := strings.Cut(snapshots[1], "#")
	if !strings.HasPrefix(file, "crawl-s1-20261120T181307Z-") {
		t.Errorf("the file of s1 is %s", file)
	}
	want := map[string][]string{
		"software": {"markwatch/test"}, "operator": {"贵阳网监 ops@example.org"}, "robots": {"obey"},
		"http-header-user-agent": {"watcher of s1"}, "ispartof": {"s1"}, "markwatch-configuration": {`"id: s1\nname: 示例"`},
		"format": {"WARC File Format 1.1"}, "conformsto": {"http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"},
	}
	if diff := cmp.Diff(want, readFile(t, filepath.Join(dir, file))[0].Fields()); diff != "" {
		t.Errorf("warcinfo (-want +got):\n%s", diff)
	}
	file, _, _ = strings.Cut(snapshots[2], "#")
	if got := readFile(t, filepath.Join(dir, file))[0].Fields()["markwatch-configuration"]; !slices.Equal(got, []string{`{"id":"s2"}`}) {
		t.Errorf("configuration %q", got)
	}

	// The next night.
	now = now.Add(24 * time.Hour)
	ex := exchange(1)
	ex.Source = "s1"
	if next := keep(t, a, ex); strings.HasPrefix(next, "crawl-s1-20261120") {
		t.Errorf("after a day: %s", next)
	}
}

// openHandles counts how many files of a folder this process holds open.
func openHandles(t *testing.T, dir string) (n int) {
	if runtime.GOOS != "linux" {
		return 0
	}
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && strings.HasPrefix(target, dir) {
			n++
		}
	}
	return n
}

func TestFileChangedByAnotherHand(t *testing.T) {
	a, dir := openArchive(t, evidence.ArchiveOptions{OpenFiles: 1})
	first := exchange(1)
	snapshot := keep(t, a, first)
	other := exchange(2)
	other.Source = "other"
	keep(t, a, other) // the first file is closed meanwhile
	file, _, _ := strings.Cut(snapshot, "#")
	f, _ := os.OpenFile(filepath.Join(dir, file), os.O_APPEND|os.O_WRONLY, 0)
	f.WriteString("graffiti")
	f.Close()
	if _, err := a.Record(t.Context(), exchange(3)); markwatch.ErrorCode(err) != markwatch.CodeUnavailable {
		t.Errorf("a file that grew: %v", err)
	}
	next := keep(t, a, exchange(3))
	if strings.HasPrefix(next, file) {
		t.Error("the changed file is written to")
	}
	for _, s := range []string{snapshot, next} {
		if _, err := a.Page(t.Context(), s); err != nil {
			t.Error(err)
		}
	}
}

func TestResource(t *testing.T) {
	a, dir := openArchive(t, evidence.ArchiveOptions{})
	ex := exchange(1)
	of := keep(t, a, ex)
	picture := "\x89PNG\r\n\x1a\n picture"
	snapshot, err := a.Resource(t.Context(), &markwatch.Resource{
		Source: ex.Source, URL: "urn:view:" + ex.URL, At: ex.At, ContentType: "image/png", Body: []byte(picture), RefersTo: of,
	})
	if err != nil {
		t.Fatal(err)
	}
	tree, err := a.Resource(t.Context(), &markwatch.Resource{
		Source: ex.Source, URL: ex.URL, At: ex.At, ContentType: "text/html; charset=utf-8", Body: []byte("<html>渲染"), RefersTo: of,
	})
	if err != nil {
		t.Fatal(err)
	}
	page, err := a.Page(t.Context(), snapshot)
	if err != nil || string(page.Body) != picture || page.ContentType() != "image/png" {
		t.Errorf("screenshot: %v, %v", page, err)
	}
	if page, err = a.Page(t.Context(), tree); err != nil || string(page.Body) != "<html>渲染" || page.URL != ex.URL || page.Status != 200 {
		t.Errorf("document tree: %v, %v", page, err)
	}
	for _, bad := range []markwatch.Resource{{URL: "https://a.example/"}, {ContentType: "text/html"}} {
		if _, err := a.Resource(context.Background(), &bad); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	a.Close()
	file, id, _ := strings.Cut(of, "#")
	recs := readFile(t, filepath.Join(dir, file))
	shot := recs[3]
	if refers, _, _ := shot.RefersTo(); shot.Type != "resource" || refers != id || shot.IsPage() || !recs[4].IsPage() {
		t.Errorf("screenshot %+v refers to %s", shot.Header, refers)
	}
	for _, rec := range recs {
		if err := rec.VerifyDigests(); err != nil {
			t.Error(err)
		}
	}
}

func TestQuota(t *testing.T) {
	var warned []int64
	a, dir := openArchive(t, evidence.ArchiveOptions{
		QuotaBytes: 12_000, WarnBytes: 6_000,
		Warn: func(used, warn, quota int64) { warned = append(warned, used, warn, quota) },
	})
	var err error
	kept := 0
	for ; kept < 1000; kept++ {
		if _, err = a.Record(t.Context(), exchange(kept)); err != nil {
			break
		}
	}
	if code := markwatch.ErrorCode(err); code != markwatch.CodeUnavailable || !strings.Contains(err.Error(), "quota") || kept < 5 || kept > 100 {
		t.Fatalf("after %d captures: %v", kept, err)
	}
	if len(warned) != 3 || warned[0] < 6_000 || warned[1] != 6_000 || warned[2] != 12_000 {
		t.Errorf("warned of %v, want once", warned)
	}
	measured := func() (sum int64) {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			info, _ := e.Info()
			sum += info.Size()
		}
		return sum
	}
	if used, err := a.Usage(); err != nil || used != measured() {
		t.Errorf("Usage %d, %v; the folder holds %d", used, err, measured())
	}
	// Room is made, and the scan goes on; the warning is due again later.
	source := exchange(0).Source
	file := filesOf(t, a)[0]
	if err := a.End(source); err != nil {
		t.Fatal(err)
	}
	freed, err := a.Prune(t.Context(), file, func(e evidence.Entry) bool { return e.URL == exchange(0).URL })
	if err != nil || freed <= 0 {
		t.Fatalf("freed %d, %v", freed, err)
	}
	if used, err := a.Usage(); err != nil || used != measured() {
		t.Errorf("Usage after pruning %d, %v; the folder holds %d", used, err, measured())
	}
	for n := range kept - 2 {
		if _, err := a.Record(t.Context(), exchange(n)); err != nil {
			break
		}
	}
	if len(warned) != 6 {
		t.Errorf("warned of %v, want twice", warned)
	}
}
