package web

import "testing"

func TestPrecisionIsToldFromTwentyOutcomesOn(t *testing.T) {
	for _, c := range []struct {
		confirmed, dismissed int64
		want                 string
	}{{0, 0, ""}, {10, 9, ""}, {10, 10, "50% (30%–70%)"}, {20, 0, "100% (84%–100%)"}} {
		if got := (precision{Confirmed: c.confirmed, Dismissed: c.dismissed}).measured().Share; got != c.want {
			t.Errorf("%d confirmed, %d dismissed: %q, want %q", c.confirmed, c.dismissed, got, c.want)
		}
	}
}
