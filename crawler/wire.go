package crawler

import (
	"bytes"
	"errors"
	"net"
	"slices"
	"sync"
)

var errWireLimit = errors.New("the answer is larger on the wire than any page may be")

// wireConn tees an HTTP/1.1 connection: what is written and read between two
// attachments belongs to one exchange, since requests are never pipelined.
type wireConn struct {
	net.Conn
	// ip is the address of the server, empty behind a proxy.
	ip string

	mu  sync.Mutex
	tap *tap
}

// tap holds the bytes of one exchange.
type tap struct {
	limit             int
	request, response []byte
	ip                string
}

// attach makes t the receiver of everything from now on.
func (c *wireConn) attach(t *tap) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t.request, t.response, t.ip = t.request[:0], t.response[:0], c.ip
	c.tap = t
}

// expect makes room for n more bytes of t's answer, so that they are not
// copied again and again as it grows.
func (c *wireConn) expect(t *tap, n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tap == t && n > 0 {
		t.response = slices.Grow(t.response, int(n))
	}
}

// detach ends t's exchange; afterwards t changes no more. A connection goes
// back to its pool with the last byte of a body, so that another exchange may
// have attached its own tap by now: that one stays.
func (c *wireConn) detach(t *tap) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tap == t {
		c.tap = nil
	}
}

// Read implements net.Conn.
func (c *wireConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.mu.Lock()
		defer c.mu.Unlock()
		if t := c.tap; t != nil {
			t.response = append(t.response, p[:n]...)
			if len(t.response) > t.limit {
				return n, errWireLimit
			}
		}
	}
	return n, err
}

// Write implements net.Conn.
func (c *wireConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if n > 0 {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.tap != nil {
			c.tap.request = append(c.tap.request, p[:n]...)
		}
	}
	return n, err
}

// final returns the answer without the interim ones (100 Continue, 103 Early
// Hints) that may precede it on the wire.
func final(response []byte) []byte {
	for bytes.HasPrefix(response, []byte("HTTP/1.1 1")) || bytes.HasPrefix(response, []byte("HTTP/1.0 1")) {
		_, rest, ok := bytes.Cut(response, []byte("\r\n\r\n"))
		if !ok {
			break
		}
		response = rest
	}
	return response
}

// withoutProxyPassword takes the operator's password at a proxy out of what is
// kept as evidence; it is no part of the exchange with the site.
func withoutProxyPassword(request []byte) []byte {
	start := bytes.Index(request, []byte("\r\nProxy-Authorization:"))
	if start < 0 {
		return request
	}
	end := bytes.Index(request[start+2:], []byte("\r\n"))
	if end < 0 {
		return request
	}
	return append(bytes.Clone(request[:start]), request[start+2+end:]...)
}
