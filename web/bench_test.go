package web_test

import (
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
