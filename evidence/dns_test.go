package evidence_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence"
)

// TestAnswersOfTheDNS holds that an answer stands once in a file, as the
// standard has it, is told with each capture that stands on it, and goes with
// the capture.
func TestAnswersOfTheDNS(t *testing.T) {
	a, dir := openArchive(t, evidence.ArchiveOptions{})
	resolved := func(n int, addresses ...string) *markwatch.Exchange {
		ex := exchange(n)
		ex.Resolved = &markwatch.Resolution{Host: "Market.example.", At: clock.Add(time.Duration(n) * time.Second), Addresses: addresses}
		return ex
	}
	first := keep(t, a, resolved(1, "192.0.2.7", "2001:db8::7"))
	again := keep(t, a, resolved(2, "2001:db8::7", "192.0.2.7"))
	moved := keep(t, a, resolved(3, "192.0.2.9\r\nWARC-Type: response", "198.51.100.1"))
	without := keep(t, a, exchange(4))
	for _, c := range []struct {
		snapshot string
		want     []string
		second   int
	}{{first, []string{"192.0.2.7", "2001:db8::7"}, 1}, {again, []string{"192.0.2.7", "2001:db8::7"}, 2}, {moved, []string{"198.51.100.1"}, 3}, {without, nil, 4}} {
		d, err := a.Describe(context.Background(), c.snapshot)
		if err != nil || !d.Intact {
			t.Fatalf("%v %v", d.Faults, err)
		}
		switch {
		case c.want == nil:
			if d.Resolved != nil {
				t.Errorf("an answer from nowhere: %+v", d.Resolved)
			}
		case d.Resolved == nil || d.Resolved.Host != "market.example" || !slices.Equal(d.Resolved.Addresses, c.want) || !d.Resolved.At.Equal(clock.Add(time.Duration(c.second)*time.Second)):
			t.Errorf("%+v, want %v", d.Resolved, c.want)
		}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	all, damage := readAll(t, openFirst(t, dir), evidence.ReaderOptions{})
	answers := 0
	for _, rec := range all {
		if strings.HasPrefix(rec.TargetURI, "dns:") {
			answers++
			if rec.Type != "resource" || rec.IsPage() || rec.Header.Get("Content-Type") != "text/dns" {
				t.Errorf("%s %v", rec.Type, rec.Header)
			}
			if err := rec.VerifyDigests(); err != nil {
				t.Error(err)
			}
		}
	}
	if answers != 2 || len(damage) > 0 {
		t.Errorf("%d answers, %v", answers, damage)
	}

	var taken bytes.Buffer
	b, err := evidence.OpenArchive(dir, evidence.ArchiveOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Extract(context.Background(), again, &taken); err != nil {
		t.Fatal(err)
	}
	recs, _ := readAll(t, &taken, evidence.ReaderOptions{})
	if !slices.ContainsFunc(recs, func(r *evidence.Record) bool {
		return r.TargetURI == "dns:market.example" && string(r.Block) == "market.example.\tIN\tA\t192.0.2.7\nmarket.example.\tIN\tAAAA\t2001:db8::7\n"
	}) {
		t.Errorf("the capture went without its answer: %d records", len(recs))
	}
}

func openFirst(t *testing.T, dir string) *os.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.warc.gz"))
	if err != nil || len(names) != 1 {
		t.Fatalf("%v %v", names, err)
	}
	f, err := os.Open(names[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}
