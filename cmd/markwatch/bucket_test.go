package main

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/markwatch/markwatch"
)

// What one machine captured is shown by another that has none of its files.
func TestCapturesAreReadFromTheBucket(t *testing.T) {
	backend := s3mem.New()
	if err := backend.CreateBucket("captures"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	defer server.Close()
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	m := startSample(t, 60)
	dir := m.config(t)
	setting(t, dir, "engines: {archive: "+yamlString(t, "s3://captures/a?region=us-east-1&endpoint="+server.URL)+"}")
	must(t, "scan", "--config", dir)
	type lead struct {
		Listing markwatch.Listing `json:"listing"`
	}
	leads := rows[lead](t, must(t, "export", "--config", dir, "--format", "ndjson"))
	if len(leads) == 0 || leads[0].Listing.Snapshot == "" {
		t.Fatalf("%d leads, none with a capture", len(leads))
	}
	shown := func() string {
		t.Helper()
		return must(t, "evidence", "show", "--config", dir, "--body", "page", leads[0].Listing.Snapshot)
	}
	own := shown()
	if err := os.RemoveAll(filepath.Join(dir, "data", "captures")); err != nil {
		t.Fatal(err)
	}
	if got := shown(); got != own || got == "" {
		t.Errorf("the bucket's copy has %d bytes, the capture had %d", len(got), len(own))
	}
}
