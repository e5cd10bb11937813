package evidence_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence"
)

var update = flag.Bool("update", false, "write the golden files")

// dump tells what a reader gives, a paragraph a record or fault.
func dump(r *evidence.Reader) string {
	var b strings.Builder
	for {
		rec, err := r.Next()
		var damage *evidence.FormatError
		switch {
		case errors.Is(err, io.EOF):
			return b.String()
		case errors.As(err, &damage):
			fmt.Fprintf(&b, "fault: %s\n\n", damage.Reason)
			continue
		case err != nil:
			fmt.Fprintf(&b, "error: %v\n", err)
			return b.String()
		}
		fmt.Fprintf(&b, "%s %s %s\n%s page=%v digests=%v\n", rec.Type, rec.TargetURI, rec.ID, rec.Date.Format("2006-01-02T15:04:05.000Z"), rec.IsPage(), rec.VerifyDigests() == nil)
		names := []string{}
		for name := range rec.Header {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			fmt.Fprintf(&b, "  %s: %s\n", name, rec.Header.Get(name))
		}
		block := strings.ReplaceAll(string(rec.Block), "\r\n", "\n")
		if !utf8.ValidString(block) {
			block = fmt.Sprintf("%q", rec.Block)
		}
		fmt.Fprintf(&b, "%s\n\n", block)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func openFile(t testing.TB, path string) *evidence.Reader {
	t.Helper()
	r, err := evidence.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// wacz makes a zip file of members "name", "content", …
func wacz(t testing.TB, method uint16, members ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		f, err := w.CreateHeader(&zip.FileHeader{Name: members[i], Method: method})
		if err != nil {
			t.Fatal(err)
		}
		f.Write([]byte(members[i+1]))
	}
	w.Close()
	return b.String()
}

func TestSavedFiles(t *testing.T) {
	for _, name := range []string{"saved.har", "saved.mhtml"} {
		path := filepath.Join("testdata", name)
		first := dump(openFile(t, path))
		golden(t, name+"-records", first)
		if again := dump(openFile(t, path)); again != first {
			t.Errorf("%s reads differently the second time", name)
		}
		r := openFile(t, path)
		for {
			rec, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				continue
			}
			page, err := evidence.ReadPage(t.Context(), path, rec.ID)
			want, _ := rec.Page(name)
			if err != nil || !cmp.Equal(want, page) {
				t.Errorf("%s: %s read by its id: %v", name, rec.TargetURI, err)
			}
		}
		if _, err := evidence.ReadPage(t.Context(), path, "urn:uuid:0"); markwatch.ErrorCode(err) != markwatch.CodeNotFound {
			t.Errorf("%s: no such record: %v", name, err)
		}
	}
}

func TestWACZ(t *testing.T) {
	a, b := record("a", "alpha"), record("b", "beta")
	revisit := "WARC/1.1\r\nWARC-Type: revisit\r\nWARC-Record-ID: <urn:r>\r\nWARC-Target-URI: http://a.example/a\r\nWARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest\r\nWARC-Refers-To: <urn:a>\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
	for name, method := range map[string]uint16{"stored": zip.Store, "deflated": zip.Deflate} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "Case.WACZ")
			os.WriteFile(path, []byte(wacz(t, method,
				"datapackage.json", "{}", "archive/data.warc.gz", zipped(a)+broken(zipped(b))+zipped(revisit),
				"pages/pages.jsonl", "{}", "archive/../../evil.txt", "x", "archive/more.warc", b, "indexes/x.warc.gz.idx", "x")), 0o644)
			var ids []string
			faults := 0
			r := openFile(t, path)
			for {
				rec, err := r.Next()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					faults++
					if !strings.Contains(err.Error(), "archive/data.warc.gz") {
						t.Error(err)
					}
					continue
				}
				if !rec.IsPage() {
					t.Errorf("%s is no page", rec.ID)
				}
				ids = append(ids, rec.ID)
			}
			if diff := cmp.Diff([]string{"urn:a", "urn:r", "urn:b"}, ids); diff != "" || faults != 1 {
				t.Errorf("%d faults, records (-want +got):\n%s", faults, diff)
			}
			for id, body := range map[string]string{"urn:a": "alpha", "urn:b": "beta", "urn:r": "alpha"} {
				if page, err := evidence.ReadPage(t.Context(), path, id); err != nil || string(page.Body) != body || page.Snapshot != "Case.WACZ#"+id {
					t.Errorf("%s: %v, %v", id, page, err)
				}
			}
		})
	}
	small := evidence.ReaderOptions{MaxRecord: 1 << 20, MaxRatio: 50}
	bomb := wacz(t, zip.Deflate, "archive/bomb.warc", strings.Repeat("\r\n", 32<<20), "archive/a.warc", a)
	r, err := evidence.ReadWACZ(strings.NewReader(bomb), int64(len(bomb)), small)
	if err != nil {
		t.Fatal(err)
	}
	if got := dump(r); !strings.Contains(got, "fault: archive/bomb.warc breaks off") || !strings.Contains(got, "alpha") {
		t.Errorf("a bomb gives %q", got)
	}
	many := make([]string, 0, 80_000)
	for n := range 40_000 {
		many = append(many, fmt.Sprintf("archive/%0220d.warc", n), "")
	}
	large := wacz(t, zip.Store, many...)
	for name, content := range map[string]string{"no zip": "what", "empty": "", "no captures": wacz(t, zip.Store, "pages/x.warc", a), "huge directory": large, "cut": bomb[:len(bomb)-30]} {
		path := filepath.Join(t.TempDir(), "x.wacz")
		os.WriteFile(path, []byte(content), 0o644)
		if _, err := evidence.OpenFile(path); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDamagedSavedFiles(t *testing.T) {
	har, err := os.ReadFile("testdata/saved.har")
	if err != nil {
		t.Fatal(err)
	}
	mhtml, err := os.ReadFile("testdata/saved.mhtml")
	if err != nil {
		t.Fatal(err)
	}
	small := evidence.ReaderOptions{MaxRecord: 1 << 20}
	huge := strings.Repeat("x", 5<<20)
	for name, test := range map[string]struct{ content, records, faults string }{
		"cut":                  {before(har, "https://market.example/big"), "3", "1"},
		"byte order mark":      {"\xef\xbb\xbf" + string(har), "5", "2"},
		"other json":           {`{"log": {"version": "1.2"}}`, "0", "1"},
		"entries no list":      {`{"log": {"entries": {}}}`, "0", "1"},
		"not json":             {"<html>", "0", "1"},
		"empty":                {"", "0", "1"},
		"no entries":           {`{"log": {"entries": []}}`, "0", "0"},
		"deep":                 {`{"x": ` + strings.Repeat("[", 20_000), "0", "1"},
		"deep entry":           {`{"log": {"entries": [` + strings.Repeat("[", 20_000), "0", "1"},
		"huge value":           {`{"log": {"creator": "` + huge + `", "entries": []}}`, "0", "1"},
		"huge body":            {`{"log": {"entries": [{"request": {"url": "http://a.example/"}, "response": {"status": 200, "content": {"text": "` + huge[:2<<20] + `"}}}]}}`, "0", "1"},
		"log behind something": {`{"a": [{"log": 1}], "log": {"entries": [{"request": {"url": "http://a.example/"}, "response": {"status": 200}}]}}`, "1", "0"},
	} {
		got := dump(evidence.ReadHAR(strings.NewReader(test.content), small))
		if records, faults := fmt.Sprint(strings.Count(got, "page=true")), fmt.Sprint(strings.Count(got, "fault: ")); records != test.records || faults != test.faults {
			t.Errorf("HAR %s: %s records and %s faults, want %s and %s\n%.600s", name, records, faults, test.records, test.faults, got)
		}
	}
	nested := "Content-Type: multipart/mixed; boundary=b0\r\n\r\n"
	for n := range 8 {
		nested += fmt.Sprintf("--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n", n, n+1)
	}
	for name, test := range map[string]struct {
		content         string
		records, faults int
	}{
		"cut":            {before(mhtml, "PC9iPg=="), 2, 1},
		"without parts":  {"Content-Type: text/html\nContent-Location: http://a.example/\nContent-Transfer-Encoding: base64\n\nPGh0bWw+", 1, 0},
		"nested":         {nested, 0, 5},
		"huge part":      {"Content-Type: text/html\r\n\r\n" + huge, 0, 1},
		"broken base64":  {"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPG!h0\tbWw+Pg", 1, 0},
		"broken quoting": {"Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nab=ZZ cd", 1, 0},
	} {
		r, err := evidence.ReadMHTML(strings.NewReader(test.content), small)
		if err != nil {
			t.Errorf("MHTML %s: %v", name, err)
			continue
		}
		got := dump(r)
		if records, faults := strings.Count(got, "resource "), strings.Count(got, "fault: "); records != test.records || faults != test.faults {
			t.Errorf("MHTML %s: %d records and %d faults, want %d and %d\n%.600s", name, records, faults, test.records, test.faults, got)
		}
	}
	for name, content := range map[string]string{"empty": "", "no head": huge, "no type": "A: b\r\n\r\nx", "no boundary": "Content-Type: multipart/related\r\n\r\nx"} {
		if _, err := evidence.ReadMHTML(strings.NewReader(content), small); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("MHTML %s: %v", name, err)
		}
	}
}

// before is what stands before a mark.
func before(b []byte, mark string) string {
	head, _, _ := bytes.Cut(b, []byte(mark))
	return string(head)
}
