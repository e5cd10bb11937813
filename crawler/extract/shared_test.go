package extract_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
)

// shared finds the material that is measured against, beside the repository.
func shared(t testing.TB, parts ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "..", "shared", "real"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skip("../shared is absent: " + filepath.Join(parts...))
	}
	return path
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(path, ".gz") {
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if b, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func readJSON(t testing.TB, path string, into any) {
	t.Helper()
	if err := json.Unmarshal(readFile(t, path), into); err != nil {
		t.Fatal(err)
	}
}

func page(url string, body []byte) *markwatch.Page {
	return &markwatch.Page{URL: url, FinalURL: url, Status: 200, Header: http.Header{"Content-Type": {"text/html"}}, Body: body}
}

// warcPages reads the responses of an archive; just enough of WARC 1.1 for a
// file that is known to be correct.
func warcPages(t testing.TB, path string) []*markwatch.Page {
	t.Helper()
	in := bufio.NewReader(bytes.NewReader(readFile(t, path)))
	var pages []*markwatch.Page
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return pages
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		header := http.Header{}
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if line = strings.TrimSpace(line); line == "" {
				break
			}
			k, v, _ := strings.Cut(line, ":")
			header.Set(k, strings.TrimSpace(v))
		}
		n, err := strconv.Atoi(header.Get("Content-Length"))
		if err != nil {
			t.Fatal(err)
		}
		block := make([]byte, n)
		if _, err := io.ReadFull(in, block); err != nil {
			t.Fatal(err)
		}
		if header.Get("Warc-Type") != "response" {
			continue
		}
		resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(block)), nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		p := page(header.Get("Warc-Target-Uri"), body)
		p.Header, p.Status = resp.Header, resp.StatusCode
		pages = append(pages, p)
	}
}
