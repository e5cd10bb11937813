package render

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

// engine finds Chromium, or skips the test where there is none.
func engine(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("rendering is left out of -short")
	}
	path, err := Find(os.Getenv("MARKWATCH_CHROMIUM"))
	if err != nil {
		t.Skipf("no Chromium on this machine (MARKWATCH_CHROMIUM names another): %v", err)
	}
	return path
}

// opened starts a browser for one test.
func opened(t testing.TB, opts Options, flags ...string) *Browser {
	t.Helper()
	opts.Engine = engine(t)
	if os.Getenv("MARKWATCH_VERBOSE") != "" {
		opts.Logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	b, err := open(t.Context(), opts, flags...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return b
}

// town is a net of names, each served on loopback, as Dial sees it. What it
// does not know is refused as a private address would be.
type town struct {
	mu     sync.Mutex
	names  map[string]string // host:port to the real address
	dialed []string
}

func newTown() *town { return &town{names: map[string]string{}} }

// serve puts a handler behind a name, on port 80 unless the name says otherwise.
func (w *town) serve(t testing.TB, name string, h http.Handler) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	w.point(name, s.Listener.Addr().String())
}

func (w *town) point(name, addr string) {
	if !strings.Contains(name, ":") {
		name += ":80"
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.names[name] = addr
}

func (w *town) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	w.mu.Lock()
	w.dialed = append(w.dialed, addr)
	to, ok := w.names[addr]
	w.mu.Unlock()
	if !ok {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "%s is no public address", addr)
	}
	var d net.Dialer
	return d.DialContext(ctx, network, to)
}

func (w *town) asked(addr string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.dialed {
		if a == addr {
			return true
		}
	}
	return false
}

// html serves one page.
func html(page string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, page)
	}
}

// rendered renders a page that must succeed.
func rendered(t testing.TB, b *Browser, req Request) *Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	r, err := b.Render(ctx, req)
	if err != nil {
		t.Fatalf("render %s: %v", req.URL, err)
	}
	return r
}

// refusal is why a page's request for an address was not let out; "" where it
// was, or was never made.
func (r *Result) refusal(t testing.TB, part string) string {
	t.Helper()
	for _, s := range r.Requests {
		if strings.Contains(s.URL, part) && s.Refused != "" {
			return s.Refused
		}
	}
	return ""
}

func (r *Result) shows(t testing.TB, text string) {
	t.Helper()
	if !strings.Contains(string(r.HTML), text) {
		t.Errorf("the page does not show %q:\n%s", text, r.HTML)
	}
}
