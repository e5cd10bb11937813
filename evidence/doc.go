// Package evidence captures what was on the wire as WARC 1.1 files (ISO
// 28500:2017) and reads such files back, its own and those of other tools.
//
// An Archive appends; a Reader reads any WARC file in order and goes on after
// damage; ReadPage fetches one capture by the name that pages and listings
// carry, "<file name>#<record id>".
package evidence
