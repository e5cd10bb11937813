package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"

	"github.com/markwatch/markwatch"
)

// People keeps who there is. What does not exist is CodeNotFound.
type People interface {
	User(ctx context.Context, id string) (markwatch.User, error)
	Users(ctx context.Context) ([]markwatch.User, error)
	// UserBySubject finds the person whom the provider of logins knows by a
	// subject.
	UserBySubject(ctx context.Context, subject string) (markwatch.User, error)
	AddUser(ctx context.Context, u markwatch.User) error
	// AddFirstUser is a conflict where there is a user already.
	AddFirstUser(ctx context.Context, u markwatch.User) error
	// UpdateUser never takes the last administrator away.
	UpdateUser(ctx context.Context, id string, change func(markwatch.User) (markwatch.User, error)) (markwatch.User, error)
}

// Sessions keeps open logins and one-time links.
type Sessions interface {
	AddSession(ctx context.Context, n markwatch.Session) error
	Session(ctx context.Context, id string) (markwatch.Session, markwatch.User, error)
	UseSession(ctx context.Context, id string, at time.Time) error
	EndSession(ctx context.Context, id string) error
	EndSessions(ctx context.Context, user, except string) error
	DropSessions(ctx context.Context, now, usedBefore, openedBefore time.Time) error
	AddLink(ctx context.Context, l markwatch.Link) error
	Link(ctx context.Context, id string) (markwatch.Link, error)
	// TakeLink gives a link to one of those who ask for it.
	TakeLink(ctx context.Context, id string) (markwatch.Link, error)
}

// Tokens keeps access tokens.
type Tokens interface {
	AddToken(ctx context.Context, t markwatch.AccessToken) error
	Token(ctx context.Context, digest string) (markwatch.AccessToken, markwatch.User, error)
	Tokens(ctx context.Context, user string) ([]markwatch.AccessToken, error)
	UseToken(ctx context.Context, id string, at time.Time) error
	DropToken(ctx context.Context, user, id string) error
}

// Failures keeps failed logins by name and by address.
type Failures interface {
	Attempts(ctx context.Context, key string) (markwatch.Attempts, error)
	CountAttempt(ctx context.Context, key string, change func(markwatch.Attempts) markwatch.Attempts) (markwatch.Attempts, error)
	ClearAttempts(ctx context.Context, key string) error
}

// Store is all of it: the record of a deployment.
type Store interface {
	People
	Sessions
	Tokens
	Failures
}

// Accounts is who may work at a desk. Its methods may be called from any
// goroutine.
type Accounts struct {
	store Store
	opts  Options
	// hashing bounds how many passwords are hashed at once, since each takes
	// memory that strangers could ask for.
	hashing chan struct{}
	// nobody is what an unknown name is tried against, so that it takes as long
	// as a known one.
	nobody string
}

// Options are what a deployment sets; zero fields have defaults.
type Options struct {
	Now func() time.Time
	// Idle ends a session that was not used for so long, Max ends every
	// session after so long: 2 hours and 12 hours.
	Idle, Max time.Duration
	Argon2    Argon2
	// SignIn says whom a provider of logins brings in.
	SignIn SignIn
}

// New returns the accounts of a store.
func New(store Store, opts Options) *Accounts {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Idle == 0 {
		opts.Idle = 2 * time.Hour
	}
	if opts.Max == 0 {
		opts.Max = 12 * time.Hour
	}
	if opts.Argon2 == (Argon2{}) {
		opts.Argon2 = DefaultArgon2
	}
	return &Accounts{store: store, opts: opts, hashing: make(chan struct{}, 2), nobody: opts.Argon2.unmatched()}
}

func (a *Accounts) now() time.Time { return a.opts.Now() }

// withHashing waits for a turn to hash.
func (a *Accounts) withHashing(ctx context.Context, f func()) error {
	select {
	case a.hashing <- struct{}{}:
		defer func() { <-a.hashing }()
		f()
		return nil
	case <-ctx.Done():
		return markwatch.WrapError(markwatch.CodeUnavailable, ctx.Err(), "check a password")
	}
}

// secret is 32 random bytes, safe in a cookie and an address.
func secret() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails: crypto/rand ends the program where it cannot read
	return base64.RawURLEncoding.EncodeToString(b)
}

// digest is how a secret is kept. The secrets are random, so that a plain hash
// cannot be turned round.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
