package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

// TestDelay measures the time between requests at the server, by the clock
// that the crawler goes by.
func TestDelay(t *testing.T) {
	clock := newFakeClock()
	var mu sync.Mutex
	var at []time.Time
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		at = append(at, clock.now())
		mu.Unlock()
		if r.URL.Path == "/from" {
			http.Redirect(w, r, "/to", http.StatusFound)
		}
	})
	c := newCrawler(t, Config{})
	c.setClock(clock.clock())
	src := loopback()
	two := markwatch.Duration(2 * time.Second)
	src.Politeness = markwatch.Politeness{Delay: &two, Parallel: 1}
	// Two jobs of the same host share its pace.
	a, b := open(t, c, src), open(t, c, src)
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			s, path := a, fmt.Sprintf("/%d", i)
			if i%2 == 0 {
				s = b
			}
			if i == 5 {
				path = "/from"
			}
			if _, err := s.Fetch(t.Context(), Request{URL: base + path}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(at) != 13 {
		t.Fatalf("%d requests", len(at))
	}
	regular := true
	for i := 1; i < len(at); i++ {
		gap := at[i].Sub(at[i-1])
		if gap < 2*time.Second || gap > 2400*time.Millisecond+time.Nanosecond {
			t.Errorf("request %d came %v after the one before", i, gap)
		}
		regular = regular && gap == at[1].Sub(at[0])
	}
	if regular {
		t.Error("the requests keep a beat")
	}
}

// TestDelayInParallel has requests that last longer than the delay.
func TestDelayInParallel(t *testing.T) {
	clock := newFakeClock()
	p := newPace(clock.clock())
	var mu sync.Mutex
	var at []time.Time
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() {
			v, err := p.enter(t.Context(), time.Second, 3)
			if err != nil {
				t.Error(err)
				return
			}
			defer v.leave()
			mu.Lock()
			at = append(at, clock.now())
			mu.Unlock()
			v.sent()
			runtime.Gosched()
		})
	}
	wg.Wait()
	for i := 1; i < len(at); i++ {
		if gap := at[i].Sub(at[i-1]); gap < time.Second {
			t.Errorf("request %d was sent %v after the one before", i, gap)
		}
	}
	if p.active != 0 {
		t.Errorf("%d still active", p.active)
	}
}

func TestParallel(t *testing.T) {
	for _, parallel := range []int{1, 3} {
		var now, most atomic.Int64
		full := make(chan struct{})
		var once sync.Once
		base := serve(t, func(w http.ResponseWriter, r *http.Request) {
			n := now.Add(1)
			defer now.Add(-1)
			for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
			}
			if n == int64(parallel) {
				once.Do(func() { close(full) })
			}
			// Nobody leaves before as many are in as may be.
			select {
			case <-full:
			case <-r.Context().Done():
			}
		})
		src := loopback()
		src.Politeness.Parallel = parallel
		s := open(t, newCrawler(t, Config{}), src)
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() {
				if _, err := s.Fetch(t.Context(), Request{URL: fmt.Sprintf("%s/%d", base, i)}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if most.Load() != int64(parallel) {
			t.Errorf("at most %d at once; want %d", most.Load(), parallel)
		}
	}
}

func TestCrawlDelay(t *testing.T) {
	clock := newFakeClock()
	var at []time.Time
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			fmt.Fprint(w, "User-agent: *\nCrawl-delay: 90")
			return
		}
		at = append(at, clock.now())
	}))
	t.Cleanup(srv.Close)
	c := newCrawler(t, Config{})
	c.setClock(clock.clock())
	s := open(t, c, loopback())
	for i := range 3 {
		if _, err := s.Fetch(t.Context(), Request{URL: fmt.Sprintf("%s/%d", srv.URL, i)}); err != nil {
			t.Fatal(err)
		}
	}
	for i := 1; i < len(at); i++ {
		if gap := at[i].Sub(at[i-1]); gap < 90*time.Second {
			t.Errorf("request %d came %v after the one before", i, gap)
		}
	}
}

func TestAdaptive(t *testing.T) {
	clock := newFakeClock()
	status, after, served := http.StatusOK, "", 0
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		served++
		if after != "" {
			w.Header().Set("Retry-After", after)
		}
		w.WriteHeader(status)
	})
	c := newCrawler(t, Config{})
	c.setClock(clock.clock())
	s := open(t, c, loopback())
	fetch := func() (time.Duration, error) {
		before := clock.now()
		_, err := s.Fetch(t.Context(), Request{URL: base + "/p"})
		return clock.now().Sub(before), err
	}
	if waited, err := fetch(); err != nil || waited != 0 {
		t.Fatalf("waited %v, %v", waited, err)
	}
	// Each refusal doubles what is added to the delay.
	status = http.StatusTooManyRequests
	var waits []time.Duration
	for range 4 {
		waited, _ := fetch()
		waits = append(waits, waited)
	}
	for i := 2; i < len(waits); i++ {
		if waits[i] <= waits[i-1] {
			t.Errorf("waits do not grow: %v", waits)
		}
	}
	// A short Retry-After is sat out.
	after = "15"
	if _, err := fetch(); err == nil {
		t.Fatal("no error for a 429")
	}
	status, after = http.StatusOK, ""
	if waited, err := fetch(); err != nil || waited < 15*time.Second {
		t.Errorf("waited %v of a Retry-After of 15 s, %v", waited, err)
	}
	// Good answers bring the old pace back.
	for range 60 {
		fetch()
	}
	if waited, _ := fetch(); waited != 0 {
		t.Errorf("still slow after 60 good answers: %v", waited)
	}
	// A long one is given back to the caller, without a request.
	status, after = http.StatusServiceUnavailable, "3600"
	fetch()
	served = 0
	_, err := fetch()
	var fe *FetchError
	if !errors.As(err, &fe) || fe.Reason != ReasonBackingOff || !fe.Retry || fe.RetryAfter < 59*time.Minute || served != 0 {
		t.Errorf("during the pause: %v, %d requests", err, served)
	}
	clock.advance(time.Hour)
	status, after = http.StatusOK, ""
	if _, err := fetch(); err != nil {
		t.Errorf("after the pause: %v", err)
	}
}

func TestWaitIsCanceled(t *testing.T) {
	c := newCrawler(t, Config{})
	hour := markwatch.Duration(time.Hour)
	src := loopback()
	src.Politeness.Delay = &hour
	src.Politeness.Parallel = 2
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {})
	src.Politeness.Robots = "ignore"
	s := open(t, c, src)
	if _, err := s.Fetch(t.Context(), Request{URL: base + "/1"}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 5 { // one in its delay, one waiting for the turn, the rest for a place
		wg.Go(func() {
			if _, err := s.Fetch(ctx, Request{URL: base + "/2"}); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	cancel()
	wg.Wait()
	if p := c.paces.of("127.0.0.1:" + port(t, base)); p.active != 0 || len(p.turn) != 0 {
		t.Errorf("places are lost: %d active, turn %d", p.active, len(p.turn))
	}
}

func TestPacesForget(t *testing.T) {
	clock := newFakeClock()
	ps := &paces{clock: clock.clock(), hosts: map[string]*pace{}}
	busy := ps.of("busy")
	busy.overloaded(20 * time.Hour)
	for i := range pacesMost {
		ps.of(fmt.Sprint(i))
	}
	if len(ps.hosts) > pacesMost+1 || ps.of("busy") != busy {
		t.Errorf("%d hosts are kept, the paused one %v", len(ps.hosts), ps.hosts["busy"] == busy)
	}
}
