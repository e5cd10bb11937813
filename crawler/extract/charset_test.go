package extract_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/text/encoding/htmlindex"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/extract"
)

// TestCharsetOrder is the order of declarations: mark, header, meta, bytes.
func TestCharsetOrder(t *testing.T) {
	for _, c := range []struct{ file, header, want string }{
		{"HTTP-charset.html", "iso-8859-15", "iso-8859-15"},
		{"UTF-16LE-BOM.html", "", "utf-16le"},
		{"UTF-16BE-BOM.html", "", "utf-16be"},
		{"meta-content-attribute.html", "", "iso-8859-15"},
		{"meta-charset-attribute.html", "", "iso-8859-15"},
		{"No-encoding-declaration.html", "", "utf-8"},
		{"HTTP-vs-UTF-8-BOM.html", "iso-8859-15", "utf-8"},
		{"HTTP-vs-meta-content.html", "iso-8859-15", "iso-8859-15"},
		{"HTTP-vs-meta-charset.html", "iso-8859-15", "iso-8859-15"},
		{"UTF-8-BOM-vs-meta-content.html", "", "utf-8"},
		{"UTF-8-BOM-vs-meta-charset.html", "", "utf-8"},
	} {
		p := page("https://shop.example/", readFile(t, shared(t, "charset", "xnet", c.file)))
		if c.header != "" {
			p.Header = http.Header{"Content-Type": {"text/html; charset=" + c.header}}
		}
		d, err := extract.Parse(p)
		if err != nil {
			t.Fatal(err)
		}
		if d.Charset() != c.want {
			t.Errorf("%s: %s, want %s", c.file, d.Charset(), c.want)
		}
	}
}

var charsetLabel = regexp.MustCompile(`(?i)charset=["']?[\w-]+["']?`)

// TestCharsetDetection decodes pages with and without their declaration.
func TestCharsetDetection(t *testing.T) {
	folder := shared(t, "charset", "gogs")
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		want := strings.NewReplacer(".html", "", "shift_jis", "shift_jis", "_", "-", "utf8", "utf-8").Replace(f.Name())
		want = strings.TrimSuffix(want, "-bom")
		if strings.HasPrefix(want, "8859-1") {
			want = "windows-1252"
		}
		body := readFile(t, filepath.Join(folder, f.Name()))
		for _, b := range [][]byte{body, charsetLabel.ReplaceAll(body, []byte("x=1"))} {
			d, err := extract.Parse(page("https://shop.example/", b))
			if err != nil {
				t.Fatal(err)
			}
			if d.Charset() != want {
				t.Errorf("%s: %s, want %s: %.60q", f.Name(), d.Charset(), want, d.Text())
			}
		}
	}
}

// TestCharsetOfChineseShops is text of our own in the charsets of its markets,
// undeclared.
func TestCharsetOfChineseShops(t *testing.T) {
	for name, text := range map[string]string{
		"gb18030":   "<html><title>正品运动鞋旗舰店</title><body><h1>男士透气跑步鞋</h1><p>现货包邮,七天无理由退换,全国联保,支持专柜验货</p>",
		"big5":      "<html><title>正品運動鞋旗艦店</title><body><h1>男士透氣跑步鞋</h1><p>現貨包郵,七天鑑賞期,全國聯保,支援專櫃驗貨</p>",
		"shift_jis": "<html><title>ランニングシューズ通販</title><body><h1>メンズスニーカー新品</h1><p>送料無料でお届けします。返品も可能です。</p>",
		"euc-kr":    "<html><title>정품 운동화 쇼핑몰</title><body><h1>남성 러닝화</h1><p>무료배송, 칠일 이내 교환 및 환불 가능합니다</p>",
		"utf-16le":  "<html><title>正品运动鞋</title><body><p>plain markup with text</p>",
	} {
		enc, err := htmlindex.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		body, err := enc.NewEncoder().Bytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		d, err := extract.Parse(page("https://shop.example/", body))
		if err != nil {
			t.Fatal(err)
		}
		if d.Charset() != name || !strings.Contains(text, d.Title()) || d.Title() == "" {
			t.Errorf("%s: read as %s, title %q", name, d.Charset(), d.Title())
		}
	}
}

func TestWhatIsNoPage(t *testing.T) {
	for name, p := range map[string]*markwatch.Page{
		"picture by header": {Header: http.Header{"Content-Type": {"image/png"}}, Body: []byte("<html>")},
		"picture by bytes":  {Body: []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")},
		"PDF":               {Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte("%PDF-1.7\n%âãÏÓ")},
		"binary":            {Body: []byte("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f\x10\x11\x12\x13\x14\xfe\xff\xfe\x00\x00\x01\x07")},
		"JSON":              {Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"a": 1}`)},
	} {
		if _, err := extract.Parse(p); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
