package accounts

import (
	"context"
	"fmt"
	"time"

	"github.com/markwatch/markwatch"
)

// How many failures lock a name or an address, and for how long. Failures
// count together while they are within lockWindow of each other.
const (
	nameFailures    = 5
	addressFailures = 30
	lockWindow      = 15 * time.Minute
	lockTime        = 15 * time.Minute
)

// LockedError says that a name or an address has failed too often.
type LockedError struct {
	Until time.Time
}

// Error names the time.
func (e *LockedError) Error() string {
	return fmt.Sprintf("locked until %s after too many failed logins", e.Until.Format(time.RFC3339))
}

// errRefused is the one answer to a wrong name, a wrong password and a person
// who is kept out, so that none can be told from another.
func errRefused() error {
	return markwatch.Errorf(markwatch.CodeInvalid, "用户名或密码不对 / the name or the password is wrong")
}

// Login opens a session for a name and a password; remote is the address from
// which it is asked. The error is a *LockedError after too many failures, and
// of CodeInvalid where name and password do not fit.
func (a *Accounts) Login(ctx context.Context, name, password, remote string) (session string, u markwatch.User, err error) {
	if u, err = a.known(ctx, name, password, remote); err != nil {
		return "", markwatch.User{}, err
	}
	return a.open(ctx, u)
}

// known returns the person of a name and a password, and counts failures.
func (a *Accounts) known(ctx context.Context, name, password, remote string) (u markwatch.User, err error) {
	keys := [...]struct {
		key  string
		most int
	}{{"name " + name, nameFailures}, {"address " + remote, addressFailures}}
	now := a.now()
	for _, k := range keys {
		known, err := a.store.Attempts(ctx, k.key)
		if err != nil {
			return u, err
		}
		if now.Before(known.Until) {
			return u, &LockedError{Until: known.Until}
		}
	}
	u, err = a.store.User(ctx, name)
	hash := u.PasswordHash
	if markwatch.ErrorCode(err) == markwatch.CodeNotFound || err == nil && hash == "" {
		hash, err = a.nobody, nil
	}
	if err != nil {
		return u, err
	}
	right := false
	if len(password) <= maxPassword {
		if err := a.withHashing(ctx, func() { right = matches(password, hash) }); err != nil {
			return u, err
		}
	}
	if !right || u.Disabled {
		for _, k := range keys {
			counted, err := a.store.CountAttempt(ctx, k.key, func(known markwatch.Attempts) markwatch.Attempts { return failed(known, now, k.most) })
			if err != nil {
				return u, err
			}
			if now.Before(counted.Until) {
				return u, &LockedError{Until: counted.Until}
			}
		}
		return u, errRefused()
	}
	return u, a.store.ClearAttempts(ctx, keys[0].key)
}

// failed counts one failure more.
func failed(known markwatch.Attempts, now time.Time, most int) markwatch.Attempts {
	if now.Sub(known.Last) > lockWindow {
		known.Failures = 0
	}
	known.Failures++
	known.Last = now
	if known.Failures >= most {
		known.Failures, known.Until = 0, now.Add(lockTime)
	}
	return known
}

// Unlock lets a name try again at once.
func (a *Accounts) Unlock(ctx context.Context, name string) error {
	return a.store.ClearAttempts(ctx, "name "+name)
}

// open opens a session with a secret of its own, whatever the browser brought
// along.
func (a *Accounts) open(ctx context.Context, u markwatch.User) (string, markwatch.User, error) {
	now := a.now()
	if err := a.store.DropSessions(ctx, now, now.Add(-a.opts.Idle), now.Add(-a.opts.Max)); err != nil {
		return "", u, err
	}
	u, err := a.store.UpdateUser(ctx, u.ID, func(u markwatch.User) (markwatch.User, error) {
		if u.Disabled {
			return u, errRefused()
		}
		u.LastLogin = now
		return u, nil
	})
	if err != nil {
		return "", u, err
	}
	id := secret()
	return id, u, a.store.AddSession(ctx, markwatch.Session{ID: digest(id), User: u.ID, Opened: now, Used: now})
}

// Opened returns whose a session is. It is CodeNotFound where it is over,
// unknown, or its person is kept out. touch counts it as used.
func (a *Accounts) Opened(ctx context.Context, session string, touch bool) (markwatch.User, error) {
	id := digest(session)
	n, u, err := a.store.Session(ctx, id)
	if err != nil {
		return markwatch.User{}, err
	}
	now := a.now()
	if u.Disabled || now.Sub(n.Used) >= a.opts.Idle || now.Sub(n.Opened) >= a.opts.Max {
		if err := a.store.EndSession(ctx, id); err != nil {
			return markwatch.User{}, err
		}
		return markwatch.User{}, markwatch.Errorf(markwatch.CodeNotFound, "the session is over")
	}
	// To the minute: a page a second is no reason to write a page a second.
	if touch && now.Sub(n.Used) >= min(time.Minute, a.opts.Idle/10) {
		return u, a.store.UseSession(ctx, id, now)
	}
	return u, nil
}

// Close ends a session.
func (a *Accounts) Close(ctx context.Context, session string) error {
	return a.store.EndSession(ctx, digest(session))
}
