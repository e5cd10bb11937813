package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"sync"
	"time"

	"github.com/markwatch/markwatch"
)

// Limits of what is kept in memory; the oldest go first.
const (
	maxTokens   = 64
	maxSessions = 10_000
)

// Auth knows who is at the desk: it hands out one-time login tokens and keeps
// the sessions that they open, in memory, so that a restart ends them all.
// Tokens and session ids are kept as digests only.
type Auth struct {
	// Now is the clock; time.Now where nil.
	Now func() time.Time
	// Idle ends a session that was not used for so long, Max ends every
	// session after so long. Zero is 12 hours and 7 days.
	Idle, Max time.Duration

	mu       sync.Mutex
	tokens   map[digest]login
	sessions map[digest]session
}

type digest [sha256.Size]byte

type login struct {
	actor   string
	expires time.Time
}

type session struct {
	actor  string
	opened time.Time
	used   time.Time
}

// OneTimeToken returns a token that opens one session in the name of actor
// if it is used within ttl. It goes into a link: /login?token=….
func (a *Auth) OneTimeToken(actor string, ttl time.Duration) string {
	token := secret()
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	if a.tokens == nil {
		a.tokens = map[digest]login{}
	}
	for k, v := range a.tokens {
		if !now.Before(v.expires) {
			delete(a.tokens, k)
		}
	}
	if len(a.tokens) >= maxTokens {
		dropOldest(a.tokens, func(v login) time.Time { return v.expires })
	}
	a.tokens[sha256.Sum256([]byte(token))] = login{actor: actor, expires: now.Add(ttl)}
	return token
}

// open uses a token up and opens a session. The error is of CodeInvalid where
// the token is unknown, used or too old.
func (a *Auth) open(token string) (id, actor string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	key := digest(sha256.Sum256([]byte(token)))
	l, ok := a.tokens[key]
	delete(a.tokens, key)
	if !ok || !now.Before(l.expires) {
		return "", "", markwatch.Errorf(markwatch.CodeInvalid, "the login link was used already or is too old")
	}
	if a.sessions == nil {
		a.sessions = map[digest]session{}
	}
	for k, s := range a.sessions {
		if a.ended(s, now) {
			delete(a.sessions, k)
		}
	}
	if len(a.sessions) >= maxSessions {
		dropOldest(a.sessions, func(s session) time.Time { return s.used })
	}
	id = secret()
	a.sessions[sha256.Sum256([]byte(id))] = session{actor: l.actor, opened: now, used: now}
	return id, l.actor, nil
}

// actor returns who a request comes from, "" where nobody is known.
func (a *Auth) actor(r *http.Request) string {
	c, err := r.Cookie(sessionCookie(r))
	if err != nil {
		return ""
	}
	key := digest(sha256.Sum256([]byte(c.Value)))
	a.mu.Lock()
	defer a.mu.Unlock()
	s, ok := a.sessions[key]
	now := a.now()
	if !ok {
		return ""
	}
	if a.ended(s, now) {
		delete(a.sessions, key)
		return ""
	}
	s.used = now
	a.sessions[key] = s
	return s.actor
}

// peek returns the session that a request belongs to, and does not count as
// use of it.
func (a *Auth) peek(r *http.Request) (digest, bool) {
	c, err := r.Cookie(sessionCookie(r))
	if err != nil {
		return digest{}, false
	}
	key := digest(sha256.Sum256([]byte(c.Value)))
	a.mu.Lock()
	defer a.mu.Unlock()
	s, ok := a.sessions[key]
	return key, ok && !a.ended(s, a.now())
}

// close ends the session of a request.
func (a *Auth) close(r *http.Request) {
	c, err := r.Cookie(sessionCookie(r))
	if err != nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.sessions, sha256.Sum256([]byte(c.Value)))
}

func (a *Auth) ended(s session, now time.Time) bool {
	idle, life := a.Idle, a.Max
	if idle == 0 {
		idle = 12 * time.Hour
	}
	if life == 0 {
		life = 7 * 24 * time.Hour
	}
	return now.Sub(s.used) >= idle || now.Sub(s.opened) >= life
}

func (a *Auth) now() time.Time {
	if a.Now != nil {
		return a.Now()
	}
	return time.Now()
}

// sessionCookie is the cookie's name: over TLS with the prefix that makes
// browsers insist on Secure, the whole host and no Domain.
func sessionCookie(r *http.Request) string {
	if r.TLS != nil {
		return "__Host-markwatch"
	}
	return "markwatch"
}

// setSession writes the cookie; an empty id takes it away.
func setSession(w http.ResponseWriter, r *http.Request, id string) {
	c := &http.Cookie{
		Name: sessionCookie(r), Value: id, Path: "/",
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode,
	}
	if id == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// secret is 32 random bytes, safe in a cookie and a query.
func secret() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails: crypto/rand ends the program where it cannot read
	return base64.RawURLEncoding.EncodeToString(b)
}

func dropOldest[V any](m map[digest]V, at func(V) time.Time) {
	var oldest digest
	var when time.Time
	for k, v := range m {
		if t := at(v); when.IsZero() || t.Before(when) {
			oldest, when = k, t
		}
	}
	delete(m, oldest)
}
