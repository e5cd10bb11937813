package web

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
)

// accountView is a person's own page.
type accountView struct {
	markwatch.User
	Notice *notice
	Tokens []markwatch.AccessToken
	Scopes []accounts.Permission
	// Secret is a token that was just made, shown this once.
	Secret string
	Days   []int
}

// tokenDays are the lives of a token that the page offers, in days.
var tokenDays = [...]int{30, 90, 365}

func (d *desk) account(w http.ResponseWriter, r *http.Request) {
	d.renderAccount(w, r, http.StatusOK, accountView{})
}

func (d *desk) renderAccount(w http.ResponseWriter, r *http.Request, code int, v accountView) {
	p := personOf(r)
	tokens, err := d.cfg.Accounts.TokensOf(r.Context(), p.ID)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	v.User, v.Tokens, v.Days = p.User, tokens, tokenDays[:]
	for _, s := range accounts.Permissions() {
		if p.may(s) {
			v.Scopes = append(v.Scopes, s)
		}
	}
	l := language(r)
	if v.Notice == nil && r.URL.Query().Get("done") == "1" {
		v.Notice = &notice{Text: d.cat.text(l, "lead.saved")}
	}
	d.render(w, r, code, "account", d.cat.text(l, "account.title"), v)
}

func (d *desk) changePassword(w http.ResponseWriter, r *http.Request) {
	p, form := personOf(r), r.PostForm
	err := d.audit(r, p.ID, AuditPassword, p.ID, "")
	if err == nil && form.Get("password") != form.Get("again") {
		err = markwatch.Errorf(markwatch.CodeInvalid, "%s", d.cat.text(language(r), "login.differ"))
	}
	if err == nil {
		err = d.cfg.Accounts.ChangePassword(detached(r), sessionOf(r), p.User, form.Get("old"), form.Get("password"), remoteOf(r))
	}
	d.accountDone(w, r, err)
}

func (d *desk) addToken(w http.ResponseWriter, r *http.Request) {
	p, form := personOf(r), r.PostForm
	var scopes []accounts.Permission
	for _, s := range form["scope"] {
		scopes = append(scopes, accounts.Permission(s))
	}
	days, err := strconv.Atoi(form.Get("days"))
	if err != nil || days < 1 || days > tokenDays[len(tokenDays)-1] {
		days = tokenDays[0]
	}
	var secret string
	name, _ := clip(form.Get("name"), 100)
	if err = d.audit(r, p.ID, AuditTokenAdd, name, ""); err == nil {
		secret, _, err = d.cfg.Accounts.NewToken(detached(r), p.User, name, scopes, time.Duration(days)*24*time.Hour)
	}
	if err != nil {
		d.accountDone(w, r, err)
		return
	}
	d.renderAccount(w, r, http.StatusOK, accountView{Secret: secret})
}

func (d *desk) revokeToken(w http.ResponseWriter, r *http.Request) {
	p := personOf(r)
	err := d.audit(r, p.ID, AuditTokenRevoke, r.PathValue("id"), "")
	if err == nil {
		err = d.cfg.Accounts.Revoke(detached(r), p.ID, r.PathValue("id"))
	}
	d.accountDone(w, r, err)
}

// accountDone goes back to the page, or says on it what can be put right.
func (d *desk) accountDone(w http.ResponseWriter, r *http.Request, err error) {
	if err == nil {
		http.Redirect(w, r, "/account?done=1", http.StatusSeeOther)
		return
	}
	if status(err) >= 500 {
		d.fail(w, r, err)
		return
	}
	text := sentence(language(r), err)
	var locked *accounts.LockedError
	if errors.As(err, &locked) {
		text = d.cat.text(language(r), "error.too-many.text")
	}
	d.renderAccount(w, r, status(err), accountView{Notice: &notice{Text: text, Bad: true}})
}
