package accounts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode"

	"github.com/markwatch/markwatch"
)

// signInTTL is how long a person has at the provider of logins.
const signInTTL = 10 * time.Minute

// SignIn says how people are recognised whom a provider of logins lets in.
type SignIn struct {
	// Names lets a subject stand for the account of that login name, where the
	// account has no subject yet. It is for providers whose claim is a login
	// name that nobody can choose for themselves.
	Names bool
	// Create makes an account, a viewer's without bounds, for who has none.
	Create bool
}

// Identity is what a provider of logins says of a person whom it let in.
type Identity struct {
	// Subject is the value of the configured claim.
	Subject string
	// Login and Name are proposals for an account that is made anew.
	Login, Name string
	// Role is that of the person's groups, and empty where groups say nothing.
	Role markwatch.UserRole
}

// BeginSignIn returns the secret by which a browser is known again when it
// comes back from the provider of logins. It is good once.
func (a *Accounts) BeginSignIn(ctx context.Context) (string, error) {
	now := a.now()
	if err := a.store.DropSessions(ctx, now, now.Add(-a.opts.Idle), now.Add(-a.opts.Max)); err != nil {
		return "", err
	}
	s := secret()
	return s, a.store.AddLink(ctx, markwatch.Link{ID: digest(s), Purpose: markwatch.LinkSignIn, Expires: now.Add(signInTTL)})
}

// EndSignIn uses the secret of BeginSignIn up; one that is unknown, used or
// too old is CodeInvalid.
func (a *Accounts) EndSignIn(ctx context.Context, secret string) error {
	_, err := a.take(ctx, secret, markwatch.LinkSignIn)
	if markwatch.ErrorCode(err) == markwatch.CodeInvalid {
		return markwatch.Errorf(markwatch.CodeInvalid, "这次登录已用过或已过期,请重新登录 / this login was used already or is too old: log in again")
	}
	return err
}

// Recognise opens a session for a person whom a provider of logins let in: the
// one who has the subject, or by Options.SignIn. One who is unknown is
// CodeInvalid. Where the provider's groups give a role, the person has it from
// now on, except that the last administrator stays one.
func (a *Accounts) Recognise(ctx context.Context, id Identity) (session string, u markwatch.User, err error) {
	if id.Subject == "" || len(id.Subject) > maxSubject || strings.ContainsFunc(id.Subject, unicode.IsControl) {
		return "", u, errUnknown()
	}
	u, err = a.store.UserBySubject(ctx, id.Subject)
	if markwatch.ErrorCode(err) == markwatch.CodeNotFound && a.opts.SignIn.Names {
		u, err = a.bind(ctx, id.Subject)
	}
	if markwatch.ErrorCode(err) == markwatch.CodeNotFound {
		if !a.opts.SignIn.Create {
			return "", u, errUnknown()
		}
		u, err = a.addIdentity(ctx, id)
	}
	if err != nil {
		return "", u, err
	}
	if u.Disabled {
		return "", u, errUnknown()
	}
	if id.Role != "" && id.Role != u.Role {
		changed, err := a.store.UpdateUser(ctx, u.ID, func(old markwatch.User) (markwatch.User, error) {
			old.Role = id.Role
			return old, Check(old)
		})
		switch markwatch.ErrorCode(err) {
		case "":
			u = changed
		case markwatch.CodeConflict: // the last administrator
		default:
			return "", u, err
		}
	}
	return a.open(ctx, u)
}

// errUnknown is the one answer to people who are unknown and to those who are
// kept out.
func errUnknown() error {
	return markwatch.Errorf(markwatch.CodeInvalid, "核查台没有对应的用户,请找管理员登记你的统一身份标识 / the desk does not know you: an administrator can enter your subject")
}

// bind gives a subject to the account of that login name.
func (a *Accounts) bind(ctx context.Context, subject string) (markwatch.User, error) {
	return a.store.UpdateUser(ctx, subject, func(u markwatch.User) (markwatch.User, error) {
		if u.Subject != "" {
			return u, markwatch.Errorf(markwatch.CodeNotFound, "the account has another subject")
		}
		u.Subject = subject
		return u, nil
	})
}

// addIdentity makes an account for somebody unknown.
func (a *Accounts) addIdentity(ctx context.Context, id Identity) (markwatch.User, error) {
	name := strings.TrimSpace(id.Name)
	u := markwatch.User{ID: strings.ToLower(id.Login), Name: name, Role: markwatch.RoleViewer, Subject: id.Subject, Created: a.now()}
	if len([]rune(name)) > maxName || strings.ContainsFunc(name, unicode.IsControl) {
		u.Name = ""
	}
	if userID.MatchString(u.ID) {
		err := a.store.AddUser(ctx, u)
		if markwatch.ErrorCode(err) != markwatch.CodeConflict {
			return u, err
		}
	}
	// The name that was proposed is no name here, or another's.
	sum := sha256.Sum256([]byte(id.Subject))
	u.ID = "id-" + hex.EncodeToString(sum[:8])
	return u, a.store.AddUser(ctx, u)
}
