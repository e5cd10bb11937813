package markwatch_test

import (
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

func TestDuration(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"2s": 2 * time.Second, "6h": 6 * time.Hour, "7d": 7 * 24 * time.Hour, "0s": 0, "1h30m": 90 * time.Minute,
	} {
		var d markwatch.Duration
		if err := d.UnmarshalText([]byte(in)); err != nil || time.Duration(d) != want {
			t.Errorf("%s reads as %v, %v", in, time.Duration(d), err)
		}
		b, err := d.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var again markwatch.Duration
		if err := again.UnmarshalText(b); err != nil || again != d {
			t.Errorf("%s is written as %s, which reads as %v, %v", in, b, again, err)
		}
	}
	for _, in := range []string{"", "5", "-1s", "1 week", "99999999d", "-3d"} {
		var d markwatch.Duration
		if err := d.UnmarshalText([]byte(in)); err == nil {
			t.Errorf("%q is taken for the duration %v", in, time.Duration(d))
		}
	}
}

func TestBytes(t *testing.T) {
	for in, want := range map[string]int64{"8MiB": 8 << 20, "512 KiB": 512 << 10, "1GiB": 1 << 30, "10B": 10, "10": 10, "0": 0} {
		var v markwatch.Bytes
		if err := v.UnmarshalText([]byte(in)); err != nil || int64(v) != want {
			t.Errorf("%s reads as %d, %v", in, v, err)
		}
		b, err := v.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var again markwatch.Bytes
		if err := again.UnmarshalText(b); err != nil || again != v {
			t.Errorf("%s is written as %s, which reads as %d, %v", in, b, again, err)
		}
	}
	for _, in := range []string{"", "8MB", "-1", "9999999999GiB", "1.5MiB"} {
		var v markwatch.Bytes
		if err := v.UnmarshalText([]byte(in)); err == nil {
			t.Errorf("%q is taken for %d bytes", in, v)
		}
	}
}
