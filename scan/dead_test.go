package scan_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/render"
)

// fragile is a browser that a page makes the worker panic in.
type fragile struct{ deaths atomic.Int32 }

func (f *fragile) Render(_ context.Context, req render.Request) (*render.Result, error) {
	f.deaths.Add(1)
	panic("hostile page " + req.URL)
}

func TestAPageThatKillsItsWorkerIsSetAside(t *testing.T) {
	t.Parallel() // dead workers wait before they come again
	const items = 10
	docs := row(items, "")
	docs.put("/item/4", htmlUTF8, shell)
	_, site := visited(t, docs)
	src := source(site.URL)
	src.Render = "auto"
	browser := &fragile{}
	r := deploy(t, t.TempDir(), setup{browser: browser}, src)
	sum := r.night("shop")
	if want := (markwatch.PageCounts{Fetched: items, Failed: 1}); sum.Pages != want || sum.Listings.Seen != items-1 || sum.Complete {
		t.Errorf("summary %+v", sum)
	}
	if n := browser.deaths.Load(); n != 3 {
		t.Errorf("%d workers died", n)
	}
	if !strings.Contains(strings.Join(sum.Warnings, "\n"), "三次使采集进程崩溃") {
		t.Errorf("warnings %v", sum.Warnings)
	}
	faults, err := r.scanner.Faults(t.Context(), sum.Scan, 10)
	if err != nil || len(faults) != 1 || faults[0].URL != fmt.Sprintf("%s/item/4", site.URL) || faults[0].Outcome != "dead" || !strings.Contains(faults[0].Reason, "died 3 times") {
		t.Errorf("faults %+v, %v", faults, err)
	}
}
