package evidence_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch/evidence"
)

// TestLookupsFollowAFileThatGrows asks after every record for what was kept
// before: in the file that is written, in files that ended, and beside them in
// more files than are held in memory.
func TestLookupsFollowAFileThatGrows(t *testing.T) {
	a, _ := openArchive(t, evidence.ArchiveOptions{RotateBytes: 6000})
	want := map[string][]string{}
	for n := range 120 {
		ex := exchange(n % 40) // every address three times
		ex.At = clock.Add(time.Duration(n) * time.Hour)
		want[ex.URL] = append(want[ex.URL], keep(t, a, ex))
		for _, other := range []int{n % 40, n / 2 % 40, 0} {
			address := exchange(other).URL
			if got := snapshotsOf(t, a, address, time.Time{}, time.Time{}); !slices.Equal(got, want[address]) {
				t.Fatalf("after %d records %s is found as %v, want %v", n+1, address, got, want[address])
			}
			for _, snapshot := range want[address] {
				if d, err := a.Describe(t.Context(), snapshot); err != nil || !d.Intact || d.URL != address {
					t.Fatalf("after %d records %s: %s %v %v", n+1, snapshot, d.URL, d.Faults, err)
				}
			}
		}
	}
	from, to := clock.Add(41*time.Hour), clock.Add(80*time.Hour)
	if got := snapshotsOf(t, a, exchange(1).URL, from, to); !slices.Equal(got, want[exchange(1).URL][1:2]) {
		t.Errorf("between two times: %v, want %v", got, want[exchange(1).URL][1:2])
	}
	if got := snapshotsOf(t, a, exchange(0).URL, from, to); len(got) > 0 {
		t.Errorf("just outside two times: %v", got)
	}
}

// TestAFileThatCameInIsFound: files are copied into the folder by other hands
// than the Archive's.
func TestAFileThatCameInIsFound(t *testing.T) {
	a, dir := openArchive(t, evidence.ArchiveOptions{})
	here := keep(t, a, exchange(1))
	other, otherDir := openArchive(t, evidence.ArchiveOptions{})
	came := keep(t, other, exchange(1))
	other.Close()
	// A folder that has been as it is for long.
	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(dir, long, long); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := snapshotsOf(t, a, exchange(1).URL, time.Time{}, time.Time{}); !slices.Equal(got, []string{here}) {
			t.Fatalf("found %v", got)
		}
	}
	file, _, _ := strings.Cut(came, "#")
	data, err := os.ReadFile(filepath.Join(otherDir, file))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, file), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := snapshotsOf(t, a, exchange(1).URL, time.Time{}, time.Time{}); !slices.Contains(got, came) || len(got) != 2 {
		t.Errorf("found %v, want %s and %s", got, here, came)
	}
}

// TestLookupsAfterPruning: what is pruned is not found, what stays is, also
// where it was looked up before.
func TestLookupsAfterPruning(t *testing.T) {
	a, _ := openArchive(t, evidence.ArchiveOptions{})
	var snapshots []string
	for n := range 30 {
		snapshots = append(snapshots, keep(t, a, exchange(n)))
	}
	a.End(exchange(0).Source)
	look := func(when string, stays func(n int) bool) {
		t.Helper()
		for n, snapshot := range snapshots {
			_, err := a.Page(t.Context(), snapshot)
			found := snapshotsOf(t, a, exchange(n).URL, clock.Add(-time.Hour), clock.Add(time.Hour))
			if (err == nil) != stays(n) || (len(found) == 1) != stays(n) {
				t.Errorf("%s: capture %d is read with %v and found as %v", when, n, err, found)
			}
		}
	}
	look("before", func(int) bool { return true })
	file, _, _ := strings.Cut(snapshots[0], "#")
	if _, err := a.Prune(t.Context(), file, only(snapshots[3], snapshots[20])); err != nil {
		t.Fatal(err)
	}
	look("after", func(n int) bool { return n == 3 || n == 20 })
}

// TestExtractTakesWhatBelongs: a capture over plain HTTP without an answer of
// the DNS has nothing of the other captures in its extract.
func TestExtractTakesWhatBelongs(t *testing.T) {
	a, _ := openArchive(t, evidence.ArchiveOptions{})
	var snapshots []string
	for n := range 5 {
		snapshots = append(snapshots, keep(t, a, exchange(n)))
	}
	var b bytes.Buffer
	if err := a.Extract(t.Context(), snapshots[2], &b); err != nil {
		t.Fatal(err)
	}
	recs, damage := readAll(t, &b, evidence.ReaderOptions{})
	var types []string
	for _, r := range recs {
		types = append(types, fmt.Sprint(r.Type, " ", strings.HasSuffix(r.TargetURI, "/item/2.html")))
	}
	if want := []string{"warcinfo false", "response true", "request true"}; len(damage) > 0 || !slices.Equal(types, want) {
		t.Errorf("records %v, want %v; %v", types, want, damage)
	}
}
