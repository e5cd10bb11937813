package sample_test

import (
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/markwatch/markwatch/sample"
)

func BenchmarkItemPages(b *testing.B) {
	m := sample.New(sample.Options{Pages: 20_000})
	h := m.Handler()
	truth := m.Truth()
	b.ReportAllocs()
	var n, size atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			w := httptest.NewRecorder()
			path := truth[int(n.Add(1))%len(truth)].Path
			h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
			size.Add(int64(w.Body.Len()))
		}
	})
	b.SetBytes(size.Load() / n.Load())
	b.ReportMetric(float64(n.Load())/b.Elapsed().Seconds(), "pages/s")
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		sample.New(sample.Options{Pages: 20_000})
	}
}
