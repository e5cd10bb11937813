package notices_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/notices"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/store/storetest"
)

// client runs notice jobs over a store, as one process does. start is false
// for one that only inserts.
func client(t *testing.T, s *store.Store, n *notices.Notices, start bool) *river.Client[*sql.Tx] {
	t.Helper()
	workers := river.NewWorkers()
	river.AddWorker(workers, n.Worker())
	c, err := river.NewClient(s.RiverDriver(), &river.Config{
		FetchCooldown: 10 * time.Millisecond, FetchPollInterval: 20 * time.Millisecond,
		Logger: slog.New(slog.DiscardHandler), Workers: workers,
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if !start {
		return c
	}
	if err := c.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.StopAndCancel(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return c
}

// jobs counts notice jobs by state.
func jobs(t *testing.T, s *store.Store) map[rivertype.JobState]int {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(), `SELECT state, count(*) FROM river_job WHERE kind = 'notice' GROUP BY state`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	count := map[rivertype.JobState]int{}
	for rows.Next() {
		var state string
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			t.Fatal(err)
		}
		count[rivertype.JobState(state)] = n
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return count
}

// await waits for a state of the jobs.
func await(t *testing.T, s *store.Store, what string, done func(map[rivertype.JobState]int) bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !done(jobs(t, s)); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: the jobs are %v", what, jobs(t, s))
		}
	}
}

// TestAnEventIsToldOnce: two processes see the end of one scan, in
// transactions of their own, and each channel that asked hears of it once.
func TestAnEventIsToldOnce(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		s := storetest.Open(t, dsn(t), store.Options{})
		asks, doesNot, mails := newRobot(t, http.StatusOK, ok), newRobot(t, http.StatusOK, ok), newMailServer(t)
		twice := notices.Channel{Format: notices.WeCom, URL: asks.URL + "/send?key=key-0123456789", On: []notices.Kind{notices.GraveLead}}
		channels := []notices.Channel{
			twice, twice,
			{Format: notices.DingTalk, URL: doesNot.URL, On: []notices.Kind{notices.ScanFailed}},
			mails.channel(notices.Plain, "a@unit.example", "b@unit.example"),
		}
		n := desk(t, channels...)
		c := client(t, s, n, true)
		other := client(t, s, desk(t, channels...), false)
		var wg sync.WaitGroup
		for i, process := range []*river.Client[*sql.Tx]{c, other, c, other} {
			wg.Go(func() {
				e := grave()
				e.At = e.At.Add(time.Duration(i) * time.Second)
				if err := s.Tx(t.Context(), func(tx *sql.Tx) error { return n.SendTx(t.Context(), process, tx, e) }); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		await(t, s, "three channels are told", func(count map[rivertype.JobState]int) bool { return count[rivertype.JobStateCompleted] == 3 })
		if err := n.Send(t.Context(), c, grave()); err != nil {
			t.Fatal(err)
		}
		again := grave()
		again.Scan = "01JD0002"
		if err := n.Send(t.Context(), c, again); err != nil {
			t.Fatal(err)
		}
		await(t, s, "the next scan is told of", func(count map[rivertype.JobState]int) bool { return count[rivertype.JobStateCompleted] == 6 })
		if a, b, m := len(asks.got(t)), len(doesNot.got(t)), len(mails.got()); a != 2 || b != 0 || m != 4 {
			t.Errorf("%d, %d and %d messages, want 2, 0 and 4", a, b, m)
		}
		var args string
		if err := s.DB().QueryRowContext(t.Context(), `SELECT min(CAST(args AS TEXT)) FROM river_job WHERE kind = 'notice'`).Scan(&args); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(args, "key-0123456789") || strings.Contains(args, asks.URL) || !strings.Contains(args, "01JD000") {
			t.Errorf("the job holds %s", args)
		}
	})
}

// TestARolledBackEventIsNotTold: the notice stands or falls with what it
// tells of.
func TestARolledBackEventIsNotTold(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t), store.Options{})
	n := desk(t, notices.Channel{Format: notices.WeCom, URL: "https://qyapi.example/", On: notices.Kinds()})
	c := client(t, s, n, false)
	undo := errors.New("undo")
	err := s.Tx(t.Context(), func(tx *sql.Tx) error {
		if err := n.SendTx(t.Context(), c, tx, grave()); err != nil {
			return err
		}
		return undo
	})
	if !errors.Is(err, undo) || len(jobs(t, s)) != 0 {
		t.Errorf("%v, %v", err, jobs(t, s))
	}
}

// TestAFailedNoticeIsTriedAgain: what a robot refuses stays a job with its
// reason, without the robot's key; a channel that is gone ends it.
func TestAFailedNoticeIsTriedAgain(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t), store.Options{})
	refuses := newRobot(t, http.StatusOK, `{"errcode":93000,"errmsg":"invalid key key-0123456789"}`)
	channel := notices.Channel{Format: notices.WeCom, URL: refuses.URL + "/send?key=key-0123456789", On: notices.Kinds()}
	var mu sync.Mutex
	seen := map[string]int{}
	var log strings.Builder
	n, err := notices.New(notices.Options{
		Channels: []notices.Channel{channel},
		Observe: func(kind notices.Kind, result string) {
			mu.Lock()
			defer mu.Unlock()
			seen[string(kind)+" "+result]++
		},
		Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	c := client(t, s, n, true)
	if err := n.Send(t.Context(), c, grave()); err != nil {
		t.Fatal(err)
	}
	await(t, s, "the job is to be tried again", func(count map[rivertype.JobState]int) bool {
		return count[rivertype.JobStateRetryable]+count[rivertype.JobStateAvailable] == 1 && len(refuses.got(t)) > 0
	})
	var failures string
	if err := s.DB().QueryRowContext(t.Context(), `SELECT CAST(errors AS TEXT) FROM river_job`).Scan(&failures); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(failures, "code 93000") || strings.Contains(failures, "key-0123456789") {
		t.Errorf("the job's errors are %s", failures)
	}
	if err := n.Reload(nil); err != nil {
		t.Fatal(err)
	}
	await(t, s, "a channel that is gone", func(count map[rivertype.JobState]int) bool { return count[rivertype.JobStateCancelled] == 1 })
	mu.Lock()
	defer mu.Unlock()
	if seen["grave-lead failed"] == 0 || strings.Contains(log.String(), "key-0123456789") || !strings.Contains(log.String(), channel.ID()) {
		t.Errorf("observed %v, logged %s", seen, log.String())
	}
}

// TestRobotsAreNotOverrun: a robot takes 20 messages a minute, and the others
// wait without counting as failures.
func TestRobotsAreNotOverrun(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t), store.Options{})
	robot := newRobot(t, http.StatusOK, ok)
	n := desk(t, notices.Channel{Format: notices.WeCom, URL: robot.URL, On: notices.Kinds()})
	c := client(t, s, n, true)
	for i := range 30 {
		e := grave()
		e.Scan = string(rune('a' + i))
		if err := n.Send(t.Context(), c, e); err != nil {
			t.Fatal(err)
		}
	}
	await(t, s, "twenty go out and ten wait", func(count map[rivertype.JobState]int) bool {
		return count[rivertype.JobStateCompleted] == 20 && count[rivertype.JobStateScheduled] == 10
	})
	if got := len(robot.got(t)); got != 20 {
		t.Errorf("%d messages went out within a minute", got)
	}
}

// TestHugeEventsAreBounded: a crawled text does not fill the database.
func TestHugeEventsAreBounded(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t), store.Options{})
	n := desk(t, notices.Channel{Format: notices.Webhook, URL: "https://hook.example/", On: notices.Kinds()})
	e := grave()
	e.Text = markwatch.Text{ZH: strings.Repeat("高", 1<<20), EN: strings.Repeat("\x00\xff", 1<<20)}
	e.Title, e.Source, e.Scan, e.Link = e.Text, e.Text.EN, e.Text.ZH, e.Text.ZH
	for range 1000 {
		e.Facts = append(e.Facts, notices.Fact{Value: e.Text.ZH})
	}
	if err := n.Send(t.Context(), client(t, s, n, false), e); err != nil {
		t.Fatal(err)
	}
	var size int
	if err := s.DB().QueryRowContext(t.Context(), `SELECT length(CAST(args AS BLOB)) FROM river_job`).Scan(&size); err != nil {
		t.Fatal(err)
	}
	if size > 128<<10 {
		t.Errorf("the job takes %d bytes", size)
	}
}
