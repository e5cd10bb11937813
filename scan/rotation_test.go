package scan_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

// results is a market whose result pages are asked for by keyword.
func results(base string, keywords []string, pages int) markwatch.Source {
	src := source(base)
	src.Kind, src.Keywords = markwatch.KindMarketplace, keywords
	src.Start = []string{fmt.Sprintf("%s/s?q={keyword}&page={page:1-%d}", base, pages)}
	return src
}

func resultPage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", htmlUTF8)
	fmt.Fprintf(w, `<title>%s</title><p>%s 的搜索结果,第 %s 页,没有商品</p>`, r.URL.Query().Get("q"), r.URL.Query().Get("q"), r.URL.Query().Get("page"))
}

func TestNamesBeyondANightsBudgetTakeTurns(t *testing.T) {
	v, site := visited(t, http.HandlerFunc(resultPage))
	clock := &calendar{now: time.Now()}
	var keywords []string
	for i := range 7 {
		keywords = append(keywords, fmt.Sprintf("名称%d", i))
	}
	src := results(site.URL, keywords, 2)
	src.Limits.Pages = 8 // of which half may be result pages: two names a night
	r := openAt(t, t.TempDir(), clock.Now, src)
	const nights = 4 // ceil(7 / 2)
	for night := range nights {
		before := clock.Now()
		sum := r.night("shop")
		if sum.Names == nil || sum.Names.Total != 7 || sum.Names.Covered != 2 || v.begin() != 4 || !sum.Complete {
			t.Fatalf("night %d: %+v, names %+v", night, sum, sum.Names)
		}
		if unseen := night < nights-1; sum.Names.Oldest.IsZero() != unseen {
			t.Errorf("night %d: the oldest name is of %s", night, sum.Names.Oldest)
		}
		ages, err := r.scanner.Names(t.Context(), "shop")
		check(t, err)
		tonight := 0
		for i, age := range ages {
			if i > 0 && age.Covered.Before(ages[i-1].Covered) {
				t.Errorf("the names are not in the order of their age: %v", ages)
			}
			if age.Covered.After(before) {
				tonight++
			}
		}
		if len(ages) != 7 || tonight != 2 {
			t.Errorf("night %d: %v", night, ages)
		}
		clock.add(day)
	}
	status := r.status("shop")
	if status.Names == nil || status.Names.Oldest.IsZero() || clock.Now().Sub(status.Names.Oldest) > nights*day+time.Hour {
		t.Errorf("status %+v", status.Names)
	}
}

func TestANameWhosePageFailedIsNotCovered(t *testing.T) {
	_, site := visited(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("q") == "乙" && r.URL.Query().Get("page") == "2" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		resultPage(w, r)
	}))
	r := open(t, t.TempDir(), results(site.URL, []string{"甲", "乙", "丙"}, 2))
	sum := r.night("shop")
	if sum.Names == nil || sum.Names.Covered != 2 || !sum.Names.Oldest.IsZero() || sum.Pages.Failed != 1 {
		t.Errorf("summary %+v, names %+v", sum, sum.Names)
	}
	ages, err := r.scanner.Names(t.Context(), "shop")
	if err != nil || len(ages) != 3 || ages[0].Name != "乙" || !ages[0].Covered.IsZero() || ages[1].Covered.IsZero() {
		t.Errorf("names %v, %v", ages, err)
	}
}

// Names whose pages never come have their turn like the others, and no more.
func TestNamesThatAlwaysFailTakeNoOthersTurn(t *testing.T) {
	_, site := visited(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query().Get("q"); q == "甲" || q == "乙" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		resultPage(w, r)
	}))
	clock := &calendar{now: time.Now()}
	src := results(site.URL, []string{"甲", "乙", "丙", "丁"}, 1)
	src.Limits.Pages = 4 // two names a night
	r := openAt(t, t.TempDir(), clock.Now, src)
	r.night("shop")
	clock.add(day)
	if second := r.night("shop"); second.Names == nil || second.Names.Covered != 2 {
		t.Errorf("second night %+v, names %+v", second, second.Names)
	}
}
