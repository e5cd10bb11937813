package sample_test

import (
	"net/http/httptest"
	"testing"

	"github.com/markwatch/markwatch/sample"
)

func BenchmarkItemPages(b *testing.B) {
	m := sample.New(sample.Options{Pages: 20_000})
	h := m.Handler()
	truth := m.Truth()
	b.ReportAllocs()
	bytes, n := 0, 0
	for b.Loop() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", truth[n%len(truth)].Path, nil))
		bytes += w.Body.Len()
		n++
	}
	b.SetBytes(int64(bytes / n))
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "pages/s")
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		sample.New(sample.Options{Pages: 20_000})
	}
}
