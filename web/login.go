package web

import (
	"net/http"

	"github.com/markwatch/markwatch"
)

// loginView is what the login page shows.
type loginView struct {
	Token, Next string
	// Failed is set where a token was refused.
	Failed bool
}

// loginPage asks for one click before the token is used up, so that a
// browser's or a chat's preview of the link does not spend it.
func (d *desk) loginPage(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if d.cfg.Auth.actor(r) != "" && q.Get("token") == "" {
		http.Redirect(w, r, localPath(q.Get("next")), http.StatusSeeOther)
		return
	}
	d.renderLogin(w, r, http.StatusOK, loginView{Token: q.Get("token"), Next: q.Get("next")})
}

func (d *desk) renderLogin(w http.ResponseWriter, r *http.Request, code int, v loginView) {
	v.Next = localPath(v.Next)
	d.render(w, r, code, "login", d.cat.text(language(r), "login.title"), v)
}

func (d *desk) login(w http.ResponseWriter, r *http.Request) {
	id, actor, err := d.cfg.Auth.open(r.PostForm.Get("token"))
	if err != nil {
		if auditErr := d.audit(r, "", AuditLoginFailed, "", ""); auditErr != nil {
			d.fail(w, r, auditErr)
			return
		}
		d.renderLogin(w, r, http.StatusForbidden, loginView{Next: r.PostForm.Get("next"), Failed: true})
		return
	}
	if err := d.audit(r, actor, AuditLogin, "", ""); err != nil {
		d.fail(w, r, err)
		return
	}
	d.cfg.Auth.close(r)
	setSession(w, r, id)
	http.Redirect(w, r, localPath(r.PostForm.Get("next")), http.StatusSeeOther)
}

func (d *desk) logout(w http.ResponseWriter, r *http.Request) {
	if actor := d.cfg.Auth.actor(r); actor != "" {
		if err := d.audit(r, actor, AuditLogout, "", ""); err != nil {
			d.fail(w, r, markwatch.WrapError(markwatch.CodeUnavailable, err, "log out"))
			return
		}
	}
	d.cfg.Auth.close(r)
	setSession(w, r, "")
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}
