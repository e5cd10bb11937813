package matchers

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// labelledSet is one file of labelled listings with the folders of the lists
// that it is about.
type labelledSet struct {
	name string
	file string
	// lists are folders with brands.yaml and works.yaml, parted by spaces; of
	// entries of one id the first counts.
	lists string
}

var readSets = []labelledSet{
	{"devset", devset + "/listings.ndjson", devset},
	{"luxury-digital", luxury + "/listings.ndjson", luxury},
	{"mass-market", mass + "/listings.ndjson", mass},
}

var blindSet = labelledSet{"blind", devset + "/blind.ndjson", devset}

// writtenSets were written for this project, each by another hand that had
// seen no rule: see testdata/written/README.md. The matchers learn from them.
var writtenSets = []labelledSet{
	ownSet("devset-1", devset), ownSet("luxury-digital", luxury), ownSet("mass-market", mass), ownSet("outdoor-care", ""),
	ownSet("parcels", devset+" "+luxury+" "+mass), ownSet("oils-cards", ""), ownSet("study-film", ""), ownSet("goods-abroad", ""),
}

// heldSets were written like writtenSets, and nothing is learnt from them: they
// say what others may expect.
var heldSets = []labelledSet{ownSet("devset-2", devset), ownSet("fashion-study", ""), ownSet("family", "")}

// ownSet is a set of testdata/written, with lists of its own where none are
// named.
func ownSet(name, lists string) labelledSet {
	dir := filepath.Join("testdata", "written", name)
	return labelledSet{"written/" + name, filepath.Join(dir, "listings.ndjson"), cmp.Or(lists, dir)}
}

// trainingSets are all that may be learnt from.
func trainingSets() []labelledSet { return slices.Concat(readSets, writtenSets) }

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
	lists.Lexicons = shippedLexicons(t)
	for dir := range strings.FieldsSeq(l.lists) {
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			t.Skipf("../shared is absent: %s", dir)
		}
		var of struct {
			Brands []markwatch.Brand
			Works  []markwatch.Work
		}
		readYAML(t, filepath.Join(dir, "brands.yaml"), &of)
		readYAML(t, filepath.Join(dir, "works.yaml"), &of)
		for _, b := range of.Brands {
			if !slices.ContainsFunc(lists.Brands, func(o markwatch.Brand) bool { return o.ID == b.ID }) {
				lists.Brands = append(lists.Brands, b)
			}
		}
		for _, w := range of.Works {
			if !slices.ContainsFunc(lists.Works, func(o markwatch.Work) bool { return o.ID == w.ID }) {
				lists.Works = append(lists.Works, w)
			}
		}
	}
	f, err := os.Open(l.file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, problems := evaluation.Read(f)
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	return rows, lists
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
