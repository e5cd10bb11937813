package render

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/markwatch/markwatch"
)

// headMost bounds the head of a request to the proxy and of an answer through it.
const headMost = 1 * mib

// gate is the proxy of one page: the only way out that its browser context has.
type gate struct {
	ctx    context.Context
	cancel context.CancelFunc
	dial   Dial
	judge  func(context.Context, string) error
	limits Limits
	cut    func(string) // told the limit that is met
	token  string       // the password of this page's proxy

	listener net.Listener
	server   *http.Server
	onward   *http.Transport

	mu      sync.Mutex
	ports   map[int]bool
	judged  map[string]error
	refused map[string]error // by host:port
	failed  map[string]error // by host:port
	order   []string         // keys of refused and failed as they came
	count   int
	bytes   int64
}

// openGate starts the proxy of a page. A nil dial refuses everything.
func openGate(ctx context.Context, listen string, limits Limits, dial Dial, judge func(context.Context, string) error, cut func(string)) (*gate, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", net.JoinHostPort(listen, "0"))
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "open the page's proxy on %s", listen)
	}
	g := &gate{
		dial: dial, judge: judge, limits: limits, cut: cut, token: rand.Text(), listener: listener,
		ports: map[int]bool{80: true, 443: true}, judged: map[string]error{}, refused: map[string]error{}, failed: map[string]error{},
	}
	g.ctx, g.cancel = context.WithCancel(context.WithoutCancel(ctx))
	g.onward = &http.Transport{
		DialContext:            g.connect,
		DisableCompression:     true,
		MaxResponseHeaderBytes: headMost,
		MaxIdleConnsPerHost:    6,
		TLSHandshakeTimeout:    15 * time.Second,
	}
	g.server = &http.Server{
		Handler:           g,
		BaseContext:       func(net.Listener) context.Context { return g.ctx },
		ReadHeaderTimeout: limits.Time,
		MaxHeaderBytes:    headMost,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	go func() { _ = g.server.Serve(listener) }() // ends with close
	return g, nil
}

func (g *gate) close() {
	g.cancel()
	_ = g.server.Close() // the page is over: nobody waits for an answer
	g.onward.CloseIdleConnections()
}

// port is where the proxy listens.
func (g *gate) port() string {
	return strconv.Itoa(g.listener.Addr().(*net.TCPAddr).Port)
}

// allowPort opens a port beside 80 and 443.
func (g *gate) allowPort(port int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ports[port] = true
}

// proxyUser is the name that goes with a page's password.
const proxyUser = "page"

// ServeHTTP implements the proxy: CONNECT and absolute-form requests (RFC 9112
// section 3.2) with the page's credential.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !g.known(r.Header.Get("Proxy-Authorization")) {
		w.Header().Set("Proxy-Authenticate", `Basic realm="markwatch"`)
		http.Error(w, "this proxy serves one page of one browser", http.StatusProxyAuthRequired)
		return
	}
	host, port, err := destination(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	addr := net.JoinHostPort(host, strconv.Itoa(port))
	if err := g.admit(r.Context(), host, port); err != nil {
		g.refuse(addr, err)
		g.deny(w, r)
		return
	}
	if r.Method == http.MethodConnect {
		g.tunnel(w, r, addr)
		return
	}
	(&httputil.ReverseProxy{
		Rewrite:       func(*httputil.ProxyRequest) {},
		Transport:     g.onward,
		FlushInterval: -1,
		// A site's 407 would pass for one of this proxy's.
		ModifyResponse: func(a *http.Response) error {
			if a.StatusCode == http.StatusProxyAuthRequired {
				return errors.New("the site answers as a proxy would (407)")
			}
			return nil
		},
		ErrorLog:     g.server.ErrorLog,
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) { g.fail(addr, err); g.deny(w, r) },
	}).ServeHTTP(w, r)
}

// deny answers a tunnel with 403, which no page can read, and breaks the
// connection of a plain request: whatever text it got would stand as the page.
func (g *gate) deny(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodConnect {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	panic(http.ErrAbortHandler)
}

func (g *gate) known(header string) bool {
	scheme, word, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Basic") {
		return false
	}
	got, err := base64.StdEncoding.DecodeString(strings.TrimSpace(word))
	return err == nil && subtle.ConstantTimeCompare(got, []byte(proxyUser+":"+g.token)) == 1
}

// admit counts a request and judges where it goes.
func (g *gate) admit(ctx context.Context, host string, port int) error {
	g.mu.Lock()
	g.count++
	over := g.count > g.limits.Requests
	open := g.ports[port]
	verdict, known := g.judged[host]
	g.mu.Unlock()
	switch {
	case g.dial == nil:
		return markwatch.Errorf(markwatch.CodeInvalid, "the browser itself may reach nothing")
	case over:
		g.cut(CutRequests)
		return markwatch.Errorf(markwatch.CodeInvalid, "more than %d connections", g.limits.Requests)
	case !open:
		return markwatch.Errorf(markwatch.CodeInvalid, "port %d is neither 80, 443 nor a port of the page", port)
	case g.judge == nil:
		return nil
	}
	if !known {
		verdict = g.judge(ctx, host)
		g.mu.Lock()
		g.judged[host] = verdict
		g.mu.Unlock()
	}
	return verdict
}

// connect opens a counted connection, which ends with the page at the latest.
func (g *gate) connect(ctx context.Context, network, addr string) (net.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(g.ctx, cancel)()
	conn, err := g.dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(g.ctx, func() { conn.Close() })
	return &countedConn{Conn: conn, gate: g}, nil
}

func (g *gate) tunnel(w http.ResponseWriter, r *http.Request, addr string) {
	far, err := g.connect(r.Context(), "tcp", addr)
	if err != nil {
		g.fail(addr, err)
		g.deny(w, r)
		return
	}
	defer far.Close()
	near, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer near.Close()
	stop := context.AfterFunc(g.ctx, func() { near.Close(); far.Close() })
	defer stop()
	if _, err := io.WriteString(near, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { _, _ = io.Copy(far, buffered.Reader); closeWrite(far) })
	both.Go(func() { _, _ = io.Copy(near, far); closeWrite(near) })
	both.Wait()
}

// closeWrite tells the other side that no more comes, where that can be said,
// and otherwise that all is over.
func closeWrite(conn net.Conn) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		return
	}
	conn.Close()
}

func (g *gate) refuse(addr string, err error) { g.note(g.refused, addr, err) }

// fail notes a connection that did not come about; Dial's refusals arrive here too.
func (g *gate) fail(addr string, err error) {
	var known *markwatch.Error
	if errors.As(err, &known) && known.Code == markwatch.CodeInvalid {
		g.note(g.refused, addr, err)
		return
	}
	g.note(g.failed, addr, err)
}

func (g *gate) note(in map[string]error, addr string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, ok := in[addr]; ok {
		return
	}
	in[addr] = err
	g.order = append(g.order, addr)
}

// verdict returns why a host:port was not reached: refused says that it was
// not allowed to be.
func (g *gate) verdict(addr string) (err error, refused bool) { //nolint:revive // the error is the value
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.refused[addr]; err != nil {
		return err, true
	}
	return g.failed[addr], false
}

// moved is what has passed both ways.
func (g *gate) moved() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.bytes
}

// troubled are the host:port pairs that were refused or failed, as they came.
func (g *gate) troubled() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.order)
}
