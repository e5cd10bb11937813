package markwatch

import (
	"net/http"
	"time"
)

// Page is one fetched document, as it came.
type Page struct {
	Source string
	// URL is the address asked for, FinalURL the one that answered after
	// redirects.
	URL      string
	FinalURL string
	Status   int
	Header   http.Header
	// Body is the payload after the transfer and content codings were taken
	// off, in the page's own charset.
	Body      []byte
	FetchedAt time.Time
	// Snapshot is "<warc file>#<record id>".
	Snapshot string
	// PayloadDigest is "sha256:<hex>" of the body as it was on the wire; empty
	// where the page was not fetched over the network.
	PayloadDigest string
	// Unchanged is set where the server said so of a conditional request (304):
	// there is no body then, and the earlier capture stands.
	Unchanged bool
	// Truncated is set where a limit cut the body.
	Truncated bool
}

// ContentType is the media type as the server declared it, with parameters.
func (p *Page) ContentType() string { return p.Header.Get("Content-Type") }
