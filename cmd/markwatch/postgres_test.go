package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store/storetest"
)

// TestAScanOnPostgreSQL runs the whole job with the record in PostgreSQL and
// compares it with the embedded one.
func TestAScanOnPostgreSQL(t *testing.T) {
	if os.Getenv(storetest.PostgresURL) == "" {
		t.Skip("no PostgreSQL to test on: " + storetest.PostgresURL + " is not set")
	}
	m := startSample(t, 150)
	scan := func(dir string) markwatch.ScanSummary {
		return rows[markwatch.ScanSummary](t, must(t, "scan", "--config", dir, "--json"))[0]
	}
	embedded := scan(m.config(t))
	dir := m.config(t)
	file := filepath.Join(dir, "markwatch.yaml")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(content), "engines:") {
		t.Fatal("the market's configuration chooses its engines itself")
	}
	write(t, file, string(content)+"\nengines: {store: "+yamlString(t, storetest.Postgres(t))+"}\n")
	onServer := scan(dir)
	if onServer.Pages != embedded.Pages || onServer.Listings != embedded.Listings || onServer.Leads != embedded.Leads {
		t.Errorf("on PostgreSQL %+v\nembedded %+v", onServer, embedded)
	}
	if again := scan(dir); again.Listings.New != 0 || again.Listings.Seen != onServer.Listings.Seen {
		t.Errorf("second scan %+v", again)
	}
	if found := rows[hit](t, must(t, "search", "--config", dir, "--json", "--limit", "0")); len(found) != onServer.Leads.New {
		t.Errorf("search finds %d of %d leads", len(found), onServer.Leads.New)
	}
}
