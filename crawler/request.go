package crawler

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/markwatch/markwatch"
)

// requestHeader returns what is sent with every request of a source. Headers
// that the transport must set itself are refused.
func requestHeader(src *markwatch.Source, userAgent string) (http.Header, error) {
	h := http.Header{
		"Accept":          {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
		"Accept-Language": {"zh-CN,zh;q=0.9,en;q=0.6"},
	}
	for name, value := range src.Request.Headers {
		switch key := http.CanonicalHeaderKey(name); key {
		case "Accept-Encoding", "Connection", "Content-Length", "Host", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "Range", "Te", "Trailer", "Transfer-Encoding", "Upgrade":
			return nil, fmt.Errorf("request.headers: %s cannot be set", name)
		case "User-Agent":
			return nil, fmt.Errorf("request.headers: use request.user_agent for %s", name)
		default:
			if !httpguts.ValidHeaderFieldName(name) || !headerValue(value) {
				return nil, fmt.Errorf("request.headers: %q: %q is no header", name, value)
			}
			h.Set(key, value)
		}
	}
	if !headerValue(userAgent) {
		return nil, fmt.Errorf("request.user_agent %q cannot be sent", userAgent)
	}
	h.Set("User-Agent", userAgent)
	return h, nil
}

func headerValue(v string) bool { return httpguts.ValidHeaderFieldValue(v) }

// setProxy reads http://, socks5:// or socks5h:// with an optional user.
func (t *transport) setProxy(raw string) error {
	if raw == "" {
		return nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return fmt.Errorf("request.proxy is no address such as http://host:port or socks5://host:port")
	}
	switch u.Scheme {
	case "http":
		if u.Port() == "" {
			u.Host += ":80"
		}
	case "socks5", "socks5h":
		if u.Port() == "" {
			u.Host += ":1080"
		}
	default:
		return fmt.Errorf("request.proxy: scheme %q is not http or socks5", strings.ToLower(u.Scheme))
	}
	t.proxy, t.proxyName = u, u.Redacted()
	return nil
}
