package web

import "net/http"

// sessionCookie is the cookie's name: over TLS with the prefix that makes
// browsers insist on Secure, the whole host and no Domain.
func sessionCookie(r *http.Request) string {
	if overTLS(r) {
		return "__Host-markwatch"
	}
	return "markwatch"
}

// sessionOf returns the secret of a request's session, "" where there is none.
func sessionOf(r *http.Request) string {
	c, err := r.Cookie(sessionCookie(r))
	if err != nil {
		return ""
	}
	return c.Value
}

// setSession writes the cookie; an empty secret takes it away.
func setSession(w http.ResponseWriter, r *http.Request, secret string) {
	c := &http.Cookie{
		Name: sessionCookie(r), Value: secret, Path: "/",
		HttpOnly: true, Secure: overTLS(r), SameSite: http.SameSiteStrictMode,
	}
	if secret == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}
