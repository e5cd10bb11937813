package scan_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

// What many sellers ask in one night is what an offer of the next is held
// against.
func TestMarketIsLearntFromEarlierNights(t *testing.T) {
	docs := &shelf{}
	shop := func(n int) (links string) {
		for i := range n {
			links += fmt.Sprintf(`<a href="/item/%d">%d</a> `, i, i)
		}
		return `<title>集市</title><p>欢迎光临</p>` + links
	}
	const title = "耐克 Nike Air Force 1 空军一号 男鞋"
	for i := range 9 {
		docs.put(fmt.Sprintf("/item/%d", i), htmlUTF8, offer(title+fmt.Sprint(" 货号", 31500+i), fmt.Sprint(760+i, ".00"), fmt.Sprint("鞋店", i), "有发票"))
	}
	docs.put("/", htmlUTF8, shop(9))
	_, site := visited(t, docs)
	clock := &calendar{now: time.Now()}
	src := source(site.URL)
	r := deploy(t, t.TempDir(), setup{now: clock.Now}, src)
	r.night("shop")
	for name, l := range r.listings() {
		if below(l.Verdict) != nil {
			t.Errorf("%s was held against a market on the first night", name)
		}
	}
	docs.put("/item/9", htmlUTF8, offer(title+" 新到", "398.00", "鞋坊小李", "有发票"))
	docs.put("/", htmlUTF8, shop(10))
	clock.add(25 * time.Hour)
	r.night("shop")
	f := below(r.listings()[title+" 新到"].Verdict)
	if f == nil || f.Facts["market_sellers"] != "9" || f.Facts["market_median_cny"] != "764" {
		t.Fatalf("the new offer: %+v", f)
	}
}

func below(v markwatch.Verdict) *markwatch.Finding {
	for _, f := range v.Findings {
		if f.Rule == "below-market" {
			return &f
		}
	}
	return nil
}
