package scan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

func TestANightIsComparedWithEarlierOnes(t *testing.T) {
	for name, test := range map[string]struct {
		listings int
		price    string // the field that the prices stand in
		warning  string // "" for a good night
	}{
		"as ever":       {20, `"sale"`, ""},
		"a few less":    {17, `"sale"`, ""},
		"half is lost":  {9, `"sale"`, "只读到 9 件商品,往常约 20 件"},
		"no price read": {20, `"amount"`, "字段 price 从往常的 100% 降到 0%"},
	} {
		t.Run(name, func(t *testing.T) {
			docs := &shelf{}
			_, site := visited(t, docs)
			clock := &calendar{now: time.Now()}
			src := feedOf(site.URL, "/goods")
			src.Deny, src.Region = []string{"*/item/*"}, "520100"
			src.JSON = markwatch.JSONPaths{Items: "data.list", Fields: map[string]string{"title": "name", "price": "sale", "url": "link"}}
			r := openAt(t, t.TempDir(), clock.Now, src)
			if got := r.status("shop").Health; got != markwatch.HealthNew {
				t.Errorf("health before the first scan: %s", got)
			}
			docs.put("/goods", "application/json", goodsPage(site.URL, "", 0, 20))
			for range 3 {
				r.night("shop")
				clock.add(day)
			}
			if got := r.status("shop"); got.Health != markwatch.HealthGood || got.Last == nil || got.Last.Listings.Seen != 20 {
				t.Errorf("health of good nights: %+v", got)
			}
			docs.put("/goods", "application/json", strings.ReplaceAll(goodsPage(site.URL, "", 0, test.listings), `"sale"`, test.price))
			sum := r.night("shop")
			health := r.status("shop").Health
			if test.warning == "" {
				if len(sum.Warnings) != 0 || health != markwatch.HealthGood {
					t.Errorf("health %s, warnings %v", health, sum.Warnings)
				}
				return
			}
			if !strings.Contains(strings.Join(sum.Warnings, "\n"), test.warning) || health != markwatch.HealthDegraded {
				t.Errorf("health %s, warnings %v", health, sum.Warnings)
			}
		})
	}
}

func TestABrokenSourceSaysWhy(t *testing.T) {
	dir := t.TempDir()
	docs := &shelf{}
	_, site := visited(t, docs)
	r := open(t, dir, feedOf(site.URL, "/gone"), markwatch.Source{ID: "goods", Kind: markwatch.KindTable, Start: []string{"none.csv"}})
	if sum := r.night("shop"); sum.Complete {
		t.Errorf("summary %+v", sum)
	}
	if got := r.status("shop").Health; got != markwatch.HealthBroken {
		t.Errorf("health of a source of which nothing was seen: %s", got)
	}
	if _, err := r.scanner.Begin(t.Context(), "goods"); markwatch.ErrorCode(err) != markwatch.CodeUnavailable {
		t.Errorf("error %v", err)
	}
	if got := r.status("goods"); got.Health != markwatch.HealthBroken || !strings.Contains(got.LastError, "none.csv") {
		t.Errorf("status %+v", got)
	}
	handedOver(t, dir, "none.csv", []byte("商品标题,商品链接\n紫砂壶,https://market.example/item/1\n"))
	r.night("goods")
	if got := r.status("goods"); got.Health != markwatch.HealthGood || got.LastError != "" {
		t.Errorf("status after the file came: %+v", got)
	}
}
