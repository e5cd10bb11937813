package canonical

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
)

var urlCases = []struct{ name, in, want string }{
	{"scheme and host in lower case", "HTTP://Shop.Example/Item", "http://shop.example/Item"},
	{"root path", "https://shop.example", "https://shop.example/"},
	{"default port http", "http://shop.example:80/a", "http://shop.example/a"},
	{"default port https", "https://shop.example:443/a", "https://shop.example/a"},
	{"empty port", "https://shop.example:/a", "https://shop.example/a"},
	{"other port", "https://shop.example:0443/a", "https://shop.example/a"},
	{"port of the other scheme", "http://shop.example:443/a", "http://shop.example:443/a"},
	{"dot segments", "http://h/a/b/./../../c/", "http://h/c/"},
	{"encoded dot segments", "http://h/a/%2e%2E/b/%2e", "http://h/b/"},
	{"dot segments past the root", "http://h/../../a", "http://h/a"},
	{"empty segments stay", "http://h/a//b", "http://h/a//b"},
	{"fragment", "http://h/a?b=1#c?d", "http://h/a?b=1"},
	{"hash-bang fragment", "http://h/#!/item/1", "http://h/"},
	{"fragment after the host", "http://h#x", "http://h/"},
	{"query after the host", "http://h?x=1", "http://h/?x=1"},
	{"backslashes", `http:\\h\a\b`, "http://h/a/b"},
	{"spaces and breaks around and inside", "  http://h/a\n\tb\r ", "http://h/ab"},
	{"user name", "https://user:pw@h/a", "https://h/a"},
	{"sorted parameters", "http://h/?b=2&a=1", "http://h/?a=1&b=2"},
	{"parameters of one name keep their order", "http://h/?t=b&a=1&t=a", "http://h/?a=1&t=b&t=a"},
	{"empty parameters", "http://h/?&&a=&b&", "http://h/?a=&b"},
	{"empty query", "http://h/a?", "http://h/a"},
	{"tracking", "https://item.taobao.com/item.htm?spm=a21.1&utm_source=x&id=42&scm=1&fbclid=z&UTM_Medium=q", "https://item.taobao.com/item.htm?id=42"},
	{"only tracking", "http://h/a?gclid=1", "http://h/a"},
	{"names that choose a page stay", "http://h/?sid=5&from=2&ref=3&id=1", "http://h/?from=2&id=1&ref=3&sid=5"},
	{"session in the query", "http://h/a?PHPSESSID=x&id=1", "http://h/a?id=1"},
	{"session in the path", "http://h/a;jsessionid=0A1B/b;v=1", "http://h/a/b;v=1"},
	{"session before dots", "http://h/a/..;jsessionid=1/b", "http://h/b"},
	{"Chinese path and query", "http://h/鞋?q=耐克", "http://h/%E9%9E%8B?q=%E8%80%90%E5%85%8B"},
	{"GBK bytes stay what they are", "http://h/?q=%c4%cd%bf%cb", "http://h/?q=%C4%CD%BF%CB"},
	{"raw bytes that are no UTF-8", "http://h/?q=\xc4\xcd", "http://h/?q=%C4%CD"},
	{"unnecessary escapes", "http://h/%41%42%2E%44/%7e", "http://h/AB.D/~"},
	{"reserved escapes stay", "http://h/a%2fb?x=%26%3d", "http://h/a%2Fb?x=%26%3D"},
	{"plus and %20 are not the same to every server", "http://h/?q=a+b%20c d", "http://h/?q=a+b%20c%20d"},
	{"lone percent", "http://h/100%?x=5%&y=%zz", "http://h/100%25?x=5%25&y=%25zz"},
	{"quotes and brackets", `http://h/a"<b>?x='1'&y[]=2`, "http://h/a%22%3Cb%3E?x=%271%27&y[]=2"},
	{"punycode", "http://例子.测试/", "http://xn--fsqu00a.xn--0zwm56d/"},
	{"ideographic full stop", "http://例子。测试/", "http://xn--fsqu00a.xn--0zwm56d/"},
	{"full-width host", "http://ｓｈｏｐ．ｅｘａｍｐｌｅ/", "http://shop.example/"},
	{"sharp s", "http://straße.example/", "http://xn--strae-oqa.example/"},
	{"encoded host", "http://sh%6Fp.example/", "http://shop.example/"},
	{"root dot", "http://shop.example./a", "http://shop.example/a"},
	{"underscore", "http://my_shop.example/", "http://my_shop.example/"},
	{"IPv4", "http://127.0.0.1:8080/", "http://127.0.0.1:8080/"},
	{"IPv4 as one number", "http://2130706433/", "http://127.0.0.1/"},
	{"IPv4 hexadecimal and short", "http://0x7f.1/", "http://127.0.0.1/"},
	{"IPv4 octal", "http://0177.0.0.01/", "http://127.0.0.1/"},
	{"IPv6", "http://[2001:DB8:0:0::1]:80/", "http://[2001:db8::1]/"},
}

func TestURL(t *testing.T) {
	for _, c := range urlCases {
		t.Run(c.name, func(t *testing.T) {
			got, err := URL(c.in)
			if err != nil || got != c.want {
				t.Fatalf("URL(%q) = %q, %v; want %q", c.in, got, err, c.want)
			}
			checkCanonical(t, got)
		})
	}
}

func TestURLErrors(t *testing.T) {
	for _, in := range []string{
		"", "/a", "//h/a", "h/a", "javascript:void(0)", "mailto:a@b", "ftp://h/", "data:text/html,x", "file:///etc/passwd",
		"http:", "http://", "http:///a", "http://:80/", "http://?q", "http://@/", "http://h:0/", "http://h:65536/", "http://h:x/",
		"http://a..b/", "http://.a/", "http://a b/", "http://a%2fb/", "http://[::1/", "http://[::1%25eth0]/", "http://[1.2.3.4]/",
		"http://1.2.3.4.5/", "http://256.1.1.1/", "http://1.2.3.09/", "http://xn--a/", "http://" + strings.Repeat("a", 64) + ".example/",
		"http://h/" + strings.Repeat("a", MaxLength), "http://h/" + strings.Repeat("鞋", MaxLength/8), "http://h/" + strings.Repeat("a", maxRaw),
	} {
		got, err := URL(in)
		if markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("URL(%.40q) = %q, %v; want an error with CodeInvalid", in, got, err)
		}
		if err != nil && len(err.Error()) > 500 {
			t.Errorf("URL(%.40q): the message is %d bytes long", in, len(err.Error()))
		}
	}
}

func TestResolve(t *testing.T) {
	for _, c := range []struct{ base, ref, want string }{
		{"http://h/a/b?x=1", "c", "http://h/a/c"},
		{"http://h/a/b?x=1", "../c", "http://h/c"},
		{"http://h/a/b?x=1", "/c", "http://h/c"},
		{"http://h/a/b?x=1", "//g/c", "http://g/c"},
		{"https://h/a/b?x=1", `\\g\c`, "https://g/c"},
		{"http://h/a/b?x=1", "?y=2", "http://h/a/b?y=2"},
		{"http://h/a/b?x=1", "#top", "http://h/a/b?x=1"},
		{"http://h/a/b?x=1", "", "http://h/a/b?x=1"},
		{"http://h/a/b", "https://G/c?utm_source=x", "https://g/c"},
		{"http://h/a/b", "耐克?q=100%", "http://h/a/%E8%80%90%E5%85%8B?q=100%25"},
		{"http://h", "c", "http://h/c"},
		{"http://h:8080/a%2Fb/c", "d", "http://h:8080/a%2Fb/d"},
		{"http://h/a", "javascript:void(0)", ""},
		{"http://h/a", "mailto:x@y", ""},
		{"http://h/a", "taobao://item/1", ""},
		{"file:///a", "b", ""},
		{"mailto:x@y", "b", ""},
	} {
		base, err := url.Parse(c.base)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Resolve(base, c.ref)
		if got != c.want || (c.want == "") != (markwatch.ErrorCode(err) == markwatch.CodeInvalid) {
			t.Errorf("Resolve(%q, %q) = %q, %v; want %q", c.base, c.ref, got, err, c.want)
		}
	}
	if got, err := Resolve(nil, "http://H"); got != "http://h/" || err != nil {
		t.Errorf("Resolve without a base: %q, %v", got, err)
	}
}

func TestHostAndKey(t *testing.T) {
	for in, want := range map[string]string{
		"http://h/a": "h:80", "https://h/?x=http://g:1/": "h:443", "http://h:8080/": "h:8080", "http://[::1]/": "[::1]:80", "http://[::1]:81/": "[::1]:81",
		"": "", "h/a": "", "ftp://h/": "", "http://": "",
	} {
		if got := Host(in); got != want {
			t.Errorf("Host(%q) = %q; want %q", in, got, want)
		}
	}
	if a, b := Key("http://h/a"), Key("http://h/b"); a == b || len(a) != 32 || a != Key("http://h/a") {
		t.Errorf("keys %q and %q", a, b)
	}
}

// TestPurell holds the cases of another normaliser against the rules that are
// the same here: whatever it calls equivalent by safe rules has one canonical
// form.
func TestPurell(t *testing.T) {
	path := filepath.Join("..", "..", "..", "shared", "real", "urls", "purell_cases.json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Skip("../shared is absent: ", err)
	}
	var cases []struct {
		Name, In, Flags, Want string
		WantErr               bool `json:"want_err"`
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	safe := map[string]bool{
		"FlagLowercaseScheme": true, "FlagLowercaseHost": true, "FlagUppercaseEscapes": true, "FlagDecodeUnnecessaryEscapes": true,
		"FlagEncodeNecessaryEscapes": true, "FlagRemoveDefaultPort": true, "FlagRemoveEmptyQuerySeparator": true, "FlagsSafe": true,
		"FlagRemoveDotSegments": true, "FlagRemoveFragment": true,
	}
	tried := 0
cases:
	for _, c := range cases {
		for f := range strings.SplitSeq(c.Flags, "|") {
			if !safe[f] {
				continue cases
			}
		}
		got, err := URL(c.In)
		want, wantErr := URL(c.Want)
		if err != nil || wantErr != nil {
			continue
		}
		tried++
		if got != want {
			t.Errorf("%s: %q and %q should be one page, are %q and %q", c.Name, c.In, c.Want, got, want)
		}
		checkCanonical(t, got)
	}
	if tried < 20 {
		t.Errorf("only %d cases were tried", tried)
	}
}

// checkCanonical asserts what holds for every canonical URL.
func checkCanonical(t *testing.T, got string) {
	t.Helper()
	if again, err := URL(got); err != nil || again != got {
		t.Fatalf("not idempotent: %q becomes %q, %v", got, again, err)
	}
	u, err := url.Parse(got)
	if err != nil {
		t.Fatalf("net/url refuses %q: %v", got, err)
	}
	if u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "http" && u.Scheme != "https" {
		t.Fatalf("%q has no host or a user or a fragment", got)
	}
	if len(got) > MaxLength || strings.IndexFunc(got, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0 {
		t.Fatalf("%q is too long or not plain ASCII", got)
	}
	if same, err := Resolve(u, ""); err != nil || same != got {
		t.Fatalf("%q resolved against itself is %q, %v", got, same, err)
	}
	if Host(got) == "" {
		t.Fatalf("%q has no host key", got)
	}
}

func FuzzURL(f *testing.F) {
	for _, c := range urlCases {
		f.Add(c.in)
	}
	f.Add("http://%41%zz%25%34%31/;jsessionid=1;;/..;sessid=/?%3d=%3D&utm%5fsource")
	f.Fuzz(func(t *testing.T, in string) {
		if got, err := URL(in); err == nil {
			checkCanonical(t, got)
		}
	})
}

func FuzzResolve(f *testing.F) {
	for _, c := range urlCases {
		f.Add("http://shop.example/list/page?x=1", c.in)
	}
	f.Add("http://h", "..//..\\a?b")
	f.Fuzz(func(t *testing.T, base, ref string) {
		b, err := url.Parse(base)
		if err != nil {
			return
		}
		if got, err := Resolve(b, ref); err == nil {
			checkCanonical(t, got)
		}
	})
}

func BenchmarkURL(b *testing.B) {
	in := "https://Item.Shop.Example/item.htm?spm=a21n57.1.0.0&id=681234567890&skuId=5&utm_source=wechat&abbucket=3"
	b.ReportAllocs()
	for b.Loop() {
		if _, err := URL(in); err != nil {
			b.Fatal(err)
		}
	}
}
