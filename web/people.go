package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/index"
)

// linkTTL is how long a link that an administrator hands out can be used.
const linkTTL = 48 * time.Hour

// peopleView is the page of those who work at the desk.
type peopleView struct {
	Notice  *notice
	People  []personRow
	Roles   []markwatch.UserRole
	Units   []markwatch.Unit
	Regions []string
	// SignIn is set where people may log in at a provider.
	SignIn bool
	// New holds what was typed of a person who could not be added.
	New personRow
	// Link is a one-time link that was just made, shown this once, and For
	// whom it is.
	Link, For string
}

type personRow struct {
	markwatch.User
	Self bool
}

func (d *desk) people(w http.ResponseWriter, r *http.Request) {
	d.renderPeople(w, r, http.StatusOK, peopleView{})
}

func (d *desk) renderPeople(w http.ResponseWriter, r *http.Request, code int, v peopleView) {
	users, err := d.cfg.Accounts.Users(r.Context())
	if err == nil && r.Method == http.MethodGet {
		err = d.audit(r, actorOf(r), AuditPageView, "/people", "")
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	for _, u := range users {
		v.People = append(v.People, personRow{User: u, Self: u.ID == actorOf(r)})
	}
	v.SignIn = d.cfg.SignIn != nil
	v.Roles, v.Units, v.Regions = markwatch.UserRoles(), d.cfg.Units(), index.Provinces()
	if v.New.Role == "" {
		v.New.Role = markwatch.RoleInvestigator
	}
	l := language(r)
	if v.Notice == nil && r.URL.Query().Get("done") == "1" {
		v.Notice = &notice{Text: d.cat.text(l, "lead.saved")}
	}
	d.render(w, r, code, "people", d.cat.text(l, "people.title"), v)
}

// readPerson reads what a form says of a person.
func readPerson(id string, form url.Values) markwatch.User {
	return markwatch.User{
		ID: strings.TrimSpace(id), Name: form.Get("name"), Role: markwatch.UserRole(form.Get("role")), Subject: strings.TrimSpace(form.Get("subject")), Disabled: form.Get("disabled") == "1",
		Bounds: markwatch.Bounds{Units: fields(form.Get("units")), Regions: fields(form.Get("regions"))},
	}
}

// checkPerson returns a person as they can be kept, with regions by their short
// names.
func (d *desk) checkPerson(u markwatch.User) (markwatch.User, error) {
	u.Regions = slices.Clone(u.Regions)
	for i, region := range u.Regions {
		short := index.Region(region)
		if !slices.Contains(index.Provinces(), short) {
			return u, markwatch.Errorf(markwatch.CodeInvalid, "没有省级地区“%s” / there is no province %s", region, region)
		}
		u.Regions[i] = short
	}
	for _, unit := range u.Units {
		if !slices.ContainsFunc(d.cfg.Units(), func(known markwatch.Unit) bool { return known.ID == unit }) {
			return u, markwatch.Errorf(markwatch.CodeInvalid, "单位名单里没有“%s” / the list of units has no %s", unit, unit)
		}
	}
	return u, accounts.Check(u)
}

// fields cuts a list that a person typed.
func fields(s string) []string {
	list := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" ,,、;;\t\r\n", r) })
	slices.Sort(list)
	return slices.Compact(list)
}

func (d *desk) addPerson(w http.ResponseWriter, r *http.Request) {
	u, err := d.checkPerson(readPerson(r.PostForm.Get("id"), r.PostForm))
	if err == nil {
		err = d.audit(r, actorOf(r), AuditUserAdd, u.ID, describe(u))
	}
	if err == nil {
		err = d.cfg.Accounts.Add(detached(r), u, "")
	}
	if err != nil {
		d.peopleProblem(w, r, err, peopleView{New: personRow{User: u}})
		return
	}
	d.showLink(w, r, u.ID)
}

func (d *desk) changePerson(w http.ResponseWriter, r *http.Request) {
	err := d.putPerson(r, readPerson(r.PathValue("id"), r.PostForm))
	if err == nil && r.PostForm.Get("unlock") == "1" {
		err = d.cfg.Accounts.Unlock(detached(r), r.PathValue("id"))
	}
	if err != nil {
		d.peopleProblem(w, r, err, peopleView{})
		return
	}
	http.Redirect(w, r, "/people?done=1", http.StatusSeeOther)
}

// putPerson sets what an administrator says of a person.
func (d *desk) putPerson(r *http.Request, u markwatch.User) error {
	u, err := d.checkPerson(u)
	if err == nil && u.ID == actorOf(r) && (u.Disabled || u.Role != markwatch.RoleAdministrator) {
		err = markwatch.Errorf(markwatch.CodeConflict, "不能停用自己或降低自己的权限,请由另一位管理员操作 / you cannot lock yourself out; another administrator can")
	}
	if err == nil {
		err = d.audit(r, actorOf(r), AuditUserChange, u.ID, describe(u))
	}
	if err == nil {
		err = d.cfg.Accounts.Change(detached(r), u)
	}
	return err
}

// linkPerson makes a link by which a person sets a password.
func (d *desk) linkPerson(w http.ResponseWriter, r *http.Request) {
	d.showLink(w, r, r.PathValue("id"))
}

// newLink is the address by which a person sets a password, once.
func (d *desk) newLink(r *http.Request, id string) (string, error) {
	if err := d.audit(r, actorOf(r), AuditUserLink, id, string(markwatch.LinkPassword)); err != nil {
		return "", err
	}
	token, err := d.cfg.Accounts.NewLink(detached(r), id, markwatch.LinkPassword, linkTTL)
	return d.base(r) + "/login?token=" + token, err
}

func (d *desk) showLink(w http.ResponseWriter, r *http.Request, id string) {
	link, err := d.newLink(r, id)
	if err != nil {
		d.peopleProblem(w, r, err, peopleView{})
		return
	}
	d.renderPeople(w, r, http.StatusOK, peopleView{Link: link, For: id})
}

func (d *desk) peopleProblem(w http.ResponseWriter, r *http.Request, err error, v peopleView) {
	if status(err) >= 500 {
		d.fail(w, r, err)
		return
	}
	v.Notice = &notice{Text: sentence(language(r), err), Bad: true}
	d.renderPeople(w, r, status(err), v)
}

// base is the desk's address for links that are sent to people.
func (d *desk) base(r *http.Request) string {
	if d.cfg.PublicURL != "" {
		return strings.TrimSuffix(d.cfg.PublicURL, "/")
	}
	if overTLS(r) {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// describe is what the audit log keeps of a person.
func describe(u markwatch.User) string {
	parts := []string{string(u.Role)}
	if len(u.Units) > 0 {
		parts = append(parts, "units "+strings.Join(u.Units, ","))
	}
	if len(u.Regions) > 0 {
		parts = append(parts, "regions "+strings.Join(u.Regions, ","))
	}
	if u.Subject != "" {
		parts = append(parts, "subject "+u.Subject)
	}
	if u.Disabled {
		parts = append(parts, "disabled")
	}
	return strings.Join(parts, "; ")
}
