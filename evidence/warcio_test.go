package evidence_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence"
)

// TestWarcioAccepts has another tool check and list files with every kind of
// record.
func TestWarcioAccepts(t *testing.T) {
	if err := exec.Command("python3", "-c", "import warcio").Run(); err != nil {
		t.Skip("python3 with warcio is absent: the check by another tool is left out")
	}
	a, dir := openArchive(t, evidence.ArchiveOptions{Describe: func(string) []byte { return []byte(`{"id": "sample-market"}`) }})
	for i := range 5 {
		keep(t, a, exchange(i))
	}
	chunked := exchange(9)
	chunked.Response = []byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
	keep(t, a, chunked)
	over := secure(6, chainA)
	over.Via = exchange(5).URL
	prior := capture(t, a, over)
	keep(t, a, notModified(secure(6, chainA), prior))
	same := secure(6, chainB)
	same.Prior = &prior
	of := keep(t, a, same)
	if _, err := a.Resource(t.Context(), &markwatch.Resource{
		Source: over.Source, URL: "urn:view:" + over.URL, At: over.At, ContentType: "image/png", Body: []byte("png"), RefersTo: of,
	}); err != nil {
		t.Fatal(err)
	}
	a.Close()
	files, _ := filepath.Glob(filepath.Join(dir, "*.warc.gz"))
	out, err := exec.Command("python3", append([]string{"-m", "warcio.cli", "check", "-v"}, files...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("warcio check: %v\n%s", err, out)
	}
	if bytes.Contains(out, []byte("digest failed")) || bytes.Count(out, []byte("digest pass")) != 23 {
		t.Errorf("warcio passed %d records, want all but the two revisits, which it does not check\n%s", bytes.Count(out, []byte("digest pass")), out)
	}
	out, err = exec.Command("python3", append([]string{"-m", "warcio.cli", "index", "-f", "warc-type,http:status,warc-profile,content-type"}, files...)...).Output()
	if err != nil {
		t.Fatalf("warcio index: %v", err)
	}
	got := map[string]int{}
	for line := range strings.Lines(string(out)) {
		var entry map[string]string
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		profile := entry["warc-profile"]
		got[strings.TrimSpace(entry["warc-type"]+" "+entry["http:status"]+" "+profile[strings.LastIndexByte(profile, '/')+1:])]++
	}
	want := map[string]int{
		"warcinfo": 1, "response 200": 7, "request": 9, "metadata": 3, "resource": 3,
		"revisit 304 server-not-modified": 1, "revisit 200 identical-payload-digest": 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records as warcio lists them (-want +got):\n%s", diff)
	}
}
