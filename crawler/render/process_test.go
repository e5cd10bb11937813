package render

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// pin is the digest by which Chromium can be told to trust a test server.
func pin(s *httptest.Server) string {
	sum := sha256.Sum256(s.Certificate().RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// pages waits until the browser has no more pages than most: its own blank one.
func pages(t *testing.T, b *Browser, most int) {
	t.Helper()
	open := 0
	for range 50 {
		infos, err := chromedp.Targets(b.running.ctx)
		if err != nil {
			t.Fatal(err)
		}
		open = 0
		for _, info := range infos {
			if info.Type == "page" {
				open++
			}
		}
		if open <= most {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("%d pages are open", open)
}
