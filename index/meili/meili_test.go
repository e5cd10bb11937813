package meili_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/index/indextest"
	"github.com/markwatch/markwatch/index/meili"
)

var update = flag.Bool("update", false, "write the golden files anew")

func open(t *testing.T, o meili.Options) *meili.Index {
	t.Helper()
	o.Fold = indextest.Fold
	x, err := meili.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestConformanceServer holds the engine against a real server.
func TestConformanceServer(t *testing.T) {
	address := os.Getenv("MARKWATCH_TEST_MEILI_URL")
	if address == "" {
		t.Skip("SKIPPED: no Meilisearch server; set MARKWATCH_TEST_MEILI_URL (and MARKWATCH_TEST_MEILI_KEY) to run the suite against one")
	}
	n := 0
	indextest.Run(t, func(t *testing.T) index.Index {
		n++
		x := open(t, meili.Options{
			URL: address, Key: os.Getenv("MARKWATCH_TEST_MEILI_KEY"), Name: fmt.Sprintf("markwatch-test-%d-%d", time.Now().UnixNano(), n),
		})
		t.Cleanup(func() {
			if err := x.Drop(context.WithoutCancel(t.Context())); err != nil {
				t.Errorf("Drop: %v", err)
			}
		})
		return x
	})
}

// TestConformanceFake holds what the adapter asks for against the same suite,
// on a server that does what the documentation says.
func TestConformanceFake(t *testing.T) {
	indextest.Run(t, func(t *testing.T) index.Index {
		_, url := newFake(t, "secret")
		return open(t, meili.Options{URL: url, Key: "secret"})
	})
}

// TestRequests keeps the form of every kind of request in a golden file.
func TestRequests(t *testing.T) {
	f, url := newFake(t, "secret")
	x := open(t, meili.Options{URL: url, Key: "secret"})
	if err := x.Put(t.Context(), indextest.Documents()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		query string
		sort  index.Sort
		facet index.Field
	}{
		{query: ""},
		{query: "仿 莆田"},
		{query: `title:空军一号 -儿童 seller:="\"; DROP TABLE leads; --" price:<500 -score:>0.95`},
		{query: "addidas"},
		{query: `"克儿童运鞋" lead:true`},
		{query: "status:new,review violation:counterfeit -rule:replica id:A/1,b", facet: index.FieldStatus},
		{query: "seen:2026-11-01..2026-11-20", sort: index.SortCheap},
		{query: "耐克", sort: index.SortRelevance},
	} {
		q, err := index.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		q.Sort = c.sort
		if c.facet != "" {
			q.Facets = []index.Field{c.facet, index.FieldSource}
		}
		f.note("# " + c.query)
		if _, err := x.Search(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	f.note("# delete")
	if err := x.Delete(t.Context(), []string{"b", "Größe/1"}); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(f.log, "\n") + "\n"
	golden := filepath.Join("testdata", "requests.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func (f *fake) note(s string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, s)
}

// TestDrift holds that settings which somebody changed on the server are set
// again when the program starts, and said so, and others left alone.
func TestDrift(t *testing.T) {
	f, url := newFake(t, "")
	if err := open(t, meili.Options{URL: url}).Put(t.Context(), indextest.Documents()); err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	again := func() string {
		logged.Reset()
		f.log = nil
		x := open(t, meili.Options{URL: url, Log: slog.New(slog.NewTextHandler(&logged, nil))})
		if err := x.Prepare(t.Context()); err != nil {
			t.Fatal(err)
		}
		if x.Fresh() {
			t.Error("an index with documents is taken for a fresh one")
		}
		return strings.Join(f.log, "\n")
	}
	if requests := again(); strings.Contains(requests, "settings") || logged.Len() > 0 {
		t.Errorf("settings that are right are set again: %s %s", requests, logged.String())
	}
	for _, x := range f.indexes {
		x.settings["pagination"] = map[string]any{"maxTotalHits": 1000.0}
		x.settings["typoTolerance"].(map[string]any)["disableOnNumbers"] = false
		x.settings["displayedAttributes"] = []any{"title"}
		x.settings["distinctAttribute"] = "title"
		x.settings["facetSearch"] = false
	}
	if requests := again(); !strings.Contains(requests, "PATCH") || !strings.Contains(logged.String(), "[typoTolerance pagination facetSearch displayedAttributes distinctAttribute]") {
		t.Errorf("after a change: requests %s, log %s", requests, logged.String())
	}
	if requests := again(); strings.Contains(requests, "PATCH") {
		t.Errorf("settings were not what they must be after they were set: %s", requests)
	}
}

// TestPutWhileARebuildBegins holds that documents which make the new index on
// the server before the rebuild does keep it from nothing.
func TestPutWhileARebuildBegins(t *testing.T) {
	f, url := newFake(t, "")
	x := open(t, meili.Options{URL: url})
	if err := x.Put(t.Context(), indextest.Documents()); err != nil {
		t.Fatal(err)
	}
	f.makes = func(uid string) { f.indexes[uid] = &fakeIndex{docs: map[string]stored{}, settings: defaultSettings()} }
	err := x.Rebuild(t.Context(), func(yield func(index.Document, error) bool) { yield(indextest.Documents()[0], nil) })
	if err != nil {
		t.Fatal(err)
	}
	if n, err := x.Count(t.Context()); n != 1 || err != nil {
		t.Errorf("%d documents, %v", n, err)
	}
}

// TestFaults holds what is said of a server that is away, refuses, or fails a
// task, and that the key is in none of it.
func TestFaults(t *testing.T) {
	f, url := newFake(t, "secret-key")
	docs := indextest.Documents()
	check := func(what string, err error, want string) {
		t.Helper()
		if markwatch.ErrorCode(err) != markwatch.CodeUnavailable || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret-key") {
			t.Errorf("%s: %v, want an error of code %s with %q", what, err, markwatch.CodeUnavailable, want)
		}
	}
	wrong := open(t, meili.Options{URL: url, Key: "other"})
	check("a wrong key", wrong.Put(t.Context(), docs), "index.key")
	x := open(t, meili.Options{URL: strings.Replace(url, "http://", "http://:secret-key@", 1)})
	f.down = true
	check("a server that fails", x.Put(t.Context(), docs), "500")
	f.down = false
	if err := x.Put(t.Context(), docs); err != nil {
		t.Fatalf("the server is back: %v", err)
	}
	f.fail = "documentAdditionOrUpdate"
	check("a task that fails", x.Put(t.Context(), docs[:1]), "no space left")
	err := x.Rebuild(t.Context(), func(yield func(index.Document, error) bool) { yield(docs[0], nil) })
	check("a rebuild whose task fails", err, "no space left")
	f.fail = ""
	if len(f.indexes) != 1 {
		t.Errorf("a rebuild that failed left %d indexes", len(f.indexes))
	}
	if n, err := x.Count(t.Context()); n != len(docs) || err != nil {
		t.Errorf("after a rebuild that failed: %d documents (%v)", n, err)
	}
	nobody := open(t, meili.Options{URL: "http://127.0.0.1:1", Key: "secret-key"})
	check("nobody there", nobody.Put(t.Context(), docs), "127.0.0.1:1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := x.Put(ctx, docs); !errors.Is(err, context.Canceled) {
		t.Errorf("Put with a canceled context: %v", err)
	}
	for _, bad := range []meili.Options{{URL: "ftp://a"}, {URL: "http://"}, {URL: url, Name: "a/b"}} {
		if _, err := meili.New(bad); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("New(%+v): %v", bad, err)
		}
	}
}

// TestLeftOvers holds that what a rebuild left when the program was killed goes
// away, and with a rebuild the index of another version, and nothing else.
func TestLeftOvers(t *testing.T) {
	f, url := newFake(t, "")
	old := open(t, meili.Options{URL: url, FoldVersion: "1"})
	if err := old.Put(t.Context(), indextest.Documents()); err != nil {
		t.Fatal(err)
	}
	for _, uid := range slices.Collect(maps.Keys(f.indexes)) {
		f.indexes[uid+"-next-abc"] = &fakeIndex{settings: defaultSettings()}
	}
	// Another process's rebuild, and those of a deployment whose name begins alike.
	young := "markwatch-0a1b2c3d-next-" + strconv.FormatInt(time.Now().UnixMilli(), 36)
	kept := []string{young, "markwatch-guiyang-0a1b2c3d-next-abc", "markwatch-guiyang-0a1b2c3d", "markwatch-notes"}
	for _, uid := range kept {
		f.indexes[uid] = &fakeIndex{settings: defaultSettings()}
	}
	defer func() {
		for _, uid := range kept {
			if f.indexes[uid] == nil {
				t.Errorf("the index %s is gone", uid)
			}
		}
	}()
	f.indexes["other-12345678"] = &fakeIndex{settings: defaultSettings()}
	x := open(t, meili.Options{URL: url, FoldVersion: "2"})
	if err := x.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !x.Fresh() || len(f.indexes) != 3+len(kept) {
		t.Errorf("another version: fresh %v, %d indexes, want %d", x.Fresh(), len(f.indexes), 3+len(kept))
	}
	err := x.Rebuild(t.Context(), func(yield func(index.Document, error) bool) { yield(indextest.Documents()[0], nil) })
	if err != nil {
		t.Fatal(err)
	}
	if x.Fresh() || len(f.indexes) != 2+len(kept) || f.indexes["other-12345678"] == nil {
		t.Errorf("after the rebuild: fresh %v, indexes %d, want the new one and the stranger's", x.Fresh(), len(f.indexes))
	}
}
