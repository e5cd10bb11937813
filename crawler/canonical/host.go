package canonical

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// profile maps names as browsers look them up (UTS #46, non-transitional) and
// lets the underscores pass that some shops have in theirs.
var profile = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.VerifyDNSLength(true))

var (
	errHost = errors.New("no usable host")
	errPort = errors.New("port is not a number from 1 to 65535")
)

// authority returns the canonical host, with its port where that is not the
// scheme's own. A user name is dropped: pages must not make us log in.
func authority(s, scheme string) (string, error) {
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		s = s[i+1:]
	}
	host, port := s, ""
	if i := strings.LastIndexByte(s, ':'); i > strings.LastIndexByte(s, ']') {
		host, port = s[:i], s[i+1:]
	}
	host, err := hostName(host)
	if err != nil {
		return "", err
	}
	if port == "" {
		return host, nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return "", errPort
	}
	if scheme == "http" && n == 80 || scheme == "https" && n == 443 {
		return host, nil
	}
	return host + ":" + strconv.FormatUint(n, 10), nil
}

func hostName(s string) (string, error) {
	if strings.HasPrefix(s, "[") {
		addr, err := netip.ParseAddr(strings.TrimSuffix(s[1:], "]"))
		if err != nil || !addr.Is6() || addr.Zone() != "" || !strings.HasSuffix(s, "]") {
			return "", errHost
		}
		return "[" + addr.String() + "]", nil
	}
	if strings.IndexByte(s, '%') >= 0 {
		decoded, err := url.PathUnescape(s)
		if err != nil {
			return "", errHost
		}
		s = decoded
	}
	name := strings.ToLower(s)
	// Punycode goes through the mapping too, which tells whether it is valid.
	if !ascii(name) || strings.Contains(name, "xn--") {
		mapped, err := profile.ToASCII(strings.TrimSuffix(s, "."))
		if err != nil {
			return "", fmt.Errorf("host: %w", err)
		}
		// What mapping once does not settle (broken bytes become U+FFFD) has no
		// stable form.
		if again, err := profile.ToASCII(mapped); err != nil || again != mapped {
			return "", errHost
		}
		name = mapped
	}
	name = strings.TrimSuffix(name, ".")
	if len(name) == 0 || len(name) > 253 {
		return "", errHost
	}
	last := name
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 {
			return "", errHost
		}
		last = label
	}
	if !ascii(name) {
		return "", errHost
	}
	if last[0] >= '0' && last[0] <= '9' && isNumber(last) {
		return ipv4(name)
	}
	return name, nil
}

// ascii tells whether a lower-case name is made of host characters alone.
func ascii(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' {
			continue
		}
		return false
	}
	return true
}

func isNumber(s string) bool {
	if strings.Trim(s, "0123456789") == "" {
		return true
	}
	_, err := number(s)
	return err == nil
}

// number reads one part of an IPv4 address as browsers do: 0x is hexadecimal, a
// leading 0 octal.
func number(s string) (uint64, error) {
	switch {
	case s == "0x":
		return 0, nil
	case strings.HasPrefix(s, "0x"):
		return strconv.ParseUint(s[2:], 16, 64)
	case len(s) > 1 && s[0] == '0':
		return strconv.ParseUint(s[1:], 8, 64)
	}
	return strconv.ParseUint(s, 10, 64)
}

// ipv4 reads the spellings of an IPv4 address that browsers know (127.1,
// 0x7f000001, 2130706433), since all of them reach the same host (WHATWG URL
// standard, "IPv4 parser").
func ipv4(name string) (string, error) {
	parts := strings.Split(name, ".")
	if len(parts) > 4 {
		return "", errHost
	}
	var value uint64
	for i, p := range parts {
		n, err := number(p)
		if err != nil {
			return "", errHost
		}
		if i == len(parts)-1 {
			if n >= 1<<(8*(5-len(parts))) {
				return "", errHost
			}
			value |= n
			break
		}
		if n > 255 {
			return "", errHost
		}
		value |= n << (8 * (3 - i))
	}
	return netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)}).String(), nil
}
