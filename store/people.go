package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

const userColumns = `id, name, role, units, regions, disabled, password, created, last_login, subject`

func scanUser(row interface{ Scan(...any) error }) (markwatch.User, error) {
	var u markwatch.User
	var role, units, regions string
	var created, last int64
	if err := row.Scan(&u.ID, &u.Name, &role, &units, &regions, &u.Disabled, &u.PasswordHash, &created, &last, &u.Subject); err != nil {
		return u, err
	}
	u.Role, u.Created, u.LastLogin = markwatch.UserRole(role), fromMillis(created), fromMillis(last)
	return u, errors.Join(json.Unmarshal([]byte(units), &u.Units), json.Unmarshal([]byte(regions), &u.Regions))
}

// AddUser adds a person; CodeConflict where the id is taken.
func (s *Store) AddUser(ctx context.Context, u markwatch.User) error {
	return s.Tx(ctx, func(tx *sql.Tx) error { return s.addUser(ctx, tx, u) })
}

// AddFirstUser adds a person where there is none yet; CodeConflict otherwise.
func (s *Store) AddFirstUser(ctx context.Context, u markwatch.User) error {
	return s.Tx(ctx, func(tx *sql.Tx) error {
		if !s.embedded {
			if _, err := tx.ExecContext(ctx, `LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE`); err != nil {
				return fault(err, "locking the users")
			}
		}
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM users`).Scan(&n); err != nil {
			return fault(err, "counting the users")
		}
		if n > 0 {
			return markwatch.Errorf(markwatch.CodeConflict, "已有用户,首次设置不再可用 / there are users already")
		}
		return s.addUser(ctx, tx, u)
	})
}

func (s *Store) addUser(ctx context.Context, tx *sql.Tx, u markwatch.User) error {
	units, regions, err := bounds(u.Bounds)
	if err != nil {
		return err
	}
	if u.Created.IsZero() {
		u.Created = s.now()
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO users (`+userColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		sqlform.Plain(u.ID), sqlform.Plain(u.Name), string(u.Role), units, regions, flag(u.Disabled), u.PasswordHash, sqlform.Millis(u.Created), sqlform.Millis(u.LastLogin), sqlform.Plain(u.Subject))
	if uniqueViolation(err) {
		return markwatch.WrapError(markwatch.CodeConflict, err, "用户名 %s 或其统一身份标识已被使用 / the name, or the subject, is taken", u.ID)
	}
	return fault(err, "adding the user "+u.ID)
}

func bounds(b markwatch.Bounds) (units, regions string, err error) {
	units, err = list(b.Units)
	if err == nil {
		regions, err = list(b.Regions)
	}
	return units, regions, err
}

// list is the JSON of a list; an empty one is never null.
func list(values []string) (string, error) {
	if len(values) == 0 {
		return "[]", nil
	}
	return document(values)
}

// User returns a person; CodeNotFound where there is none of that id.
func (s *Store) User(ctx context.Context, id string) (markwatch.User, error) {
	return user(ctx, s.read, id)
}

func user(ctx context.Context, q querier, id string) (markwatch.User, error) {
	u, err := scanUser(q.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE id = $1`, sqlform.Plain(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return markwatch.User{}, markwatch.Errorf(markwatch.CodeNotFound, "没有用户 %s / there is no user %s", id, id)
	}
	return u, fault(err, "reading the user "+id)
}

// UserBySubject returns the person whom the provider of logins knows by a
// subject, which is not empty; CodeNotFound where there is none.
func (s *Store) UserBySubject(ctx context.Context, subject string) (markwatch.User, error) {
	u, err := scanUser(s.read.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE subject = $1 AND subject <> ''`, sqlform.Plain(subject)))
	if errors.Is(err, sql.ErrNoRows) {
		return markwatch.User{}, markwatch.Errorf(markwatch.CodeNotFound, "no user has this subject")
	}
	return u, fault(err, "reading the user of a subject")
}

// Users returns everybody by id.
func (s *Store) Users(ctx context.Context) ([]markwatch.User, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+userColumns+` FROM users ORDER BY id`)
	users, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (markwatch.User, error) { return scanUser(rows) })
	return users, fault(err, "reading the users")
}

// UpdateUser changes a person to what change returns; the id and the day of
// creation stay. Where change takes the last administrator away who is not
// disabled, nothing is changed and the error is CodeConflict.
func (s *Store) UpdateUser(ctx context.Context, id string, change func(markwatch.User) (markwatch.User, error)) (markwatch.User, error) {
	var changed markwatch.User
	err := s.Tx(ctx, func(tx *sql.Tx) error {
		if !s.embedded {
			if _, err := tx.ExecContext(ctx, `LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE`); err != nil {
				return fault(err, "locking the users")
			}
		}
		old, err := user(ctx, tx, id)
		if err != nil {
			return err
		}
		if changed, err = change(old); err != nil {
			return err
		}
		changed.ID, changed.Created = old.ID, old.Created
		units, regions, err := bounds(changed.Bounds)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE users SET name = $2, role = $3, units = $4, regions = $5, disabled = $6, password = $7, last_login = $8, subject = $9 WHERE id = $1`,
			old.ID, sqlform.Plain(changed.Name), string(changed.Role), units, regions, flag(changed.Disabled), changed.PasswordHash, sqlform.Millis(changed.LastLogin), sqlform.Plain(changed.Subject))
		if uniqueViolation(err) {
			return markwatch.WrapError(markwatch.CodeConflict, err, "这个统一身份标识已属于另一用户 / the subject is another user's")
		}
		if err != nil {
			return fault(err, "changing the user "+id)
		}
		var administrators int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM users WHERE role = $1 AND disabled = 0`, string(markwatch.RoleAdministrator)).Scan(&administrators); err != nil {
			return fault(err, "counting the administrators")
		}
		if administrators == 0 && old.Role == markwatch.RoleAdministrator && !old.Disabled {
			return markwatch.Errorf(markwatch.CodeConflict, "至少须有一位可登录的管理员 / at least one administrator must remain")
		}
		return nil
	})
	return changed, err
}

// AddSession keeps an open login.
func (s *Store) AddSession(ctx context.Context, n markwatch.Session) error {
	_, err := s.write.ExecContext(ctx, `INSERT INTO sessions (id, person, opened, used) VALUES ($1, $2, $3, $4)`,
		n.ID, n.User, sqlform.Millis(n.Opened), sqlform.Millis(n.Used))
	return fault(err, "keeping a session")
}

// Session returns a login and whose it is; CodeNotFound where there is none.
func (s *Store) Session(ctx context.Context, id string) (markwatch.Session, markwatch.User, error) {
	n := markwatch.Session{ID: id}
	var opened, used int64
	err := s.read.QueryRowContext(ctx, `SELECT person, opened, used FROM sessions WHERE id = $1`, id).Scan(&n.User, &opened, &used)
	if errors.Is(err, sql.ErrNoRows) {
		return n, markwatch.User{}, markwatch.Errorf(markwatch.CodeNotFound, "there is no such session")
	}
	if err != nil {
		return n, markwatch.User{}, fault(err, "reading a session")
	}
	n.Opened, n.Used = fromMillis(opened), fromMillis(used)
	u, err := s.User(ctx, n.User)
	return n, u, err
}

// UseSession notes when a login was used last.
func (s *Store) UseSession(ctx context.Context, id string, at time.Time) error {
	_, err := s.write.ExecContext(ctx, `UPDATE sessions SET used = $2 WHERE id = $1`, id, sqlform.Millis(at))
	return fault(err, "noting the use of a session")
}

// EndSession ends a login; one that is not there is no error.
func (s *Store) EndSession(ctx context.Context, id string) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM sessions WHERE id = $1`, id)
	return fault(err, "ending a session")
}

// EndSessions ends every login of a person but one; except may be empty.
func (s *Store) EndSessions(ctx context.Context, user, except string) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM sessions WHERE person = $1 AND id <> $2`, user, except)
	return fault(err, "ending the sessions of "+user)
}

// DropSessions forgets logins that were not used since usedBefore or opened
// before openedBefore, links that are over and old attempts.
func (s *Store) DropSessions(ctx context.Context, now, usedBefore, openedBefore time.Time) error {
	return s.Tx(ctx, func(tx *sql.Tx) error {
		for _, q := range []struct {
			text string
			args []any
		}{
			{`DELETE FROM sessions WHERE used < $1 OR opened < $2`, []any{sqlform.Millis(usedBefore), sqlform.Millis(openedBefore)}},
			{`DELETE FROM login_links WHERE expires < $1`, []any{sqlform.Millis(now)}},
			{`DELETE FROM login_attempts WHERE until < $1 AND last_at < $2`, []any{sqlform.Millis(now), sqlform.Millis(now.Add(-24 * time.Hour))}},
		} {
			if _, err := tx.ExecContext(ctx, q.text, q.args...); err != nil {
				return fault(err, "forgetting old sessions")
			}
		}
		return nil
	})
}

// AddLink keeps a one-time link.
func (s *Store) AddLink(ctx context.Context, l markwatch.Link) error {
	_, err := s.write.ExecContext(ctx, `INSERT INTO login_links (id, person, purpose, expires) VALUES ($1, $2, $3, $4)`,
		l.ID, sqlform.Plain(l.User), string(l.Purpose), sqlform.Millis(l.Expires))
	return fault(err, "keeping a link")
}

// Link returns a link that may still be used; CodeNotFound where there is none.
func (s *Store) Link(ctx context.Context, id string) (markwatch.Link, error) {
	return linkOf(s.read.QueryRowContext(ctx, `SELECT id, person, purpose, expires FROM login_links WHERE id = $1`, id))
}

// TakeLink uses a link up; of two that do so at once, one gets CodeNotFound.
func (s *Store) TakeLink(ctx context.Context, id string) (markwatch.Link, error) {
	return linkOf(s.write.QueryRowContext(ctx, `DELETE FROM login_links WHERE id = $1 RETURNING id, person, purpose, expires`, id))
}

func linkOf(row *sql.Row) (markwatch.Link, error) {
	var l markwatch.Link
	var purpose string
	var expires int64
	err := row.Scan(&l.ID, &l.User, &purpose, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return l, markwatch.Errorf(markwatch.CodeNotFound, "there is no such link")
	}
	l.Purpose, l.Expires = markwatch.LinkPurpose(purpose), fromMillis(expires)
	return l, fault(err, "reading a link")
}
