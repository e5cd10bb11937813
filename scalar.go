package markwatch

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Date is a calendar day without a zone, written 2006-01-02.
type Date struct{ time.Time }

// UnmarshalText reads 2006-01-02.
func (d *Date) UnmarshalText(b []byte) error {
	t, err := time.Parse(time.DateOnly, string(b))
	if err != nil {
		return fmt.Errorf("%q is not a date such as 2026-01-31", b)
	}
	d.Time = t
	return nil
}

// MarshalText writes 2006-01-02.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.Format(time.DateOnly)), nil }

// Duration is a time.Duration that people may write in days too: 90s, 6h, 1d.
type Duration time.Duration

// UnmarshalText reads a Go duration or a whole number of days ("7d").
func (d *Duration) UnmarshalText(b []byte) error {
	s := strings.TrimSpace(string(b))
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n >= 0 && n <= 36500 {
			*d = Duration(time.Duration(n) * 24 * time.Hour)
			return nil
		}
	}
	v, err := time.ParseDuration(s)
	if err != nil || v < 0 {
		return fmt.Errorf("%q is not a duration such as 2s, 6h or 7d", s)
	}
	*d = Duration(v)
	return nil
}

// MarshalText writes whole days as 7d and the rest as Go does.
func (d Duration) MarshalText() ([]byte, error) {
	v := time.Duration(d)
	if day := 24 * time.Hour; v >= day && v%day == 0 {
		return []byte(strconv.Itoa(int(v/day)) + "d"), nil
	}
	return []byte(v.String()), nil
}

// Bytes is an amount of data that people may write with a unit: 8MiB, 64KiB.
type Bytes int64

// byteUnits are ordered so that the longest suffix is tried first.
var byteUnits = []struct {
	suffix string
	factor int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}, {"", 1}}

// UnmarshalText reads a whole number with an optional unit B, KiB, MiB, GiB.
func (v *Bytes) UnmarshalText(b []byte) error {
	s := strings.TrimSpace(string(b))
	for _, u := range byteUnits {
		digits, ok := strings.CutSuffix(s, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || n < 0 || n > (1<<62)/u.factor {
			break
		}
		*v = Bytes(n * u.factor)
		return nil
	}
	return fmt.Errorf("%q is not an amount of data such as 512KiB or 8MiB", s)
}

// MarshalText writes the largest unit that divides the amount.
func (v Bytes) MarshalText() ([]byte, error) {
	for _, u := range byteUnits {
		if n := int64(v); n >= u.factor && n%u.factor == 0 {
			return []byte(strconv.FormatInt(n/u.factor, 10) + u.suffix), nil
		}
	}
	return []byte(strconv.FormatInt(int64(v), 10)), nil
}
