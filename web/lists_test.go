package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/web"
)

// listed is a bench with a few brands, works and rules.
func listed(t *testing.T, offers ...offer) *bench {
	t.Helper()
	b := newBench(t, offers...)
	price := cny("799")
	_, err := b.store.EditLists(t.Context(), "test", now, func(l *markwatch.Lists) error {
		l.Brands = []markwatch.Brand{
			{ID: "nike", Names: map[string]string{"zh": "耐克", "en": "Nike"}, Holder: "Nike Innovate C.V.", Products: []markwatch.Product{{Name: "Air Force 1", Price: &price}}},
			{ID: "sk-ii", Names: map[string]string{"en": "SK-II"}},
		}
		l.Works = []markwatch.Work{{ID: "wandering-earth-2", Type: markwatch.WorkFilm, Titles: []string{"流浪地球2"}}}
		l.Rules = []markwatch.Rule{{ID: "tobacco.sale", Title: "网上售烟 <b>", Violation: "tobacco", Score: 0.8, Basis: []markwatch.Basis{{Law: "烟草专卖法"}}}}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) listsNow() (markwatch.Lists, markwatch.Versions) {
	b.t.Helper()
	l, v, err := b.store.Lists(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return l, v
}

func TestBrandsAreEdited(t *testing.T) {
	b := listed(t, market()...)
	c := b.login()
	if _, body := c.get("/lists/brands?q=nike"); !strings.Contains(body, "耐克 · Nike") || strings.Contains(body, "SK-II") || !strings.Contains(body, "f=subject%3Anike") {
		t.Error("the list is not searched, or does not lead to the leads")
	}
	if _, body := c.get("/lists/brands/entry/nike"); !strings.Contains(body, `value="Air Force 1"`) || !strings.Contains(body, `value="799"`) {
		t.Error("the form does not hold the entry")
	}
	form := url.Values{"name_zh": {"耐克"}, "name_en": {"Nike"}, "floor": {"45%"}, "product": {"Air Force 1", "Dunk", ""}, "price": {"829", "¥699", ""}}
	res, _ := c.post("/lists/brands/entry/nike", form)
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/lists/brands/entry/nike?version=2" {
		t.Fatalf("%d %q", res.StatusCode, res.Header.Get("Location"))
	}
	l, v := b.listsNow()
	if v[markwatch.ListBrands] != 2 || v[markwatch.ListWorks] != 1 || l.Brands[0].Floor.String() != "0.45" || len(l.Brands[0].Products) != 2 || l.Brands[0].Products[1].Price.AmountText() != "699" {
		t.Errorf("%v %+v", v, l.Brands[0])
	}
	form.Set("floor", "cheap")
	if res, body := c.post("/lists/brands/entry/nike", form); res.StatusCode != http.StatusBadRequest || !strings.Contains(body, "最低折扣") || !strings.Contains(body, `value="cheap"`) {
		t.Errorf("a floor that is no number: %d", res.StatusCode)
	}
	if res, _ := c.post("/lists/brands/entry/+", url.Values{"id": {"dyson"}, "name_zh": {"戴森"}}); res.StatusCode != http.StatusSeeOther {
		t.Errorf("a new brand: %d", res.StatusCode)
	}
	if res, _ := c.post("/lists/works/entry/wandering-earth-2", url.Values{"do": {"drop"}}); res.StatusCode != http.StatusSeeOther {
		t.Errorf("removing: %d", res.StatusCode)
	}
	if l, _ = b.listsNow(); len(l.Brands) != 3 || len(l.Works) != 0 {
		t.Errorf("%d brands, %d works", len(l.Brands), len(l.Works))
	}
	for _, path := range [...]string{"/lists/rules", "/lists/brands/entry/none", "/lists/brands/export/exe", "/lists/../brands"} {
		if res, _ := c.get(path); res.StatusCode != http.StatusNotFound && res.StatusCode/100 != 3 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}

func (c *client) upload(path, name, content string, whole bool) (*http.Response, string) {
	c.b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		c.b.t.Fatal(err)
	}
	fmt.Fprint(part, content)
	if whole {
		if err := form.WriteField("whole", "1"); err != nil {
			c.b.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		c.b.t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, c.b.server.URL+path, &body)
	if err != nil {
		c.b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	return c.do(req)
}

// A table is shown with what it would change and what is wrong with it before
// anything is changed.
func TestImportHasAPreview(t *testing.T) {
	b := listed(t)
	c := b.login()
	table := "id,name_zh,floor\nnike,耐克体育,\nlv,路易威登,50%\n,无编号,\nprada,普拉达,abc\n"
	res, body := c.upload("/lists/brands/import", "../../brands.csv", table, false)
	key := regexp.MustCompile(`name="key" value="(\w+)"`).FindStringSubmatch(body)
	if res.StatusCode != http.StatusOK || key == nil || !strings.Contains(body, "第 4 行") || !strings.Contains(body, "第 5 行") {
		t.Fatalf("the preview: %d", res.StatusCode)
	}
	if _, v := b.listsNow(); v[markwatch.ListBrands] != 1 {
		t.Error("a preview changed the list")
	}
	b.add(markwatch.User{ID: "other", Role: markwatch.RoleAdministrator})
	if res, _ := b.loginAs("other").post("/lists/brands/apply", url.Values{"key": {key[1]}}); res.StatusCode != http.StatusConflict {
		t.Errorf("another's preview is applied: %d", res.StatusCode)
	}
	if res, _ := c.post("/lists/brands/apply", url.Values{"key": {key[1]}}); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("applying: %d", res.StatusCode)
	}
	l, _ := b.listsNow()
	if len(l.Brands) != 4 || l.Brands[0].Names["zh"] != "耐克体育" || l.Brands[1].ID != "sk-ii" {
		t.Errorf("%+v", l.Brands)
	}
	if res, _ := c.post("/lists/brands/apply", url.Values{"key": {key[1]}}); res.StatusCode != http.StatusConflict {
		t.Errorf("applying twice: %d", res.StatusCode)
	}
	for name, content := range map[string]string{"no table": "hello", "too large": strings.Repeat("x", 9<<20)} {
		if res, _ := c.upload("/lists/brands/import", "x.csv", content, false); res.StatusCode != http.StatusBadRequest && res.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
	res, body = c.get("/lists/brands/export/csv")
	if !strings.Contains(res.Header.Get("Content-Disposition"), "brands-v2.csv") || !strings.Contains(body, "耐克体育") {
		t.Errorf("%v", res.Header)
	}
	if res, _ := b.login().upload("/triage", "x", "x", false); res.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("a file where none is taken: %d", res.StatusCode)
	}
}

// Lists that would not hold are not stored.
func TestListsAreCheckedBeforeTheyHold(t *testing.T) {
	b := listed(t)
	cfg := b.config()
	cfg.CheckLists = func(context.Context, markwatch.Lists) error { return errors.New("brands.yaml:3: names 缺 <i>") }
	cfg.CheckLists = func(context.Context, markwatch.Lists) error {
		return markwatch.Errorf(markwatch.CodeInvalid, "brands.yaml:3: names 缺 <i>\nbrands.yaml:9: more")
	}
	h, err := web.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	b.server.Config.Handler = h
	c := b.login()
	if res, body := c.post("/lists/brands/entry/nike", url.Values{"name_zh": {"x"}}); res.StatusCode != http.StatusBadRequest || !strings.Contains(body, "brands.yaml:3") || strings.Contains(body, "<i>") {
		t.Errorf("%d", res.StatusCode)
	}
	if _, body := c.upload("/lists/brands/import", "x.csv", "id\nx\n", false); strings.Contains(body, `name="key"`) || !strings.Contains(body, "brands.yaml:9") {
		t.Error("a table that makes the lists wrong can be applied")
	}
	if _, v := b.listsNow(); v[markwatch.ListBrands] != 1 {
		t.Error("the lists changed")
	}
}

type oneTrial struct{}

func (oneTrial) TryRule(context.Context, markwatch.Rule) (web.RuleTrial, error) {
	return web.RuleTrial{
		Looked: 1000, Hits: 3, NewHits: 2, Leads: map[markwatch.LeadStatus]int{markwatch.LeadConfirmed: 1},
		Samples: []markwatch.Listing{{ID: "demo-1001"}, {ID: "gone"}},
		Flagged: 40, Would: 45, New: 7, Vanished: 2, ConfirmedLost: 1, DismissedLost: 1,
		Changes: []web.TriedChange{{Listing: markwatch.Listing{ID: "demo-1004"}, Change: "vanished"}, {Listing: markwatch.Listing{ID: "gone"}, Change: "new"}},
	}, nil
}

func TestRules(t *testing.T) {
	b := listed(t, market()...)
	b.crew()
	cfg := b.config()
	cfg.Rules = oneTrial{}
	h, err := web.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	b.server.Config.Handler = h
	c := b.login()
	c.post("/leads/demo-1001", url.Values{"status": {"confirmed"}})
	c.post("/leads/demo-1004", url.Values{"status": {"dismissed"}, "reason": {"genuine"}})
	b.reindex()
	_, body := c.get("/rules")
	for _, want := range [...]string{"网上售烟 &lt;b&gt;", "烟草专卖法", "确认 1 · 排除 1", "低于最低正品价"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(body, "50%") {
		t.Error("a precision is told of two outcomes")
	}
	if res, _ := c.post("/rules/tobacco.sale", url.Values{"do": {"off"}}); res.StatusCode != http.StatusSeeOther {
		t.Errorf("switching off: %d", res.StatusCode)
	}
	if l, v := b.listsNow(); !l.Rules[0].Off || v[markwatch.ListRules] != 2 {
		t.Errorf("%+v %v", l.Rules[0].Off, v)
	}
	if res, body := c.post("/rules/tobacco.sale", url.Values{"do": {"try"}}); res.StatusCode != http.StatusOK || !strings.Contains(body, "1,000") || !strings.Contains(body, "空军一号") ||
		!strings.Contains(body, "如果启用") || !strings.Contains(body, "其中已确认 1、已排除 1") || !strings.Contains(body, "40 → 45") || !strings.Contains(body, "戴森吹风机") {
		t.Errorf("trying: %d", res.StatusCode)
	}
	i := b.loginAs("investigator")
	if res, _ := i.post("/rules/tobacco.sale", url.Values{"do": {"on"}}); res.StatusCode != http.StatusForbidden {
		t.Errorf("an investigator switches a rule: %d", res.StatusCode)
	}
	if res, _ := i.post("/rules/none", url.Values{"do": {"try"}}); res.StatusCode != http.StatusNotFound {
		t.Errorf("a rule that is not there: %d", res.StatusCode)
	}
}

func TestSellersAndFigures(t *testing.T) {
	b := listed(t, market()...)
	b.crew()
	c := b.login()
	if _, body := c.get("/sellers"); !strings.Contains(body, "鞋坊小李") || !strings.Contains(body, "f=seller%3A") {
		t.Error("the sellers are not listed")
	}
	if _, body := c.get("/sellers?q=东京"); !strings.Contains(body, "<bdi>东京小站") || strings.Contains(body, "<bdi>鞋坊小李") {
		t.Error("sellers are not searched")
	}
	_, body := c.get("/dashboard")
	for _, want := range [...]string{"福建", "仿冒", "耐克", "4 条", `class="chart"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the figures lack %q", want)
		}
	}
	f := b.loginAs("fujian")
	for _, path := range [...]string{"/sellers", "/dashboard"} {
		if _, body := f.get(path); strings.Contains(body, "东京小站") || strings.Contains(body, "广东") {
			t.Errorf("%s shows what lies beyond the bounds", path)
		}
	}
}

type oneExtractor struct{}

func (oneExtractor) TryExtract(_ context.Context, source, address string) (web.TriedPage, error) {
	if !strings.HasPrefix(address, "https://market.example/") {
		return web.TriedPage{}, markwatch.Errorf(markwatch.CodeInvalid, "网址不在范围内 <b> / out of scope")
	}
	l := market()[0].Listing
	l.Source = source
	return web.TriedPage{Outcome: markwatch.PageFetched, Status: 200, Final: address, Listings: []markwatch.Listing{l}, Verdicts: []markwatch.Verdict{market()[0].Verdict}}, nil
}

func TestTryingExtraction(t *testing.T) {
	b := newBench(t)
	b.crew()
	state := nights()
	cfg := b.config()
	cfg.Sources, cfg.Extractor = state, oneExtractor{}
	h, err := web.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	b.server.Config.Handler = h
	c := b.loginAs("investigator")
	path := "/sources/" + state.sources[0].ID + "/try"
	if _, body := c.get("/sources"); !strings.Contains(body, path) {
		t.Error("the sources do not lead to the try")
	}
	if res, body := c.post(path, url.Values{"address": {"https://market.example/item/1"}}); res.StatusCode != http.StatusOK || !strings.Contains(body, "JSON-LD") || !strings.Contains(body, "空军一号") {
		t.Errorf("%d", res.StatusCode)
	}
	if _, body := c.post(path, url.Values{"address": {"https://other.example/"}}); !strings.Contains(body, "网址不在范围内 &lt;b&gt;") {
		t.Error("a refusal is not told")
	}
	for _, address := range [...]string{"javascript:alert(1)", "file:///etc/passwd", "", "http://user:pw@market.example/"} {
		if res, _ := c.post(path, url.Values{"address": {address}}); res.StatusCode != http.StatusBadRequest {
			t.Errorf("%q: %d", address, res.StatusCode)
		}
	}
	if res, _ := b.loginAs("viewer").post(path, url.Values{"address": {"https://market.example/"}}); res.StatusCode != http.StatusForbidden {
		t.Errorf("a viewer tries: %d", res.StatusCode)
	}
	if got := b.audits(web.AuditTryExtracted); len(got) == 0 || got[0].Detail != "https://market.example/item/1" {
		t.Errorf("%+v", got)
	}
}
