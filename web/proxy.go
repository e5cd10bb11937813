package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

type (
	remoteKey struct{}
	tlsKey    struct{}
)

// behindProxies believes X-Forwarded-For and X-Forwarded-Proto of the proxies
// that a deployment names, and of nobody else. The client is the last address
// in the list that is no proxy of ours: what stands before it was written by
// the client.
func behindProxies(proxies []netip.Prefix, next http.Handler) http.Handler {
	trusted := func(a netip.Addr) bool {
		for _, p := range proxies {
			if p.Contains(a) {
				return true
			}
		}
		return false
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer := peerOf(r)
		remote, tls := peer, r.TLS != nil
		if peer.IsValid() && trusted(peer) {
			hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
			for i := len(hops) - 1; i >= 0 && trusted(remote); i-- {
				hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
				if err != nil {
					break
				}
				remote = hop.Unmap()
			}
			tls = tls || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
		}
		text := r.RemoteAddr
		if remote.IsValid() {
			text = remote.String()
		}
		ctx := context.WithValue(r.Context(), remoteKey{}, text)
		next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, tlsKey{}, tls)))
	})
}

// peerOf is the address of the connection.
func peerOf(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap()
}

// remoteOf is the address of the client, without port.
func remoteOf(r *http.Request) string {
	s, _ := r.Context().Value(remoteKey{}).(string)
	return s
}

// overTLS says whether the client speaks TLS, with us or with our proxy.
func overTLS(r *http.Request) bool {
	tls, _ := r.Context().Value(tlsKey{}).(bool)
	return tls || r.TLS != nil
}
