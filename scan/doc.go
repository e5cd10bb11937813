// Package scan runs scans: it takes a source's addresses from the frontier,
// has their pages fetched, captured and read, the listings judged, and the
// whole effect of each page committed in one transaction; and it says how far
// a scan is and what it covered.
package scan
