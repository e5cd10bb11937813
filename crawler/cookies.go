package crawler

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/markwatch/markwatch"
)

// jar is a source's cookies and the file they began with.
type jar struct {
	*cookiejar.Jar
	path string
}

// jar returns the cookies of a source, which its sessions share, so that a host
// job that yields does not lose its visit.
func (c *Crawler) jar(src *markwatch.Source) (http.CookieJar, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if j := c.jars[src.ID]; j != nil && j.path == src.Request.Cookies {
		return j, nil
	}
	inner, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
	if err != nil {
		return nil, fmt.Errorf("cookie jar: %w", err)
	}
	j := &jar{Jar: inner, path: src.Request.Cookies}
	if j.path != "" {
		f, err := os.Open(j.path)
		if err != nil {
			return nil, fmt.Errorf("request.cookies: %w", err)
		}
		defer f.Close()
		cookies, err := readCookies(f, c.now())
		if err != nil {
			return nil, fmt.Errorf("request.cookies: %s: %w", j.path, err)
		}
		for _, k := range cookies {
			inner.SetCookies(k.url, []*http.Cookie{k.cookie})
		}
	}
	c.jars[src.ID] = j
	return j, nil
}

type siteCookie struct {
	url    *url.URL
	cookie *http.Cookie
}

// readCookies reads the Netscape cookie file format that browsers' extensions
// and curl write: domain, subdomains, path, secure, expiry, name and value
// between tabs; "#HttpOnly_" before the domain is no comment. Expired cookies
// are left out.
func readCookies(r io.Reader, now time.Time) ([]siteCookie, error) {
	var out []siteCookie
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line, httpOnly := strings.CutPrefix(strings.TrimRight(lines.Text(), "\r"), "#HttpOnly_")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) == 6 {
			f = append(f, "")
		}
		if len(f) != 7 || strings.Trim(f[0], ".") == "" || f[5] == "" {
			return nil, fmt.Errorf("line %d is no cookie in the Netscape format", n)
		}
		expires, err := strconv.ParseFloat(f[4], 64)
		if err != nil {
			return nil, fmt.Errorf("line %d: expiry %q is no number of seconds", n, f[4])
		}
		k := &http.Cookie{Name: f[5], Value: f[6], Path: f[2], Secure: strings.EqualFold(f[3], "TRUE"), HttpOnly: httpOnly}
		if expires > 0 && expires < 1e12 {
			k.Expires = time.Unix(int64(expires), 0)
			if k.Expires.Before(now) {
				continue
			}
		}
		host := strings.TrimPrefix(f[0], ".")
		if strings.EqualFold(f[1], "TRUE") {
			k.Domain = host
		}
		scheme := "http"
		if k.Secure {
			scheme = "https"
		}
		out = append(out, siteCookie{url: &url.URL{Scheme: scheme, Host: host, Path: "/"}, cookie: k})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading cookies: %w", err)
	}
	return out, nil
}
