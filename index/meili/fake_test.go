package meili_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// fake stands for a Meilisearch server where none can be had: it takes the
// requests that the documentation of its API describes, strictly, and answers
// as it says. What Meilisearch really does, only a real server tells; see
// TestConformanceServer.
type fake struct {
	t  *testing.T
	mu sync.Mutex
	// indexes by uid; tasks are done when they are made, but one tells of it
	// only when it is asked for the second time.
	indexes map[string]*fakeIndex
	tasks   []fakeTask
	key     string
	// log is every request with a body, but for those of documents.
	log []string
	// fail fails the tasks of a kind, and down every request.
	fail string
	down bool
	// makes is called with the uid of an index that is about to be made.
	makes func(uid string)
}

type fakeIndex struct {
	docs     map[string]stored
	settings map[string]any
}

type fakeTask struct {
	kind, status, message string
	asked                 bool
}

func newFake(t *testing.T, key string) (*fake, string) {
	f := &fake{t: t, indexes: map[string]*fakeIndex{}, key: key}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return f, server.URL
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if f.key != "" && r.Header.Get("Authorization") != "Bearer "+f.key {
		refuse(w, http.StatusForbidden, "invalid_api_key", "The provided API key is invalid.")
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		f.t.Error(err)
	}
	if len(body) > 0 && !strings.HasSuffix(r.URL.Path, "/documents") {
		f.log = append(f.log, r.Method+" "+r.URL.Path+" "+string(body))
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case r.URL.Path == "/version":
		answer(w, 200, map[string]any{"pkgVersion": "1.50.0", "commitSha": "", "commitDate": ""})
	case r.URL.Path == "/multi-search":
		f.multiSearch(w, body)
	case r.URL.Path == "/swap-indexes":
		var swaps []struct {
			Indexes []string `json:"indexes"`
			Rename  bool     `json:"rename"`
		}
		f.read(body, &swaps)
		a, b := swaps[0].Indexes[0], swaps[0].Indexes[1]
		f.indexes[a], f.indexes[b] = f.indexes[b], f.indexes[a]
		f.task(w, "indexSwap", "")
	case parts[0] == "tasks":
		f.tellTask(w, parts[1])
	case r.URL.Path == "/indexes" && r.Method == http.MethodGet:
		var list []any
		for _, uid := range slices.Sorted(maps.Keys(f.indexes)) {
			list = append(list, map[string]any{"uid": uid, "primaryKey": "key"})
		}
		answer(w, 200, map[string]any{"results": list, "offset": 0, "limit": 100, "total": len(list)})
	case r.URL.Path == "/indexes":
		var create struct {
			UID        string `json:"uid"`
			PrimaryKey string `json:"primaryKey"`
		}
		f.read(body, &create)
		if f.makes != nil {
			f.makes(create.UID)
		}
		if f.indexes[create.UID] != nil {
			f.tasks = append(f.tasks, fakeTask{kind: "indexCreation", status: "failed", message: "Index already exists."})
			answer(w, 202, map[string]any{"taskUid": len(f.tasks) - 1, "indexUid": create.UID, "status": "enqueued", "type": "indexCreation"})
			return
		}
		f.indexes[create.UID] = &fakeIndex{docs: map[string]stored{}, settings: defaultSettings()}
		f.task(w, "indexCreation", "")
	case f.indexes[parts[1]] == nil:
		refuse(w, http.StatusNotFound, "index_not_found", "Index not found.")
	default:
		f.ofIndex(w, r, parts, body)
	}
}

func (f *fake) ofIndex(w http.ResponseWriter, r *http.Request, parts []string, body []byte) {
	x := f.indexes[parts[1]]
	switch rest := r.Method + " " + strings.Join(parts[2:], "/"); {
	case rest == "GET ":
		answer(w, 200, map[string]any{"uid": parts[1], "primaryKey": "key"})
	case rest == "DELETE ":
		delete(f.indexes, parts[1])
		f.task(w, "indexDeletion", "")
	case rest == "POST documents":
		if got := r.URL.Query().Get("primaryKey"); got != "key" {
			f.t.Errorf("the primary key is %q", got)
		}
		var docs []stored
		f.read(body, &docs)
		if f.task(w, "documentAdditionOrUpdate", "") {
			for _, d := range docs {
				key := d["key"].(string)
				if key == "" || len(key) > 511 || strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
					f.t.Errorf("no primary key: %q", key)
				}
				x.docs[key] = d
			}
		}
	case rest == "POST documents/delete-batch":
		var keys []string
		f.read(body, &keys)
		for _, k := range keys {
			delete(x.docs, k)
		}
		f.task(w, "documentDeletion", "")
	case rest == "POST documents/fetch":
		f.fetch(w, x, body)
	case rest == "POST facet-search":
		f.facetSearch(w, x, body)
	case rest == "PATCH settings":
		f.read(body, &x.settings)
		f.task(w, "settingsUpdate", "")
	case rest == "DELETE settings/distinct-attribute":
		x.settings["distinctAttribute"] = nil
		f.log = append(f.log, rest)
		f.task(w, "settingsUpdate", "")
	case rest == "PUT settings/filterable-attributes":
		var rules []any
		f.read(body, &rules)
		x.settings["filterableAttributes"] = rules
		f.task(w, "settingsUpdate", "")
	case r.Method == http.MethodGet && parts[2] == "settings":
		words := strings.Split(parts[3], "-")
		for i, word := range words[1:] {
			words[i+1] = strings.ToUpper(word[:1]) + word[1:]
		}
		answer(w, 200, x.settings[strings.Join(words, "")])
	default:
		f.t.Errorf("no such route: %s", rest)
		w.WriteHeader(http.StatusNotFound)
	}
}

func defaultSettings() map[string]any {
	return map[string]any{
		"filterableAttributes": []any{}, "searchableAttributes": []any{"*"}, "sortableAttributes": []any{},
		"rankingRules":  []any{"words", "typo", "proximity", "attribute", "sort", "exactness"},
		"typoTolerance": map[string]any{"enabled": true}, "pagination": map[string]any{"maxTotalHits": 1000},
		"faceting":           map[string]any{"maxValuesPerFacet": 100, "sortFacetValuesBy": map[string]any{"*": "alpha"}},
		"proximityPrecision": "byWord", "prefixSearch": "indexingTime", "localizedAttributes": nil, "searchCutoffMs": nil,
		"displayedAttributes": []any{"*"}, "distinctAttribute": nil, "facetSearch": true,
	}
}

// may says whether the settings let an attribute be filtered by.
func (x *fakeIndex) may(attribute string, comparison bool) bool {
	for _, rule := range x.settings["filterableAttributes"].([]any) {
		r := rule.(map[string]any)
		filter := r["features"].(map[string]any)["filter"].(map[string]any)
		if slices.Contains(r["attributePatterns"].([]any), any(attribute)) {
			return comparison && filter["comparison"] == true || !comparison && filter["equality"] == true
		}
	}
	return false
}

func (x *fakeIndex) find(filter string) ([]stored, error) {
	m, err := parseFilter(filter, x.may)
	if err != nil {
		return nil, err
	}
	var out []stored
	for _, key := range slices.Sorted(maps.Keys(x.docs)) {
		if m(x.docs[key]) {
			out = append(out, x.docs[key])
		}
	}
	return out, nil
}

func (x *fakeIndex) setting(group, name string) int {
	v, _ := x.settings[group].(map[string]any)[name].(float64)
	return int(v)
}

type fakeQuery struct {
	IndexUID             string   `json:"indexUid"`
	Q                    string   `json:"q"`
	Hybrid               any      `json:"hybrid"`
	Filter               string   `json:"filter"`
	Facets               []string `json:"facets"`
	Sort                 []string `json:"sort"`
	Offset               int      `json:"offset"`
	Limit                *int     `json:"limit"`
	Page                 int      `json:"page"`
	HitsPerPage          *int     `json:"hitsPerPage"`
	AttributesToRetrieve []string `json:"attributesToRetrieve"`
}

func (f *fake) multiSearch(w http.ResponseWriter, body []byte) {
	var multi struct {
		Queries []fakeQuery `json:"queries"`
	}
	f.read(body, &multi)
	var results []any
	for _, q := range multi.Queries {
		result, err := f.search(q)
		if err != nil {
			f.t.Error(err)
			refuse(w, http.StatusBadRequest, "invalid_search_filter", err.Error())
			return
		}
		results = append(results, result)
	}
	answer(w, 200, map[string]any{"results": results})
}

func (f *fake) search(q fakeQuery) (map[string]any, error) {
	x := f.indexes[q.IndexUID]
	if x == nil {
		return nil, fmt.Errorf("no index %s", q.IndexUID)
	}
	found, err := x.find(q.Filter)
	if err != nil {
		return nil, err
	}
	if err := sortBy(found, q.Sort, x.settings["sortableAttributes"]); err != nil {
		return nil, err
	}
	facets := map[string]map[string]int{}
	for _, attribute := range q.Facets {
		if !x.may(attribute, false) {
			return nil, fmt.Errorf("%s cannot be counted", attribute)
		}
		facets[attribute] = distribution(found, attribute, x.setting("faceting", "maxValuesPerFacet"))
	}
	most := x.setting("pagination", "maxTotalHits")
	result := map[string]any{"indexUid": q.IndexUID, "query": q.Q, "facetDistribution": facets, "processingTimeMs": 0}
	offset, limit := q.Offset, 20
	if q.HitsPerPage != nil {
		offset, limit = (q.Page-1)**q.HitsPerPage, *q.HitsPerPage
		result["totalHits"] = min(len(found), most)
	} else {
		if q.Limit != nil {
			limit = *q.Limit
		}
		result["estimatedTotalHits"] = min(len(found), most)
	}
	found = found[:min(len(found), most)]
	hits := []stored{}
	for _, d := range found[min(offset, len(found)):min(offset+limit, len(found))] {
		hits = append(hits, only(d, q.AttributesToRetrieve))
	}
	result["hits"] = hits
	return result, nil
}

func only(d stored, attributes []string) stored {
	out := stored{}
	for _, a := range attributes {
		if v, ok := d[a]; ok {
			out[a] = v
		}
	}
	return out
}

func sortBy(found []stored, order []string, sortable any) error {
	for _, o := range order {
		attribute, _, _ := strings.Cut(o, ":")
		if !slices.Contains(sortable.([]any), any(attribute)) {
			return fmt.Errorf("%s cannot be sorted by", attribute)
		}
	}
	slices.SortStableFunc(found, func(a, b stored) int {
		for _, o := range order {
			attribute, direction, _ := strings.Cut(o, ":")
			va, oka := a[attribute]
			vb, okb := b[attribute]
			if oka != okb {
				if oka {
					return -1
				}
				return 1
			}
			c := 0
			switch v := va.(type) {
			case float64:
				c = cmp.Compare(v, vb.(float64))
			case string:
				c = strings.Compare(v, vb.(string))
			}
			if direction == "desc" {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	return nil
}

// distribution counts values, the most frequent first, and of equal ones the
// last, which is what the adapter must be ready for.
func distribution(found []stored, attribute string, most int) map[string]int {
	all := map[string]int{}
	for _, d := range found {
		for _, v := range d.values(attribute) {
			all[v]++
		}
	}
	values := slices.SortedFunc(maps.Keys(all), func(a, b string) int { return cmp.Or(cmp.Compare(all[b], all[a]), strings.Compare(b, a)) })
	out := map[string]int{}
	for _, v := range values[:min(most, len(values))] {
		out[v] = all[v]
	}
	return out
}

func (f *fake) fetch(w http.ResponseWriter, x *fakeIndex, body []byte) {
	var q struct {
		Filter        string
		Fields        []string
		Offset, Limit int
	}
	f.read(body, &q)
	found, err := x.find(q.Filter)
	if err != nil {
		f.t.Error(err)
	}
	hits := []stored{}
	for _, d := range found[min(q.Offset, len(found)):min(q.Offset+q.Limit, len(found))] {
		hits = append(hits, only(d, q.Fields))
	}
	answer(w, 200, map[string]any{"results": hits, "offset": q.Offset, "limit": q.Limit, "total": len(found)})
}

// facetSearch gives every value that begins with the same letter: more than
// Meilisearch does, which the adapter must sort out.
func (f *fake) facetSearch(w http.ResponseWriter, x *fakeIndex, body []byte) {
	var q struct{ FacetName, FacetQuery string }
	f.read(body, &q)
	hits := []any{}
	for v, n := range distribution(slices.Collect(maps.Values(x.docs)), q.FacetName, 1<<30) {
		if v[0] == q.FacetQuery[0] {
			hits = append(hits, map[string]any{"value": v, "count": n})
		}
	}
	answer(w, 200, map[string]any{"facetHits": hits, "facetQuery": q.FacetQuery, "processingTimeMs": 0})
}

// task makes a task, and says whether it did what it is for.
func (f *fake) task(w http.ResponseWriter, kind, message string) bool {
	t := fakeTask{kind: kind, status: "succeeded", message: message}
	if f.fail == kind {
		t.status, t.message = "failed", "There is no space left on the device."
	}
	f.tasks = append(f.tasks, t)
	answer(w, http.StatusAccepted, map[string]any{
		"taskUid": len(f.tasks) - 1, "status": "enqueued", "type": kind, "indexUid": nil, "enqueuedAt": "2026-11-26T10:00:00Z",
	})
	return t.status == "succeeded"
}

func (f *fake) tellTask(w http.ResponseWriter, uid string) {
	n, err := strconv.Atoi(uid)
	if err != nil || n >= len(f.tasks) {
		refuse(w, http.StatusNotFound, "task_not_found", "Task not found.")
		return
	}
	t := &f.tasks[n]
	out := map[string]any{"uid": n, "status": t.status, "type": t.kind, "error": nil, "enqueuedAt": "2026-11-26T10:00:00Z"}
	if !t.asked {
		t.asked, out["status"] = true, "processing"
	} else if t.status == "failed" {
		out["error"] = map[string]any{"message": t.message, "code": "no_space_left_on_device", "type": "system", "link": ""}
	}
	answer(w, 200, out)
}

// read is strict: what it does not know, Meilisearch refuses.
func (f *fake) read(body []byte, v any) {
	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		f.t.Errorf("a request that is refused: %v: %.300s", err, body)
	}
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	answer(w, status, map[string]any{"message": message, "code": code, "type": "invalid_request", "link": ""})
}
