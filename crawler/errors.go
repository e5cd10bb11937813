package crawler

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/markwatch/markwatch"
)

// The reasons of a FetchError that are no HTTP status. Statuses are written
// http-404, http-503 and so on.
const (
	ReasonRobots            = "robots-disallowed"  // robots.txt forbids the address, or a hop of its redirects
	ReasonRobotsUnreachable = "robots-unreachable" // robots.txt answers with 5xx or 429, which forbids everything for a time
	ReasonDNS               = "dns"                // the host name has no address
	ReasonConnect           = "connect"            // no connection: refused, unreachable
	ReasonTLS               = "tls"                // certificate or handshake
	ReasonTimeout           = "timeout"            // the server took longer than the limit of one request
	ReasonDisconnected      = "disconnected"       // the connection broke before the whole answer came
	ReasonMalformed         = "malformed-response" // not HTTP
	ReasonTooLarge          = "too-large"          // head or framing beyond all measure
	ReasonBomb              = "decompression-bomb" // decompresses to more than the limit, at an absurd ratio
	ReasonCoding            = "content-coding"     // a content coding that is unknown or broken
	ReasonNotText           = "not-text"           // pictures, video, archives: nothing to read listings from
	ReasonPrivate           = "private-address"    // a private, loopback or link-local address that the source does not allow
	ReasonAddress           = "bad-address"        // not an http or https address
	ReasonRedirectLoop      = "redirect-loop"      // redirects to where it came from
	ReasonRedirectLimit     = "redirect-limit"     // too many redirects
	ReasonRedirectScheme    = "redirect-scheme"    // redirects to an app or another scheme
	ReasonBackingOff        = "backing-off"        // the host asked for a pause; nothing was requested
	ReasonCapture           = "capture"            // the exchange could not be recorded
	ReasonCanceled          = "canceled"           // the caller gave up
)

// FetchError says why an address gave no page.
type FetchError struct {
	Outcome markwatch.PageOutcome
	// Retry is set where the same request may succeed later.
	Retry bool
	// RetryAfter is how long the host asked to wait; 0 leaves it to the caller.
	RetryAfter time.Duration
	// Reason is one of the Reason constants or http-<status>: short, stable,
	// fit for counting. Error adds the readable cause.
	Reason string
	// Page is what the server answered nevertheless: the body of an error
	// status, in which Blocked may recognise a wall, or the part of a page that
	// came before the connection broke. Nil where nothing came.
	Page *markwatch.Page
	Err  error
}

// Error joins the reason and its cause.
func (e *FetchError) Error() string {
	if e.Err == nil {
		return e.Reason
	}
	return e.Reason + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *FetchError) Unwrap() error { return e.Err }

func failed(reason string, retry bool, err error) *FetchError {
	return &FetchError{Outcome: markwatch.PageFailed, Reason: reason, Retry: retry, Err: err}
}

// classify turns the error of one hop into a FetchError. ctx is the caller's
// context, without the time limit of the hop.
func classify(ctx context.Context, err error) *FetchError {
	var known *FetchError
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case ctx.Err() != nil:
		return failed(ReasonCanceled, true, ctx.Err())
	case errors.As(err, &known):
		return known
	case errors.As(err, &dns):
		return failed(ReasonDNS, !dns.IsNotFound, err)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return failed(ReasonTimeout, true, err)
	case errors.Is(err, errWireLimit), strings.Contains(err.Error(), "server response headers exceeded"), strings.Contains(err.Error(), "response header list larger"):
		return failed(ReasonTooLarge, false, err)
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL):
		return failed(ReasonConnect, true, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE),
		strings.Contains(err.Error(), "server closed idle connection"),
		strings.HasPrefix(err.Error(), "stream error:"), strings.HasPrefix(err.Error(), "http2:"): // net/http keeps the types of HTTP/2 to itself
		return failed(ReasonDisconnected, true, err)
	case strings.Contains(err.Error(), "malformed"), strings.Contains(err.Error(), "invalid header"), strings.Contains(err.Error(), "bad Content-Length"),
		strings.Contains(err.Error(), "unsupported transfer encoding"), strings.Contains(err.Error(), "chunk"),
		strings.HasPrefix(err.Error(), "connection error:"):
		return failed(ReasonMalformed, false, err)
	}
	return failed(ReasonConnect, true, err)
}

// handshakeError tells a broken certificate from a network that broke on the
// way, which may be gone at the next try.
func handshakeError(err error) error {
	var network *net.OpError
	var alert tls.AlertError
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.Is(err, io.EOF) ||
		errors.As(err, &network) && !errors.As(err, &alert) {
		return fmt.Errorf("TLS handshake: %w", err)
	}
	return failed(ReasonTLS, false, fmt.Errorf("TLS handshake: %w", err))
}
