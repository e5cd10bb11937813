package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/sample"
	"github.com/markwatch/markwatch/store"
)

// What sizes the test of killed scans: docs/operating.md has the command for
// the full size.
const (
	marketPages = "MARKWATCH_TEST_MARKET_PAGES"
	killTimes   = "MARKWATCH_TEST_KILLS"
	killSeed    = "MARKWATCH_TEST_SEED"
)

// sized is a number of the environment, or its default.
func sized(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// market serves a sample market and counts how often each path was asked for.
type market struct {
	*sample.Market
	server *httptest.Server
	mu     sync.Mutex
	asked  map[string]int
	// most is how many requests are answered before held is closed; all of
	// them where held is nil.
	most int
	held chan struct{}
}

func startSample(t *testing.T, pages int) *market {
	t.Helper()
	m := &market{Market: sample.New(sample.Options{Pages: pages}), asked: map[string]int{}}
	handler := m.Handler()
	m.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		m.asked[r.URL.Path+"?"+r.URL.RawQuery]++
		held := m.held
		if m.count() <= m.most {
			held = nil
		}
		m.mu.Unlock()
		if held != nil {
			select {
			case <-held:
			case <-r.Context().Done():
				return // who asked is gone
			}
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		m.release()
		m.server.Close()
	})
	return m
}

// config writes the market's configuration folder.
func (m *market) config(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := m.WriteConfig(dir, m.server.URL); err != nil {
		t.Fatal(err)
	}
	return dir
}

// again is how often the market was asked for something that it had given
// before, robots.txt apart, for which every process asks.
func (m *market) again() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for path, times := range m.asked {
		if !strings.HasPrefix(path, "/robots.txt") {
			n += times - 1
		}
	}
	return n
}

// hold lets the market answer no more than so many requests in all until the
// next hold, or release: what is to happen in the middle of a scan has all the
// time that it needs, however slow the machine is.
func (m *market) hold(most int) {
	m.release()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.most, m.held = most, make(chan struct{})
}

// release lets the market answer everything.
func (m *market) release() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held != nil {
		close(m.held)
		m.held = nil
	}
}

// requests is how often the market was asked for anything.
func (m *market) requests() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.count()
}

// count is requests where m.mu is held.
func (m *market) count() int {
	n := 0
	for _, times := range m.asked {
		n += times
	}
	return n
}

// patience is how long a test waits for what ought to come: long after
// anything that goes well is done. How long a market of the full size takes is
// go test's own timeout to bound.
func patience() time.Duration {
	if os.Getenv(marketPages) != "" {
		return 2 * time.Hour
	}
	return 3 * time.Minute
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for until := time.Now().Add(patience()); !is(); {
		if time.Now().After(until) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// sourceState is what `sources` tells of the only source.
func sourceState(t *testing.T, dir string) markwatch.SourceStatus {
	t.Helper()
	states := rows[markwatch.SourceStatus](t, must(t, "sources", "--config", dir, "--json"))
	if len(states) != 1 || states[0].Last == nil {
		t.Fatalf("sources %+v", states)
	}
	return states[0]
}

// flaggedItems tells of every stored listing, by its number in the market,
// whether it is suspect. Two markets stand on different ports, so that their
// addresses differ.
func flaggedItems(t *testing.T, dir string) map[string]bool {
	t.Helper()
	ids := map[string]bool{}
	for _, r := range rows[store.Record](t, must(t, "listings", "--config", dir, "--json")) {
		ids[sample.ItemID(r.Listing.URL)] = r.Verdict.Flagged
	}
	return ids
}
