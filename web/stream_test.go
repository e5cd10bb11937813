package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/index"
)

// quietCrawl has one open scan that never changes, and fails when told to.
type quietCrawl struct {
	mu   sync.Mutex
	fail bool
}

func (q *quietCrawl) Progress(context.Context) ([]markwatch.ScanProgress, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.fail {
		return nil, errors.New("disk gone")
	}
	return []markwatch.ScanProgress{{Scan: "s-1", Source: "s"}}, nil
}

type noSearch struct{}

func (noSearch) Search(context.Context, index.Query) (index.Result, error) {
	return index.Result{}, nil
}

// recorder keeps what a stream writes, for reading while it writes.
type recorder struct {
	httptest.ResponseRecorder
	mu   sync.Mutex
	text strings.Builder
}

func (r *recorder) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(b)
}

func (r *recorder) Flush() {}

func (r *recorder) written() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// A stream without news shows every quarter of a minute that it is there, also
// while the state cannot be read, and ends at a shutdown.
func TestSilentStreamPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crawl := &quietCrawl{}
		start := time.Now()
		h, err := New(Config{
			Searcher: noSearch{}, Leads: struct{ LeadStore }{}, Accounts: accounts.New(oneSession{at: start}, accounts.Options{Now: func() time.Time { return start }, Argon2: accounts.Argon2{Time: 1, Memory: 64, Threads: 1}}), Progress: crawl,
			Audit: func(context.Context, markwatch.AuditEntry) error { return nil },
			Now:   func() time.Time { return start }, // a scan's age is no news here
		})
		if err != nil {
			t.Fatal(err)
		}
		req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/scans/events", nil)
		req.AddCookie(&http.Cookie{Name: sessionCookie(req), Value: "the-session"})
		out := &recorder{}
		done := make(chan struct{})
		go func() { defer close(done); h.ServeHTTP(out, req) }()
		time.Sleep(40 * time.Second)
		synctest.Wait()
		if got := out.written(); strings.Count(got, "data: ") != 1 || strings.Count(got, ": ping\n\n") != 2 {
			t.Errorf("40 silent seconds wrote %q", got)
		}
		crawl.mu.Lock()
		crawl.fail = true
		crawl.mu.Unlock()
		time.Sleep(40 * time.Second)
		synctest.Wait()
		if got := out.written(); strings.Count(got, "data: ") != 1 || strings.Count(got, ": ping\n\n") != 5 {
			t.Errorf("80 silent seconds wrote %q", got)
		}
		h.(*handler).live.end()
		<-done
		again := &recorder{}
		h.ServeHTTP(again, req) // ends at once
	})
}

// oneSession is a store of accounts in which one session is open.
type oneSession struct {
	accounts.Store
	at time.Time
}

func (o oneSession) Session(context.Context, string) (markwatch.Session, markwatch.User, error) {
	return markwatch.Session{Opened: o.at, Used: o.at}, markwatch.User{ID: "zhangmin", Role: markwatch.RoleViewer}, nil
}

func TestStreamsInAllAreBounded(t *testing.T) {
	l := newLive(Config{})
	var joined int
	for session := range 40 {
		for range 6 {
			if l.join(strconv.Itoa(session)) {
				joined++
			}
		}
	}
	if joined != maxStreams {
		t.Errorf("%d streams were let in, want %d", joined, maxStreams)
	}
	l.leave("0")
	if !l.join("200") || l.join("201") {
		t.Error("a place that was left is not given to one other")
	}
}
