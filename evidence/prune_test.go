package evidence_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence"
)

func none(evidence.Entry) bool { return false }

func only(snapshots ...string) func(evidence.Entry) bool {
	return func(e evidence.Entry) bool { return slices.Contains(snapshots, e.Snapshot()) }
}

// typesIn names the records of a file in order.
func typesIn(t testing.TB, path string) string {
	var types []string
	for _, rec := range readFile(t, path) {
		if err := rec.VerifyDigests(); err != nil {
			t.Error(err)
		}
		types = append(types, rec.Type)
	}
	return strings.Join(types, " ")
}

func TestPrune(t *testing.T) {
	a, dir := openArchive(t, evidence.ArchiveOptions{})
	var snapshots []string
	for n := range 6 {
		ex := exchange(n)
		ex.Protocol, ex.TLSVersion, ex.Certificates = "http/1.1", "TLS 1.3", chainA
		snapshots = append(snapshots, keep(t, a, ex))
	}
	shot, err := a.Resource(t.Context(), &markwatch.Resource{
		Source: exchange(2).Source, URL: "urn:view:" + exchange(2).URL, At: clock, ContentType: "image/png", Body: []byte("png"), RefersTo: snapshots[2],
	})
	if err != nil {
		t.Fatal(err)
	}
	file, _, _ := strings.Cut(snapshots[0], "#")
	path := filepath.Join(dir, file)
	if _, err := a.Prune(t.Context(), file, none); markwatch.ErrorCode(err) != markwatch.CodeConflict {
		t.Errorf("a file that is written to: %v", err)
	}
	for _, name := range []string{"none.warc.gz", "../" + file, "", file + ".idx"} {
		if _, err := a.Prune(t.Context(), name, none); markwatch.ErrorCode(err) != markwatch.CodeNotFound {
			t.Errorf("%q: %v", name, err)
		}
	}
	a.End(exchange(0).Source)
	before, _ := os.ReadFile(path)
	if freed, err := a.Prune(t.Context(), file, func(evidence.Entry) bool { return true }); freed != 0 || err != nil {
		t.Errorf("all kept: freed %d, %v", freed, err)
	}
	var asked []string
	freed, err := a.Prune(t.Context(), file, func(e evidence.Entry) bool {
		asked = append(asked, e.Snapshot())
		return e.Snapshot() == snapshots[2] || e.Snapshot() == snapshots[4]
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(append(slices.Clone(snapshots), shot), asked); diff != "" {
		t.Errorf("asked about (-want +got):\n%s", diff)
	}
	after, _ := os.ReadFile(path)
	if freed != int64(len(before)-len(after)) || freed <= 0 {
		t.Errorf("freed %d of %d bytes, %d are left", freed, len(before), len(after))
	}
	if got, want := typesIn(t, path), "warcinfo resource response request metadata response request metadata resource"; got != want {
		t.Errorf("records %q, want %q", got, want)
	}
	for n, snapshot := range append(slices.Clone(snapshots), shot) {
		_, err := a.Page(t.Context(), snapshot)
		if stays := n == 2 || n == 4 || n == 6; stays != (err == nil) {
			t.Errorf("capture %d: %v", n, err)
		}
	}
	if got := snapshotsOf(t, a, exchange(4).URL, time.Time{}, time.Time{}); !slices.Equal(got, snapshots[4:5]) {
		t.Errorf("found %v", got)
	}
	if d, err := a.Describe(t.Context(), snapshots[4]); err != nil || !d.Intact || len(d.Certificates) != len(chainA) {
		t.Errorf("what stays: %+v, %v", d, err)
	}
	if freed, err := a.Prune(t.Context(), file, none); err != nil || freed != int64(len(after)) {
		t.Errorf("nothing stays: freed %d, %v", freed, err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left in the folder: %v", left)
	}
}

// What a browser showed stands on what came over the wire, and a picture of it
// on both.
func TestPruneKeepsThePageOfAResource(t *testing.T) {
	a, dir := openArchive(t, evidence.ArchiveOptions{})
	page, other := keep(t, a, exchange(1)), keep(t, a, exchange(2))
	made := func(url, contentType, of string) string {
		snapshot, err := a.Resource(t.Context(), &markwatch.Resource{
			Source: exchange(1).Source, URL: url, At: clock, ContentType: contentType, Body: []byte("made of " + of), RefersTo: of,
		})
		if err != nil {
			t.Fatal(err)
		}
		return snapshot
	}
	shown := made(exchange(1).URL, "text/html", page)
	made("urn:view:"+exchange(1).URL, "image/png", shown)
	made(exchange(2).URL, "text/html", other)
	a.End(exchange(1).Source)
	file, _, _ := strings.Cut(page, "#")
	if _, err := a.Prune(t.Context(), file, only(shown)); err != nil {
		t.Fatal(err)
	}
	if got, want := typesIn(t, filepath.Join(dir, file)), "warcinfo response request resource resource"; got != want {
		t.Errorf("records %q, want %q", got, want)
	}
}

func TestPruneKeepsOriginals(t *testing.T) {
	a, dir := openArchive(t, evidence.ArchiveOptions{})
	one, two, three := capture(t, a, exchange(1)), capture(t, a, exchange(2)), capture(t, a, exchange(3))
	source := exchange(1).Source
	within := capture(t, a, notModified(exchange(1), one))
	a.End(source)
	across := capture(t, a, notModified(exchange(2), two))
	older, _, _ := strings.Cut(one.Snapshot, "#")
	newer, _, _ := strings.Cut(across.Snapshot, "#")

	refs, err := a.Referenced(t.Context(), "")
	if diff := cmp.Diff(map[string]bool{one.Snapshot: true, two.Snapshot: true}, refs); diff != "" || err != nil {
		t.Errorf("referenced (-want +got):\n%s%v", diff, err)
	}
	if _, err := a.Prune(t.Context(), older, only(within.Snapshot)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		markwatch.Capture
		stays bool
	}{"within": {within, true}, "its original": {one, true}, "original of another file": {two, true}, "across": {across, true}, "not referred to": {three, false}} {
		if _, err := a.Page(t.Context(), c.Snapshot); c.stays != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Once the revisit goes, its original may go.
	a.End(source)
	if refs, err = a.Referenced(t.Context(), older); err != nil || !refs[two.Snapshot] || !refs[one.Snapshot] || len(refs) != 2 {
		t.Errorf("referenced in one file: %v, %v", refs, err)
	}
	if _, err := a.Prune(t.Context(), newer, none); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Prune(t.Context(), older, only(one.Snapshot)); err != nil {
		t.Fatal(err)
	}
	if got := typesIn(t, filepath.Join(dir, older)); got != "warcinfo response request" {
		t.Errorf("records %q", got)
	}
}

// TestPruneWhileConfirmed has revisits written, of the captures of a file,
// while the file is pruned: none may lose its original.
func TestPruneWhileConfirmed(t *testing.T) {
	for name, steps := range map[string]int{"a few": 4, "without end": 1000} {
		t.Run(name, func(t *testing.T) {
			a, _ := openArchive(t, evidence.ArchiveOptions{})
			var captures []markwatch.Capture
			for n := range 60 {
				captures = append(captures, capture(t, a, exchange(n)))
			}
			a.End(exchange(0).Source)
			file, _, _ := strings.Cut(captures[0].Snapshot, "#")

			due, done := make(chan bool), make(chan bool)
			var confirmed []string
			go func() {
				defer close(done)
				for n := range captures {
					<-due
					c, err := a.Record(t.Context(), notModified(exchange(n), captures[n]))
					if err == nil {
						confirmed = append(confirmed, c.Snapshot)
					} else if markwatch.ErrorCode(err) != markwatch.CodeNotFound {
						t.Error(err)
					}
				}
			}()
			a.StopAt(func(step string) {
				if steps--; steps < 0 {
					return
				}
				select {
				case due <- true:
				case <-time.After(5 * time.Millisecond): // the other waits for the pruning
				case <-done:
				}
			})
			if _, err := a.Prune(t.Context(), file, only(captures[50].Snapshot, captures[51].Snapshot)); err != nil {
				t.Fatal(err)
			}
			close(due)
			<-done
			if len(confirmed) < 4 || len(confirmed) > 50 {
				t.Errorf("%d of %d were confirmed", len(confirmed), len(captures))
			}
			for _, snapshot := range confirmed {
				if page, err := a.Page(t.Context(), snapshot); err != nil || page.Status != 200 {
					t.Errorf("%s lost its original: %v", snapshot, err)
				}
			}
		})
	}
}

// TestPruneKilled kills a process at every step of a pruning: either the old
// or the new file is there, and both its captures and the index are right.
func TestPruneKilled(t *testing.T) {
	if dir := os.Getenv("EVIDENCE_PRUNE"); dir != "" {
		pruneAndDie(t, dir)
		return
	}
	template, dir := openArchive(t, evidence.ArchiveOptions{})
	var snapshots []string
	for n := range 4 {
		snapshots = append(snapshots, keep(t, template, exchange(n)))
	}
	template.Close()
	file, _, _ := strings.Cut(snapshots[0], "#")
	old, _ := os.ReadFile(filepath.Join(dir, file))
	for _, how := range []string{"some", "none"} {
		for step, seen := 0, map[string]bool{}; ; step++ {
			copied := filepath.Join(t.TempDir(), "warc")
			if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(os.Args[0], "-test.run=^TestPruneKilled$")
			cmd.Env = append(os.Environ(), "EVIDENCE_PRUNE="+copied, "EVIDENCE_KEEP="+how, "EVIDENCE_STEP="+strconv.Itoa(step))
			out, err := cmd.CombinedOutput()
			finished := err == nil
			if !finished && !strings.Contains(err.Error(), "killed") {
				t.Fatalf("%s, step %d: %v\n%s", how, step, err, out)
			}
			present, _ := os.ReadFile(filepath.Join(copied, file))
			a, err := evidence.OpenArchive(copied, evidence.ArchiveOptions{})
			if err != nil {
				t.Fatal(err)
			}
			pruned := !bytes.Equal(present, old)
			seen[strconv.FormatBool(pruned)] = true
			for n, snapshot := range snapshots {
				want := []string{snapshot}
				if pruned && (how == "none" || n != 2) {
					want = nil
				}
				if got := snapshotsOf(t, a, exchange(n).URL, time.Time{}, time.Time{}); !slices.Equal(got, want) {
					t.Errorf("%s, step %d: found %v, want %v", how, step, got, want)
				}
				if _, err := a.Page(t.Context(), snapshot); (err == nil) != (want != nil) {
					t.Errorf("%s, step %d, capture %d: %v", how, step, n, err)
				}
			}
			if pruned && how == "some" {
				if got := typesIn(t, filepath.Join(copied, file)); got != "warcinfo response request" {
					t.Errorf("%s, step %d: records %q", how, step, got)
				}
			}
			left, _ := filepath.Glob(filepath.Join(copied, "*"))
			gone := pruned && how == "none" && len(left) == 0
			if len(left) != 3 && !gone {
				t.Errorf("%s, step %d: the folder holds %v", how, step, left)
			}
			if finished {
				if len(seen) != 2 {
					t.Errorf("%s: only %v was seen", how, seen)
				}
				break
			}
		}
	}
}

func pruneAndDie(t *testing.T, dir string) {
	a, err := evidence.OpenArchive(dir, evidence.ArchiveOptions{})
	if err != nil {
		t.Fatal(err)
	}
	left, _ := strconv.Atoi(os.Getenv("EVIDENCE_STEP"))
	a.StopAt(func(string) {
		if left--; left < 0 {
			self, _ := os.FindProcess(os.Getpid())
			self.Kill()
			select {}
		}
	})
	decide := none
	if os.Getenv("EVIDENCE_KEEP") == "some" {
		decide = func(e evidence.Entry) bool { return e.URL == exchange(2).URL }
	}
	if _, err := a.Prune(t.Context(), filesOf(t, a)[0], decide); err != nil {
		t.Fatal(err)
	}
}

// TestPruneOfOtherFiles refuses what cannot be taken apart, and keeps damage
// beside what stays.
func TestPruneOfOtherFiles(t *testing.T) {
	dir := t.TempDir()
	a1, b, c := record("a", "1"), record("b", strings.Repeat("2", 300)), record("c", "3")
	write := func(name, content string) { os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644) }
	write("whole.warc.gz", zipped(a1+b+c))
	write("damaged.warc.gz", zipped(a1)+broken(zipped(b))+zipped(c))
	write("plain.warc", a1+b+c)
	a, err := evidence.OpenArchive(dir, evidence.ArchiveOptions{})
	if err != nil {
		t.Fatal(err)
	}
	last := func(e evidence.Entry) bool { return e.ID == "urn:c" }
	if _, err := a.Prune(t.Context(), "whole.warc.gz", last); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Errorf("a file in one member: %v", err)
	}
	for name, want := range map[string]string{"damaged.warc.gz": broken(zipped(b)) + zipped(c), "plain.warc": c} {
		if _, err := a.Prune(t.Context(), name, last); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(filepath.Join(dir, name)); string(got) != want {
			t.Errorf("%s: %d bytes are left, want %d", name, len(got), len(want))
		}
		if page, err := a.Page(t.Context(), name+"#urn:c"); err != nil || string(page.Body) != "3" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
