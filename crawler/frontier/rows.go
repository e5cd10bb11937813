package frontier

import "database/sql"

// text reads a row of one text column.
func text(rows *sql.Rows) (s string, err error) {
	err = rows.Scan(&s)
	return s, err
}
