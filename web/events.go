package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"

	"github.com/markwatch/markwatch/accounts"
)

// streamWrite is how long a client may take to accept one event.
const streamWrite = 15 * time.Second

// scanEvents streams the open scans as server-sent events (HTML standard,
// section 9.2): one JSON event when something changed, a comment when nothing
// did for a while. A stream is no sign of use: it does not keep a session
// alive, and ends with it.
func (d *desk) scanEvents(w http.ResponseWriter, r *http.Request) {
	if !d.watcher(w, r) {
		return
	}
	if d.cfg.Progress == nil {
		http.NotFound(w, r)
		return
	}
	d.events(w, r, d.progressEvent)
}

// eventOf is the state of something as an event; it is not there where the
// state cannot be read.
type eventOf func(r *http.Request, l lang) ([]byte, bool)

// events streams what eventOf tells, to one who may watch.
func (d *desk) events(w http.ResponseWriter, r *http.Request, next eventOf) {
	session := sessionOf(r)
	if !d.live.join(session) {
		w.Header().Set("Retry-After", "30")
		http.Error(w, http.StatusText(http.StatusTooManyRequests), http.StatusTooManyRequests)
		return
	}
	defer d.live.leave(session)

	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no") // nginx, and proxies that follow it
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	d.stream(w, r, next)
}

// watcher says whether somebody who may watch is logged in; others are answered.
// To watch is no sign of use.
func (d *desk) watcher(w http.ResponseWriter, r *http.Request) bool {
	_, ok := d.watching(w, r)
	return ok
}

// watching is watcher with the person.
func (d *desk) watching(w http.ResponseWriter, r *http.Request) (person, bool) {
	p, err := d.identify(r, false)
	switch {
	case err != nil:
		d.cfg.Logger.ErrorContext(r.Context(), "read a session", "error", err)
		http.Error(w, http.StatusText(status(err)), status(err))
	case !p.may(accounts.See):
		http.Error(w, http.StatusText(http.StatusUnauthorized), http.StatusUnauthorized)
	default:
		return p, true
	}
	return p, false
}

// stream writes events until the client goes, the session ends or the server
// shuts down.
func (d *desk) stream(w http.ResponseWriter, r *http.Request, next eventOf) {
	out := http.NewResponseController(w)
	// The server's deadlines bound a page. What follows is bounded by write.
	// Where a writer knows no deadlines, none is in the way.
	_ = out.SetReadDeadline(time.Time{})
	write := func(b []byte) bool {
		_ = out.SetWriteDeadline(time.Now().Add(streamWrite))
		if _, err := w.Write(b); err != nil {
			return false
		}
		return out.Flush() == nil
	}
	l := language(r)
	if !write([]byte("retry: 3000\n\n")) {
		return
	}
	tick := time.NewTicker(d.live.every)
	defer tick.Stop()
	var sent []byte
	wrote := time.Now()
	for {
		event, ok := next(r, l)
		switch {
		case ok && !bytes.Equal(event, sent):
			if !write(event) {
				return
			}
			sent, wrote = event, time.Now()
		case time.Since(wrote) >= d.live.ping:
			if !write([]byte(": ping\n\n")) {
				return
			}
			wrote = time.Now()
		}
		select {
		case <-r.Context().Done():
			return
		case <-d.live.ended:
			return
		case <-tick.C:
		}
		if p, err := d.identify(r, false); err != nil || !p.may(accounts.See) {
			return
		}
	}
}

// progressEvent is the state of the open scans as an event; it is not there
// where the state cannot be read.
func (d *desk) progressEvent(r *http.Request, l lang) ([]byte, bool) {
	runs, err := d.live.runs(r.Context())
	if err != nil {
		return nil, false
	}
	b, err := json.Marshal(d.runningView(l, runs))
	if err != nil {
		d.cfg.Logger.ErrorContext(r.Context(), "write the progress of scans", "error", err)
		return nil, false
	}
	// JSON has no line ends of its own, so that one data line holds it.
	return append(append([]byte("data: "), b...), '\n', '\n'), true
}
