package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
)

// SignIn is a provider at which people may log in instead of with a password.
type SignIn interface {
	// Begin returns the provider's address for one login, whose secret it is.
	Begin(ctx context.Context, secret string) (string, error)
	// Finish reads the query with which the provider sent the browser back.
	Finish(ctx context.Context, secret string, answer url.Values) (accounts.Identity, error)
	// LogoutURL is where a person ends their login at the provider, empty
	// where it has no such place; back is where it may send them then.
	LogoutURL(ctx context.Context, back string) string
}

// The paths of a login at the provider.
const (
	signInPath   = "/login/provider"
	SignInReturn = signInPath + "/return" // where the provider sends people back
)

// signInCookie holds the secret of a login under way and the page to go to.
func signInCookie(r *http.Request) string { return sessionCookie(r) + "-sign-in" }

// setSignIn writes that cookie; an empty value takes it away. The provider's
// answer is a request that another site begins, so that the cookie cannot be
// a strict one.
func setSignIn(w http.ResponseWriter, r *http.Request, value string) {
	c := &http.Cookie{
		Name: signInCookie(r), Value: value, Path: "/", MaxAge: int(10 * time.Minute / time.Second),
		HttpOnly: true, Secure: overTLS(r), SameSite: http.SameSiteLaxMode,
	}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// signIn sends a person to the provider.
func (d *desk) signIn(w http.ResponseWriter, r *http.Request) {
	if d.cfg.SignIn == nil {
		d.fail(w, r, markwatch.Errorf(markwatch.CodeNotFound, "%s", r.URL.Path))
		return
	}
	secret, err := d.cfg.Accounts.BeginSignIn(r.Context())
	var address string
	if err == nil {
		address, err = d.cfg.SignIn.Begin(r.Context(), secret)
	}
	if err != nil {
		d.signInFailed(w, r, err)
		return
	}
	setSignIn(w, r, secret+"."+url.QueryEscape(localPath(r.URL.Query().Get("next"))))
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// signedIn takes the provider's answer and opens a session for whom it let in.
func (d *desk) signedIn(w http.ResponseWriter, r *http.Request) {
	if d.cfg.SignIn == nil {
		d.fail(w, r, markwatch.Errorf(markwatch.CodeNotFound, "%s", r.URL.Path))
		return
	}
	var value string
	if c, err := r.Cookie(signInCookie(r)); err == nil {
		value = c.Value
	}
	setSignIn(w, r, "")
	secret, next, _ := strings.Cut(value, ".")
	next, _ = url.QueryUnescape(next)
	// The login is used up before anything else: no answer counts twice.
	err := d.cfg.Accounts.EndSignIn(r.Context(), secret)
	var id accounts.Identity
	if err == nil {
		id, err = d.cfg.SignIn.Finish(r.Context(), secret, r.URL.Query())
	}
	var session string
	var u markwatch.User
	if err == nil {
		session, u, err = d.cfg.Accounts.Recognise(detached(r), id)
	}
	if err != nil {
		d.signInFailed(w, r, err)
		return
	}
	if err := d.audit(r, u.ID, AuditLogin, "", "provider "+id.Subject); err != nil {
		d.fail(w, r, errors.Join(err, d.cfg.Accounts.Close(detached(r), session)))
		return
	}
	setSession(w, r, session)
	// The session's cookie is a strict one. It is not sent along a redirect of
	// a request that the provider's site began, so that the page itself goes on.
	next = localPath(next)
	w.Header().Set("Refresh", "0; url="+next)
	d.renderLogin(w, r, http.StatusOK, loginView{Next: next, SignedIn: true})
}

// signInFailed shows the page of the login with what is wrong. What only an
// operator can make sense of goes to the log.
func (d *desk) signInFailed(w http.ResponseWriter, r *http.Request, err error) {
	d.cfg.Logger.WarnContext(r.Context(), "log in at the provider", "error", err)
	if status(err) == http.StatusServiceUnavailable {
		if auditErr := d.audit(r, "", AuditLoginFailed, "", "provider: no answer"); auditErr != nil {
			d.fail(w, r, auditErr)
			return
		}
		d.renderLogin(w, r, http.StatusServiceUnavailable, loginView{Problem: sentence(language(r), err)})
		return
	}
	d.loginRefused(w, r, loginView{}, "", err)
}

// providerLogout is where the login at the provider is ended, for the page that
// follows a logout.
func (d *desk) providerLogout(r *http.Request) string {
	if d.cfg.SignIn == nil {
		return ""
	}
	return d.cfg.SignIn.LogoutURL(r.Context(), d.base(r)+"/login")
}
