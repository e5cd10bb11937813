package crawler

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// savedPage is a real page as it was saved, with what a visitor sees of it and
// the references of its links.
type savedPage struct {
	url         string
	body        []byte
	title, text string
	links       []string
}

// sites keeps the pages for all tests, since reading them takes a while.
var sites struct {
	once  sync.Once
	pages []savedPage
}

// savedPages returns the pages of real shops, or skips the test.
func savedPages(t *testing.T) []savedPage {
	t.Helper()
	sites.once.Do(func() {
		sites.pages = readSavedPages(t)
		for i := range sites.pages {
			p := &sites.pages[i]
			doc, err := goquery.NewDocumentFromReader(bytes.NewReader(p.body))
			if err != nil {
				t.Fatal(err)
			}
			doc.Find("a[href]").Each(func(_ int, a *goquery.Selection) { p.links = append(p.links, a.AttrOr("href", "")) })
			p.title, p.text = shown(doc)
		}
	})
	if len(sites.pages) == 0 {
		t.Skip("../shared is absent, or could not be read")
	}
	return sites.pages
}

func readSavedPages(t *testing.T) []savedPage {
	t.Helper()
	root := filepath.Join("..", "..", "shared", "real")
	f, err := os.Open(filepath.Join(root, "pages.warc.gz"))
	if err != nil {
		t.Skip("../shared is absent: ", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	in := textproto.NewReader(bufio.NewReader(z))
	var pages []savedPage
	known := map[string]bool{}
	for {
		if line, err := in.ReadLine(); errors.Is(err, io.EOF) {
			break
		} else if err != nil || line != "WARC/1.1" {
			t.Fatalf("%q, %v", line, err)
		}
		head, err := in.ReadMIMEHeader()
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.Atoi(head.Get("Content-Length"))
		if err != nil {
			t.Fatal(err)
		}
		block := make([]byte, n+4)
		if _, err := io.ReadFull(in.R, block); err != nil {
			t.Fatal(err)
		}
		if head.Get("WARC-Type") != "response" {
			continue
		}
		res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(block[:n])), nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		known[string(body)] = true
		pages = append(pages, savedPage{url: head.Get("WARC-Target-URI"), body: body})
	}
	// Pages that stand beside the archive, some without an address.
	for _, dir := range []string{"product-pages/html", "jd-search", "shop-pages"} {
		files, _ := filepath.Glob(filepath.Join(root, dir, "*.htm*"))
		for _, file := range files {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(file, ".gz") {
				z, err := gzip.NewReader(bytes.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				if body, err = io.ReadAll(z); err != nil {
					t.Fatal(err)
				}
			}
			if !known[string(body)] {
				known[string(body)] = true
				pages = append(pages, savedPage{url: "file:" + filepath.Base(file), body: body})
			}
		}
	}
	return pages
}
