//go:build unix

package evidence_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence"
)

// TestDiskFull runs itself again under a limit on the size of files, at which
// writes fail half-way as on a full disk.
func TestDiskFull(t *testing.T) {
	dir := os.Getenv("EVIDENCE_DISK_FULL")
	if dir != "" {
		fillDisk(t, dir)
		return
	}
	dir = t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestDiskFull$", "-test.v")
	cmd.Env = append(os.Environ(), "EVIDENCE_DISK_FULL="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.warc.gz"))
	if len(files) != 1 {
		t.Fatalf("files %v, want one", files)
	}
	data, _ := os.ReadFile(files[0])
	recs, damage := readAll(t, bytes.NewReader(data), evidence.ReaderOptions{})
	if len(damage) > 0 {
		t.Errorf("the file is damaged: %v", damage)
	}
	// A warcinfo, four large pages, and the small one that came after.
	if len(recs) != 11 || recs[9].TargetURI != exchange(1).URL {
		t.Errorf("%d records are left", len(recs))
	}
}

func fillDisk(t *testing.T, dir string) {
	signal.Ignore(syscall.SIGXFSZ)
	limit := syscall.Rlimit{Cur: 64 << 10, Max: 64 << 10}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	a, err := evidence.OpenArchive(dir, evidence.ArchiveOptions{})
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	large := exchange(2)
	for range 20_000 { // does not compress below 15 kB
		large.Response = append(large.Response, byte('A'+random.IntN(52)))
	}
	written := 0
	for ; ; written++ {
		if _, err = a.Record(context.Background(), large); err != nil {
			break
		}
	}
	if code := markwatch.ErrorCode(err); code != markwatch.CodeUnavailable || written != 4 {
		t.Errorf("after %d captures: %v (%s), want unavailable after 4", written, err, code)
	}
	snapshot := keep(t, a, exchange(1)) // one that still fits
	if _, err := a.Page(context.Background(), snapshot); err != nil {
		t.Error(err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}
