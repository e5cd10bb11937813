package main

import (
	"html"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html/charset"

	"github.com/markwatch/markwatch/evidence"
	"github.com/markwatch/markwatch/store"
)

func TestEvidenceOfAnAddressIsShown(t *testing.T) {
	dir := startSample(t, 120).config(t)
	must(t, "scan", "--config", dir)
	offer := rows[store.Record](t, must(t, "listings", "--config", dir, "--json"))[0].Listing
	for _, r := range rows[store.Record](t, must(t, "listings", "--config", dir, "--json")) {
		if r.Verdict.Flagged {
			offer = r.Listing
		}
	}
	show := func(args ...string) outcome {
		return program(t, append([]string{"evidence", "show", "--config", dir}, args...)...)
	}
	if o := show(offer.URL); o.code != exitOK || !strings.Contains(o.out, "相符 intact") || !strings.Contains(o.out, "127.0.0.1") {
		t.Errorf("code %d\n%s%s", o.code, o.out, o.err)
	}
	o := show(offer.URL, "--json", "--all")
	described := rows[evidence.Description](t, o.out)
	if len(described) != 1 || !described[0].Intact || described[0].URL != offer.URL || described[0].Status != 200 {
		t.Errorf("code %d: %+v", o.code, described)
	}
	// The bytes are the shop's own, in whichever charset it writes.
	o = show(offer.URL, "--body", "page")
	read, err := charset.NewReader(strings.NewReader(o.out), "text/html")
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(read)
	if err != nil {
		t.Fatal(err)
	}
	if o.code != exitOK || !strings.HasPrefix(strings.TrimSpace(strings.ToLower(o.out)), "<!doctype") || !strings.Contains(html.UnescapeString(string(page)), offer.Title) {
		t.Errorf("code %d, page %.300q, %s", o.code, page, o.err)
	}
	if o := show(offer.URL, "--since", "2020-01-01", "--until", "2120-01-01"); o.code != exitOK {
		t.Errorf("within a century: code %d %s", o.code, o.err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{offer.URL, "--since", "2120-01-01"}, exitNotFound, offer.URL},
		{[]string{offer.URL, "--until", "2020-01-01"}, exitNotFound, offer.URL},
		{[]string{"https://nowhere.example/"}, exitNotFound, "nowhere.example"},
		{[]string{"crawl-none.warc.gz#urn:uuid:0"}, exitNotFound, "crawl-none"},
		{[]string{offer.URL, "--since", "yesterday"}, exitInvalid, "2026-11-01"},
		{[]string{offer.URL, "--body", "head"}, exitInvalid, "page"},
	} {
		if o := show(c.args...); o.code != c.code || !strings.Contains(o.err, c.want) {
			t.Errorf("%v: code %d, %s", c.args, o.code, o.err)
		}
	}

	tamper(t, dir, offer.Snapshot)
	o = show(offer.Snapshot)
	if o.code != exitUnavailable || !strings.Contains(o.out+o.err, "不符") {
		t.Errorf("a capture that was changed: code %d\n%s%s", o.code, o.out, o.err)
	}
	if o := show(offer.URL); o.code != exitUnavailable {
		t.Errorf("a capture that was changed, by its address: code %d\n%s%s", o.code, o.out, o.err)
	}
}

// tamper changes one byte in the middle of a capture's record.
func tamper(t *testing.T, dir, snapshot string) {
	t.Helper()
	folder := filepath.Join(dir, "data", "captures")
	archive, err := evidence.OpenArchive(folder, evidence.ArchiveOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	page, err := archive.Page(t.Context(), snapshot)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := archive.Find(t.Context(), page.URL, page.FetchedAt.AddDate(-1, 0, 0), page.FetchedAt.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Snapshot() != snapshot {
			continue
		}
		file := filepath.Join(folder, e.File)
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		content[e.Offset+e.Length/2] ^= 0x10
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatalf("%s is not in the index", snapshot)
}
