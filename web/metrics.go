package web

import (
	"net/http"
	"net/netip"
)

// metrics answers programs that read figures: no login, no page, no language.
func (d *desk) metrics(w http.ResponseWriter, r *http.Request) {
	switch {
	case d.cfg.Metrics == nil:
		http.NotFound(w, r)
	case !within(r.RemoteAddr, d.cfg.MetricsAllow):
		http.Error(w, http.StatusText(http.StatusForbidden), http.StatusForbidden)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
	default:
		d.cfg.Metrics.ServeHTTP(w, r)
	}
}

// within says whether a peer's address and port lie within one of the
// networks. An IPv4 address is the same one when IPv6 carries it
// (::ffff:192.0.2.1), in the peer's address and in a network's.
func within(remote string, networks []netip.Prefix) bool {
	peer, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	addr := peer.Addr().Unmap().WithZone("")
	for _, n := range networks {
		if n.Addr().Is4In6() && n.Bits() >= 96 {
			n = netip.PrefixFrom(n.Addr().Unmap(), n.Bits()-96)
		}
		if n.Contains(addr) {
			return true
		}
	}
	return false
}
