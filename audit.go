package markwatch

import "time"

// AuditEntry is one line of the audit log: who did what to which object, when
// and from where. The log is only ever added to, and every line carries the
// hash of the one before it.
type AuditEntry struct {
	Seq    int64     `json:"seq,omitempty"`
	At     time.Time `json:"at"`
	Actor  string    `json:"actor"`
	Remote string    `json:"remote,omitempty"` // the address it came from, without port
	Action string    `json:"action"`
	Object string    `json:"object,omitempty"` // what was looked at or changed: a lead's id, a query
	Detail string    `json:"detail,omitempty"` // what more there is to say: the new status, the number of hits
	// Hash is SHA-256 in hexadecimal digits over the hash of the line before
	// and this line's own fields.
	Hash string `json:"hash,omitempty"`
}

// AuditFilter selects lines of the audit log; zero fields select all.
type AuditFilter struct {
	Actor, Action string
	// Text is found in the object or the detail.
	Text         string
	Since, Until time.Time
	// Before is the Seq above which nothing is shown; 0 begins at the newest.
	Before int64
	Limit  int
}
