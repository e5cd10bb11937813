package main

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/markwatch/markwatch/sample"
)

// market serves a sample market and counts how often each path was asked for.
type market struct {
	*sample.Market
	server *httptest.Server
	mu     sync.Mutex
	asked  map[string]int
}

func startSample(t *testing.T, pages int) *market {
	t.Helper()
	m := &market{Market: sample.New(sample.Options{Pages: pages}), asked: map[string]int{}}
	handler := m.Handler()
	m.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		m.asked[r.URL.Path+"?"+r.URL.RawQuery]++
		m.mu.Unlock()
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(m.server.Close)
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

// requests is how often the market was asked for anything.
func (m *market) requests() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, times := range m.asked {
		n += times
	}
	return n
}
