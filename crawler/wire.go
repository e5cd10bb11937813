package crawler

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"sync"

	"github.com/markwatch/markwatch"
)

var errWireLimit = errors.New("the answer is larger on the wire than any page may be")

// The protocols of the wire, as Exchange.Protocol names them.
const (
	protocolHTTP1 = "http/1.1"
	protocolHTTP2 = "h2"
)

// wireConn tees an HTTP/1.1 connection: what is written and read between two
// attachments belongs to one exchange, since requests are never pipelined.
type wireConn struct {
	net.Conn
	// ip is the address of the server, empty behind a proxy.
	ip     string
	dns    *markwatch.Resolution
	secure security

	mu  sync.Mutex
	tap *tap
}

// security is what the handshake of a connection settled; zero without TLS.
type security struct {
	version, suite string
	chain          [][]byte // DER, the leaf first
}

func securityOf(state tls.ConnectionState) security {
	s := security{version: tls.VersionName(state.Version), suite: tls.CipherSuiteName(state.CipherSuite)}
	for _, c := range state.PeerCertificates {
		s.chain = append(s.chain, c.Raw)
	}
	return s
}

// tap holds the bytes of one exchange.
type tap struct {
	limit             int
	request, response []byte
	ip, protocol      string
	dns               *markwatch.Resolution
	secure            security
	conn              *wireConn // nil over HTTP/2
}

// begin takes a connection for the exchange. A request that is sent again,
// since a kept connection had ended, begins anew. direct is set where no proxy
// stands between.
func (t *tap) begin(conn net.Conn, direct bool) {
	t.end()
	t.conn = nil
	switch c := conn.(type) {
	case *wireConn:
		t.conn, t.protocol = c, protocolHTTP1
		c.attach(t)
	case *tls.Conn:
		t.request, t.response, t.ip = t.request[:0], t.response[:0], ""
		t.dns = nil
		if r, ok := c.NetConn().(*resolvedConn); ok {
			t.dns = r.dns
		}
		t.protocol, t.secure = protocolHTTP2, securityOf(c.ConnectionState())
		if direct {
			t.ip = addressOf(c)
		}
	}
}

// expect makes room for n more bytes of the answer.
func (t *tap) expect(n int64) {
	if t.conn != nil {
		t.conn.expect(t, n)
	}
}

// end closes the exchange; afterwards the tap changes no more.
func (t *tap) end() {
	if t.conn != nil {
		t.conn.detach(t)
	}
}

// addressOf is the IP address at the far end.
func addressOf(conn net.Conn) string {
	if a, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		return a.AddrPort().Addr().Unmap().WithZone("").String()
	}
	return ""
}

// attach makes t the receiver of everything from now on.
func (c *wireConn) attach(t *tap) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t.request, t.response, t.ip, t.dns, t.secure = t.request[:0], t.response[:0], c.ip, c.dns, c.secure
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

// Write implements net.Conn. The bytes are kept before they are sent: the whole
// answer may be here before the sender is heard of again.
func (c *wireConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	t := c.tap
	if t != nil {
		t.request = append(t.request, p...)
	}
	c.mu.Unlock()
	n, err := c.Conn.Write(p)
	if n < len(p) && t != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.tap == t && len(t.request) >= len(p)-n {
			t.request = t.request[:len(t.request)-(len(p)-n)]
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
