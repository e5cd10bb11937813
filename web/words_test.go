package web

import (
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/leads"
)

func TestEveryMessageHasBothLanguages(t *testing.T) {
	cat, err := loadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	verb := regexp.MustCompile(`%[\[\]0-9]*[a-z]`)
	for key, texts := range cat {
		for _, l := range languages {
			if text, ok := texts[l]; !ok || text == "" && !strings.HasSuffix(key, ".") {
				t.Errorf("%s has no text in %s", key, l)
			}
		}
		if len(texts) != len(languages) {
			t.Errorf("%s has languages that the desk does not know", key)
		}
		if zh, en := verb.FindAllString(texts[langZH], -1), verb.FindAllString(texts[langEN], -1); !slices.Equal(zh, en) {
			t.Errorf("%s takes %v in Chinese and %v in English", key, zh, en)
		}
	}
}

// Every message that code and templates name exists, and templates hold no
// text of their own.
func TestEveryMessageThatIsUsedExists(t *testing.T) {
	cat, err := loadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	used := regexp.MustCompile(`(?:\bt |cat\.text\(\w+(?:\(r\))?, )"([a-z0-9.-]+)"( ?\+)?`)
	han := regexp.MustCompile(`\p{Han}+`)
	templates, err := fs.Glob(embedded, "templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(templates, sources...) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range used.FindAllStringSubmatch(string(b), -1) {
			if _, ok := cat[m[1]]; !ok && m[2] == "" {
				t.Errorf("%s names the message %q, which does not exist", file, m[1])
			}
		}
		if own := han.FindString(string(b)); strings.HasSuffix(file, ".html") && own != "" && own != "标" {
			t.Errorf("%s holds %q, which is in no catalogue", file, own)
		}
	}
	for prefix, names := range map[string][]string{
		"role":   {"subject", "claim", "fact", "context"},
		"action": {leads.ActionStatus, leads.ActionReason, leads.ActionAssign, leads.ActionNote}, "short": names(violationClasses[:]), "sort": names(index.Sorts()),
		"health": append(names([]markwatch.SourceHealth{
			markwatch.HealthNew, markwatch.HealthGood, markwatch.HealthDegraded, markwatch.HealthBlocked, markwatch.HealthBroken,
		}), "new.means", "good.means", "degraded.means", "blocked.means", "broken.means"),
		"kind":  names([]markwatch.SourceKind{markwatch.KindMarketplace, markwatch.KindSite, markwatch.KindFeed, markwatch.KindArchive, markwatch.KindTable}),
		"pages": append(slices.Clone(faultClasses[:]), "fetched", "unchanged", "not-due"),
		"trend": {"listings", "listings.title", "price", "price.title"}, "listings": {"seen", "carried", "new", "changed", "gone"}, "leads": {"new", "updated"},
		// The fields whose coverage a scan counts.
		"field":   {"title", "description", "category", "brand", "price", "availability", "images", "seller", "ships_from", "delivery", "sales", "attributes"},
		"weekday": {"0", "1", "2", "3", "4", "5", "6"},
		"error":   {"invalid", "forbidden", "not-found", "conflict", "too-large", "unavailable", "internal"},
	} {
		for _, name := range names {
			if _, ok := cat[prefix+"."+name]; !ok {
				t.Errorf("there is no message %s.%s", prefix, name)
			}
		}
	}
}

func names[T ~string](list []T) []string {
	var out []string
	for _, v := range list {
		out = append(out, string(v))
	}
	return out
}

// Every path of a listing's text fields has a name for people.
func TestEveryFieldHasAName(t *testing.T) {
	cat, err := loadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{cat: cat}
	l := markwatch.Listing{
		Title: "x", Description: "x", Category: "x", Brand: "x", PriceText: "x", Prices: []markwatch.ShownPrice{{Text: "x", Condition: "x"}},
		Quantity: "x", Seller: &markwatch.Seller{Name: "x", Region: "x", License: "x", Contacts: []string{"x"}}, ShipsFrom: "x", Delivery: "x",
		SalesText: "x", Attributes: map[string]string{"产地": "x"}, Text: "x", Shares: []markwatch.Share{{URL: "x", Code: "x"}},
		Tracking: []markwatch.Tracking{{Carrier: "x", Number: "x", URL: "x", Events: []markwatch.TraceEvent{{Place: "x", Text: "x"}}}},
	}
	for path := range l.TextFields() {
		label := d.fieldLabel(langZH, path)
		if !regexp.MustCompile(`\p{Han}`).MatchString(label) {
			t.Errorf("%s is called %q", path, label)
		}
	}
	if got := d.fieldLabel(langZH, "tracking[0].events[1].text"); got != "物流记录 1.2" {
		t.Errorf("a parcel's event is called %q", got)
	}
}

func TestNumbers(t *testing.T) {
	dec := decimal.RequireFromString
	for _, test := range []struct{ got, want string }{
		{number(0), "0"}, {number(999), "999"}, {number(1284), "1,284"}, {number(-1234567), "-1,234,567"}, {number(math.MinInt64), "-9,223,372,036,854,775,808"},
		{amount(dec("199.00")), "199"}, {amount(dec("1299.5")), "1,299.5"}, {amount(dec("0.35")), "0.35"}, {amount(dec("-0.5")), "-0.5"},
		{amount(dec("1e3000")), "1E3000"}, {amount(dec("89.999")), "90"},
		{money(markwatch.Money{Amount: dec("12.99"), Currency: "USD"}), "US$12.99"}, {money(markwatch.Money{Amount: dec("5"), Currency: "THB"}), "5 THB"},
		{percent(dec("0.2491")), "25%"}, {percent(dec("0.0796")), "8%"}, {percent(dec("0.004")), "0.4%"},
		{short(langZH, 12345), "1.2万"}, {short(langZH, 9999), "9,999"}, {short(langEN, 12345), "12.3k"},
		{factValue("price_cny", "1299.00"), "¥1,299"}, {factValue("ratio", "0.25"), "25%"}, {factValue("ratio", "25%"), "25%"}, {factValue("product", "12"), "12"},
		{factValue("price_cny", "1e999999999"), "1e999999999"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
	for score, want := range map[float64]scoreGlyph{
		0.94: {"0.94", 1, 19}, 0: {"0.00", 20, 0}, 7: {"1.00", 0, 20}, -1: {"0.00", 20, 0}, math.NaN(): {"0.00", 20, 0}, math.Inf(1): {"1.00", 0, 20},
	} {
		if got := newScoreGlyph(score); got != want {
			t.Errorf("score %v is drawn as %+v", score, got)
		}
	}
}

func TestOutsideURL(t *testing.T) {
	for in, want := range map[string]string{
		"https://market.example/item/1": "https://market.example/item/1", "http://a.example": "http://a.example",
		"javascript:alert(1)": "", "JaVaScRiPt:alert(1)": "", "data:text/html,x": "", "//a.example/": "", "/item": "", "": "",
		"https://user:pw@a.example/": "", "https://": "", "http:\n//a.example": "", "https://a.example/\x00": "", "file:///etc/passwd": "",
		" https://a.example/":                            "", //nolint:gocritic // the space is what is tried
		"https://a.example/" + strings.Repeat("x", 5000): "",
	} {
		if got := outsideURL(in); got != want {
			t.Errorf("outsideURL(%q) is %q", in, got)
		}
	}
}

func TestLocalPath(t *testing.T) {
	for in, want := range map[string]string{
		"/": "/", "/?q=%E8%80%90&f=a": "/?q=%E8%80%90&f=a", "/leads/x#y": "/leads/x#y", "": "/", "https://a.example/": "/", "//a.example/": "/",
		`/\a.example`: "/", "/\ta": "/", "/%2F/a.example": "/", "javascript:x": "/", "/\r\nX: y": "/",
	} {
		if got := localPath(in); got != want {
			t.Errorf("localPath(%q) is %q, want %q", in, got, want)
		}
	}
}

func TestPriceBar(t *testing.T) {
	finding := func(facts map[string]string) markwatch.Verdict {
		return markwatch.Verdict{Findings: []markwatch.Finding{{Subject: "nike", Facts: facts}}}
	}
	none := func(string) (Subject, bool) { return Subject{}, false }
	for _, test := range []struct {
		name  string
		facts map[string]string
		want  priceBar
		ok    bool
	}{
		{"below the floor", map[string]string{"price_cny": "200", "reference_cny": "800", "floor": "50%"},
			priceBar{Paid: 59.5, Official: 238, Floor: 119, Market: -1, PaidText: "200", OfficialText: "800", FloorText: "50%", Ratio: "25%", Below: true}, true},
		{"the unit price counts", map[string]string{"price_cny": "400", "unit_price_cny": "200", "reference_cny": "400"},
			priceBar{Paid: 119, Official: 238, Floor: -1, Market: -1, PaidText: "200", OfficialText: "400", Ratio: "50%"}, true},
		{"dearer than official", map[string]string{"price_cny": "800", "reference_cny": "400", "floor": "0.5", "market_cny": "600"},
			priceBar{Paid: 238, Official: 119, Floor: 59.5, Market: 178.5, PaidText: "800", OfficialText: "400", FloorText: "50%", MarketText: "600", Ratio: "200%"}, true},
		{"no official price", map[string]string{"price_cny": "800"}, priceBar{}, false},
		{"hostile numbers", map[string]string{"price_cny": "1e99999999", "reference_cny": "1e-99999999"}, priceBar{}, false},
		{"an official price of nothing", map[string]string{"price_cny": "1", "reference_cny": "0"}, priceBar{}, false},
	} {
		got, ok := newPriceBar(markwatch.Listing{}, finding(test.facts), none)
		if ok != test.ok || got != test.want {
			t.Errorf("%s: %+v, %v", test.name, got, ok)
		}
	}
}

func TestChart(t *testing.T) {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	point := func(day int, price, currency string) PricePoint {
		return PricePoint{at.AddDate(0, 0, day), markwatch.Money{Amount: decimal.RequireFromString(price), Currency: currency}}
	}
	official := decimal.NewFromInt(800)
	c := newChart([]PricePoint{point(0, "400", "CNY"), point(5, "3", "USD"), point(5, "400", "CNY"), point(10, "200", "CNY")}, map[string]*decimal.Decimal{"official": &official}, time.UTC)
	if c.Path != "M0 95H500V95H1000V134.5" && !strings.HasPrefix(c.Path, "M0 ") || len(c.Dots) != 2 || len(c.Levels) != 1 || c.Low != "¥200" || c.High != "¥400" {
		t.Errorf("chart: %+v", c)
	}
	if c := newChart([]PricePoint{point(0, "1e9999", "CNY")}, nil, time.UTC); c != nil {
		t.Errorf("a price of no size is drawn: %+v", c)
	}
	for _, top := range []float64{0, 0.01, 1, 19, 199, 1e6, 1e15} {
		step, lines := gridStep(top)
		if step <= 0 || lines < 1 || lines > 5 || step*float64(lines) < top {
			t.Errorf("gridStep(%v) is %v × %d", top, step, lines)
		}
	}
}
