// Package evidence captures what was on the wire as WARC 1.1 files (ISO
// 28500:2017) and reads such files back, its own and those of other tools, and
// what officers' browsers save (WACZ, HAR, MHTML).
//
// An Archive writes a series of files a source into one folder, finds captures
// by address and time, describes them, and prunes files; one process owns the
// folder. A Reader reads any file of captures in order and goes on after
// damage; ReadPage fetches one capture by the name that pages and listings
// carry, "<file name>#<record id>".
package evidence
