package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
)

// route is one path of the desk and what it asks of a person; nothing is for
// everybody.
type route struct {
	pattern string
	needs   accounts.Permission
	handle  http.HandlerFunc
}

// table lists every path of the desk.
func (d *desk) table() []route {
	return []route{
		{"GET /{$}", accounts.See, d.search},
		{"POST /triage", accounts.Decide, d.triage},
		{"GET /leads/{id}", accounts.See, d.lead},
		{"POST /leads/{id}", accounts.Decide, d.changeLead},
		{"POST /leads/{id}/checks", accounts.Decide, d.stateLead},
		{"POST /leads/{id}/addressee", accounts.Decide, d.routeLead},
		{"POST /leads/{id}/steps", accounts.Decide, d.stepLead},
		{"POST /leads/{id}/approval", accounts.Approve, d.approveLead},
		{"POST /leads/{id}/feedback", accounts.Decide, d.reportLead},
		{"POST /leads/{id}/documents", accounts.Decide, d.noteDocument},
		{"GET /leads/{id}/documents/{n}", accounts.Decide, d.documentFile},
		{"POST /leads/{id}/split", accounts.Decide, d.splitLead},
		{"POST /leads/{id}/requests", accounts.Decide, d.askPlatform},
		{"GET /requests/{number}/letter", accounts.Decide, d.requestLetter},
		{"GET /requests/{number}/files/{n}", accounts.Decide, d.requestFile},
		{"POST /requests/{number}/answer", accounts.Decide, d.answerRequest},
		{"GET /merge", accounts.Decide, d.mergePage},
		{"POST /merge", accounts.Decide, d.mergeLeads},
		{"GET /batches", accounts.See, d.batches},
		{"POST /batches", accounts.Approve, d.makeBatches},
		{"GET /batches/{number}", accounts.See, d.batch},
		{"POST /batches/{number}/deliver", accounts.Approve, d.deliverBatch},
		{"GET /batches/{number}/files/{name...}", accounts.Decide, d.batchFile},
		{"GET /batches/{number}/zip", accounts.Decide, d.batchZip},
		{"GET /receipts", accounts.Decide, d.receipts},
		{"POST /receipts/outcomes", accounts.Decide, d.previewIntake(intakeOutcomes)},
		{"POST /receipts/outcomes/apply", accounts.Decide, d.applyIntake(intakeOutcomes)},
		{"POST /receipts/complaints", accounts.Decide, d.previewIntake(intakeComplaints)},
		{"POST /receipts/complaints/apply", accounts.Decide, d.applyIntake(intakeComplaints)},
		{"POST /receipts/link", accounts.Decide, d.linkComplaint},
		{"GET /reports", accounts.See, d.reports},
		{"GET /reports/xlsx", accounts.See, d.reportXLSX},
		{"GET /reports/disclosure", accounts.Decide, d.disclosure},
		{"GET /due", accounts.See, d.due},
		{"GET /captures/{id}", accounts.See, d.capture},
		{"GET /captures/{id}/source", accounts.See, d.captureSource},
		{"GET /captures/{id}/screenshot", accounts.See, d.screenshot},
		{"GET /captures/{id}/pictures/{n}", accounts.See, d.picture},
		{"GET /export", accounts.Decide, d.export},
		{"GET /saved", accounts.See, d.savedList},
		{"POST /saved", accounts.See, d.saveSearch},
		{"GET /saved/{id}", accounts.See, d.savedHits},
		{"POST /saved/{id}/drop", accounts.See, d.dropSearch},
		{"GET /scans", accounts.See, d.scans},
		{"GET /scans/{id}", accounts.See, d.scan},
		{"GET /sources", accounts.See, d.sources},
		{"GET /sources/{id}/try", accounts.Decide, d.tryPage},
		{"POST /sources/{id}/try", accounts.Decide, d.tryExtraction},
		{"GET /sellers", accounts.See, d.sellers},
		{"GET /blacklist", accounts.See, d.blacklist},
		{"GET /blacklist/export/{format}", accounts.See, d.exportBlacklist},
		{"POST /blacklist", accounts.Administer, d.putBlacklisted},
		{"POST /blacklist/import", accounts.Administer, d.importBlacklist},
		{"POST /blacklist/apply", accounts.Administer, d.applyBlacklist},
		{"POST /blacklist/entries/{key}/drop", accounts.Administer, d.dropBlacklisted},
		{"GET /dashboard", accounts.See, d.dashboard},
		{"GET /lists/{list}", accounts.See, d.list},
		{"GET /lists/{list}/export/{format}", accounts.See, d.listExport},
		{"POST /lists/{list}/import", accounts.Administer, d.importList},
		{"POST /lists/{list}/apply", accounts.Administer, d.applyImport},
		{"GET /lists/{list}/entry/{id}", accounts.See, d.listEntry},
		{"POST /lists/{list}/entry/{id}", accounts.Administer, d.saveEntry},
		{"GET /rules", accounts.See, d.rules},
		{"POST /rules/{id}", accounts.Decide, d.changeRule},
		{"GET /help", accounts.See, d.help},
		{"GET /account", accounts.See, d.account},
		{"POST /account/password", accounts.See, d.changePassword},
		{"POST /account/tokens", accounts.See, d.addToken},
		{"POST /account/tokens/{id}", accounts.See, d.revokeToken},
		{"GET /people", accounts.Administer, d.people},
		{"POST /people", accounts.Administer, d.addPerson},
		{"POST /people/{id}", accounts.Administer, d.changePerson},
		{"POST /people/{id}/link", accounts.Administer, d.linkPerson},
		{"GET /audit", accounts.Administer, d.auditLog},

		// These ask for a session by themselves, since to watch is no use of it.
		{"GET /scans/events", "", d.scanEvents},
		{"GET /batches/events", "", d.batchEvents},
		{"GET /scans/finished", "", d.finishedScans},
		{"GET /login", "", d.loginPage},
		{"POST /login", "", d.login},
		{"GET " + signInPath, "", d.signIn},
		{"GET " + SignInReturn, "", d.signedIn},
		{"POST /logout", "", d.logout},
		{"GET /healthz", "", d.healthz},
		{"/metrics", "", d.metrics},
		{"GET /static/{file}", "", d.static},
		{"GET /favicon.ico", "", http.NotFound},
	}
}

// routes is the desk: the table behind what guards all of it.
func (d *desk) routes() (http.Handler, error) {
	api, calls := newAPI(d)
	mux := http.NewServeMux()
	for _, r := range append(d.table(), api.table()...) {
		handle := r.handle
		if r.needs != "" {
			handle = d.private(r.needs, handle)
		}
		mux.HandleFunc(r.pattern, handle)
	}
	mux.HandleFunc("/", d.private(accounts.See, func(w http.ResponseWriter, r *http.Request) {
		d.fail(w, r, markwatch.Errorf(markwatch.CodeNotFound, "%s", r.URL.Path))
	}))

	// Requests that change something must come from the desk's own pages:
	// browsers say where one comes from (Sec-Fetch-Site, Origin). Behind a proxy
	// that changes the Host, the public address is named.
	origin := http.NewCrossOriginProtection()
	if u, err := url.Parse(d.cfg.PublicURL); d.cfg.PublicURL != "" {
		if err == nil {
			err = origin.AddTrustedOrigin(u.Scheme + "://" + u.Host)
		}
		if err != nil {
			return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "server.url %s", d.cfg.PublicURL)
		}
	}
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isCall(r) {
			writeProblem(w, http.StatusForbidden, "forbidden", "请求来自其他网站 / the request comes from another site")
			return
		}
		d.failAs(w, r, http.StatusForbidden, "forbidden", nil)
	}))
	all := http.NewServeMux()
	all.Handle("/", formsOnly(d, mux))
	all.Handle(apiPrefix+"/", calls)
	return behindProxies(d.cfg.Proxies, secure(withLanguage(d.recovered(origin.Handler(all))))), nil
}

// menuItem is one entry of the main menu. Page is the template that it stands
// for.
type menuItem struct {
	Page, URL, Key string
	// Also are templates of pages beneath it.
	Also []string
}

// menu is what a person's menu holds.
func (d *desk) menu(p person) []menuItem {
	items := []menuItem{{Page: "search", URL: "/", Key: "nav.search", Also: []string{"lead", "merge"}}}
	if d.cfg.Saved != nil {
		items = append(items, menuItem{Page: "saved", URL: "/saved", Key: "nav.saved"})
	}
	if d.dispatching() {
		items = append(items, menuItem{Page: "batches", URL: "/batches", Key: "nav.batches", Also: []string{"batch"}})
		if p.may(accounts.Decide) {
			items = append(items, menuItem{Page: "receipts", URL: "/receipts", Key: "nav.receipts", Also: []string{"intake"}})
		}
	}
	items = append(items, menuItem{Page: "sellers", URL: "/sellers", Key: "nav.sellers", Also: []string{"blacklist"}})
	if d.cfg.Lists != nil {
		items = append(items, menuItem{Page: "list", URL: "/lists/brands", Key: "nav.lists", Also: []string{"listentry", "listimport"}},
			menuItem{Page: "rules", URL: "/rules", Key: "nav.rules"})
	}
	if d.cfg.Sources != nil {
		items = append(items, menuItem{Page: "sources", URL: "/sources", Key: "nav.sources", Also: []string{"tryout"}})
	}
	items = append(items, menuItem{Page: "scans", URL: "/scans", Key: "nav.scans", Also: []string{"scan"}})
	items = append(items, menuItem{Page: "dashboard", URL: "/dashboard", Key: "nav.dashboard", Also: []string{"reports", "due"}})
	if p.may(accounts.Administer) {
		items = append(items, menuItem{Page: "people", URL: "/people", Key: "nav.people"})
		if d.cfg.AuditLog != nil {
			items = append(items, menuItem{Page: "audit", URL: "/audit", Key: "nav.audit"})
		}
	}
	return append(items, menuItem{Page: "help", URL: "/help", Key: "nav.help"})
}

// On says whether the entry stands for a page.
func (m menuItem) On(page string) bool { return page == m.Page || slices.Contains(m.Also, page) }
