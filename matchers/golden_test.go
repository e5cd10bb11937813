package matchers_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGoldenVerdicts keeps whole verdicts, with reasons, facts and spans, as
// they are: a faster way to the same verdict must show that it is the same.
func TestGoldenVerdicts(t *testing.T) {
	k := someLists(t)
	s := compile(t, k)
	in, err := os.ReadFile("testdata/listings.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	enc := json.NewEncoder(&got)
	enc.SetEscapeHTML(false)
	for dec := json.NewDecoder(bytes.NewReader(in)); dec.More(); {
		var l markwatch.Listing
		if err := dec.Decode(&l); err != nil {
			t.Fatal(err)
		}
		if err := enc.Encode(s.Check(matchers.Input{Listing: l, At: at})); err != nil {
			t.Fatal(err)
		}
	}
	const golden = "testdata/verdicts.golden.ndjson"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("verdicts differ (-golden +now); -update writes them anew:\n%s", diff)
	}
}
