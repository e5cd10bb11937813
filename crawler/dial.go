package crawler

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/proxy"
)

// connectMost bounds connecting and, again, the TLS handshake.
const connectMost = 15 * time.Second

// idleMost is how long a connection is kept for the next request.
const idleMost = 30 * time.Second

// dialFunc connects to host:port.
type dialFunc func(ctx context.Context, network, addr string) (net.Conn, error)

// dialers returns how a site is connected to: plain is for an HTTP proxy that
// takes requests as such, through reaches the site itself. Both refuse
// addresses that are not public unless the source allows them.
func (t *transport) dialers() (plain, through dialFunc, err error) {
	dialer := &net.Dialer{Timeout: connectMost, KeepAlive: idleMost, Resolver: t.crawler.cfg.Resolver}
	if t.proxy == nil {
		if !t.private {
			dialer.ControlContext = t.crawler.control
		}
		return dialer.DialContext, dialer.DialContext, nil
	}
	if t.proxy.Scheme == "http" {
		return dialer.DialContext, func(ctx context.Context, network, addr string) (net.Conn, error) {
			return tunnel(ctx, dialer, t.proxy, network, addr)
		}, nil
	}
	d, err := proxy.FromURL(t.proxy, dialer)
	if err != nil {
		return nil, nil, fmt.Errorf("proxy %s: %w", t.proxyName, err)
	}
	socks := d.(proxy.ContextDialer).DialContext
	return socks, socks, nil
}

// newBase returns the transport whose HTTP/1.1 connections are teed. HTTP/2 is
// spoken where the source wants it and the server can; its connections are not
// teed, since their bytes are no exchange yet. It takes no proxy from the
// environment: what a source does not say does not happen.
func (t *transport) newBase() (*http.Transport, error) {
	plain, through, err := t.dialers()
	if err != nil {
		return nil, err
	}
	base := &http.Transport{
		DisableCompression:     true,
		MaxIdleConnsPerHost:    max(t.parallel, 1),
		MaxIdleConns:           64,
		IdleConnTimeout:        idleMost,
		MaxResponseHeaderBytes: headMost,
		ReadBufferSize:         64 << 10,
		Protocols:              &http.Protocols{},
	}
	base.Protocols.SetHTTP1(true)
	base.Protocols.SetHTTP2(t.http2)
	if t.proxy != nil && t.proxy.Scheme == "http" {
		// Plain requests go to the proxy as such; a tunnel is only asked for
		// where TLS needs one.
		base.Proxy = func(r *http.Request) (*url.URL, error) {
			if r.URL.Scheme == "http" {
				return t.proxy, nil
			}
			return nil, nil
		}
	}
	base.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := t.resolving(plain)(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return t.tee(conn, security{}), nil
	}
	base.DialTLSContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := t.resolving(through)(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		secure, err := t.handshake(ctx, conn, addr)
		if err != nil {
			conn.Close()
			return nil, err
		}
		state := secure.ConnectionState()
		if state.NegotiatedProtocol == protocolHTTP2 {
			return secure, nil
		}
		return t.tee(secure, securityOf(state)), nil
	}
	return base, nil
}

// handshake speaks TLS with the server at addr.
func (t *transport) handshake(ctx context.Context, conn net.Conn, addr string) (*tls.Conn, error) {
	cfg := &tls.Config{}
	if t.crawler.cfg.TLS != nil {
		cfg = t.crawler.cfg.TLS.Clone()
	}
	if cfg.ServerName == "" {
		cfg.ServerName, _, _ = net.SplitHostPort(addr)
	}
	cfg.NextProtos = []string{protocolHTTP1}
	if t.http2 {
		cfg.NextProtos = []string{protocolHTTP2, protocolHTTP1}
	}
	secure := tls.Client(conn, cfg)
	ctx, cancel := context.WithTimeout(ctx, connectMost)
	defer cancel()
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, handshakeError(err)
	}
	return secure, nil
}

func (t *transport) tee(conn net.Conn, secure security) *wireConn {
	w := &wireConn{Conn: conn, secure: secure}
	if t.proxy == nil {
		w.ip = addressOf(conn)
	}
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	if r, ok := conn.(*resolvedConn); ok {
		w.dns = r.dns
	}
	return w
}

// tunnel asks an HTTP proxy for a connection (RFC 9110 section 9.3.6).
func tunnel(ctx context.Context, d *net.Dialer, via *url.URL, network, addr string) (net.Conn, error) {
	conn, err := d.DialContext(ctx, network, via.Host)
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	stop := context.AfterFunc(ctx, func() {
		_ = conn.SetDeadline(time.Unix(1, 0)) // fails on a connection that has ended anyway
	})
	defer stop()
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: addr}, Host: addr, Header: http.Header{}}
	if u := via.User; u != nil {
		password, _ := u.Password()
		req.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(u.Username()+":"+password)))
	}
	if err := req.Write(conn); err != nil {
		conn.Close()
		return nil, fmt.Errorf("proxy: %w", err)
	}
	res, err := http.ReadResponse(bufio.NewReaderSize(oneByte{conn}, 16), req) //nolint:bodyclose // a granted CONNECT has no body; the connection is the caller's
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("proxy: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		conn.Close()
		return nil, failed(ReasonConnect, true, fmt.Errorf("proxy answers CONNECT %s with %d", addr, res.StatusCode))
	}
	return conn, nil
}

// oneByte reads a byte at a time, so that nothing behind the proxy's answer is
// swallowed.
type oneByte struct{ net.Conn }

// Read implements net.Conn.
func (o oneByte) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	return o.Conn.Read(p[:1])
}

// judgeHost refuses private targets behind a proxy, which dials for us, as far
// as they can be known here. A name that only the proxy can resolve is left to it.
func (t *transport) judgeHost(ctx context.Context, host string) error {
	if t.private {
		return nil
	}
	for _, a := range t.addressesOf(ctx, host) {
		if !t.crawler.public(a) {
			return failed(ReasonPrivate, false, fmt.Errorf("%s leads to %s, which is no public address", host, a))
		}
	}
	return nil
}

// addressesOf returns the addresses of a host as far as they are known here.
func (t *transport) addressesOf(ctx context.Context, host string) []netip.Addr {
	if a, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return []netip.Addr{a}
	}
	addrs, err := t.crawler.resolver().LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil
	}
	return addrs
}
