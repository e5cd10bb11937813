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

const tokenColumns = `id, digest, person, name, scopes, created, expires, used`

func scanToken(row interface{ Scan(...any) error }) (markwatch.AccessToken, error) {
	var t markwatch.AccessToken
	var scopes string
	var created, expires, used int64
	if err := row.Scan(&t.ID, &t.Digest, &t.User, &t.Name, &scopes, &created, &expires, &used); err != nil {
		return t, err
	}
	t.Created, t.Expires, t.Used = fromMillis(created), fromMillis(expires), fromMillis(used)
	return t, json.Unmarshal([]byte(scopes), &t.Scopes)
}

// AddToken keeps an access token.
func (s *Store) AddToken(ctx context.Context, t markwatch.AccessToken) error {
	scopes, err := list(t.Scopes)
	if err != nil {
		return err
	}
	_, err = s.write.ExecContext(ctx, `INSERT INTO access_tokens (`+tokenColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		t.ID, t.Digest, t.User, sqlform.Plain(t.Name), scopes, sqlform.Millis(t.Created), sqlform.Millis(t.Expires), sqlform.Millis(t.Used))
	return fault(err, "keeping an access token")
}

// Token returns a token by the digest of its secret, and whose it is;
// CodeNotFound where there is none.
func (s *Store) Token(ctx context.Context, digest string) (markwatch.AccessToken, markwatch.User, error) {
	t, err := scanToken(s.read.QueryRowContext(ctx, `SELECT `+tokenColumns+` FROM access_tokens WHERE digest = $1`, digest))
	if errors.Is(err, sql.ErrNoRows) {
		return t, markwatch.User{}, markwatch.Errorf(markwatch.CodeNotFound, "there is no such token")
	}
	if err != nil {
		return t, markwatch.User{}, fault(err, "reading an access token")
	}
	u, err := s.User(ctx, t.User)
	return t, u, err
}

// Tokens returns a person's tokens, the oldest first; everybody's where user
// is empty.
func (s *Store) Tokens(ctx context.Context, user string) ([]markwatch.AccessToken, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+tokenColumns+` FROM access_tokens WHERE person = $1 OR $1 = '' ORDER BY created, id`, user)
	tokens, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (markwatch.AccessToken, error) { return scanToken(rows) })
	return tokens, fault(err, "reading the access tokens")
}

// UseToken notes when a token was used last.
func (s *Store) UseToken(ctx context.Context, id string, at time.Time) error {
	_, err := s.write.ExecContext(ctx, `UPDATE access_tokens SET used = $2 WHERE id = $1`, id, sqlform.Millis(at))
	return fault(err, "noting the use of an access token")
}

// DropToken takes a token back; CodeNotFound where the person has none of
// that id.
func (s *Store) DropToken(ctx context.Context, user, id string) error {
	res, err := s.write.ExecContext(ctx, `DELETE FROM access_tokens WHERE person = $1 AND id = $2`, user, id)
	if err != nil {
		return fault(err, "taking an access token back")
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return markwatch.Errorf(markwatch.CodeNotFound, "没有令牌 %s / there is no token %s", id, id)
	}
	return nil
}

// Attempts returns the failed logins under a key.
func (s *Store) Attempts(ctx context.Context, key string) (markwatch.Attempts, error) {
	return attempts(ctx, s.read, key)
}

func attempts(ctx context.Context, q querier, key string) (markwatch.Attempts, error) {
	var a markwatch.Attempts
	var last, until int64
	err := q.QueryRowContext(ctx, `SELECT failures, last_at, until FROM login_attempts WHERE subject = $1`, sqlform.Plain(key)).Scan(&a.Failures, &last, &until)
	if errors.Is(err, sql.ErrNoRows) {
		return a, nil
	}
	a.Last, a.Until = fromMillis(last), fromMillis(until)
	return a, fault(err, "reading failed logins")
}

// CountAttempt changes what is known of a key's failed logins. change may be
// run twice.
func (s *Store) CountAttempt(ctx context.Context, key string, change func(markwatch.Attempts) markwatch.Attempts) (markwatch.Attempts, error) {
	var now markwatch.Attempts
	err := s.Tx(ctx, func(tx *sql.Tx) error {
		if !s.embedded {
			// Guesses that come at once must each count.
			if _, err := tx.ExecContext(ctx, `LOCK TABLE login_attempts IN SHARE ROW EXCLUSIVE MODE`); err != nil {
				return fault(err, "locking the failed logins")
			}
		}
		old, err := attempts(ctx, tx, key)
		if err != nil {
			return err
		}
		now = change(old)
		_, err = tx.ExecContext(ctx, `INSERT INTO login_attempts (subject, failures, last_at, until) VALUES ($1, $2, $3, $4)
			ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at, until = excluded.until`,
			sqlform.Plain(key), now.Failures, sqlform.Millis(now.Last), sqlform.Millis(now.Until))
		return fault(err, "counting a failed login")
	})
	return now, err
}

// ClearAttempts forgets a key's failed logins.
func (s *Store) ClearAttempts(ctx context.Context, key string) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM login_attempts WHERE subject = $1`, sqlform.Plain(key))
	return fault(err, "forgetting failed logins")
}
