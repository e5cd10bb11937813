//go:build unix

package main

import (
	"math/rand/v2"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

// TestKilledScansLoseNothing kills a scan at random instants, which are page
// counts that the market has seen, and has it go on by the same command, or by
// serve.
func TestKilledScansLoseNothing(t *testing.T) {
	pages, kills := int(sized(t, marketPages, 200)), int(sized(t, killTimes, 6))
	seed := sized(t, killSeed, uint64(time.Now().UnixNano()))
	t.Logf("%s=%d", killSeed, seed)
	whole := startSample(t, pages)
	wholeDir := whole.config(t)
	must(t, "scan", "--config", wholeDir)
	want, wanted := sourceState(t, wholeDir).Last, flaggedItems(t, wholeDir)
	r := rand.New(rand.NewPCG(seed, 1))
	for _, way := range []struct {
		name   string
		resume []string
	}{
		{"by the same command", []string{"scan"}},
		{"by serve", []string{"serve", "--listen", "127.0.0.1:0"}},
	} {
		t.Run(way.name, func(t *testing.T) {
			m := startSample(t, pages)
			dir := m.config(t)
			instants := make([]int, kills)
			for i := range instants {
				instants[i] = 1 + r.IntN(whole.requests()*9/10)
			}
			slices.Sort(instants)
			args := []string{"scan"}
			for _, at := range instants {
				// Pages go on until the kill comes, but never to the scan's end.
				m.hold(at + whole.requests()/20)
				cmd, ended := start(t, append(args, "--config", dir)...)
				eventually(t, "the market to be asked "+strconv.Itoa(at)+" times", func() bool {
					select {
					case err := <-ended:
						t.Fatalf("it ended before it was killed: %v\n%s", err, cmd.Stderr)
					default:
					}
					return m.requests() >= at
				})
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
				<-ended
				args = way.resume
			}
			m.release()
			finish(t, dir, way.resume)

			last := sourceState(t, dir).Last
			if last.Listings.Seen != want.Listings.Seen || last.Pages != want.Pages || !last.Resumed || !last.Complete {
				t.Errorf("after %d kills %+v, undisturbed %+v", kills, last, want)
			}
			got := flaggedItems(t, dir)
			for id, flagged := range wanted {
				if also, ok := got[id]; !ok || also != flagged {
					t.Errorf("listing %s: stored %v flagged %v, undisturbed flagged %v", id, ok, also, flagged)
				}
			}
			// Four requests may have been in flight at each kill.
			again := m.again()
			if again > 4*kills {
				t.Errorf("%d pages were fetched again after %d kills", again, kills)
			}
			t.Logf("%d kills at %v: %d requests, %d of them again", kills, instants, m.requests(), again)
		})
	}
}

func TestAnInterruptedScanSaysThatItGoesOn(t *testing.T) {
	m := startSample(t, 100)
	dir := m.config(t)
	m.hold(80)
	cmd, ended := start(t, "scan", "--config", dir)
	eventually(t, "the scan to begin", func() bool { return m.requests() >= 30 })
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	<-ended
	m.release()
	if code := cmd.ProcessState.ExitCode(); code != exitCanceled || !strings.Contains(said(cmd), "the same command goes on") {
		t.Errorf("code %d: %s", code, said(cmd))
	}
	sum := rows[markwatch.ScanSummary](t, must(t, "scan", "--config", dir, "--json"))[0]
	if !sum.Resumed || !sum.Complete || m.again() > 4 {
		t.Errorf("%d pages were fetched again: %+v", m.again(), sum)
	}
}

// finish lets the command end the scan, and ends it where it does not by
// itself.
func finish(t *testing.T, dir string, args []string) {
	t.Helper()
	cmd, ended := start(t, append(slices.Clone(args), "--config", dir)...)
	if args[0] == "serve" {
		eventually(t, "the scan to end", func() bool {
			o := program(t, "sources", "--config", dir, "--json")
			if o.code != exitOK {
				t.Fatalf("sources beside serve: code %d\n%s", o.code, o.err)
			}
			s := rows[markwatch.SourceStatus](t, o.out)[0]
			time.Sleep(100 * time.Millisecond)
			return s.Last != nil && s.Running == nil
		})
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-ended; err != nil {
		t.Fatalf("%s: %v\n%s", args[0], err, said(cmd))
	}
}

// start runs the program beside the test; the channel tells how it ended.
func start(t *testing.T, args ...string) (*exec.Cmd, <-chan error) {
	t.Helper()
	cmd := process(t, args...)
	cmd.Stderr = &messages{}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd, ended
}

// messages collects what a process says, and may be read meanwhile.
type messages struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (m *messages) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.text.Write(p)
}

// said is what a process of start has said so far.
func said(cmd *exec.Cmd) string {
	m, ok := cmd.Stderr.(*messages)
	if !ok {
		return ""
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.text.String()
}
