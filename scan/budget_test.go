package scan_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

// row is a shelf whose start page links to n offers of its own page each.
func row(n int, filler string) *shelf {
	docs := &shelf{}
	var index strings.Builder
	index.WriteString(`<title>小店</title><p>欢迎光临</p>`)
	for i := range n {
		fmt.Fprintf(&index, `<a href="/item/%d">%d</a> `, i, i)
		docs.put(fmt.Sprintf("/item/%d", i), htmlUTF8, offer(teapot(i), "268.00", "陶艺工坊", "本店手工制作"+filler))
	}
	docs.put("/", htmlUTF8, index.String())
	return docs
}

func TestALimitOfTrafficEndsANightAndTheNextGoesOn(t *testing.T) {
	const items = 12
	docs := row(items, strings.Repeat("紫砂", 8<<10))
	_, site := visited(t, docs)
	clock := &calendar{now: time.Now()}
	src := source(site.URL)
	src.Revisit, src.Politeness.Parallel, src.Limits.Traffic = week, 1, 200<<10
	r := openAt(t, t.TempDir(), clock.Now, src)
	first := r.night("shop")
	if first.Pages.Left == 0 || first.Complete || first.Listings.Seen == 0 || !strings.Contains(strings.Join(first.Warnings, "\n"), "limit of traffic") {
		t.Errorf("first night %+v", first)
	}
	if first.Pages.Left+first.Pages.Total() != items+1 {
		t.Errorf("addresses are missing: %+v", first.Pages)
	}
	if got := r.status("shop").Health; got != markwatch.HealthDegraded {
		t.Errorf("health %s", got)
	}
	seen := map[string]bool{}
	for range 4 {
		for title := range r.listings() {
			seen[title] = true
		}
		clock.add(time.Hour)
		r.night("shop")
	}
	if len(seen) != items {
		t.Errorf("after further nights %d of %d offers are known", len(seen), items)
	}
}

func TestFailedPagesCostTrafficToo(t *testing.T) {
	const items = 12
	docs := row(items, "")
	for i := range items {
		docs.answer(fmt.Sprintf("/item/%d", i), http.StatusForbidden, htmlUTF8, strings.Repeat("no ", 32<<10))
	}
	_, site := visited(t, docs)
	src := source(site.URL)
	src.Politeness.Parallel, src.Limits.Traffic = 1, 200<<10
	sum := open(t, t.TempDir(), src).night("shop")
	if sum.Pages.Left == 0 || sum.Pages.Failed == 0 || sum.Pages.Blocked != 0 {
		t.Errorf("summary %+v", sum)
	}
}

func TestALimitOfTimeEndsANight(t *testing.T) {
	const items = 12
	docs := row(items, "")
	clock := &calendar{now: time.Now()}
	_, site := visited(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/item/3" {
			clock.add(2 * time.Hour)
		}
		docs.ServeHTTP(w, r)
	}))
	src := source(site.URL)
	src.Revisit, src.Politeness.Parallel, src.Limits.Time = week, 1, markwatch.Duration(time.Hour)
	r := openAt(t, t.TempDir(), clock.Now, src)
	sum := r.night("shop")
	if sum.Pages.Left == 0 || sum.Complete || !strings.Contains(strings.Join(sum.Warnings, "\n"), "limit of time") {
		t.Errorf("summary %+v", sum)
	}
	known := sum.Listings.Seen
	next := r.night("shop")
	if next.Listings.Seen <= known || next.Pages.NotDue == 0 {
		t.Errorf("the next night %+v", next)
	}
}
