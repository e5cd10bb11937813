package render

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// destination reads where a proxy request wants to go. It refuses origin-form
// requests, schemes other than http, names with characters that no host has
// and ports out of range.
func destination(r *http.Request) (host string, port int, err error) {
	var digits string
	switch {
	case r.Method == http.MethodConnect:
		if host, digits, err = net.SplitHostPort(r.Host); err != nil {
			return "", 0, fmt.Errorf("CONNECT wants host:port: %w", err)
		}
	case r.URL.Scheme == "http" && r.URL.Host != "":
		host, digits = r.URL.Hostname(), r.URL.Port()
		if digits == "" {
			digits = "80"
		}
	default:
		return "", 0, errors.New("a proxy takes CONNECT and absolute http addresses")
	}
	host = strings.ToLower(host)
	if host == "" || len(host) > 255 || strings.ContainsFunc(host, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' && c != ':'
	}) {
		return "", 0, fmt.Errorf("%q is no host", host)
	}
	port, err = strconv.Atoi(digits)
	if err != nil || port < 1 || port > 65535 {
		return "", 0, fmt.Errorf("%q is no port", digits)
	}
	return host, port, nil
}

// countedConn counts what passes a connection against the page's limit.
type countedConn struct {
	net.Conn
	gate *gate
}

// Read implements net.Conn.
func (c *countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if over := c.gate.pass(n); over != nil {
		return n, over
	}
	return n, err
}

// Write implements net.Conn.
func (c *countedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if over := c.gate.pass(n); over != nil {
		return n, over
	}
	return n, err
}

// CloseWrite ends the sending side where the connection knows of sides.
func (c *countedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

var errBytes = errors.New("the page has moved all the bytes that it may")

func (g *gate) pass(n int) error {
	g.mu.Lock()
	g.bytes += int64(n)
	over := g.bytes > g.limits.Bytes
	g.mu.Unlock()
	if over {
		g.cut(CutBytes)
		return errBytes
	}
	return nil
}
