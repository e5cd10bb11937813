package frontier_test

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/store/storetest"
	"github.com/riverqueue/river"
)

// What the processes that share hosts keep to.
const (
	shareHostCount = 5
	sharePages     = 40 // of each host in each scan
	shareParallel  = 2
	shareDelay     = 15 * time.Millisecond
	shareAnswer    = 25 * time.Millisecond // so that requests overlap
	shareKillAfter = 80
)

var shareScans = []string{"shop-1", "archive-7"}

// share is what a process is told.
type share struct{ DSN, Server string }

// shareHosts works on hosts until it is killed or its standard input ends.
func shareHosts(arg string) error {
	var to share
	if err := json.Unmarshal([]byte(arg), &to); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s, err := store.Open(ctx, to.DSN, store.Options{Conns: 10})
	if err != nil {
		return err
	}
	defer s.Close()
	t, err := frontier.New(s.RiverDriver(), s, frontier.Options{})
	if err != nil {
		return err
	}
	workers := river.NewWorkers()
	opts := frontier.WorkerOptions{Slice: 300 * time.Millisecond, TurnWait: 100 * time.Millisecond}
	river.AddWorker(workers, frontier.NewWorker(t, opts, politely(s, t, to.Server)))
	client, err := frontier.NewClient(s.RiverDriver(), workers, 2*shareHostCount, "", slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	if err := client.Start(ctx); err != nil {
		return err
	}
	fmt.Println(client.ID())
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	return client.StopAndCancel(ctx)
}

// politely asks for each entry, at most so many at once and never sooner than
// the delay after the last, and tells when the host may be asked again. Each
// request carries the instant at which it was let go.
func politely(s *store.Store, t *frontier.Table, server string) frontier.Work {
	return func(ctx context.Context, args frontier.HostArgs, lease frontier.Lease, claim func(int) ([]frontier.Entry, error)) (time.Time, error) {
		var mu sync.Mutex
		next := lease.FreeAt
		if lease.Orphaned {
			next = time.Now().Add(shareDelay)
		}
		ask := func(e frontier.Entry) error {
			mu.Lock()
			time.Sleep(time.Until(next))
			at := time.Now()
			next = at.Add(shareDelay)
			mu.Unlock()
			q := url.Values{"host": {args.Host}, "page": {args.Scan + " " + e.URL}, "at": {strconv.FormatInt(at.UnixNano(), 10)}}
			res, err := http.Get(server + "?" + q.Encode()) //nolint:noctx // a killed process needs no context
			if err != nil {
				return err
			}
			res.Body.Close()
			return s.Tx(ctx, func(tx *sql.Tx) error { return t.Finish(ctx, tx, lease, e, markwatch.PageFetched, "") })
		}
		for {
			entries, err := claim(2 * shareParallel)
			if err != nil || len(entries) == 0 {
				return next, err
			}
			queue := make(chan frontier.Entry, len(entries))
			for _, e := range entries {
				queue <- e
			}
			close(queue)
			failed := make(chan error, shareParallel)
			for range shareParallel {
				go func() {
					for e := range queue {
						if err := ask(e); err != nil {
							failed <- err
							return
						}
					}
					failed <- nil
				}()
			}
			for range shareParallel {
				if e := <-failed; e != nil {
					err = e
				}
			}
			if err != nil {
				return next, err
			}
		}
	}
}

// counter is the server that three processes ask.
type counter struct {
	mu     sync.Mutex
	open   map[string]int
	most   map[string]int
	asked  map[string][]int64 // instants by host
	visits map[string]int
	total  int
	reach  chan struct{} // closed after shareKillAfter requests
}

func (c *counter) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	host := r.FormValue("host")
	at, _ := strconv.ParseInt(r.FormValue("at"), 10, 64)
	c.mu.Lock()
	c.open[host]++
	c.most[host] = max(c.most[host], c.open[host])
	c.asked[host] = append(c.asked[host], at)
	c.visits[r.FormValue("page")]++
	if c.total++; c.total == shareKillAfter {
		close(c.reach)
	}
	c.mu.Unlock()
	time.Sleep(shareAnswer)
	c.mu.Lock()
	c.open[host]--
	c.mu.Unlock()
}

// Three processes work on two scans over the same hosts; one is killed on the
// way. No host ever sees more than its parallelism or less than its delay, no
// page is lost, and only those in flight in the killed process come twice.
func TestThreeProcessesShareHosts(t *testing.T) {
	if os.Getenv(storetest.PostgresURL) == "" {
		t.Skip("several processes need PostgreSQL: " + storetest.PostgresURL + " is not set")
	}
	dsn := storetest.Postgres(t)
	s := storetest.Open(t, dsn, store.Options{})
	tab := table(t, s, time.Now)
	for _, id := range shareScans {
		err := s.Tx(t.Context(), func(tx *sql.Tx) error {
			if err := tab.Begin(t.Context(), tx, id, "shop", frontier.Budget{}); err != nil {
				return err
			}
			var all []frontier.Link
			for h := range shareHostCount {
				all = append(all, links(fmt.Sprintf("h%d.example", h), 0, sharePages)...)
			}
			if _, err := tab.Add(t.Context(), tx, id, "shop", all); err != nil {
				return err
			}
			return tab.Seeded(t.Context(), tx, id)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	seen := &counter{open: map[string]int{}, most: map[string]int{}, asked: map[string][]int64{}, visits: map[string]int{}, reach: make(chan struct{})}
	server := httptest.NewServer(seen)
	defer server.Close()
	arg, err := json.Marshal(share{dsn, server.URL})
	if err != nil {
		t.Fatal(err)
	}
	var procs []*exec.Cmd
	var ids []string
	for range 3 {
		p, id := shareProcess(t, string(arg))
		procs, ids = append(procs, p), append(ids, id)
	}
	<-seen.reach
	procs[0].Process.Kill() // Wait tells whether it was
	if err := procs[0].Wait(); err == nil {
		t.Error("the first process ended by itself")
	}
	time.Sleep(2 * shareAnswer) // its last requests end
	// What River's rescuer does when it has waited long enough.
	if _, err := s.DB().Exec(`UPDATE river_job SET state = 'available', scheduled_at = now()
		WHERE state = 'running' AND attempted_by[array_length(attempted_by, 1)] = $1`, ids[0]); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		open := 0
		for _, id := range shareScans {
			n, err := tab.Remaining(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			open += n
		}
		if open == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d entries stay open", open)
		}
	}
	for _, id := range shareScans {
		st, err := tab.Stats(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "stats of "+id, st, frontier.Stats{Done: shareHostCount * sharePages})
	}
	seen.check(t)
}

func (c *counter) check(t *testing.T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	twice := 0
	for page, n := range c.visits {
		if n > 1 {
			twice++
		}
		if n > 2 {
			t.Errorf("%s was asked for %d times", page, n)
		}
	}
	equal(t, "pages", len(c.visits), len(shareScans)*shareHostCount*sharePages)
	if twice > shareHostCount*shareParallel {
		t.Errorf("%d pages were asked for twice", twice)
	}
	for host, at := range c.asked {
		if c.most[host] > shareParallel {
			t.Errorf("%s had %d requests at once", host, c.most[host])
		}
		slices.Sort(at)
		for i := 1; i < len(at); i++ {
			if gap := time.Duration(at[i] - at[i-1]); gap < shareDelay {
				t.Errorf("%s was asked again after %s", host, gap)
			}
		}
	}
	t.Logf("%d requests, %d pages twice", c.total, twice)
}

// shareProcess starts a process that works on hosts and says its name. It ends
// with the test.
func shareProcess(t *testing.T, arg string) (cmd *exec.Cmd, id string) {
	cmd = child(t, "share", arg)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if cmd.ProcessState == nil {
			if err := cmd.Wait(); err != nil {
				t.Error(err)
			}
		}
	})
	line := bufio.NewScanner(out)
	if !line.Scan() {
		t.Fatal("a process says nothing")
	}
	return cmd, line.Text()
}
