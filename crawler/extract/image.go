package extract

import (
	"strings"

	"golang.org/x/net/html"
)

// imageSource is the address of a picture, past the placeholder that lazy
// loading puts into src.
func imageSource(n *html.Node) string {
	for _, key := range []string{"data-lazy-img", "data-src", "data-original", "data-lazy-src", "data-lazyload", "data-ks-lazyload", "data-img", "src"} {
		v := strings.TrimSpace(attr(n, key))
		if v == "" || len(v) < 5 || strings.HasPrefix(v, "data:") || v == "done" || v == "about:blank" {
			continue
		}
		return v
	}
	if set := attr(n, "srcset"); set != "" {
		first, _, _ := strings.Cut(strings.TrimSpace(set), " ")
		return strings.TrimSuffix(first, ",")
	}
	return ""
}
