package evidence

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
)

// dnsScheme begins the address of an answer of the DNS (RFC 4501), as the
// standard has it for the records of such answers.
const dnsScheme = "dns:"

// dnsType is the type of such a record: lines of a master file (RFC 4027).
// Lifetimes are left out, since the machine's resolver does not tell them.
const dnsType = "text/dns"

// Names of warc-fields in a metadata record, for the answer by which the
// connection was made: its address with the digest of its block, and when it
// came.
const (
	fieldDNSAnswer = "dns-answer"
	fieldDNSDate   = "dns-date"
)

// dnsOf returns nil without an answer. Addresses are sorted, so that an answer
// that came again in another order stands in a file once.
func dnsOf(r *markwatch.Resolution) *aside {
	if r == nil || r.Host == "" {
		return nil
	}
	var lines []string
	for _, text := range r.Addresses {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			continue
		}
		kind := "AAAA"
		if addr = addr.Unmap().WithZone(""); addr.Is4() {
			kind = "A"
		}
		lines = append(lines, fmt.Sprintf("%s.\tIN\t%s\t%s\n", dnsHost(r.Host), kind, addr))
	}
	if len(lines) == 0 {
		return nil
	}
	slices.Sort(lines)
	block := []byte(strings.Join(slices.Compact(lines), ""))
	return &aside{uri: dnsScheme + dnsHost(r.Host), mime: dnsType, digest: digest(block), block: block}
}

// dnsHost is a host's name without what would end or forge a line.
func dnsHost(host string) string {
	return targetURI(strings.TrimSuffix(strings.ToLower(host), "."))
}

// addresses returns the host and the addresses of a record that holds an answer
// of the DNS; "" for other records.
func (rec *Record) addresses() (host string, addresses []string) {
	host, ok := strings.CutPrefix(rec.TargetURI, dnsScheme)
	if !ok || mediaType(rec.Header.Get("Content-Type")) != dnsType {
		return "", nil
	}
	for line := range bytes.Lines(rec.Block) {
		if f := strings.Fields(string(line)); len(f) >= 4 && (f[len(f)-2] == "A" || f[len(f)-2] == "AAAA") {
			addresses = append(addresses, f[len(f)-1])
		}
	}
	return host, addresses
}

// describeDNS reads the answer that the metadata of a capture names.
func (a *Archive) describeDNS(ctx context.Context, d *Description, file string, metadata *Record) {
	uri, sum, ok := strings.Cut(metadata.field(fieldDNSAnswer), " ")
	if !ok {
		return
	}
	rec := a.aside(ctx, file, uri, sum)
	if rec == nil {
		d.fault("the answer of the DNS " + uri + " is not in the file")
		return
	}
	d.check(rec)
	r := &markwatch.Resolution{}
	r.Host, r.Addresses = rec.addresses()
	if at, err := time.Parse(time.RFC3339Nano, metadata.field(fieldDNSDate)); err == nil {
		r.At = at.UTC()
	}
	d.Resolved = r
}
