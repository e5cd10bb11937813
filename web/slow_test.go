package web

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// slowServer is the desk's real server with its time limits cut to fractions of a
// second, each kept in its proportion to the others.
func slowServer(t *testing.T, h http.Handler) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := Server(l.Addr().String(), h)
	for _, limit := range []*time.Duration{&s.ReadHeaderTimeout, &s.ReadTimeout, &s.WriteTimeout, &s.IdleTimeout} {
		if *limit == 0 {
			t.Fatal("the server has no time limit")
		}
		*limit /= 25
	}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return l.Addr().String()
}

// drip opens a connection, says the beginning of a request and then a byte at a
// time without end, and returns whether the server hung up before patience was
// over, and what it had said by then.
func drip(t *testing.T, address, beginning string) (cut bool, said string) {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, beginning); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				if _, err := io.WriteString(c, "x"); err != nil {
					return
				}
			case <-stop:
				return
			}
		}
	}()
	// Far longer than any limit, so that a busy machine does not count as one
	// who holds the line.
	if err := c.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(c)
	return !errors.Is(err, os.ErrDeadlineExceeded), string(b)
}

// A client that drips holds a connection no longer than the limits, whether in
// its headers or in its body, and nothing of it is carried out.
func TestSlowClientsAreCutOff(t *testing.T) {
	acted := make(chan struct{}, 10)
	address := slowServer(t, secure(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			http.Error(w, "body", http.StatusBadRequest)
			return
		}
		acted <- struct{}{}
	})))
	for name, beginning := range map[string]string{
		"headers": "POST /triage HTTP/1.1\r\nHost: desk\r\nX-Slow: ",
		"nothing": "",
		"body":    "POST /triage HTTP/1.1\r\nHost: desk\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\nid=",
		"chunks":  "POST /triage HTTP/1.1\r\nHost: desk\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\nea60\r\nid=",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if cut, said := drip(t, address, beginning); !cut {
				t.Errorf("the line is still open; the server said %.100q", said)
			}
			if len(acted) > 0 {
				t.Error("half a request was carried out")
			}
		})
	}
}

// Headers without end are refused before they fill the memory.
func TestHeadersThatAreTooLong(t *testing.T) {
	address := slowServer(t, http.NotFoundHandler())
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	go func() {
		_, _ = fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: desk\r\nCookie: %s\r\n\r\n", strings.Repeat("x", 64<<10))
	}()
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return // the line was cut before the refusal was read
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("64 KiB of headers: %d", res.StatusCode)
	}
}

// A client that does not read its answer does not hold the handler for ever.
func TestClientsThatDoNotReadAreCutOff(t *testing.T) {
	ended := make(chan error, 1)
	address := slowServer(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		block := make([]byte, 1<<20)
		for {
			if _, err := w.Write(block); err != nil {
				ended <- err
				return
			}
		}
	}))
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: desk\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(2 * time.Minute):
		t.Error("the handler still writes to a client that does not read")
	}
}
