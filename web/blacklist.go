package web

import (
	"cmp"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/listsheet"
)

// blacklistPath is the page of the blacklist, and what its tables are kept by.
const blacklistPath = "blacklist"

// blacklistView is the page of the sellers that are known for earlier
// violations.
type blacklistView struct {
	Query   string
	Notice  *notice
	Total   int64
	Entries []blacklistRow
	Pager   *pager
	CanEdit bool
	Formats []string
	// New is the form's seller, as it was typed.
	New knownForm
}

type blacklistRow struct {
	BlacklistEntry
	// About is what else recognises the seller.
	About []string
}

// knownForm is a seller of the blacklist as the form of its page names it.
type knownForm struct {
	Platform, ID, Name, License, Accounts, Reason, Basis, Since, Until string
}

// blacklisted reads the blacklist.
func (d *desk) blacklisted(r *http.Request) ([]BlacklistEntry, error) {
	if d.cfg.Blacklist == nil {
		return nil, markwatch.Errorf(markwatch.CodeNotFound, "there is no blacklist")
	}
	return d.cfg.Blacklist.Blacklist(r.Context())
}

func sellersOf(entries []BlacklistEntry) []markwatch.KnownSeller {
	sellers := make([]markwatch.KnownSeller, len(entries))
	for i, e := range entries {
		sellers[i] = e.Seller
	}
	return sellers
}

// compareSellers reads a table against the blacklist. New and changed sellers
// are named by their keys; one that the table does not hold stays.
func (d *desk) compareSellers(list []BlacklistEntry, rows []listsheet.Row) ([]markwatch.KnownSeller, listPreview) {
	there := map[string]markwatch.KnownSeller{}
	for _, e := range list {
		there[e.Key] = e.Seller
	}
	sellers, problems := listsheet.Sellers(rows, d.cfg.Blacklist.BlacklistKey)
	p := listPreview{Rows: problems}
	touched := map[string]bool{}
	for _, s := range sellers {
		key := d.cfg.Blacklist.BlacklistKey(s)
		touched[key] = true
		old, known := there[key]
		switch {
		case !known:
			p.New = append(p.New, key)
		case reflect.DeepEqual(old, s):
			p.Same++
		default:
			p.Changed = append(p.Changed, key)
		}
	}
	for key := range there {
		if !touched[key] {
			p.Same++
		}
	}
	return sellers, p
}

// putSeller puts a seller on the blacklist. The error has CodeInvalid where
// nothing recognises the seller.
func (d *desk) putSeller(r *http.Request, s markwatch.KnownSeller) (key string, err error) {
	if d.cfg.Blacklist == nil {
		return "", markwatch.Errorf(markwatch.CodeNotFound, "there is no blacklist")
	}
	if key = d.cfg.Blacklist.BlacklistKey(s); key == "" {
		lacks := listsheet.NobodyRecognised()
		return "", markwatch.Errorf(markwatch.CodeInvalid, "%s / %s", lacks.ZH, lacks.EN)
	}
	if err := d.audit(r, actorOf(r), AuditListChange, blacklistPath+"/"+key, "save"); err != nil {
		return "", err
	}
	return key, d.cfg.Blacklist.PutBlacklist(detached(r), []markwatch.KnownSeller{s}, actorOf(r))
}

// dropSeller takes a seller off the blacklist.
func (d *desk) dropSeller(r *http.Request, key string) error {
	if d.cfg.Blacklist == nil {
		return markwatch.Errorf(markwatch.CodeNotFound, "there is no blacklist")
	}
	if err := d.audit(r, actorOf(r), AuditListChange, blacklistPath+"/"+key, "drop"); err != nil {
		return err
	}
	return d.cfg.Blacklist.RemoveBlacklist(detached(r), key)
}

// blacklist is the page.
func (d *desk) blacklist(w http.ResponseWriter, r *http.Request) {
	var n *notice
	switch q := r.URL.Query(); {
	case q.Has("put"):
		n = &notice{Text: d.cat.text(language(r), "blacklist.put")}
	case q.Has("dropped"):
		n = &notice{Text: d.cat.text(language(r), "blacklist.dropped")}
	}
	q := r.URL.Query()
	form := knownForm{Platform: q.Get("platform"), ID: q.Get("id"), Name: q.Get("name"), License: q.Get("license")}
	d.renderBlacklist(w, r, http.StatusOK, n, form)
}

func (d *desk) renderBlacklist(w http.ResponseWriter, r *http.Request, code int, n *notice, form knownForm) {
	q, _ := clip(strings.TrimSpace(r.URL.Query().Get("q")), 100)
	list, err := d.blacklisted(r)
	if err == nil {
		err = d.audit(r, actorOf(r), AuditPageView, "/"+blacklistPath, q)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	l := language(r)
	v := blacklistView{Query: q, Notice: n, CanEdit: personOf(r).may(accounts.Administer), Formats: listsheet.Formats(), New: form}
	var rows []blacklistRow
	for _, e := range list {
		if row := (blacklistRow{e, d.aboutSeller(l, e.Seller)}); q == "" || row.holds(q) {
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b blacklistRow) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Key, b.Key)) })
	page := pageOf(r)
	v.Total = int64(len(rows))
	v.Pager = newPager(page, len(rows), listPage, func(p int) string {
		return "/" + blacklistPath + "?" + url.Values{"q": {q}, "p": {itoa(p)}}.Encode()
	})
	v.Entries = rows[min((page-1)*listPage, len(rows)):min(page*listPage, len(rows))]
	d.render(w, r, code, "blacklist", d.cat.text(l, "blacklist.title"), v)
}

func (d *desk) aboutSeller(l lang, s markwatch.KnownSeller) []string {
	var out []string
	add := func(key, value string) {
		if value != "" {
			out = append(out, d.cat.text(l, "field.seller."+key)+" "+value)
		}
	}
	add("id", s.ID)
	add("license", s.License)
	for _, a := range s.Accounts {
		out = append(out, d.cat.word(l, "account", a.Kind)+" "+a.Value)
	}
	return out
}

func (b blacklistRow) holds(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(append([]string{b.Seller.Name, b.Seller.Platform, b.Seller.Reason, b.Seller.Basis}, b.About...), func(s string) bool {
		return strings.Contains(strings.ToLower(s), text)
	})
}

// blacklistURL is the form that puts an offer's seller on the blacklist, empty
// for those who may not.
func (d *desk) blacklistURL(r *http.Request, l markwatch.Listing) string {
	if d.cfg.Blacklist == nil || l.Seller == nil || !personOf(r).may(accounts.Administer) {
		return ""
	}
	return "/" + blacklistPath + "?" + url.Values{
		"platform": {l.Platform}, "id": {l.Seller.ID}, "name": {l.Seller.Name}, "license": {l.Seller.License},
	}.Encode() + "#add"
}

// putBlacklisted takes the form of one seller, which is read as a row of a
// table is.
func (d *desk) putBlacklisted(w http.ResponseWriter, r *http.Request) {
	row := listsheet.Row{Cells: map[string]string{}}
	for _, c := range listsheet.SellerColumns() {
		text, _ := clip(strings.TrimSpace(r.PostForm.Get(c.Key)), 500)
		row.Cells[c.Key] = text
	}
	if _, err := d.blacklisted(r); err != nil {
		d.fail(w, r, err)
		return
	}
	sellers, problems := listsheet.Sellers([]listsheet.Row{row}, d.cfg.Blacklist.BlacklistKey)
	if len(problems) > 0 {
		l, s := language(r), sheet{columns: listsheet.SellerColumns}
		var texts []string
		for _, p := range problems {
			texts = append(texts, d.problemText(l, s, p, false))
		}
		c := row.Cells
		d.renderBlacklist(w, r, http.StatusBadRequest, &notice{Text: strings.Join(texts, " · "), Bad: true},
			knownForm{c["platform"], c["id"], c["name"], c["license"], c["accounts"], c["reason"], c["basis"], c["since"], c["until"]})
		return
	}
	if _, err := d.putSeller(r, sellers[0]); err != nil {
		d.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/"+blacklistPath+"?put=1", http.StatusSeeOther)
}

// dropBlacklisted takes a seller off.
func (d *desk) dropBlacklisted(w http.ResponseWriter, r *http.Request) {
	if err := d.dropSeller(r, r.PathValue("key")); err != nil {
		d.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/"+blacklistPath+"?dropped=1", http.StatusSeeOther)
}

// importBlacklist reads a table and shows what it would change; nothing is
// changed yet.
func (d *desk) importBlacklist(w http.ResponseWriter, r *http.Request) {
	list, err := d.blacklisted(r)
	var data []byte
	if err == nil {
		data, err = uploaded(r)
	}
	var rows []listsheet.Row
	if err == nil {
		rows, err = listsheet.ReadSellers(data)
	}
	if err == nil {
		err = d.audit(r, actorOf(r), AuditListChange, blacklistPath, "preview of an import")
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	l := language(r)
	sellers, p := d.compareSellers(list, rows)
	names := map[string]string{}
	for _, s := range sellers {
		names[d.cfg.Blacklist.BlacklistKey(s)] = cmp.Or(s.Name, s.ID, s.License)
	}
	for _, keys := range [][]string{p.New, p.Changed} {
		for i, key := range keys {
			keys[i] = cmp.Or(names[key], key)
		}
	}
	v := importView{Path: "/" + blacklistPath, Key: newKey(), listPreview: p}
	for _, p := range p.Rows[:min(len(p.Rows), maxProblems)] {
		v.Problems = append(v.Problems, d.problemText(l, sheet{columns: listsheet.SellerColumns}, p, true))
	}
	d.pending.put(v.Key, pendingFile{by: actorOf(r), path: blacklistPath, rows: rows, at: d.cfg.Now()})
	d.render(w, r, http.StatusOK, "listimport", d.cat.text(l, "lists.preview"), v)
}

// applyBlacklist does what a preview showed; rows with problems were shown and
// are left out.
func (d *desk) applyBlacklist(w http.ResponseWriter, r *http.Request) {
	f, ok := d.pending.take(r.PostForm.Get("key"), actorOf(r), blacklistPath, d.cfg.Now())
	if !ok {
		d.fail(w, r, markwatch.Errorf(markwatch.CodeConflict, "%s", d.cat.text(language(r), "lists.preview-over")))
		return
	}
	_, err := d.blacklisted(r)
	if err == nil {
		err = d.audit(r, actorOf(r), AuditListChange, blacklistPath, "import")
	}
	if err == nil {
		sellers, _ := listsheet.Sellers(f.rows, d.cfg.Blacklist.BlacklistKey)
		err = d.cfg.Blacklist.PutBlacklist(detached(r), sellers, actorOf(r))
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/"+blacklistPath+"?put=1", http.StatusSeeOther)
}

// exportBlacklist hands the blacklist out as a table.
func (d *desk) exportBlacklist(w http.ResponseWriter, r *http.Request) {
	list, err := d.blacklisted(r)
	format := r.PathValue("format")
	if err == nil && !slices.Contains(listsheet.Formats(), format) {
		err = markwatch.Errorf(markwatch.CodeNotFound, "%s", r.URL.Path)
	}
	if err == nil {
		err = d.audit(r, actorOf(r), AuditExport, blacklistPath, format)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.sendTable(w, r, blacklistPath, format, listsheet.SellerColumns(), listsheet.SellerRows(sellersOf(list)))
}
