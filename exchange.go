package markwatch

import "time"

// Exchange is one HTTP request and its answer as they were on the wire; a
// redirect chain is one Exchange a hop.
type Exchange struct {
	Source string
	URL    string
	// IP is the address that answered, without port.
	IP string
	At time.Time
	// Request and Response hold the start line, the headers and the body with
	// their transfer and content codings, byte for byte.
	Request  []byte
	Response []byte
	// Truncated names the limit that cut the response (length, time,
	// disconnect), as WARC-Truncated does; empty where it is whole.
	Truncated string
	// Reconstructed is set where the bytes were put together again from a
	// protocol that has no such form on the wire (HTTP/2).
	Reconstructed bool
}
