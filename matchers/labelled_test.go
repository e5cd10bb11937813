package matchers

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/evaluation"
)

// The labelled sets lie beside the repository, where they are at all.
const (
	shared   = "../../shared"
	devset   = shared + "/devset"
	luxury   = shared + "/trainset/luxury-digital"
	mass     = shared + "/trainset/mass-market"
	lexicons = "../configs/shipped/lexicons"
)

// labelledSet is one file of labelled listings with the lists it is about.
type labelledSet struct {
	name string
	file string
	dir  string
}

var readSets = []labelledSet{
	{"devset", "listings.ndjson", devset},
	{"luxury-digital", "listings.ndjson", luxury},
	{"mass-market", "listings.ndjson", mass},
}

var blindSet = labelledSet{"blind", "blind.ndjson", devset}

func readYAML(t testing.TB, path string, into any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(b, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// shippedLexicons reads the lexicons as the packs ship them.
func shippedLexicons(t testing.TB) []markwatch.Lexicon {
	t.Helper()
	paths, err := filepath.Glob(lexicons + "/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var out []markwatch.Lexicon
	for _, p := range paths {
		var f struct{ Lexicons []markwatch.Lexicon }
		readYAML(t, p, &f)
		out = append(out, f.Lexicons...)
	}
	return out
}

func shippedRates(t testing.TB) markwatch.Rates {
	t.Helper()
	var r markwatch.Rates
	var f struct {
		Date   markwatch.Date
		Source string
		CNY    map[string]string
		Rates  *markwatch.Rates
	}
	b, err := os.ReadFile("../configs/shipped/rates.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(b, &f); err == nil && f.Rates != nil {
		return *f.Rates
	}
	if err := yaml.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func (l labelledSet) load(t testing.TB) (rows []evaluation.Labelled, lists markwatch.Lists) {
	t.Helper()
	f, err := os.Open(filepath.Join(l.dir, l.file))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("../shared is absent: %s", l.dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, problems := evaluation.Read(f)
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	var brands struct{ Brands []markwatch.Brand }
	readYAML(t, filepath.Join(l.dir, "brands.yaml"), &brands)
	var works struct{ Works []markwatch.Work }
	readYAML(t, filepath.Join(l.dir, "works.yaml"), &works)
	return rows, markwatch.Lists{Brands: brands.Brands, Works: works.Works, Lexicons: shippedLexicons(t)}
}

func compiledSet(t testing.TB, lists markwatch.Lists) *Set {
	t.Helper()
	s, err := Compile(Knowledge{Lists: lists, Rates: shippedRates(t)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func checker(s *Set) func(markwatch.Listing) markwatch.Verdict {
	at := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	return func(l markwatch.Listing) markwatch.Verdict { return s.Check(Input{Listing: l, At: at}) }
}
