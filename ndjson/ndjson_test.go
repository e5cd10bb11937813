package ndjson_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/markwatch/markwatch/ndjson"
)

type value struct {
	A int `json:"a"`
}

func read(t *testing.T, in io.Reader) (values []int, broken []int, last error) {
	t.Helper()
	for row, err := range ndjson.Read[value](in) {
		var le *ndjson.LineError
		switch {
		case errors.As(err, &le):
			broken = append(broken, le.Line)
		case err != nil:
			last = err
		default:
			values = append(values, row.Value.A)
		}
	}
	return values, broken, last
}

func TestABrokenLineLosesNoOther(t *testing.T) {
	long := `{"a":9,"x":"` + strings.Repeat("x", ndjson.MaxLine) + `"}`
	in := "\ufeff{\"a\":1}\n\n{broken\n{\"a\":\"text\"}\r\n" + long + "\n  {\"a\":2}\r\n" + long + "\n{\"a\":3}"
	values, broken, err := read(t, strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(values, []int{1, 2, 3}) {
		t.Errorf("values %v", values)
	}
	if !slices.Equal(broken, []int{3, 4, 5, 7}) {
		t.Errorf("broken lines %v", broken)
	}
}

func TestALongLastLineIsReported(t *testing.T) {
	_, broken, err := read(t, strings.NewReader("{\"a\":1}\n"+strings.Repeat("x", ndjson.MaxLine+1)))
	if err != nil || !slices.Equal(broken, []int{2}) {
		t.Errorf("broken lines %v, error %v", broken, err)
	}
}

func TestAReaderThatFailsEndsTheSequence(t *testing.T) {
	fault := errors.New("disk gone")
	values, _, err := read(t, io.MultiReader(strings.NewReader("{\"a\":1}\n{\"a\""), failing{fault}))
	if !errors.Is(err, fault) || !slices.Equal(values, []int{1}) {
		t.Errorf("values %v, error %v", values, err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func FuzzRead(f *testing.F) {
	f.Add("{\"a\":1}\n{}")
	f.Add("\xff\n\n[1,2]\nnull")
	f.Fuzz(func(t *testing.T, in string) {
		n := 0
		for row, err := range ndjson.Read[value](strings.NewReader(in)) {
			n++
			if row.Line < 1 || row.Line > strings.Count(in, "\n")+1 {
				t.Errorf("line %d of %q", row.Line, in)
			}
			var le *ndjson.LineError
			if err != nil && !errors.As(err, &le) {
				t.Errorf("a string cannot fail to be read: %v", err)
			}
		}
		if n > strings.Count(in, "\n")+1 {
			t.Errorf("%d rows from %q", n, in)
		}
	})
}
