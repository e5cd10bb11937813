package web_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/web"
)

type blacklist struct{ *store.Store }

func (b blacklist) Blacklist(ctx context.Context) ([]web.BlacklistEntry, error) {
	entries, err := b.Store.Blacklist(ctx)
	var out []web.BlacklistEntry
	for _, e := range entries {
		out = append(out, web.BlacklistEntry(e))
	}
	return out, err
}

func (blacklist) BlacklistKey(s markwatch.KnownSeller) string { return store.BlacklistKey(s) }

// administered is a bench with everything that the API of lists works on.
func administered(t *testing.T, change func(*web.Config)) (*bench, *program) {
	t.Helper()
	b := listed(t, market()...)
	b.crew()
	state := nights()
	cfg := b.config()
	cfg.Rules, cfg.Sources, cfg.Extractor = oneTrial{}, state, oneExtractor{}
	if change != nil {
		change(&cfg)
	}
	h, err := web.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	b.server.Config.Handler = h
	return b, b.program("zhangmin", accounts.Permissions()...)
}

// hand sends a table and reads what would come of it.
func (p *program) hand(path, table string) (code int, out struct {
	Applied, Refused   bool
	Version            int
	New, Changed, Gone []string
	Same               int
	Problems           []struct {
		Line    int
		Column  string
		Message markwatch.Text
	}
}) {
	p.b.t.Helper()
	res := p.call("POST", path, table, &out)
	return res.StatusCode, out
}

func TestAPIBrandsAndWorks(t *testing.T) {
	b, p := administered(t, nil)
	var list struct {
		Version, Total int
		Entries        []markwatch.Brand
	}
	if p.call("GET", "/brands?q=nike&size=1", "", &list); list.Version != 1 || list.Total != 1 || list.Entries[0].Names["zh"] != "耐克" || list.Entries[0].Products[0].Price.AmountText() != "799" {
		t.Errorf("%+v", list)
	}
	var version struct{ Version int }
	body := `{"id":"nike","names":{"zh":"耐克","en":"Nike"},"floor":"0.45","products":[{"name":"Dunk","price":{"amount":"699","currency":"CNY"}}],"sounds":["耐克"]}`
	if res := p.call("PUT", "/brands/nike", body, &version); res.StatusCode != http.StatusOK || version.Version != 2 {
		t.Errorf("%d %+v", res.StatusCode, version)
	}
	if p.call("PUT", "/brands/dyson", `{"id":"dyson","names":{"zh":"戴森"}}`, &version); version.Version != 3 {
		t.Errorf("a new brand: %+v", version)
	}
	if p.call("DELETE", "/works/wandering-earth-2", "", &version); version.Version != 2 {
		t.Errorf("a work taken out: %+v", version)
	}
	l, _ := b.listsNow()
	if len(l.Brands) != 3 || len(l.Works) != 0 || l.Brands[0].Floor.String() != "0.45" || l.Brands[0].Sounds[0] != "耐克" || l.Brands[0].Products[0].Name != "Dunk" {
		t.Errorf("%+v", l)
	}
	for body, want := range map[string]int{
		`{"id":"nike","names":{"zh":"耐克"},"pictures":["../../../etc/passwd"]}`: 400, // files are named in the folder alone
		`{"id":"other","names":{"zh":"耐克"}}`:                                   400, `{"names":{"zh":"耐克"}}`: 422, `{"id":"nike","names":{"zh":"耐克"},"surprise":1}`: 422,
		`{"id":"nike","names":{"zh":"耐克"},"floor":"cheap"}`: 422,
	} {
		if res := p.call("PUT", "/brands/nike", body, nil); res.StatusCode != want {
			t.Errorf("%s answers %d", body, res.StatusCode)
		}
	}
	if res := p.call("GET", "/brands/none", "", nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("a brand that is not there: %d", res.StatusCode)
	}
	if _, v := b.listsNow(); v[markwatch.ListBrands] != 3 {
		t.Errorf("what was refused made version %d", v[markwatch.ListBrands])
	}
	if n := len(b.audits(web.AuditListChange)); n < 3 {
		t.Errorf("%d changes in the audit log", n)
	}
}

func TestAPITables(t *testing.T) {
	b, p := administered(t, nil)
	table := "id,name_zh,floor\nnike,耐克体育,\nlv,路易威登,50%\n,无编号,\nprada,普拉达,abc\n"
	code, out := p.hand("/tables/brands", table)
	if code != http.StatusOK || out.Applied || strings.Join(out.New, " ") != "lv prada" || strings.Join(out.Changed, " ") != "nike" || out.Same != 1 || len(out.Problems) != 2 ||
		out.Problems[0].Line != 4 || out.Problems[1].Column != "floor" {
		t.Errorf("the preview: %d %+v", code, out)
	}
	if res := p.call("POST", "/tables/brands?apply=true", table, nil); res.StatusCode != http.StatusBadRequest {
		t.Errorf("a table with problems is applied: %d", res.StatusCode)
	}
	if _, v := b.listsNow(); v[markwatch.ListBrands] != 1 {
		t.Error("a preview or a refused table changed the list")
	}
	if code, out = p.hand("/tables/brands?apply=true&partly=true", table); code != http.StatusOK || !out.Applied || out.Version != 2 {
		t.Errorf("applied in part: %d %+v", code, out)
	}
	if _, out = p.hand("/tables/brands?apply=true&whole=true", "id,name_zh\nnike,耐克\n"); len(out.Gone) != 3 || out.Version != 3 {
		t.Errorf("the whole list: %+v", out)
	}
	for _, format := range [...]string{"csv", "xlsx"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.server.URL+"/api/v1/tables/brands?format="+format, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+p.token)
		res, err := p.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		file, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.Header.Get("Content-Disposition") != `attachment; filename="brands-v3.`+format+`"` {
			t.Errorf("%s: %v %v", format, res.Header, err)
		}
		// What is handed out is taken in again and changes nothing.
		if code, out = p.hand("/tables/brands", string(file)); code != http.StatusOK || out.Same != 1 || len(out.New)+len(out.Changed)+len(out.Problems) > 0 {
			t.Errorf("%s there and back: %d %+v", format, code, out)
		}
	}
	for path, want := range map[string]int{"/tables/brands": http.StatusRequestEntityTooLarge, "/leads": http.StatusNotFound} {
		if res := p.call("POST", path, strings.Repeat("x", 9<<20), nil); res.StatusCode != want && res.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("9 MiB for %s: %d", path, res.StatusCode)
		}
	}
	if res := p.call("POST", "/tables/brands", "hello", nil); res.StatusCode != http.StatusBadRequest {
		t.Errorf("no table: %d", res.StatusCode)
	}
}

func TestAPIBlacklist(t *testing.T) {
	b, p := administered(t, nil)
	var entry web.BlacklistEntry
	if res := p.call("POST", "/blacklist", `{"platform":"taobao","id":"88","name":"鞋坊小李","reason":"屡次售假","accounts":[{"kind":"wechat","value":"abc"}]}`, &entry); res.StatusCode != http.StatusOK || entry.Key == "" || entry.Actor != "zhangmin" {
		t.Fatalf("%d %+v", res.StatusCode, entry)
	}
	if res := p.call("POST", "/blacklist", `{"name":"x"}`, nil); res.StatusCode != http.StatusBadRequest {
		t.Errorf("a seller whom nothing recognises: %d", res.StatusCode)
	}
	table := "platform,id,name,accounts,since\ntaobao,88,新店名,wechat:abc,\n,,无名,,\njd,7,店,broken,\njd,8,店,,2026-99-01\njd,9,店,qq:1; phone:2,2026-01-02\n"
	code, out := p.hand("/tables/blacklist", table)
	if code != http.StatusOK || len(out.New) != 1 || len(out.Changed) != 1 || out.Changed[0] != entry.Key || len(out.Problems) != 3 || out.Problems[0].Line != 3 {
		t.Errorf("the preview: %d %+v", code, out)
	}
	if code, out = p.hand("/tables/blacklist?apply=true&partly=true", table); code != http.StatusOK || !out.Applied {
		t.Errorf("%d %+v", code, out)
	}
	var list []web.BlacklistEntry
	p.call("GET", "/blacklist", "", &list)
	known, err := b.store.KnownSellers(t.Context(), []markwatch.LeadStatus{markwatch.LeadConfirmed}, func(*markwatch.Lead) bool { return true })
	if err != nil || len(list) != 2 || len(known) != 2 {
		t.Errorf("%+v %+v %v", list, known, err)
	}
	if res := p.call("DELETE", "/blacklist/"+entry.Key, "", nil); res.StatusCode != http.StatusNoContent {
		t.Errorf("taken off: %d", res.StatusCode)
	}
	if res := p.call("DELETE", "/blacklist/"+entry.Key, "", nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("taken off twice: %d", res.StatusCode)
	}
	var sellers []struct {
		Name  string
		Leads int
	}
	if p.call("GET", "/sellers?q=东京", "", &sellers); len(sellers) != 1 || sellers[0].Name != "东京小站" || sellers[0].Leads != 1 {
		t.Errorf("%+v", sellers)
	}
	if b.program("fujian", accounts.See).call("GET", "/sellers", "", &sellers); len(sellers) == 0 || strings.Contains(sellers[0].Name, "东京") {
		t.Errorf("sellers within the bounds: %+v", sellers)
	}
}

func TestAPIRulesAndSources(t *testing.T) {
	b, p := administered(t, nil)
	b.login().post("/leads/demo-1001", map[string][]string{"status": {"confirmed"}})
	b.reindex()
	var list struct {
		Version int
		Rules   []struct {
			ID, Title          string
			Built              bool `json:"built_in"`
			Off                bool
			Confirmed          int
			Precision          *struct{ Share, Low, High float64 }
			Basis              []markwatch.Basis
			Score              float64
			Violation          markwatch.Violation
			Dismissed, Open, N int
		}
	}
	p.call("GET", "/rules", "", &list)
	if len(list.Rules) < 2 || list.Rules[0].ID != "tobacco.sale" || list.Rules[0].Built || list.Rules[0].Off || list.Rules[0].Basis[0].Law != "烟草专卖法" {
		t.Fatalf("%+v", list)
	}
	confirmed := 0
	for _, rule := range list.Rules[1:] {
		confirmed += rule.Confirmed
		if !rule.Built || rule.Precision != nil {
			t.Errorf("%+v", rule)
		}
	}
	if confirmed == 0 {
		t.Error("no rule has an outcome")
	}
	// What the unit found out counts before what was thought here.
	if _, err := b.store.UpdateLead(t.Context(), "demo-1001", func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		l.Status = markwatch.LeadOutcome
		l.Handling.Outcomes = []markwatch.Outcome{{Code: markwatch.OutcomeNotOpen, At: now}}
		return l, []markwatch.LeadEvent{{At: now, Actor: "u", Action: "outcome"}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	p.call("GET", "/rules", "", &list)
	dismissed := 0
	for _, rule := range list.Rules {
		dismissed += rule.Dismissed
		if rule.Confirmed > 0 {
			t.Errorf("the lead still speaks for %s", rule.ID)
		}
	}
	if dismissed != confirmed {
		t.Errorf("%d rules are refuted, %d were confirmed", dismissed, confirmed)
	}
	var version struct{ Version int }
	if p.call("PATCH", "/rules/tobacco.sale", `{"off":true}`, &version); version.Version != 2 {
		t.Errorf("%+v", version)
	}
	if l, _ := b.listsNow(); !l.Rules[0].Off {
		t.Error("the rule is on")
	}
	var tried struct {
		Off                         bool
		Looked, New, Vanished, Hits int
		ConfirmedLost               int `json:"confirmed_lost"`
		Changes                     []struct{ Change string }
	}
	if res := p.call("POST", "/rules/tobacco.sale/trial", `{}`, &tried); res.StatusCode != http.StatusOK || tried.Off || tried.Looked != 1000 || tried.New != 7 || tried.ConfirmedLost != 1 || len(tried.Changes) != 1 {
		t.Errorf("%d %+v", res.StatusCode, tried)
	}
	if p.call("POST", "/rules/tobacco.sale/trial", `{"off":true}`, &tried); !tried.Off {
		t.Errorf("%+v", tried)
	}
	for path, body := range map[string]string{"/rules/none": `{"off":true}`, "/rules/pricing%2Fbelow-floor": `{"off":true}`} {
		if res := p.call("PATCH", path, body, nil); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	var read struct {
		Outcome  string
		Listings []struct{ Listing markwatch.Listing }
	}
	source := "/sources/" + nights().sources[0].ID + "/trial"
	if res := p.call("POST", source, `{"address":"https://market.example/item/1"}`, &read); res.StatusCode != http.StatusOK || len(read.Listings) != 1 {
		t.Errorf("%d %+v", res.StatusCode, read)
	}
	for path, body := range map[string]string{source: `{"address":"javascript:alert(1)"}`, "/sources/none/trial": `{"address":"https://market.example/"}`} {
		if res := p.call("POST", path, body, nil); res.StatusCode != http.StatusBadRequest && res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}

// What changes a list needs more than a role below the administrator has, and a
// token's scope for it.
func TestAPIListsAreForAdministrators(t *testing.T) {
	b, _ := administered(t, nil)
	for _, p := range []*program{b.program("investigator", accounts.See, accounts.Decide), b.program("viewer", accounts.See), b.program("zhangmin", accounts.See, accounts.Decide, accounts.Approve)} {
		for _, c := range [][3]string{
			{"PUT", "/brands/nike", `{"id":"nike","names":{"zh":"x"}}`}, {"DELETE", "/brands/nike", ""}, {"POST", "/tables/brands?apply=true", "id\nx\n"},
			{"POST", "/blacklist", `{"platform":"a","id":"b"}`}, {"DELETE", "/blacklist/x", ""}, {"PATCH", "/rules/tobacco.sale", `{"off":true}`},
		} {
			if res := p.call(c[0], c[1], c[2], nil); res.StatusCode != http.StatusForbidden {
				t.Errorf("%s %s: %d", c[0], c[1], res.StatusCode)
			}
		}
	}
	if res := b.program("viewer", accounts.See).call("POST", "/rules/tobacco.sale/trial", `{}`, nil); res.StatusCode != http.StatusForbidden {
		t.Errorf("a viewer tries a rule: %d", res.StatusCode)
	}
	if _, v := b.listsNow(); v[markwatch.ListBrands] != 1 || v[markwatch.ListRules] != 1 {
		t.Errorf("the lists are at %v", v)
	}
}
