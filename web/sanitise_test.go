package web

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestCleanStyle(t *testing.T) {
	for in, want := range map[string]string{
		"color:red":                       "color:red",
		"background:url(https://a/b) red": "background: none  red",
		`background:\75 rl(https://a/b)`:  "background: none ",
		"background:u/**/rl(//a)":         "background: none ",
		"@import 'x';b{}":                 " none b{}",
		`content:"\201C"`:                 `content:""`,
		"a{}</style><script>":             "a{}/style>script>",
		"width:expression(alert(1))":      "width: none )",
		strings.Repeat("a", maxStyle+1):   "",
		"//**/* */url(x)":                 " none ",
	} {
		if got := cleanStyle(in); got != want {
			t.Errorf("cleanStyle(%.60q) is %q, want %q", in, got, want)
		}
	}
}

// FuzzSanitise holds that nothing in a shown page runs, loads or leads
// outside, however a browser reads it.
func FuzzSanitise(f *testing.F) {
	for _, s := range [...]string{
		`<p style="color:red">耐克<script>alert(1)</script>`, `<svg><style><img src=x onerror=alert(1)></style></svg>`, `<table><td><form><math><mtext><table><mglyph><style><img src=x>`,
		`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`, `<a href="javascript:x" ping=y>z</a>`, `<img src="data:image/svg+xml,<svg onload=x>">`, `<style>@import "x";</style>`,
		`<textarea></textarea><script>`, `<listing>&lt;script&gt;</listing>`, `<select><option><style></select><script></style>`, "\x00<\x00script>", `<plaintext><script>`, `<pre>` + "\n\n" + `x`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, page []byte) {
		var out bytes.Buffer
		if err := sanitise(&out, bytes.NewReader(page)); err != nil {
			return
		}
		for _, scripting := range [...]bool{true, false} {
			doc, err := html.ParseWithOptions(bytes.NewReader(out.Bytes()), html.ParseOptionEnableScripting(scripting))
			if err != nil {
				t.Fatalf("the sanitised page cannot be parsed: %v", err)
			}
			for n := range doc.Descendants() {
				if n.Type != html.ElementNode {
					continue
				}
				charset := n.Data == "meta" && len(n.Attr) == 1 && n.Attr[0].Key == "charset"
				if slices.Contains(droppedElements[:], n.DataAtom) && !charset || n.Namespace != "" {
					t.Fatalf("<%s> stayed in %q", n.Data, out.String())
				}
				for _, a := range n.Attr {
					if strings.HasPrefix(a.Key, "on") || slices.Contains([]string{"href", "action", "ping", "srcset", "poster", "formaction"}, a.Key) ||
						a.Key == "src" && !inlinePicture.MatchString(a.Val) || a.Key == "style" && styleLoads.MatchString(a.Val) {
						t.Fatalf("<%s %s=%q> stayed in %q", n.Data, a.Key, a.Val, out.String())
					}
				}
			}
		}
	})
}
