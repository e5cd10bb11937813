package scan_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/scan"
)

const captcha = `<!doctype html><title>安全验证</title><p>请完成安全验证后继续访问</p>`

func TestAHostThatTurnsUsAwayIsLeftAlone(t *testing.T) {
	// By the real clock, which the pauses of hosts go by.
	t.Parallel()
	const good, items = 50, 80
	docs := row(items, "")
	for i := good; i < items; i++ {
		docs.put(fmt.Sprintf("/item/%d", i), htmlUTF8, captcha)
	}
	v, site := visited(t, docs)
	src := source(site.URL)
	src.Revisit, src.Politeness.Parallel = week, 1
	dir := t.TempDir()
	for night, want := range []markwatch.PageCounts{
		{Fetched: 1 + good, Blocked: 8, Left: items - good - 8},          // eight in a row, after much that was good
		{Unchanged: 1, NotDue: good, Blocked: 2, Left: items - good - 2}, // it did so last night
	} {
		r := open(t, dir, src)
		sum := r.night("shop")
		if sum.Pages != want || v.begin() != want.Fetched+want.Unchanged+want.Blocked || sum.Complete || !scan.Blocked(sum) || sum.Listings.Seen != good {
			t.Errorf("night %d: %+v", night, sum)
		}
		host := strings.TrimPrefix(site.URL, "http://")
		if text := strings.Join(sum.Warnings, "\n"); !strings.Contains(text, host+" 一再拦截") || !strings.Contains(text, fmt.Sprintf("%d 个地址因站点拦截未访问", want.Left)) {
			t.Errorf("night %d: warnings %s", night, text)
		}
		if got := r.status("shop").Health; got != markwatch.HealthBlocked {
			t.Errorf("night %d: health %s", night, got)
		}
		faults, err := r.scanner.Faults(t.Context(), sum.Scan, 3)
		if err != nil || len(faults) < 2 || faults[0].Outcome != string(markwatch.PageBlocked) || faults[0].Reason != "captcha" {
			t.Errorf("night %d: faults %v, %v", night, faults, err)
		}
		r.stop()
	}
}

func TestAWallAmongGoodPagesStopsNothing(t *testing.T) {
	const items = 20
	docs := row(items, "")
	docs.put("/item/3", htmlUTF8, captcha)
	docs.put("/item/9", htmlUTF8, captcha)
	docs.answer("/item/5", http.StatusForbidden, htmlUTF8, "<title>403 Forbidden</title><h1>Forbidden</h1>")
	docs.answer("/item/6", http.StatusForbidden, htmlUTF8, captcha)
	_, site := visited(t, docs)
	src := source(site.URL)
	sum := open(t, t.TempDir(), src).night("shop")
	if want := (markwatch.PageCounts{Fetched: items + 1 - 4, Blocked: 3, Failed: 1}); sum.Pages != want || sum.Listings.Seen != items-4 || scan.Blocked(sum) {
		t.Errorf("summary %+v", sum)
	}
}

func TestASoftMissingPageMarksItsOfferGone(t *testing.T) {
	docs := row(3, "")
	_, site := visited(t, docs)
	clock := &calendar{now: time.Now()}
	src := source(site.URL)
	src.Revisit = week
	r := openAt(t, t.TempDir(), clock.Now, src)
	r.night("shop")
	docs.put("/item/1", htmlUTF8, `<!doctype html><title>提示</title><p>很抱歉，您查看的商品不存在，可能已下架。</p>`)
	clock.add(8 * day)
	sum := r.night("shop")
	if sum.Listings.Gone != 1 || sum.Pages.Failed != 1 || sum.Pages.Blocked != 0 {
		t.Errorf("summary %+v", sum)
	}
	if got := r.listings()[teapot(1)].Listing.Availability; got != markwatch.Gone {
		t.Errorf("availability %q", got)
	}
	if got := r.listings()[teapot(2)].Listing.Availability; got == markwatch.Gone {
		t.Error("another offer is gone")
	}
}
