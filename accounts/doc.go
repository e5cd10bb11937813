// Package accounts knows who is at the desk: passwords, sessions, one-time
// links, access tokens for programs, lock-out after failures, and what each
// role may do. It keeps nothing itself; secrets are handed to its store as
// digests only.
package accounts
