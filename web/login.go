package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
)

// loginView is what the login page shows.
type loginView struct {
	// Token and Purpose are those of a one-time link; empty asks for a name
	// and a password.
	Token, Purpose string
	// User is whose link it is, or the name that was typed.
	User, Name, Next string
	// Over is set where a session came that is no longer open.
	Over    bool
	Problem string
	// Provider is where people log in without a password of the desk's own,
	// LogoutURL where they end their login there; both may be empty.
	Provider, LogoutURL string
	// SignedIn is set where the page only leads on to Next.
	SignedIn bool
}

// loginPage asks for name and password, or, with the token of a link, for one
// click before the link is used up, so that a browser's or a chat's preview of
// it does not spend it.
func (d *desk) loginPage(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	token := q.Get("token")
	if token == "" {
		p, err := d.identify(r, false)
		if err != nil {
			d.fail(w, r, err)
			return
		}
		if p.ID != "" {
			http.Redirect(w, r, localPath(q.Get("next")), http.StatusSeeOther)
			return
		}
		v := loginView{Next: q.Get("next")}
		if q.Get("out") == "1" {
			v.LogoutURL = d.providerLogout(r)
		}
		d.renderLogin(w, r, http.StatusOK, v)
		return
	}
	v := loginView{Token: token, Next: q.Get("next")}
	code := d.lookAtLink(r, &v)
	d.renderLogin(w, r, code, v)
}

// lookAtLink fills in what a link is good for.
func (d *desk) lookAtLink(r *http.Request, v *loginView) (code int) {
	link, err := d.cfg.Accounts.Look(r.Context(), v.Token)
	if err != nil {
		*v = loginView{Next: v.Next, Problem: d.cat.text(language(r), "login.link-over")}
		return http.StatusForbidden
	}
	v.Purpose, v.User = string(link.Purpose), link.User
	return http.StatusOK
}

func (d *desk) renderLogin(w http.ResponseWriter, r *http.Request, code int, v loginView) {
	v.Next = localPath(v.Next)
	if d.cfg.SignIn != nil {
		v.Provider = signInPath + "?" + url.Values{"next": {v.Next}}.Encode()
	}
	title := "login.title"
	if v.Purpose == string(markwatch.LinkSetup) {
		title = "login.setup"
	}
	d.render(w, r, code, "login", d.cat.text(language(r), title), v)
}

// login takes a name and a password, or the token of a one-time link with what
// its purpose asks for.
func (d *desk) login(w http.ResponseWriter, r *http.Request) {
	form := r.PostForm
	if token := form.Get("token"); token != "" {
		d.loginByLink(w, r, token)
		return
	}
	name, remote := strings.TrimSpace(form.Get("name")), remoteOf(r)
	name, _ = clip(name, 100)
	session, u, err := d.cfg.Accounts.Login(r.Context(), name, form.Get("password"), remote)
	if err != nil {
		d.loginRefused(w, r, loginView{Name: name, Next: form.Get("next")}, name, err)
		return
	}
	d.enter(w, r, session, u, "password")
}

func (d *desk) loginByLink(w http.ResponseWriter, r *http.Request, token string) {
	form := r.PostForm
	v := loginView{Token: token, Next: form.Get("next")}
	if code := d.lookAtLink(r, &v); code != http.StatusOK {
		d.loginRefused(w, r, v, "", markwatch.Errorf(markwatch.CodeInvalid, "%s", v.Problem))
		return
	}
	var session string
	var u markwatch.User
	var err error
	password := form.Get("password")
	if v.Purpose == string(markwatch.LinkSetup) {
		v.User, v.Name = strings.TrimSpace(form.Get("user")), form.Get("name")
	}
	if v.Purpose != string(markwatch.LinkLogin) && password != form.Get("again") {
		err = markwatch.Errorf(markwatch.CodeInvalid, "%s", d.cat.text(language(r), "login.differ"))
	}
	switch {
	case err != nil:
	case v.Purpose == string(markwatch.LinkSetup):
		session, u, err = d.cfg.Accounts.Setup(r.Context(), token, markwatch.User{ID: v.User, Name: v.Name}, password)
	case v.Purpose == string(markwatch.LinkPassword):
		session, u, err = d.cfg.Accounts.ChoosePassword(r.Context(), token, password)
	default:
		session, u, err = d.cfg.Accounts.Enter(r.Context(), token)
	}
	if err != nil {
		d.loginRefused(w, r, v, v.User, err)
		return
	}
	d.enter(w, r, session, u, v.Purpose+" link")
}

// loginRefused writes a refusal down and says what can be put right.
func (d *desk) loginRefused(w http.ResponseWriter, r *http.Request, v loginView, name string, err error) {
	code, detail := status(err), string(markwatch.ErrorCode(err))
	var locked *accounts.LockedError
	switch {
	case errors.As(err, &locked):
		code, detail = http.StatusTooManyRequests, "locked"
		wait := locked.Until.Sub(d.cfg.Now())
		w.Header().Set("Retry-After", secondsUp(wait))
		v.Problem = d.cat.text(language(r), "login.locked", max(1, int((wait+time.Minute-1)/time.Minute)))
	case code >= 500:
		d.fail(w, r, err)
		return
	default:
		code = http.StatusForbidden
		v.Problem = sentence(language(r), err)
	}
	name, _ = clip(name, 100)
	if auditErr := d.audit(r, name, AuditLoginFailed, "", detail); auditErr != nil {
		d.fail(w, r, auditErr)
		return
	}
	d.renderLogin(w, r, code, v)
}

// enter hands a new session to the browser. A session that it brought along
// is ended.
func (d *desk) enter(w http.ResponseWriter, r *http.Request, session string, u markwatch.User, how string) {
	err := d.audit(r, u.ID, AuditLogin, "", how)
	if err == nil {
		if old := sessionOf(r); old != "" {
			err = d.cfg.Accounts.Close(r.Context(), old)
		}
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	setSession(w, r, session)
	http.Redirect(w, r, localPath(r.Form.Get("next")), http.StatusSeeOther)
}

func (d *desk) logout(w http.ResponseWriter, r *http.Request) {
	p, err := d.identify(r, false)
	if err == nil && p.ID != "" {
		err = d.audit(r, p.ID, AuditLogout, "", "")
	}
	if old := sessionOf(r); err == nil && old != "" {
		err = d.cfg.Accounts.Close(detached(r), old)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	setSession(w, r, "")
	next := "/login"
	if d.cfg.SignIn != nil {
		next += "?out=1"
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
}
