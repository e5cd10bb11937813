package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/web"
)

// nobody stands for the parts that the operator's pages never ask.
type nobody struct{ web.LeadStore }

func (nobody) Search(context.Context, index.Query) (index.Result, error) {
	return index.Result{}, nil
}

// stream is an open stream of events.
type stream struct {
	res    *http.Response
	events chan string
	hangUp context.CancelFunc
}

// follow opens the stream of running scans.
func (c *client) follow() *stream {
	c.b.t.Helper()
	ctx, hangUp := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.b.server.URL+"/scans/events", nil)
	if err != nil {
		c.b.t.Fatal(err)
	}
	res, err := c.Do(req)
	if err != nil {
		c.b.t.Fatal(err)
	}
	s := &stream{res: res, events: make(chan string, 100), hangUp: hangUp}
	go func() {
		defer close(s.events)
		defer res.Body.Close()
		lines := bufio.NewScanner(res.Body)
		lines.Buffer(nil, 8<<20)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				s.events <- data
			}
		}
	}()
	return s
}

// next is the next event; it fails where the stream ends instead.
func (s *stream) next(t testing.TB) string {
	t.Helper()
	select {
	case e, ok := <-s.events:
		if !ok {
			t.Fatal("the stream ended")
		}
		return e
	case <-time.After(2 * time.Minute):
		t.Fatal("no event came")
	}
	return ""
}

// ends waits for the end of the stream.
func (s *stream) ends(t testing.TB) {
	t.Helper()
	for {
		select {
		case _, ok := <-s.events:
			if !ok {
				return
			}
		case <-time.After(2 * time.Minute):
			t.Fatal("the stream does not end")
		}
	}
}

// listen returns the first n events.
func (c *client) listen(n int) []string {
	c.b.t.Helper()
	s := c.follow()
	defer s.hangUp()
	out := make([]string, n)
	for i := range out {
		out[i] = s.next(c.b.t)
	}
	return out
}

type progressEvent struct {
	Words string
	Scans []struct {
		ID   string
		Text map[string]string
	}
}

func parsed(t testing.TB, event string) (e progressEvent) {
	t.Helper()
	if err := json.Unmarshal([]byte(event), &e); err != nil {
		t.Fatalf("%q: %v", event, err)
	}
	return e
}

func TestEventsOfRunningScans(t *testing.T) {
	state := nights()
	b := newBench(t).operate(state)
	a, c := b.login().follow(), b.login().follow()
	for name, want := range map[string]string{"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no", "Cache-Control": "no-store, no-transform"} {
		if got := a.res.Header.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	for _, s := range [...]*stream{a, c} {
		e := parsed(t, s.next(t))
		if len(e.Scans) != 2 || e.Scans[0].ID != "second-hand-7" || e.Scans[0].Text["queued"] != "5,300" || e.Scans[0].Text["source"] != "旧物集市" || e.Scans[1].Text["blocked"] != "" {
			t.Errorf("first event: %+v", e)
		}
	}
	state.set(func() {
		state.open[0].Pages.Fetched++
		state.open[0].Queued = 5299
		state.open = state.open[:1]
	})
	for _, s := range [...]*stream{a, c} {
		e := parsed(t, s.next(t))
		if len(e.Scans) != 1 || e.Scans[0].Text["queued"] != "5,299" || e.Scans[0].Text["fetched"] != "1,205" {
			t.Errorf("after a change: %+v", e)
		}
	}
	// One client goes; the other is still served.
	a.hangUp()
	a.ends(t)
	state.set(func() { state.open = nil })
	if e := parsed(t, c.next(t)); len(e.Scans) != 0 {
		t.Errorf("after the last scan: %+v", e)
	}
	c.hangUp()
	c.ends(t)
}

// The server's deadlines are for pages; a stream outlives them, and ends when
// the server shuts down, and leaves nothing behind.
func TestStreamsAndTheServer(t *testing.T) {
	state := nights()
	whole := newBench(t)
	cfg := whole.config()
	cfg.Searcher, cfg.Leads, cfg.Progress, cfg.Now = nobody{}, nobody{}, state, time.Now
	h, err := web.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	b := &bench{t: t, people: whole.people}
	b.server = httptest.NewUnstartedServer(nil)
	b.server.Config = web.Server("", h)
	b.server.Config.ReadTimeout, b.server.Config.WriteTimeout = 500*time.Millisecond, 500*time.Millisecond
	b.server.Start()
	c := b.login()
	one, other := c.follow(), c.follow()
	for i := range 3 {
		for _, s := range [...]*stream{one, other} {
			s.next(t)
		}
		state.set(func() { state.open[0].Queued -= i + 1 })
	}
	one.hangUp()
	one.ends(t)
	other.next(t)
	if err := b.server.Config.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	other.ends(t)
	other.hangUp()
	c.CloseIdleConnections()
	b.server.Close()
	for range 200 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	stacks := make([]byte, 64<<10)
	t.Errorf("%d goroutines where there were %d\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
}

func TestStreamsAreBounded(t *testing.T) {
	b := newBench(t).operate(nights())
	if res, _ := b.stranger().get("/scans/events"); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("a stranger's stream answers %d", res.StatusCode)
	}
	if res, body := b.stranger().get("/scans/finished"); res.StatusCode != http.StatusUnauthorized || strings.Contains(body, "示例") {
		t.Errorf("a stranger's table answers %d", res.StatusCode)
	}
	c := b.login()
	var open []*stream
	for range 4 {
		s := c.follow()
		s.next(t)
		open = append(open, s)
	}
	if res, _ := c.get("/scans/events"); res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" {
		t.Errorf("the fifth stream of a session answers %d", res.StatusCode)
	}
	other := b.login().follow()
	other.next(t)
	other.hangUp()
	other.ends(t)
	// The end of the session ends its streams, and they kept it from nothing.
	c.post("/logout", nil)
	for _, s := range open {
		s.ends(t)
		s.hangUp()
	}
}

func TestAStreamDoesNotKeepASessionAlive(t *testing.T) {
	state := nights()
	b := newBench(t).operate(state)
	c := b.login()
	b.pass(90 * time.Minute)
	s := c.follow()
	defer s.hangUp()
	s.next(t)
	if res, _ := c.get("/scans/finished"); res.StatusCode != http.StatusOK {
		t.Errorf("the table answers %d", res.StatusCode)
	}
	b.pass(90 * time.Minute)
	s.ends(t)
}

// However many watch, the state is not read more than once a second.
func TestWatchersShareAReading(t *testing.T) {
	state := nights()
	b := newBench(t).operate(state)
	var open []*stream
	for range 8 {
		s := b.login().follow()
		s.next(t)
		open = append(open, s)
	}
	began := time.Now()
	state.set(func() { state.reads = 0; state.open[0].Leads = markwatch.LeadCounts{New: 13} })
	for _, s := range open {
		s.next(t)
	}
	state.set(func() {
		if most := int(time.Since(began).Seconds()/0.9) + 2; state.reads > most {
			t.Errorf("eight watchers made %d readings where %d do", state.reads, most)
		}
	})
	for _, s := range open {
		s.hangUp()
		s.ends(t)
	}
}
