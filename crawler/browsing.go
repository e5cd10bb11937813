package crawler

import "net/http"

// UserAgent is what the session's requests say they come from, for a browser
// that fetches in its place.
func (s *Session) UserAgent() string { return s.transport.userAgent }

// Cookies are those that a request for the address would carry.
func (s *Session) Cookies(address string) []*http.Cookie { return s.collector.Cookies(address) }
