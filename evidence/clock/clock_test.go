package clock_test

import (
	"encoding/binary"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch/evidence/clock"
)

// server answers as an NTP server whose time is fixed; spoil changes answers.
func server(t *testing.T, at time.Time, spoil func([]byte) []byte) string {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pc.Close() })
	go func() {
		buf := make([]byte, 512)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			if n != 48 || buf[0] != 0x23 {
				continue
			}
			answer := make([]byte, 48)
			answer[0], answer[1] = 4<<3|4, 2
			copy(answer[24:32], buf[40:48])
			for _, field := range [][]byte{answer[32:40], answer[40:48]} {
				binary.BigEndian.PutUint32(field, uint32(at.Unix()+2_208_988_800))
				binary.BigEndian.PutUint32(field[4:], uint32(int64(at.Nanosecond())<<32/1e9))
			}
			if spoil != nil {
				answer = spoil(answer)
			}
			_, _ = pc.WriteTo(answer, from)
		}
	}()
	return "ntp://" + pc.LocalAddr().String()
}

// stepping is a clock that goes on by a step each time it is looked at.
func stepping(at time.Time, step time.Duration) func() time.Time {
	return func() time.Time {
		at = at.Add(step)
		return at
	}
}

func TestMeasure(t *testing.T) {
	right := time.Date(2026, 11, 26, 3, 4, 5, 500_000_000, time.UTC)
	dated := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", right.Format(http.TimeFormat))
	}))
	t.Cleanup(dated.Close)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	good := server(t, right, nil)
	for _, c := range []struct {
		name    string
		sources []string
		ahead   time.Duration
		margin  time.Duration
		source  string
	}{
		{"NTP, a clock that is right", []string{good}, 0, 20 * time.Millisecond, good},
		{"NTP, ahead", []string{good}, 90 * time.Second, 20 * time.Millisecond, good},
		{"NTP, behind", []string{good}, -time.Hour, 20 * time.Millisecond, good},
		{"a web server's date", []string{dated.URL}, 7 * time.Second, 520 * time.Millisecond, dated.URL},
		{"the first that answers", []string{closed.URL, good}, time.Second, 20 * time.Millisecond, good},
	} {
		// Looked at 20 ms before, and 20 ms after the middle of the way.
		now := stepping(right.Add(c.ahead-40*time.Millisecond), 40*time.Millisecond)
		m, err := clock.Measure(t.Context(), c.sources, func() time.Time { return now().Add(-20 * time.Millisecond) }, http.DefaultClient)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		// Where the first source fails its looks count too.
		off := m.Ahead - c.ahead
		if c.name == "the first that answers" {
			off -= 80 * time.Millisecond
		}
		if off.Abs() > time.Microsecond || m.Margin != c.margin || m.Source != c.source || m.At.IsZero() {
			t.Errorf("%s: %+v, off by %v", c.name, m, off)
		}
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	right := time.Date(2026, 11, 26, 3, 4, 5, 0, time.UTC)
	undated := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header()["Date"] = nil }))
	t.Cleanup(undated.Close)
	spoil := func(f func(b []byte) []byte) []string { return []string{server(t, right, f)} }
	for _, c := range []struct {
		name    string
		sources []string
		want    string
	}{
		{"none configured", nil, "no source"},
		{"a forged answer", spoil(func(b []byte) []byte { b[24] ^= 1; return b }), "not an answer"},
		{"a short answer", spoil(func(b []byte) []byte { return b[:20] }), "not an answer"},
		{"another client", spoil(func(b []byte) []byte { b[0] = 4<<3 | 3; return b }), "not an answer"},
		{"a server that was just started", spoil(func(b []byte) []byte { b[0] |= 3 << 6; return b }), "does not know"},
		{"a kiss of death", spoil(func(b []byte) []byte { b[1] = 0; return b }), "does not know"},
		{"times in the wrong order", spoil(func(b []byte) []byte { b[35]++; return b }), "contradict"},
		{"no date", []string{undated.URL}, "no date"},
		{"another scheme", []string{"ftp://x"}, "not an ntp"},
	} {
		if m, err := clock.Measure(t.Context(), c.sources, func() time.Time { return right }, http.DefaultClient); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %+v %v", c.name, m, err)
		}
	}
}

// TestTheNextEra holds that NTP's seconds, which begin again in 2036, are read
// by the clock that they are held against.
func TestTheNextEra(t *testing.T) {
	right := time.Date(2040, 1, 2, 3, 4, 5, 0, time.UTC)
	m, err := clock.Measure(t.Context(), []string{server(t, right, nil)}, func() time.Time { return right }, http.DefaultClient)
	if err != nil || m.Ahead.Abs() > time.Second {
		t.Errorf("%+v %v", m, err)
	}
}
