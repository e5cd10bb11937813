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
	// Via is the address whose redirect led here; empty for the address that
	// was asked for.
	Via string
	// Protocol is that of the wire: "http/1.1" or "h2".
	Protocol string
	// TLSVersion and CipherSuite are as crypto/tls names them, Certificates
	// the server's chain as it sent it, DER, the leaf first; empty without TLS.
	TLSVersion, CipherSuite string
	Certificates            [][]byte
	// Resolved is what the resolver answered when the connection was made; nil
	// where an address was asked for, or a proxy resolves.
	Resolved *Resolution
	// Prior is the capture of an earlier answer of this address, which this
	// exchange may confirm; nil where none is known.
	Prior *Capture
	// Truncated names the limit that cut the response (length, time,
	// disconnect), as WARC-Truncated does; empty where it is whole.
	Truncated string
	// Reconstructed is set where the bytes were put together again from a
	// protocol that has no such form on the wire (HTTP/2).
	Reconstructed bool
}

// Resolution is an answer of the DNS, or of what else the machine resolves names
// by, as the crawler saw it.
type Resolution struct {
	Host string    `json:"host"`
	At   time.Time `json:"at"`
	// Addresses are IPv4 and IPv6 addresses in the order of the answer.
	Addresses []string `json:"addresses"`
}

// Capture says where the answer of an address is kept as evidence, and what
// it was.
type Capture struct {
	// Snapshot is "<warc file>#<record id>".
	Snapshot string
	// URL is the address that answered, At when it was asked (UTC).
	URL string
	At  time.Time
	// PayloadDigest is "sha256:<hex>" of the HTTP body as it was on the wire,
	// its content and transfer codings included.
	PayloadDigest string
}

// Resource is a document that was made from an exchange and did not come over
// the wire itself: the document tree after scripts ran, a screenshot.
type Resource struct {
	Source string
	// URL names what it shows: the page's address, or "urn:view:<address>"
	// for a screenshot.
	URL         string
	At          time.Time
	ContentType string
	Body        []byte
	// RefersTo is the snapshot of the page that it was made of; may be empty.
	RefersTo string
}
