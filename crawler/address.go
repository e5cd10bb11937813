package crawler

import (
	"context"
	"fmt"
	"net/netip"
	"syscall"
)

// special are the address blocks that are not the public Internet, beside
// those that netip knows (private, loopback, link-local, multicast,
// unspecified): the IANA IPv4 and IPv6 Special-Purpose Address Registries.
func special() []netip.Prefix {
	blocks := []string{
		"0.0.0.0/8",       // this network
		"100.64.0.0/10",   // shared by carriers (CGNAT), RFC 6598
		"192.0.0.0/24",    // protocol assignments
		"192.0.2.0/24",    // documentation
		"192.88.99.0/24",  // 6to4 relays, deprecated
		"198.18.0.0/15",   // benchmarks
		"198.51.100.0/24", // documentation
		"203.0.113.0/24",  // documentation
		"240.0.0.0/4",     // reserved, and broadcast
		"::/96",           // IPv4-compatible, deprecated
		"64:ff9b:1::/48",  // local translation, RFC 8215
		"100::/64",        // discard
		"2001::/23",       // protocol assignments, Teredo
		"2001:db8::/32",   // documentation
		"3fff::/20",       // documentation
		"5f00::/16",       // segment routing
		"fec0::/10",       // site-local, deprecated
	}
	out := make([]netip.Prefix, len(blocks))
	for i, b := range blocks {
		out[i] = netip.MustParsePrefix(b)
	}
	return out
}

// guard decides which addresses may be dialled.
type guard struct{ special []netip.Prefix }

func newGuard() *guard { return &guard{special: special()} }

// public tells whether an address belongs to the public Internet. An IPv6
// address that carries an IPv4 one (mapped, NAT64, 6to4) is judged by that.
func (g *guard) public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		b := a.As16()
		switch {
		case netip.MustParsePrefix("64:ff9b::/96").Contains(a):
			return g.public(netip.AddrFrom4([4]byte(b[12:16])))
		case b[0] == 0x20 && b[1] == 0x02:
			return g.public(netip.AddrFrom4([4]byte(b[2:6])))
		}
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range g.special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// control is a net.Dialer's ControlContext: it sees the address after DNS
// resolution, so that no name can hide where it leads.
func (c *Crawler) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return failed(ReasonPrivate, false, fmt.Errorf("address %q cannot be judged: %w", address, err))
	}
	if !c.public(ap.Addr()) {
		return failed(ReasonPrivate, false, fmt.Errorf("%s is no public address; set private_addresses: allow on a source where that is meant", ap.Addr()))
	}
	return nil
}
