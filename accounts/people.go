package accounts

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/markwatch/markwatch"
)

// maxName bounds a person's name, in code points; maxBounds their bounds.
const (
	maxName    = 60
	maxBounds  = 100
	maxSubject = 255 // bytes; OpenID Connect Core 1.0, section 2
)

// userID is a name to log in with.
var userID = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,39}$`)

// Check says whether a person can be kept as described.
func Check(u markwatch.User) error {
	switch {
	case !userID.MatchString(u.ID):
		return markwatch.Errorf(markwatch.CodeInvalid, "用户名须为 2 至 40 个小写字母、数字或 . _ - / a name to log in with has 2 to 40 small letters, digits or . _ -")
	case utf8.RuneCountInString(u.Name) > maxName || strings.ContainsFunc(u.Name, unicode.IsControl):
		return markwatch.Errorf(markwatch.CodeInvalid, "姓名最多 %d 个字 / a name has at most %d characters", maxName, maxName)
	case !slices.Contains(markwatch.UserRoles(), u.Role):
		return markwatch.Errorf(markwatch.CodeInvalid, "没有角色 %q,可用 viewer、investigator、approver、administrator / there is no role %q", u.Role, u.Role)
	case len(u.Subject) > maxSubject || strings.ContainsFunc(u.Subject, unicode.IsControl):
		return markwatch.Errorf(markwatch.CodeInvalid, "统一身份标识最多 %d 字节 / a subject has at most %d bytes", maxSubject, maxSubject)
	case len(u.Units) > maxBounds || len(u.Regions) > maxBounds:
		return markwatch.Errorf(markwatch.CodeInvalid, "单位或地区过多 / too many units or regions")
	}
	return nil
}

// prepared is a person with a password's hash, checked before it costs time.
func (a *Accounts) prepared(ctx context.Context, u markwatch.User, password string) (markwatch.User, error) {
	u.Name = strings.TrimSpace(u.Name)
	if err := Check(u); err != nil {
		return u, err
	}
	if err := checkPassword(password, u); err != nil {
		return u, err
	}
	return u, a.withHashing(ctx, func() { u.PasswordHash = a.opts.Argon2.hash(password) })
}

// Add adds a person, with a password where one is given; one who has none is
// sent a link (LinkPassword).
func (a *Accounts) Add(ctx context.Context, u markwatch.User, password string) error {
	u.Name, u.PasswordHash = strings.TrimSpace(u.Name), ""
	if err := Check(u); err != nil {
		return err
	}
	if password != "" {
		var err error
		if u, err = a.prepared(ctx, u, password); err != nil {
			return err
		}
	}
	return a.store.AddUser(ctx, u)
}

// Change sets what an administrator says of a person: name, role, bounds,
// subject, whether they are kept out. One who is kept out is logged out.
func (a *Accounts) Change(ctx context.Context, u markwatch.User) error {
	u.Name = strings.TrimSpace(u.Name)
	if err := Check(u); err != nil {
		return err
	}
	_, err := a.store.UpdateUser(ctx, u.ID, func(old markwatch.User) (markwatch.User, error) {
		old.Name, old.Role, old.Bounds, old.Disabled, old.Subject = u.Name, u.Role, u.Bounds, u.Disabled, u.Subject
		return old, nil
	})
	if err == nil && u.Disabled {
		err = a.store.EndSessions(ctx, u.ID, "")
	}
	return err
}

// ChangePassword sets a person's own password, for which they show the old
// one, and ends their other sessions. Wrong old passwords lock the name as
// wrong logins do.
func (a *Accounts) ChangePassword(ctx context.Context, session string, u markwatch.User, old, password, remote string) error {
	if _, err := a.known(ctx, u.ID, old, remote); err != nil {
		return err
	}
	u, err := a.prepared(ctx, u, password)
	if err != nil {
		return err
	}
	return a.put(ctx, u.ID, u.PasswordHash, digest(session))
}

// SetPassword sets a password without the old one, for the command line.
func (a *Accounts) SetPassword(ctx context.Context, id, password string) error {
	u, err := a.store.User(ctx, id)
	if err != nil {
		return err
	}
	if u, err = a.prepared(ctx, u, password); err != nil {
		return err
	}
	return a.put(ctx, id, u.PasswordHash, "")
}

func (a *Accounts) put(ctx context.Context, id, hash, except string) error {
	if _, err := a.store.UpdateUser(ctx, id, func(u markwatch.User) (markwatch.User, error) {
		u.PasswordHash = hash
		return u, nil
	}); err != nil {
		return err
	}
	return a.store.EndSessions(ctx, id, except)
}

// User returns one person.
func (a *Accounts) User(ctx context.Context, id string) (markwatch.User, error) {
	return a.store.User(ctx, id)
}

// Users returns everybody.
func (a *Accounts) Users(ctx context.Context) ([]markwatch.User, error) { return a.store.Users(ctx) }
