package main

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestTooMuchInputIsAnErrorAndNoShorterFile(t *testing.T) {
	for _, c := range []struct {
		limit int64
		want  error
	}{{10, nil}, {9, errInputTooLarge}} {
		got, err := io.ReadAll(&bounded{strings.NewReader("0123456789"), c.limit})
		if !errors.Is(err, c.want) || c.want == nil && string(got) != "0123456789" {
			t.Errorf("limit %d: %q, %v", c.limit, got, err)
		}
	}
}
