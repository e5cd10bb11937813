package scan_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

// A host that does not answer holds no other back: it answers only after every
// page of the other was asked for.
func TestASlowHostHoldsNobodyBack(t *testing.T) {
	const items = 30
	quick := make(chan struct{}, items)
	done := make(chan struct{})
	fast := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/item/") {
			quick <- struct{}{}
			if len(quick) == items {
				close(done)
			}
		}
		fmt.Fprint(w, offer("宜兴紫砂壶 "+r.URL.Path, "268.00", "陶艺工坊", "本店手工制作"))
	}))
	defer fast.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/item/") {
			select {
			case <-done:
			case <-ctx.Done():
				t.Errorf("the slow host was waited for, %d of %d pages of the other were asked for", len(quick), items)
			}
		}
		fmt.Fprint(w, offer("德化白瓷杯 "+r.URL.Path, "68.00", "瓷器铺", "本店手工制作"))
	}))
	defer slow.Close()

	src := source(fast.URL)
	src.Start = []string{slow.URL + "/item/slow"}
	for i := range items {
		src.Start = append(src.Start, fmt.Sprintf("%s/item/%d", fast.URL, i))
	}
	src.Limits = markwatch.Limits{}
	sum := open(t, t.TempDir(), src).night("shop")
	if sum.Pages.Fetched != items+1 {
		t.Errorf("pages %+v", sum.Pages)
	}
}
