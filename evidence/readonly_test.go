package evidence_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence"
)

// Who looks at captures beside the process that writes them finds the newest
// and leaves the folder as it is.
func TestReadingBesideTheWriterChangesNothing(t *testing.T) {
	dir := t.TempDir()
	writer, err := evidence.OpenArchive(dir, evidence.ArchiveOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { writer.Close() })
	const url = "https://shop.example/item/1"
	capture, err := writer.Record(t.Context(), &markwatch.Exchange{
		Source: "shop", URL: url, At: time.Now(), Response: []byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
	})
	if err != nil {
		t.Fatal(err)
	}
	before := listing(t, dir)

	reader, err := evidence.OpenArchive(dir, evidence.ArchiveOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reader.Close() })
	found, err := reader.Find(t.Context(), url, time.Time{}, time.Time{})
	if err != nil || len(found) != 1 || found[0].Snapshot() != capture.Snapshot {
		t.Fatalf("found %v, %v", found, err)
	}
	if page, err := reader.Page(t.Context(), capture.Snapshot); err != nil || string(page.Body) != "ok" {
		t.Errorf("page %v, %v", page, err)
	}
	if _, err := reader.Record(t.Context(), &markwatch.Exchange{URL: url, Response: []byte("HTTP/1.1 200 OK\r\n\r\n")}); markwatch.ErrorCode(err) != markwatch.CodeConflict {
		t.Errorf("a record was taken: %v", err)
	}
	if after := listing(t, dir); after != before {
		t.Errorf("the folder was\n%s\nand is\n%s", before, after)
	}
}

// listing tells the names and sizes of a folder's files.
func listing(t *testing.T, dir string) (text string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintln(filepath.Base(f), len(b))
	}
	return text
}
