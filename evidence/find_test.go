package evidence_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence"
)

func snapshotsOf(t testing.TB, a *evidence.Archive, url string, from, to time.Time) []string {
	t.Helper()
	found, err := a.Find(t.Context(), url, from, to)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range found {
		list = append(list, e.Snapshot())
	}
	return list
}

func TestFind(t *testing.T) {
	a, dir := openArchive(t, evidence.ArchiveOptions{RotateBytes: 4000})
	want := map[string][]string{} // by address, oldest first
	var day []time.Time
	first := exchange(0)
	prior := markwatch.Capture{}
	for n := range 5 {
		at := clock.Add(time.Duration(n) * 24 * time.Hour)
		day = append(day, at)
		for item := range 20 {
			ex := exchange(item)
			if item == 0 && n > 0 {
				ex = notModified(first, prior)
			}
			ex.At = at.Add(time.Duration(item) * time.Minute)
			c := capture(t, a, ex)
			if item == 0 && n == 0 {
				prior = c
			}
			want[ex.URL] = append(want[ex.URL], c.Snapshot)
		}
	}
	check := func(when string) {
		t.Helper()
		for url, snapshots := range want {
			if diff := cmp.Diff(snapshots, snapshotsOf(t, a, url, time.Time{}, time.Time{})); diff != "" {
				t.Fatalf("%s: %s (-want +got):\n%s", when, url, diff)
			}
		}
		if got := snapshotsOf(t, a, first.URL, day[1], day[3]); !slices.Equal(got, want[first.URL][1:3]) {
			t.Errorf("%s: between two days: %v", when, got)
		}
		for _, none := range []string{"https://market.example/item/", "https://market.example/item/1.htm", "https://market.example/item/1.html?x", "https://other.example/item/1.html", "", "com", "!meta"} {
			if got := snapshotsOf(t, a, none, time.Time{}, time.Time{}); len(got) > 0 {
				t.Errorf("%s: %q found %v", when, none, got)
			}
		}
	}
	check("while written")
	if got := snapshotsOf(t, a, "HTTP://u:p@Market.Example.:80/item/1.html#top", time.Time{}, time.Time{}); len(got) != 5 {
		t.Errorf("the same address written otherwise: %v", got)
	}
	found, err := a.Find(t.Context(), first.URL, time.Time{}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	e := found[1]
	file, id, _ := strings.Cut(want[first.URL][1], "#")
	recs := readFile(t, filepath.Join(dir, file))
	i := slices.IndexFunc(recs, func(r *evidence.Record) bool { return r.ID == id })
	wantEntry := evidence.Entry{
		URL: first.URL, Type: "revisit", Status: 304, Digest: prior.PayloadDigest, Offset: recs[i].Offset, Length: recs[i+1].Offset - recs[i].Offset,
		File: file, ID: id, Source: first.Source, Refers: prior.Snapshot, At: recs[i].Date,
	}
	if diff := cmp.Diff(wantEntry, e); diff != "" {
		t.Errorf("entry (-want +got):\n%s", diff)
	}

	// What a killed process leaves: files whose indexes were not ended. A copy
	// of the folder is what a kill at this moment would leave.
	left := filepath.Join(t.TempDir(), "killed")
	if err := os.CopyFS(left, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	a.Close()
	check("after the end")
	whole := map[string][]byte{}
	indexes, _ := filepath.Glob(filepath.Join(dir, "*.cdxj"))
	for _, path := range indexes {
		whole[filepath.Base(path)], _ = os.ReadFile(path)
	}
	reopen := func(dir string) {
		var err error
		if a, err = evidence.OpenArchive(dir, evidence.ArchiveOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	same := func(when, dir string) {
		t.Helper()
		for name, content := range whole {
			if got, _ := os.ReadFile(filepath.Join(dir, name)); !bytes.Equal(got, content) {
				t.Errorf("%s: index %s is not what it was:\n%s\n%s", when, name, got, content)
			}
		}
	}
	reopen(left)
	check("after a kill")
	same("after a kill", left)

	damage := map[string]func(path string, content []byte) error{
		"missing":    func(path string, _ []byte) error { return os.Remove(path) },
		"empty":      func(path string, _ []byte) error { return os.WriteFile(path, nil, 0o644) },
		"cut":        func(path string, b []byte) error { return os.WriteFile(path, b[:len(b)*2/3], 0o644) },
		"other text": func(path string, b []byte) error { return os.WriteFile(path, []byte("who are you\n"), 0o644) },
		"garbage in the middle": func(path string, b []byte) error {
			b = bytes.Clone(b)
			start := bytes.IndexByte(b, '\n') + 1
			for i := start; i < len(b); i++ {
				if b[i] == '{' {
					b[i] = '}'
				}
			}
			return os.WriteFile(path, b, 0o644)
		},
	}
	for name, hurt := range damage {
		for _, path := range indexes {
			if err := hurt(path, whole[filepath.Base(path)]); err != nil {
				t.Fatal(err)
			}
		}
		reopen(dir)
		check(name)
		same(name, dir)
	}
	// A file cut short keeps what is whole in it.
	path := filepath.Join(dir, file)
	os.Truncate(path, recs[len(recs)-1].Offset+10)
	reopen(dir)
	if got := snapshotsOf(t, a, first.URL, time.Time{}, time.Time{}); len(got) != 5 {
		t.Errorf("a file cut short: %v", got)
	}
}

// TestFilesWithoutIndex are those of earlier names and of other hands, which
// lie in the folder with at most a list of offsets.
func TestFilesWithoutIndex(t *testing.T) {
	dir := t.TempDir()
	var all string
	for n := range 3 {
		all += zipped(record(fmt.Sprint(n), "x"))
	}
	os.WriteFile(filepath.Join(dir, "crawl-20251120T181307Z-00000-5f1c09ab.warc.gz"), []byte(all), 0o644)
	os.WriteFile(filepath.Join(dir, "plain.warc"), []byte(record("7", "x")), 0o644)
	os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("not a capture"), 0o644)
	a, err := evidence.OpenArchive(dir, evidence.ArchiveOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for n, file := range map[int]string{1: "crawl-20251120T181307Z-00000-5f1c09ab.warc.gz", 7: "plain.warc"} {
		want := fmt.Sprintf("%s#urn:%d", file, n)
		if got := snapshotsOf(t, a, fmt.Sprintf("http://a.example/%d", n), time.Time{}, time.Time{}); !slices.Equal(got, []string{want}) {
			t.Errorf("found %v, want %s", got, want)
		}
		if page, err := a.Page(t.Context(), want); err != nil || string(page.Body) != "x" {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestURLKey(t *testing.T) {
	for address, want := range map[string]string{
		"https://www.Market.example/Item/1?b=2&a=1#x": "example,market,www)/Item/1?b=2&a=1",
		"http://market.example":                       "example,market)/",
		"http://market.example:8080?q=1":              "example,market:8080)/?q=1",
		"https://market.example:443/":                 "example,market)/",
		"http://192.0.2.7/x":                          "192.0.2.7)/x",
		"http://[2001:db8::1]:81/x":                   "[2001:db8::1]:81)/x",
		"https://商城.example/商品 1":                     "example,商城)/商品%201",
		"urn:view:https://a.example/":                 "urn:view:https://a.example/",
		"":                                            "",
		"https://a.example/x\ncom,b)/ 2026":           "example,a)/x%0Acom,b)/%202026",
	} {
		if got := evidence.URLKey(address); got != want {
			t.Errorf("key of %q is %q, want %q", address, got, want)
		}
	}
}
