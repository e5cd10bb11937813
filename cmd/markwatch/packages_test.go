package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/render"
	"github.com/markwatch/markwatch/evidence"
	"github.com/markwatch/markwatch/evidence/pack"
)

// inPackage reads one file of a package.
func inPackage(t *testing.T, path, name string) []byte {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// packed makes the package of a lead, which must hold.
func packed(t *testing.T, dir, number string) (path string, m pack.Manifest) {
	t.Helper()
	made := rows[struct{ Package string }](t, must(t, "evidence", "pack", "--config", dir, number))[0]
	r, err := pack.Verify(made.Package, pack.Trust{})
	if err != nil || !r.Intact {
		t.Fatalf("the package does not hold: %+v %v", r.Statements, err)
	}
	return made.Package, *r.Manifest
}

// TestPackagesTellOfTheDNSAndTheClock holds that a package has the answer of the
// DNS as the crawl saw it, and says how far the clock was off, or that this is
// not known.
func TestPackagesTellOfTheDNSAndTheClock(t *testing.T) {
	m := startSample(t, 60)
	dir := t.TempDir()
	if err := m.WriteConfig(dir, strings.Replace(m.server.URL, "127.0.0.1", "localhost", 1)); err != nil {
		t.Fatal(err)
	}
	must(t, "scan", "--config", dir, "--json")
	lead := rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json"))[0]
	path, manifest := packed(t, dir, lead.Number)
	var dns struct {
		Seen, Host string
		Addresses  []string
	}
	if err := json.Unmarshal(inPackage(t, path, "capture/dns.json"), &dns); err != nil {
		t.Fatal(err)
	}
	if dns.Seen != "crawl" || dns.Host != "localhost" || len(dns.Addresses) == 0 {
		t.Errorf("dns.json %+v", dns)
	}
	if warc := gunzip(t, inPackage(t, path, "capture/page.warc.gz")); !strings.Contains(warc, "WARC-Target-URI: dns:localhost\r\n") {
		t.Error("the WARC has no answer of the DNS")
	}
	if c := manifest.Clock; c.Checked != "" || c.Unknown == "" {
		t.Errorf("a clock that nobody checked: %+v", c)
	}
	draft := func(path string) string {
		docx := inPackage(t, path, "draft/extraction-record.docx")
		z, err := zip.NewReader(bytes.NewReader(docx), int64(len(docx)))
		if err != nil {
			t.Fatal(err)
		}
		f, err := z.Open("word/document.xml")
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if !strings.Contains(draft(path), "本机时钟偏差未知") {
		t.Error("the draft does not say that the clock is unknown")
	}
	setting(t, dir, "timestamps: {clock: ['http://127.0.0.1:1/', '"+m.server.URL+"']}")
	path, manifest = packed(t, dir, lead.Number)
	if c := manifest.Clock; c.Checked != m.server.URL || c.Offset == "" || c.Margin == "" || c.At.IsZero() {
		t.Errorf("the clock %+v", c)
	}
	if !strings.Contains(draft(path), "对照 "+m.server.URL) {
		t.Error("the draft does not say what the clock was held against")
	}
}

func gunzip(t *testing.T, b []byte) string {
	t.Helper()
	r := evidence.NewReader(bytes.NewReader(b), evidence.ReaderOptions{})
	var text strings.Builder
	for {
		rec, err := r.Next()
		if err != nil {
			return text.String()
		}
		fmt.Fprintf(&text, "WARC-Type: %s\r\nWARC-Target-URI: %s\r\n", rec.Type, rec.TargetURI)
		text.Write(rec.Block)
	}
}

// TestPackagesOfOfficersOwnCaptures holds that a lead whose page came in as a
// file that an officer saved has a WARC of it in its package.
func TestPackagesOfOfficersOwnCaptures(t *testing.T) {
	m := startSample(t, 60)
	dir := m.config(t)
	must(t, "scan", "--config", dir, "--json")
	// Numbers follow the order in which pages came. One whose words alone make it
	// a lead is one without the rest of the market, too.
	all := rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json"))
	i := slices.IndexFunc(all, func(l markwatch.Lead) bool { return l.Verdict.Violations[markwatch.Counterfeit].Flagged })
	if i < 0 {
		t.Fatal("no lead is counterfeit")
	}
	lead := all[i]
	res, err := http.Get(lead.Listing.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(string(body))
	if err != nil {
		t.Fatal(err)
	}
	kind := res.Header.Get("Content-Type")
	for name, content := range map[string]string{
		"saved.har": fmt.Sprintf(`{"log":{"version":"1.2","entries":[{"startedDateTime":"2026-11-21T02:00:00Z","request":{"method":"GET","url":%q},"response":{"status":200,"statusText":"OK","headers":[{"name":"Content-Type","value":%q}],"content":{"mimeType":%q,"text":%s}}}]}}`,
			lead.Listing.URL, kind, kind, text),
		"saved.mhtml": "From: <Saved by Blink>\r\nSnapshot-Content-Location: " + lead.Listing.URL + "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; type=\"text/html\"; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: " + kind +
			"\r\nContent-Transfer-Encoding: 8bit\r\nContent-Location: " + lead.Listing.URL + "\r\n\r\n" + string(body) + "\r\n--b--\r\n",
		"saved.warc": plainWARC(lead.Listing.URL, kind, body),
	} {
		t.Run(name, func(t *testing.T) {
			dir := m.config(t)
			if err := os.RemoveAll(filepath.Join(dir, "sources")); err != nil {
				t.Fatal(err)
			}
			file := write(t, filepath.Join(t.TempDir(), name), content)
			write(t, filepath.Join(dir, "sources", "officer.yaml"), "sources:\n  - id: officer\n    kind: archive\n    start: ["+yamlString(t, file)+"]\n")
			must(t, "scan", "--config", dir, "--json")
			leads := rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json"))
			if len(leads) != 1 {
				t.Fatalf("%d leads", len(leads))
			}
			path, _ := packed(t, dir, leads[0].Number)
			r := evidence.NewReader(bytes.NewReader(inPackage(t, path, "capture/page.warc.gz")), evidence.ReaderOptions{})
			kinds := []string{}
			for {
				rec, err := r.Next()
				if err != nil {
					break
				}
				if err := rec.VerifyDigests(); err != nil {
					t.Error(err)
				}
				kinds = append(kinds, rec.Type)
				if page, err := rec.Page(name); rec.IsPage() && (err != nil || !bytes.Contains(page.Body, []byte(lead.Listing.Title))) {
					t.Errorf("another page: %v", err)
				}
			}
			if len(kinds) < 2 || kinds[0] != "warcinfo" {
				t.Errorf("records %v", kinds)
			}
		})
	}
}

func plainWARC(url, kind string, body []byte) string {
	http := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", kind, len(body), body)
	return fmt.Sprintf("WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:0f0f0f0f-0000-4000-8000-000000000001>\r\nWARC-Date: 2026-11-21T02:00:00Z\r\nWARC-Target-URI: %s\r\nContent-Type: application/http;msgtype=response\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n",
		url, len(http), http)
}

// TestSendingLooksAgain holds that pages are fetched once more before leads are
// sent, that packages say what was found, and, where there is a browser, hold a
// picture of the whole page that is labelled as of another fetch.
func TestSendingLooksAgain(t *testing.T) {
	m := startSample(t, 100)
	var mu sync.Mutex
	changed := map[string]func(http.ResponseWriter, []byte){}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		change := changed[r.URL.Path]
		mu.Unlock()
		if change == nil {
			m.Handler().ServeHTTP(w, r)
			return
		}
		page := httptest.NewRecorder()
		r.Header.Del("Accept-Encoding")
		m.Handler().ServeHTTP(page, r)
		change(w, page.Body.Bytes())
	}))
	t.Cleanup(front.Close)
	dir := t.TempDir()
	if err := m.WriteConfig(dir, front.URL); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "units.yaml"), "version: 1\nunits:\n  - {id: u, name: 某局, authority: market}\nroutes:\n  - {violation: counterfeit, to: {unit: u}}\n  - {violation: piracy, to: {unit: u}}\n  - {violation: fake-overseas, to: {unit: u}}\n")
	write(t, filepath.Join(dir, "gates.yaml"), "version: 1\ngates: []\n")
	must(t, "scan", "--config", dir, "--json")
	var numbers []string
	var chosen []markwatch.Lead
	for _, l := range rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json")) {
		if len(chosen) < 3 && l.Listing.Price != nil && strings.Contains(l.Listing.URL, "/item/") {
			chosen, numbers = append(chosen, l), append(numbers, l.Number)
		}
	}
	if len(chosen) < 3 {
		t.Fatalf("%d leads", len(chosen))
	}
	zhang, li := colleague(t, dir, "zhangmin", markwatch.RoleInvestigator), colleague(t, dir, "liqiang", markwatch.RoleApprover)
	must(t, append([]string{"leads", "act", "confirm", "--config", dir, "--token-file", zhang}, numbers...)...)
	must(t, append([]string{"leads", "approve", "--config", dir, "--token-file", li}, numbers...)...)
	path := func(l markwatch.Lead) string { return strings.TrimPrefix(l.Listing.URL, front.URL) }
	mu.Lock()
	changed[path(chosen[1])] = func(w http.ResponseWriter, page []byte) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		old := chosen[1].Listing.Price.Amount.String()
		_, _ = w.Write(bytes.ReplaceAll(page, []byte(old), []byte("7"+old)))
	}
	changed[path(chosen[2])] = func(w http.ResponseWriter, _ []byte) { w.WriteHeader(http.StatusGone) }
	mu.Unlock()
	must(t, "leads", "send", "--config", dir, "--token-file", li)
	notes := []string{"仍在售", "有变化", "已下架"}
	list := read(t, onlyFile(t, filepath.Join(dir, "data", "batches", "*", "list.csv")))
	for i, want := range []string{"on-sale", "changed", "gone"} {
		lead := rows[markwatch.Lead](t, must(t, "leads", "show", "--config", dir, "--json", numbers[i]))[0]
		if lead.Handling.ShownOnSending != want || !strings.Contains(list, notes[i]) {
			t.Errorf("%s showed %q, want %q, and %q in the list", numbers[i], lead.Handling.ShownOnSending, want, notes[i])
		}
		file := filepath.Join(dir, "data", "packages", lead.Handling.Package)
		r, err := pack.Verify(file, pack.Trust{})
		if err != nil || !r.Intact || r.Manifest.Shown != want {
			t.Fatalf("%s: %v, %+v", numbers[i], err, r.Statements)
		}
		at := slices.IndexFunc(r.Manifest.Files, func(f pack.File) bool { return f.Name == "second-capture/screenshot.png" })
		if want == "gone" {
			if at >= 0 {
				t.Error("a picture of a page that is gone")
			}
			continue
		}
		if browser := hasBrowser(t); !browser {
			t.Log("left out: there is no browser to take pictures with")
			continue
		}
		if at < 0 || !strings.Contains(r.Manifest.Files[at].What.ZH, "另行采集") || !strings.Contains(r.Manifest.Files[at].What.EN, "second fetch") {
			t.Fatalf("%s: no picture labelled as another fetch: %+v", numbers[i], r.Manifest.Files)
		}
		shot, err := png.Decode(bytes.NewReader(inPackage(t, file, "second-capture/screenshot.png")))
		if err != nil || shot.Bounds().Dx() < 300 || shot.Bounds().Dy() < 300 {
			t.Errorf("the picture: %v", err)
		}
		if !bytes.Contains([]byte(gunzip(t, inPackage(t, file, "second-capture/page.warc.gz"))), []byte("WARC-Type: response")) {
			t.Error("the second fetch is not in the package")
		}
	}
}

func onlyFile(t *testing.T, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %v %v", pattern, found, err)
	}
	return found[0]
}

// hasBrowser says whether there is a browser here.
func hasBrowser(t *testing.T) bool {
	t.Helper()
	b, err := render.Open(t.Context(), render.Options{})
	if err != nil {
		return false
	}
	b.Close()
	return true
}
