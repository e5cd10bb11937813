package accounts

import (
	"context"
	"time"

	"github.com/markwatch/markwatch"
)

// errLink is the answer to a link that is unknown, used or too old.
func errLink() error {
	return markwatch.Errorf(markwatch.CodeInvalid, "链接已用过或已过期 / the link was used already or is too old")
}

// NewLink returns the secret of a one-time link. user is empty for a setup.
func (a *Accounts) NewLink(ctx context.Context, user string, purpose markwatch.LinkPurpose, ttl time.Duration) (string, error) {
	if purpose != markwatch.LinkSetup {
		if _, err := a.store.User(ctx, user); err != nil {
			return "", err
		}
	}
	token := secret()
	return token, a.store.AddLink(ctx, markwatch.Link{ID: digest(token), User: user, Purpose: purpose, Expires: a.now().Add(ttl)})
}

// Look says what a link is good for and whose it is, without using it up.
func (a *Accounts) Look(ctx context.Context, token string) (markwatch.Link, error) {
	l, err := a.store.Link(ctx, digest(token))
	return a.live(l, err)
}

// take uses a link of a purpose up.
func (a *Accounts) take(ctx context.Context, token string, purpose markwatch.LinkPurpose) (markwatch.Link, error) {
	l, err := a.Look(ctx, token)
	if err != nil {
		return l, err
	}
	if l.Purpose != purpose {
		return l, errLink()
	}
	l, err = a.store.TakeLink(ctx, digest(token))
	return a.live(l, err)
}

func (a *Accounts) live(l markwatch.Link, err error) (markwatch.Link, error) {
	if markwatch.ErrorCode(err) == markwatch.CodeNotFound || err == nil && !a.now().Before(l.Expires) {
		return markwatch.Link{}, errLink()
	}
	return l, err
}

// Enter opens a session by a login link.
func (a *Accounts) Enter(ctx context.Context, token string) (session string, u markwatch.User, err error) {
	l, err := a.take(ctx, token, markwatch.LinkLogin)
	if err != nil {
		return "", u, err
	}
	return a.open(ctx, markwatch.User{ID: l.User})
}

// Setup makes the first administrator by the link of a deployment's first
// start and opens a session.
func (a *Accounts) Setup(ctx context.Context, token string, u markwatch.User, password string) (session string, _ markwatch.User, err error) {
	u.Role, u.Bounds, u.Disabled = markwatch.RoleAdministrator, markwatch.Bounds{}, false
	if u, err = a.prepared(ctx, u, password); err != nil {
		return "", u, err
	}
	if _, err := a.take(ctx, token, markwatch.LinkSetup); err != nil {
		return "", u, err
	}
	if err := a.store.AddFirstUser(ctx, u); err != nil {
		return "", u, err
	}
	return a.open(ctx, u)
}

// ChoosePassword sets the password of a link's person, ends their sessions and
// opens one.
func (a *Accounts) ChoosePassword(ctx context.Context, token, password string) (session string, u markwatch.User, err error) {
	l, err := a.Look(ctx, token)
	if err != nil {
		return "", u, err
	}
	if u, err = a.store.User(ctx, l.User); err != nil {
		return "", u, errLink()
	}
	if u, err = a.prepared(ctx, u, password); err != nil {
		return "", u, err
	}
	if _, err := a.take(ctx, token, markwatch.LinkPassword); err != nil {
		return "", u, err
	}
	if err := a.put(ctx, u.ID, u.PasswordHash, ""); err != nil {
		return "", u, err
	}
	return a.open(ctx, u)
}
