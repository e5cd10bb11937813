package extract_test

import (
	"encoding/json"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/extract"
)

func TestARecordGetsTheIDOfItsPage(t *testing.T) {
	shop := &markwatch.Source{ID: "s", Platform: markwatch.Platform{ID: "shop"}}
	for _, c := range []struct {
		name   string
		src    *markwatch.Source
		fields map[string]string
		want   string
	}{
		{"address of a known market", nil, map[string]string{"url": "https://item.taobao.com/item.htm?spm=x&id=562283240178"}, "taobao-562283240178"},
		{"address without a scheme", nil, map[string]string{"url": "item.jd.com/10004567.html"}, "jd-10004567"},
		{"market by its name and the number", nil, map[string]string{"platform": "淘宝", "item_id": "562283240178"}, "taobao-562283240178"},
		{"number and address of a known market agree", nil, map[string]string{"platform": "京东", "item_id": "9", "url": "https://item.jd.com/10004567.html"}, "jd-10004567"},
		{"the source's platform and the number", shop, map[string]string{"item_id": "77"}, "shop-77"},
		{"an unknown site's address", nil, map[string]string{"url": "https://shop.example/item/5?utm_source=x", "item_id": "5"}, markwatch.ListingID("", "", "https://shop.example/item/5")},
		{"the same with a source", shop, map[string]string{"url": "https://shop.example/item/5", "item_id": "5"}, markwatch.ListingID("", "", "https://shop.example/item/5")},
		{"a stated id", nil, map[string]string{"id": "p-000001"}, "p-000001"},
		{"an unsafe stated id", shop, map[string]string{"id": "../../etc"}, markwatch.ListingID("shop", "../../etc", "")},
	} {
		r := extract.NewRecord(markwatch.OriginTable, c.src, nil)
		for field, text := range c.fields {
			if err := r.Set(field, text); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		if err := r.Set("title", "耐克"); err != nil {
			t.Error(err)
		}
		l, err := r.Listing()
		if err != nil || l.ID != c.want {
			t.Errorf("%s: id %q, %v; want %q", c.name, l.ID, err, c.want)
		}
	}
}

func TestARecordSaysWhatIsMissing(t *testing.T) {
	for _, c := range []struct {
		fields map[string]string
		want   string
	}{
		{map[string]string{"url": "https://shop.example/1"}, "title"},
		{map[string]string{"title": "耐克"}, "no id, no url and no item_id"},
		{map[string]string{"title": "耐克", "item_id": "5"}, "platform"},
	} {
		r := extract.NewRecord(markwatch.OriginTable, nil, nil)
		for field, text := range c.fields {
			if err := r.Set(field, text); err != nil {
				t.Error(err)
			}
		}
		_, err := r.Listing()
		if markwatch.ErrorCode(err) != markwatch.CodeInvalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v", c.fields, err)
		}
	}
}

func TestARecordReadsItsFields(t *testing.T) {
	base, _ := url.Parse("https://shop.example/api/list")
	r := extract.NewRecord(markwatch.OriginState, &markwatch.Source{ID: "s"}, base)
	var item map[string]any
	dec := json.NewDecoder(strings.NewReader(`{
		"title": "耐克  <b>板鞋</b> 2双装", "url": "/item/1#x", "price": {"amount": 19.9, "currency": "USD"}, "list_price": "$29.90",
		"images": [{"url": "//img.example/1.jpg"}, "/2.jpg", "javascript:x"], "attributes": [{"name": "产地", "value": "莆田"}, {"材质": "皮"}],
		"seller": {"id": 7, "name": "耐克官方旗舰店", "contacts": ["微信: abc12345"]}, "sales": "1.2万+", "rating": "4.6", "availability": "有货",
		"category": [{"name": "鞋"}, {"name": "板鞋"}], "shares": [{"kind": "netdisk", "url": "https://pan.example/s"}],
		"tracking": {"carrier": "EMS", "number": "E1"}, "condition": "全新", "fetched_at": "2026-11-20 08:00", "attributes.货号": 12345678901234567890}`))
	dec.UseNumber()
	if err := dec.Decode(&item); err != nil {
		t.Fatal(err)
	}
	for field, v := range item {
		if err := r.SetValue(field, v); err != nil {
			t.Error(field, err)
		}
	}
	got, err := r.Listing()
	if err != nil {
		t.Fatal(err)
	}
	price, _ := markwatch.ParseMoney("19.9", "USD")
	list, _ := markwatch.ParseMoney("29.90", "USD")
	s := markwatch.OriginState
	want := markwatch.Listing{
		ID: markwatch.ListingID("", "", "https://shop.example/item/1"), Source: "s", URL: "https://shop.example/item/1", Title: "耐克 板鞋 2双装",
		Price: &price, ListPrice: &list, PriceText: "19.9", Quantity: "2双装", Category: "鞋 > 板鞋", Availability: markwatch.InStock, Condition: markwatch.ConditionNew,
		Images:     []string{"https://img.example/1.jpg", "https://shop.example/2.jpg"},
		Attributes: map[string]string{"产地": "莆田", "材质": "皮", "货号": "12345678901234567890"},
		Seller:     &markwatch.Seller{ID: "7", Name: "耐克官方旗舰店", Kind: markwatch.SellerFlagship, Contacts: []string{"微信: abc12345"}, Accounts: []markwatch.Account{{Kind: "wechat", Value: "abc12345"}}},
		Sales:      12000, SalesText: "1.2万+", Rating: 4.6, Shares: []markwatch.Share{{Kind: "netdisk", URL: "https://pan.example/s"}},
		Tracking: []markwatch.Tracking{{Carrier: "EMS", Number: "E1"}}, FetchedAt: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC),
		Origins: map[string]markwatch.Origin{"title": s, "url": s, "price": s, "list_price": s, "images": s, "attributes": s, "seller": s, "seller.contacts": s, "sales": s, "rating": s,
			"availability": s, "category": s, "shares": s, "tracking": s, "condition": s, "quantity": s},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// A field of a listing that nobody can set would be lost in silence.
func TestEveryFieldOfAListingIsKnown(t *testing.T) {
	check := func(prefix string, typ reflect.Type) {
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			err := extract.NewRecord(markwatch.OriginTable, nil, nil).Set(prefix+name, "1")
			if err != nil && strings.Contains(err.Error(), "no field") {
				t.Error(err)
			}
		}
	}
	check("", reflect.TypeFor[markwatch.Listing]())
	check("seller.", reflect.TypeFor[markwatch.Seller]())
	if err := extract.NewRecord(markwatch.OriginTable, nil, nil).Set("titel", "x"); err == nil {
		t.Error("an unknown field was taken")
	}
}

func TestParseTime(t *testing.T) {
	china := time.FixedZone("", 8*3600)
	for text, want := range map[string]string{
		"2026-11-20": "2026-11-19T16:00:00Z", "2026-11": "2026-10-31T16:00:00Z", "2026-11-20T08:00:00+08:00": "2026-11-20T00:00:00Z",
		"2026-11-20T08:00+0800": "2026-11-20T00:00:00Z", "2026-11-20T08:00:00.123Z": "2026-11-20T08:00:00.123Z", "2026-11-20T08:00Z": "2026-11-20T08:00:00Z",
		"Fri, 20 Nov 2026 08:00:00 GMT": "2026-11-20T08:00:00Z", "Fri, 20 Nov 2026 08:00:00 +0800": "2026-11-20T00:00:00Z",
		"20 Nov 26 08:00:00 EST": "2026-11-20T13:00:00Z", "Friday, 20-Nov-26 08:00:00 GMT": "2026-11-20T08:00:00Z",
		"Fri, 20 Nov 2026 08:00:00 +0800 (CST)": "2026-11-20T00:00:00Z", "Fri, 20 Nov 2026 08:00:00 GMT+0800": "2026-11-20T00:00:00Z",
		"Fri Nov 20 08:00:00 2026": "2026-11-20T00:00:00Z", "2026年11月20日 8:05": "2026-11-20T00:05:00Z", "2026/11/20 08:00:00": "2026-11-20T00:00:00Z",
		"1795132800": "2026-11-20T00:00:00Z", "1795132800000": "2026-11-20T00:00:00Z", "20261120": "2026-11-19T16:00:00Z",
		"Fri, 20 Nov 2026": "2026-11-19T16:00:00Z", "Nov 20, 2026": "2026-11-19T16:00:00Z", "Fri, 20 Nov 2026 8:00:00 PST": "2026-11-20T16:00:00Z",
		"yesterday": "", "0000-00-00 00:00:00": "", "": "", "99999999999999": "",
	} {
		got, ok := extract.ParseTime(text, china)
		if s := got.Format(time.RFC3339Nano); ok != (want != "") || ok && s != want {
			t.Errorf("%q is %s %v, want %q", text, s, ok, want)
		}
	}
}

func FuzzRecord(f *testing.F) {
	f.Add("price", "¥1,299.00起", "CNY")
	f.Add("images", `["https://a/1.jpg", 2]`, "")
	f.Add("attributes", "产地:中国;材质", "")
	f.Add("fetched_at", "Fri, 20 Nov 2026 08:00:00 +0800 (CST)", "")
	f.Add("seller", `{"name":{"name":{}},"contacts":["微信 abc12345"]}`, "$")
	f.Fuzz(func(t *testing.T, field, text, currency string) {
		r := extract.NewRecord(markwatch.OriginTable, nil, nil)
		_ = r.Set("title", "t")
		_ = r.Set("id", "1")
		_ = r.Set("currency", currency)
		_ = r.Set(field, text)
		l, err := r.Listing()
		if err != nil {
			t.Fatalf("a record with a title and an id is no listing: %v", err)
		}
		if _, err := json.Marshal(l); err != nil {
			t.Error(err)
		}
	})
}
