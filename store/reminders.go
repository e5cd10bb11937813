package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/markwatch/markwatch/store/sqlform"
)

// Remind notes that people are reminded of things and returns those of which
// they were not before, in their order. then, which may be nil, does what tells
// of them, in the same transaction: where it fails nothing is noted. It is not
// called where everything was told before.
func (s *Store) Remind(ctx context.Context, about []string, at time.Time, then func(ctx context.Context, tx *sql.Tx, fresh []string) error) (fresh []string, err error) {
	err = s.Tx(ctx, func(tx *sql.Tx) error {
		fresh = nil
		for _, one := range about {
			res, err := tx.ExecContext(ctx, `INSERT INTO reminders (about, at) VALUES ($1, $2) ON CONFLICT (about) DO NOTHING`, sqlform.Plain(one), sqlform.Millis(at))
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			if n > 0 && !slices.Contains(fresh, one) {
				fresh = append(fresh, one)
			}
		}
		if len(fresh) == 0 || then == nil {
			return nil
		}
		return then(ctx, tx, fresh)
	})
	if err != nil {
		fresh = nil
	}
	return fresh, fault(err, "noting reminders")
}

// ForgetReminders forgets what people were reminded of before an instant.
func (s *Store) ForgetReminders(ctx context.Context, before time.Time) error {
	return s.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM reminders WHERE at < $1`, sqlform.Millis(before))
		return fault(err, "forgetting reminders")
	})
}
