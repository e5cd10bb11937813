package web_test

import (
	"fmt"
	"net/http"
	"testing"
)

// The pages of a small market, from the request to the last byte.
func BenchmarkPages(b *testing.B) {
	for name, path := range map[string]string{"search": "/?q=鞋", "lead": "/leads/demo-1001"} {
		b.Run(name, func(b *testing.B) {
			desk := newBench(b, market()...)
			c := desk.login()
			for b.Loop() {
				if res, _ := c.get(path); res.StatusCode != http.StatusOK {
					b.Fatal(res.Status)
				}
			}
		})
	}
}

// The page of three hundred sources, each with a sparkline.
func BenchmarkSources(b *testing.B) {
	state := nights()
	for i := range 300 {
		s := state.sources[2]
		s.ID = fmt.Sprintf("%s-%d", s.ID, i)
		state.sources = append(state.sources, s)
	}
	c := newBench(b).operate(state).login()
	for b.Loop() {
		if res, _ := c.get("/sources"); res.StatusCode != http.StatusOK {
			b.Fatal(res.Status)
		}
	}
}
