// Package clock measures how far this machine's clock is from a source that is
// trusted to be right: an NTP server (RFC 4330, the simple client of RFC 5905),
// or a web server's Date header (RFC 9110, section 6.6.1).
package clock

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Measurement is how far the clock was off, and against what.
type Measurement struct {
	// Source is the address that was asked.
	Source string
	// At is when, by the machine's own clock (UTC).
	At time.Time
	// Ahead is how far that clock was ahead; negative where it was behind.
	Ahead time.Duration
	// Margin bounds the error of Ahead: half the way there and back, and half
	// the source's resolution.
	Margin time.Duration
}

// patience bounds how long a source may take.
const patience = 3 * time.Second

// Measure asks the sources (ntp://host[:port], http:// and https:// addresses)
// in their order and takes the first that answers. now is the clock that is
// measured; client asks web servers. The error tells of every source.
func Measure(ctx context.Context, sources []string, now func() time.Time, client *http.Client) (Measurement, error) {
	err := errors.New("没有配置时间源 no source of time is configured")
	for i, source := range sources {
		if i == 0 {
			err = nil
		}
		m, one := measure(ctx, source, now, client)
		if one == nil {
			return m, nil
		}
		err = errors.Join(err, fmt.Errorf("%s: %w", source, one))
	}
	return Measurement{}, err
}

func measure(ctx context.Context, source string, now func() time.Time, client *http.Client) (Measurement, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	u, err := url.Parse(source)
	if err != nil {
		return Measurement{}, err
	}
	m := Measurement{Source: source}
	switch u.Scheme {
	case "ntp":
		err = m.ntp(ctx, u.Host, now)
	case "http", "https":
		err = m.date(ctx, source, now, client)
	default:
		err = errors.New("not an ntp, http or https address")
	}
	return m, err
}

// between sets what follows from the times before and after a question, and the
// source's own in the middle of them.
func (m *Measurement) between(start, end time.Time, theirs time.Time, resolution time.Duration) error {
	way := end.Sub(start)
	if way < 0 {
		return errors.New("the clock was set back meanwhile")
	}
	m.At = end.UTC()
	m.Ahead = start.Add(way / 2).Sub(theirs)
	m.Margin = way/2 + resolution/2
	return nil
}

// era is how many seconds go by until NTP counts from 0 again, in 2036 the next
// time; an answer's era is that which puts it next to this machine's clock.
const era = 1 << 32

// ntpToUnix is how many seconds lie between the first of NTP's era 0, the
// beginning of 1900, and that of Unix time.
const ntpToUnix = 2_208_988_800

func (m *Measurement) ntp(ctx context.Context, host string, now func() time.Time) error {
	if _, _, err := net.SplitHostPort(host); err != nil {
		host = net.JoinHostPort(host, "123")
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "udp", host)
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	var ask [48]byte
	ask[0] = 4<<3 | 3 // version 4, client
	// A random number in place of the time tells an answer from a forged one.
	if _, err := rand.Read(ask[40:]); err != nil {
		return err
	}
	start := now()
	if _, err := conn.Write(ask[:]); err != nil {
		return err
	}
	var answer [512]byte
	n, err := conn.Read(answer[:])
	end := now()
	switch {
	case err != nil:
		return err
	case n < len(ask) || answer[0]&7 != 4 || !bytes.Equal(answer[24:32], ask[40:]):
		return errors.New("not an answer of an NTP server")
	case answer[0]>>6 == 3 || answer[1] == 0 || answer[1] > 15:
		return errors.New("the server does not know the time")
	}
	received, sent := ntpTime(answer[32:40], end), ntpTime(answer[40:48], end)
	if sent.Before(received) {
		return errors.New("the server's times contradict each other")
	}
	// What the server took is no part of the way.
	return m.between(start, end, received.Add(sent.Sub(received)/2), 0)
}

func ntpTime(b []byte, near time.Time) time.Time {
	seconds, fraction := int64(binary.BigEndian.Uint32(b))-ntpToUnix, int64(binary.BigEndian.Uint32(b[4:]))
	for near.Unix()-seconds > era/2 {
		seconds += era
	}
	return time.Unix(seconds, fraction*1e9>>32)
}

func (m *Measurement) date(ctx context.Context, address string, now func() time.Time, client *http.Client) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
	if err != nil {
		return err
	}
	start := now()
	res, err := client.Do(req)
	end := now()
	if err != nil {
		return err
	}
	res.Body.Close()
	theirs, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		return errors.New("the server tells no date")
	}
	// The header leaves out what of the second has gone by.
	return m.between(start, end, theirs.Add(time.Second/2), time.Second)
}
