package scan_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence"
)

// warcRecord is one record with the answer of an HTTP server in it.
func warcRecord(kind, id, uri, fields, block string) string {
	return fmt.Sprintf("WARC/1.1\r\nWARC-Type: %s\r\nWARC-Record-ID: <urn:uuid:%s>\r\nWARC-Target-URI: %s\r\nWARC-Date: 2026-11-20T03:04:05Z\r\n%sContent-Type: application/http;msgtype=response\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n",
		kind, id, uri, fields, len(block), block)
}

func answer(body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// captures are the forms in which an officer hands over what a browser saw:
// each holds the offers of pages, by their addresses.
func captures(t *testing.T, pages map[string]string) map[string][]byte {
	t.Helper()
	var warc strings.Builder
	var har []map[string]any
	mhtml := "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://market.example/item/0\r\nDate: Sat, 21 Nov 2026 10:00:00 +0800\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/related;\r\n\ttype=\"text/html\";\r\n\tboundary=\"--edge\"\r\n\r\n"
	for i := range len(pages) {
		url := fmt.Sprintf("https://market.example/item/%d", i)
		body := pages[url]
		warc.WriteString(warcRecord("response", fmt.Sprintf("00000000-0000-4000-8000-00000000000%d", i), url, "", answer(body)))
		har = append(har, map[string]any{
			"startedDateTime": "2026-11-21T10:00:00.000+08:00", "request": map[string]any{"method": "GET", "url": url},
			"response": map[string]any{
				"status": 200, "statusText": "OK", "headers": []map[string]string{{"name": "Content-Type", "value": htmlUTF8}},
				"content": map[string]any{"size": len(body), "mimeType": "text/html", "text": body},
			},
		})
		mhtml += "----edge\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: binary\r\nContent-Location: " + url + "\r\n\r\n" + body + "\r\n"
	}
	// The same page again, found unchanged.
	warc.WriteString(warcRecord("revisit", "00000000-0000-4000-8000-000000000009", "https://market.example/item/0",
		"WARC-Profile: http://netpreserve.org/warc/1.1/revisit/server-not-modified\r\nWARC-Refers-To: <urn:uuid:00000000-0000-4000-8000-000000000000>\r\n", "HTTP/1.1 304 Not Modified\r\n\r\n"))
	// And one whose original was never handed over.
	warc.WriteString(warcRecord("revisit", "00000000-0000-4000-8000-00000000000a", "https://market.example/item/7",
		"WARC-Profile: http://netpreserve.org/warc/1.1/revisit/server-not-modified\r\nWARC-Refers-To: <urn:uuid:00000000-0000-4000-8000-00000000ffff>\r\n", "HTTP/1.1 304 Not Modified\r\n\r\n"))
	log, err := json.Marshal(map[string]any{"log": map[string]any{"version": "1.2", "creator": map[string]string{"name": "browser", "version": "1"}, "entries": har}})
	check(t, err)
	var zipped bytes.Buffer
	z := zip.NewWriter(&zipped)
	for name, content := range map[string]string{"datapackage.json": "{}", "archive/data.warc": warc.String()} {
		f, err := z.Create(name)
		check(t, err)
		_, err = f.Write([]byte(content))
		check(t, err)
	}
	check(t, z.Close())
	return map[string][]byte{"night.warc": []byte(warc.String()), "saved.wacz": zipped.Bytes(), "saved.har": log, "saved.mhtml": []byte(mhtml + "----edge--\r\n")}
}

func TestAnOfficersOwnCapturesGiveListings(t *testing.T) {
	pages := map[string]string{}
	for i := range 3 {
		pages[fmt.Sprintf("https://market.example/item/%d", i)] = offer(teapot(i), "268.00", "陶艺工坊", "本店手工制作")
	}
	for name, content := range captures(t, pages) {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			check(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
			r := open(t, dir, markwatch.Source{ID: "saved", Kind: markwatch.KindArchive, Start: []string{name}, Listing: []string{"*/item/*"}})
			sum := r.night("saved")
			want := markwatch.PageCounts{Fetched: 3}
			if strings.HasSuffix(name, ".warc") || strings.HasSuffix(name, ".wacz") {
				want.Fetched++ // the revisit
				if text := strings.Join(sum.Warnings, "\n"); !strings.Contains(text, name+": 1 条重访记录找不到原件") {
					t.Errorf("the revisit without its original is not told: %s", text)
				}
			}
			if sum.Pages != want || sum.Listings.Seen != 3 {
				faults, err := r.scanner.Faults(t.Context(), sum.Scan, 10)
				t.Errorf("summary %+v, faults %v, %v", sum, faults, err)
			}
			for title, rec := range r.listings() {
				file, id, _ := strings.Cut(rec.Listing.Snapshot, "#")
				page, err := evidence.ReadPage(t.Context(), filepath.Join(dir, file), id)
				if file != name || err != nil || !strings.Contains(string(page.Body), title) {
					t.Errorf("the snapshot %q of %s does not lead to its page: %v", rec.Listing.Snapshot, title, err)
				}
			}
		})
	}
}
