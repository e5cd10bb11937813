package crawler

import (
	"context"
	"net"
	"net/http/httptrace"
	"sync"

	"github.com/markwatch/markwatch"
)

// resolvedConn is a connection that knows by which answer of the DNS it was
// made.
type resolvedConn struct {
	net.Conn
	dns *markwatch.Resolution
}

// resolving notes what the resolver answers while a connection is made. A proxy
// resolves by itself, and is no site's address.
func (t *transport) resolving(dial dialFunc) dialFunc {
	if t.proxy != nil {
		return dial
	}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(addr)
		if err != nil {
			return dial(ctx, network, addr)
		}
		var mu sync.Mutex
		var answer *markwatch.Resolution
		conn, err := dial(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{DNSDone: func(info httptrace.DNSDoneInfo) {
			if info.Err != nil || len(info.Addrs) == 0 {
				return
			}
			r := &markwatch.Resolution{Host: host, At: t.crawler.now().UTC()}
			for _, a := range info.Addrs {
				r.Addresses = append(r.Addresses, a.String())
			}
			mu.Lock()
			defer mu.Unlock()
			answer = r
		}}), network, addr)
		if err != nil {
			return nil, err
		}
		mu.Lock()
		defer mu.Unlock()
		if answer == nil {
			return conn, nil // an address needs no resolver
		}
		return &resolvedConn{conn, answer}, nil
	}
}
