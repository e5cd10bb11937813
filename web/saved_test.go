package web_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/web"
)

// saved keeps searches in the store and looks through the index.
type saved struct {
	*store.Store
	index web.Finder
}

func (s saved) SaveSearch(ctx context.Context, f markwatch.SavedSearch) (markwatch.SavedSearch, error) {
	f, err := s.PutSavedSearch(ctx, f)
	if err != nil || !f.CheckedAt.IsZero() {
		return f, err
	}
	return f, s.look(ctx, f, now)
}

// look notes what a search finds.
func (s saved) look(ctx context.Context, f markwatch.SavedSearch, at time.Time) error {
	q, err := index.ParseQuery(f.Query)
	if err != nil {
		return err
	}
	var hits []string
	for id, err := range s.index.All(ctx, q) {
		if err != nil {
			return err
		}
		hits = append(hits, id)
	}
	_, err = s.NoteSavedHits(ctx, f.ID, hits, at, nil)
	return err
}

// A search with its facets is saved, finds what came later, and is nobody
// else's.
func TestSavedSearches(t *testing.T) {
	all := market()
	b := newBench(t, all[1:]...)
	b.crew()
	c := b.login()
	if _, body := c.get("/"); strings.Contains(body, `action="/saved"`) {
		t.Error("a search for everything can be saved")
	}
	_, body := c.get("/?f=violation:counterfeit&f=violation:piracy&x=status:dismissed")
	has(t, body, `action="/saved"`, `name="f" value="violation:counterfeit"`, `name="x" value="status:dismissed"`)
	for name, form := range map[string]url.Values{
		"no name": {"q": {"耐克"}}, "no query": {"name": {"x"}}, "a wrong query": {"name": {"x"}, "q": {"price:<"}},
		"a long name": {"name": {strings.Repeat("长", 61)}, "q": {"耐克"}},
	} {
		if res, _ := c.post("/saved", form); res.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: answers %d", name, res.StatusCode)
		}
	}
	res, _ := c.post("/saved", url.Values{"name": {"莆田 仿冒"}, "q": {"莆田"}, "f": {"violation:counterfeit", "violation:piracy"}, "x": {"status:dismissed"}, "notify": {"1"}})
	if res.StatusCode != http.StatusSeeOther {
		t.Fatalf("saving answers %d", res.StatusCode)
	}
	list, err := b.store.SavedSearches(t.Context(), "zhangmin")
	if err != nil || len(list) != 1 || list[0].Query != "莆田 violation:counterfeit,piracy -status:dismissed" || !list[0].Notify {
		t.Fatalf("kept are %+v, %v", list, err)
	}
	b.put(all[0])
	if err := (saved{b.store, b.index}).look(t.Context(), list[0], now.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	_, body = c.get("/saved?lang=zh")
	has(t, body, "莆田 仿冒", "莆田 violation:counterfeit,piracy -status:dismissed", `<b>1</b>`)
	self := regexp.MustCompile(`/saved/[0-9a-f-]+`).FindString(body)
	_, body = c.get(self + "?days=1")
	has(t, body, `href="/leads/demo-1001"`)

	other := b.loginAs("investigator")
	if _, body := other.get("/saved"); strings.Contains(body, "莆田 仿冒") {
		t.Error("another person sees the search")
	}
	if res, _ := other.get(self); res.StatusCode != http.StatusNotFound {
		t.Errorf("another person's search answers %d", res.StatusCode)
	}
	if res, _ := other.post(self+"/drop", nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("dropping another person's search answers %d", res.StatusCode)
	}
	program := b.program("zhangmin", accounts.See)
	var hits []struct{ Lead *markwatch.Lead }
	if res := program.call("GET", "/saved/"+list[0].ID+"/hits", "", &hits); res.StatusCode != http.StatusOK || len(hits) != 1 || hits[0].Lead == nil {
		t.Errorf("new hits by the API: %d, %+v", res.StatusCode, hits)
	}
	if res, _ := c.post(self+"/drop", nil); res.StatusCode != http.StatusSeeOther {
		t.Errorf("dropping answers %d", res.StatusCode)
	}
	if list, err := b.store.SavedSearches(t.Context(), "zhangmin"); err != nil || len(list) != 0 {
		t.Errorf("after dropping there are %v, %v", list, err)
	}
}

func TestSavingByTheAPI(t *testing.T) {
	b := newBench(t, market()...)
	p := b.program("zhangmin", accounts.See)
	var s markwatch.SavedSearch
	if res := p.call("POST", "/saved", `{"name":"n","query":"耐克 price:<300"}`, &s); res.StatusCode != http.StatusOK || s.ID == "" {
		t.Fatalf("saving answers %d, %+v", res.StatusCode, s)
	}
	var list []markwatch.SavedSearch
	if p.call("GET", "/saved", "", &list); len(list) != 1 || list[0].Total == 0 {
		t.Errorf("kept are %+v", list)
	}
	if res := p.call("DELETE", "/saved/"+s.ID, "", nil); res.StatusCode != http.StatusNoContent && res.StatusCode != http.StatusOK {
		t.Errorf("deleting answers %d", res.StatusCode)
	}
	if res := p.call("DELETE", "/saved/"+s.ID, "", nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("deleting again answers %d", res.StatusCode)
	}
}
