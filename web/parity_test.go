package web

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// callsOfPages says by which calls of the API a program does what a page does.
// An entry without calls begins with the reason.
func callsOfPages() map[string][]string {
	person := []string{"— a person's browser: pages, their files and logging in"}
	return map[string][]string{
		"GET /{$}": {"search-leads"}, "POST /triage": {"change-lead"}, "GET /export": {"export-leads"},
		"GET /leads/{id}":            {"get-lead", "list-lead-events", "list-lead-prices", "get-lead-handling"},
		"POST /leads/{id}":           {"change-lead"},
		"POST /leads/{id}/checks":    {"state-lead"},
		"POST /leads/{id}/addressee": {"route-lead"},
		"POST /leads/{id}/steps":     {"act-on-lead"},
		"POST /leads/{id}/approval":  {"approve-lead"},
		"GET /captures/{id}":         {"get-lead-page"}, "GET /captures/{id}/source": {"get-lead-page"}, "GET /captures/{id}/screenshot": {"get-lead-screenshot"},
		"GET /captures/{id}/pictures/{n}": {"get-lead-picture"},
		"GET /saved":                      {"list-saved-searches"}, "POST /saved": {"save-search"}, "GET /saved/{id}": {"list-new-hits"}, "POST /saved/{id}/drop": {"drop-saved-search"},
		"GET /scans": {"list-scans", "list-progress"}, "GET /scans/{id}": {"get-scan"}, "GET /scans/events": {"list-progress"}, "GET /scans/finished": {"list-scans"},
		"GET /sources": {"list-sources"}, "GET /sources/{id}/try": {"try-source"}, "POST /sources/{id}/try": {"try-source"},
		"GET /sellers": {"list-sellers"}, "GET /dashboard": {"search-leads", "list-rules", "list-sources"},
		"GET /blacklist": {"list-blacklist"}, "GET /blacklist/export/{format}": {"export-blacklist"}, "POST /blacklist": {"put-blacklist"},
		"POST /blacklist/import": {"import-blacklist"}, "POST /blacklist/apply": {"import-blacklist"}, "POST /blacklist/entries/{key}/drop": {"drop-blacklist"},
		"GET /lists/{list}": {"list-brands", "list-works"}, "GET /lists/{list}/export/{format}": {"export-brands", "export-works"},
		"POST /lists/{list}/import": {"import-brands", "import-works"}, "POST /lists/{list}/apply": {"import-brands", "import-works"},
		"GET /lists/{list}/entry/{id}":  {"get-brand", "get-work"},
		"POST /lists/{list}/entry/{id}": {"put-brand", "put-work", "drop-brand", "drop-work"},
		"GET /rules":                    {"list-rules"}, "POST /rules/{id}": {"switch-rule", "try-rule"},
		"GET /account": {"get-me", "list-tokens"}, "POST /account/tokens": {"add-token"}, "POST /account/tokens/{id}": {"revoke-token"},
		"POST /account/password": {"— a password is changed by who knows it, not by a token"},
		"GET /people":            {"list-people"}, "POST /people": {"add-person"}, "POST /people/{id}": {"change-person"}, "POST /people/{id}/link": {"link-person"},
		"GET /audit":   {"list-audit"},
		"GET /batches": {"list-ready", "list-batches", "list-batch-runs"}, "POST /batches": {"send-batches"}, "GET /batches/events": {"list-batch-runs"},
		"GET /batches/{number}": {"get-batch"}, "POST /batches/{number}/deliver": {"deliver-batch"},
		"GET /batches/{number}/files/{name...}": {"get-batch-file"}, "GET /batches/{number}/zip": {"get-batch-file"},
		"GET /receipts": {"list-open-complaints", "list-requests"}, "POST /receipts/link": {"link-complaint"},
		"POST /receipts/outcomes": {"import-outcomes"}, "POST /receipts/outcomes/apply": {"import-outcomes"},
		"POST /receipts/complaints": {"import-complaints"}, "POST /receipts/complaints/apply": {"import-complaints"},
		"POST /leads/{id}/documents": {"hold-document", "release-document"}, "GET /leads/{id}/documents/{n}": {"get-document-file"},
		"POST /leads/{id}/feedback": {"take-outcomes"}, "POST /leads/{id}/split": {"split-lead"}, "GET /merge": {"merge-leads"}, "POST /merge": {"merge-leads"},
		"POST /leads/{id}/requests": {"ask-platform"}, "GET /requests/{number}/letter": {"get-request-letter"},
		"GET /requests/{number}/files/{n}": {"get-request-file"}, "POST /requests/{number}/answer": {"answer-request"},
		"GET /reports": {"get-report"}, "GET /reports/xlsx": {"get-report-xlsx"}, "GET /reports/disclosure": {"get-disclosure"}, "GET /due": {"list-due"},
		"GET /help": person, "GET /login": person, "POST /login": person, "GET " + signInPath: person, "GET " + SignInReturn: person, "POST /logout": person,
		"GET /healthz": person, "/metrics": person, "GET /static/{file}": person, "GET /favicon.ico": person,
	}
}

// Whatever a page does, a call of the API does too.
func TestEveryPageHasItsCalls(t *testing.T) {
	d := &desk{}
	a, _ := newAPI(d)
	known := map[string]bool{}
	for id := range a.needs {
		known[id] = true
	}
	calls := callsOfPages()
	patterns := map[string]bool{}
	for _, r := range d.table() {
		patterns[r.pattern] = true
		list, named := calls[r.pattern]
		if !named || len(list) == 0 {
			t.Errorf("the page %s has no call in the API", r.pattern)
		}
		for _, id := range list {
			if !strings.HasPrefix(id, "—") && !known[id] {
				t.Errorf("%s: there is no call %s, only %v", r.pattern, id, slices.Sorted(maps.Keys(known)))
			}
		}
	}
	for pattern := range calls {
		if !patterns[pattern] {
			t.Errorf("there is no page %s", pattern)
		}
	}
}
