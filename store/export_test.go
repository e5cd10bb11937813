package store

import (
	"context"
	"strings"
)

// OpenAt opens a database with our tables as they were at a version.
func OpenAt(ctx context.Context, dsn string, version int64) (*Store, error) {
	s := &Store{embedded: !strings.HasPrefix(dsn, "postgres")}
	var err error
	if s.embedded {
		err = s.openSQLite(dsn, 0)
	} else {
		err = s.openPostgres(dsn, 2)
	}
	if err != nil {
		return nil, err
	}
	provider, err := s.migrations()
	if err != nil {
		return nil, err
	}
	_, err = provider.UpTo(ctx, version)
	return s, err
}
