package extract

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/markwatch/markwatch"
)

// netdisks are the hosts on which copies are handed over by a link and a code.
var netdisks = []string{"pan.baidu.com", "yun.baidu.com", "aliyundrive.com", "alipan.com", "pan.quark.cn", "pan.xunlei.com", "cloud.189.cn", "115.com", "anxia.com", "lanzou", "weiyun.com", "123pan.com", "123684.com", "drive.uc.cn", "caiyun.139.com", "yun.139.com", "ctfile.com", "jianguoyun.com", "drive.google.com", "mega.nz", "dropbox.com", "mediafire.com", "1drv.ms", "terabox.com", "wetransfer.com", "feijipan.com"}

// diskHosts finds one of them in a text.
var diskHosts = newWords(netdisks...)

var (
	linkPattern  = regexp.MustCompile(`(?i)(?:https?://)?(?:[a-z0-9-]+\.)+[a-z]{2,6}/[^\s<>"'()\x{ff08}\x{ff09}【】,\x{ff0c}。;\x{ff1b}\x{ff1a}\x{ff01}、\x{4e00}-\x{9fff}]{2,200}`)
	codePattern  = regexp.MustCompile(`(?i)(?:提取码|提取碼|访问码|密码|口令|提取密码|code|pwd|password)\s*[:\x{ff1a}=]?\s*([a-z0-9]{4,8})\b`)
	otherPattern = regexp.MustCompile(`(?i)magnet:\?xt=urn:[a-z0-9]+:[a-z0-9]{16,64}[^\s<>"'\x{4e00}-\x{9fff}]*|ed2k://\|file\|[^\s<>"']{10,600}\|/|thunder://[A-Za-z0-9+/=]{16,600}`)
)

// maxShares bounds the links of one listing.
const maxShares = 50

// sharesIn finds the links by which copies change hands in a text, each with
// the code that stands beside it.
func sharesIn(text string) []markwatch.Share {
	var out []markwatch.Share
	seen := map[string]int{}
	add := func(s markwatch.Share) {
		if i, ok := seen[s.URL]; ok {
			set(&out[i].Code, s.Code)
			return
		}
		if len(out) < maxShares {
			seen[s.URL] = len(out)
			out = append(out, s)
		}
	}
	lower := strings.ToLower(text)
	if diskHosts.in(lower) {
		matches := linkPattern.FindAllStringIndex(text, 400)
		for i, m := range matches {
			raw := strings.TrimRight(text[m[0]:m[1]], ".,;:!?)]")
			host := hostOf(raw)
			if !netdisk(host) {
				continue
			}
			share := markwatch.Share{Kind: "netdisk", Host: host, URL: raw}
			if u, err := url.Parse(raw); err == nil {
				share.Code = u.Query().Get("pwd")
			}
			if share.Code == "" {
				end := min(len(text), m[1]+160)
				if i+1 < len(matches) && netdisk(hostOf(text[matches[i+1][0]:matches[i+1][1]])) {
					end = min(end, matches[i+1][0])
				}
				if c := codePattern.FindStringSubmatch(strings.ToValidUTF8(text[m[1]:end], "")); c != nil {
					share.Code = c[1]
				}
			}
			add(share)
		}
	}
	if strings.Contains(lower, "magnet:") || strings.Contains(lower, "ed2k:") || strings.Contains(lower, "thunder:") {
		for _, raw := range otherPattern.FindAllString(text, maxShares) {
			kind := "magnet"
			switch {
			case strings.HasPrefix(strings.ToLower(raw), "ed2k"):
				kind = "ed2k"
			case strings.HasPrefix(strings.ToLower(raw), "thunder"):
				kind = "download"
			}
			add(markwatch.Share{Kind: kind, URL: raw})
		}
	}
	return out
}

// shares reports whether a link's address hands a copy over.
func shares(href string) bool {
	if len(href) < 8 || href[0] == '/' && !strings.HasPrefix(href, "//") || href[0] == '#' || href[0] == '?' {
		return false
	}
	scheme, _, ok := strings.Cut(href[:min(len(href), 12)], ":")
	if ok && (strings.EqualFold(scheme, "magnet") || strings.EqualFold(scheme, "ed2k") || strings.EqualFold(scheme, "thunder")) {
		return true
	}
	return netdisk(hostOf(strings.TrimPrefix(href, "//")))
}

func hostOf(raw string) string {
	for _, scheme := range []string{"https://", "http://"} {
		if len(raw) > len(scheme) && strings.EqualFold(raw[:len(scheme)], scheme) {
			raw = raw[len(scheme):]
			break
		}
	}
	host, _, _ := strings.Cut(raw, "/")
	return strings.ToLower(clip(host, 255))
}

func netdisk(host string) bool {
	for _, n := range netdisks {
		if rest, ok := strings.CutSuffix(host, n); ok && (rest == "" || rest[len(rest)-1] == '.') || n == "lanzou" && strings.Contains(host, n) {
			return true
		}
	}
	return false
}
