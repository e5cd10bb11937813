package storetest

import (
	"database/sql"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

func testMarket(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	shoe, bag := markwatch.Line{Brand: "suyun", Product: "羽翼 9"}, markwatch.Line{Brand: "suyun", Product: "云包"}
	put := func(n int, seller string, hours int, prices ...markwatch.LinePrice) {
		t.Helper()
		l := listing(n, "1")
		if seller != "" {
			l.Platform, l.Seller = "shop", &markwatch.Seller{Name: seller}
		}
		do(t, s, func(tx *sql.Tx) error { return s.PutPrices(t.Context(), tx, &l, prices, day(hours)) })
	}
	// Four sellers; the first asks thrice and speaks once, the second changed
	// the price, the last one's page names nobody.
	for n, cny := range []float64{100, 700, 720} {
		put(n, "甲", 0, markwatch.LinePrice{Line: shoe, CNY: cny})
	}
	put(3, "乙", 0, markwatch.LinePrice{Line: shoe, CNY: 1})
	put(3, "乙", 2, markwatch.LinePrice{Line: shoe, CNY: 800}, markwatch.LinePrice{Line: bag, CNY: 50})
	put(4, "丙'\x00", 1, markwatch.LinePrice{Line: shoe, CNY: 1000})
	put(5, "", 1, markwatch.LinePrice{Line: shoe, CNY: 90})
	put(6, "丁", -100, markwatch.LinePrice{Line: shoe, CNY: 5})
	for _, c := range []struct {
		sellers int
		want    map[markwatch.Line]markwatch.LineMarket
	}{
		{4, map[markwatch.Line]markwatch.LineMarket{shoe: {Median: 750, MAD: 150, Sellers: 4, Since: day(-1), Until: day(2)}}},
		{5, map[markwatch.Line]markwatch.LineMarket{}},
		{0, map[markwatch.Line]markwatch.LineMarket{
			shoe: {Median: 750, MAD: 150, Sellers: 4, Since: day(-1), Until: day(2)},
			bag:  {Median: 50, Sellers: 1, Since: day(-1), Until: day(2)},
		}},
	} {
		got, err := s.Market(t.Context(), day(-1), c.sellers)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("at least %d sellers: %s", c.sellers, diff)
		}
	}
	if err := s.ForgetPrices(t.Context(), day(1)); err != nil {
		t.Fatal(err)
	}
	got, err := s.Market(t.Context(), day(-1000), 1)
	if err != nil {
		t.Fatal(err)
	}
	if n := got[shoe].Sellers; n != 3 {
		t.Errorf("%d sellers are left, want 3", n)
	}
}
