package matchers

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/evaluation"
)

const (
	// gramLeast is in how many texts a gram must stand to be learnt.
	gramLeast = 2
	// gramTrust is how much the texts count beside the penalty on the
	// squares of the weights.
	gramTrust = 10
	// gramFolds is in how many parts the sets are cut, so that the rules'
	// weights are fitted to what the model says of texts that it has not
	// seen.
	gramFolds = 5
)

// document is a listing as the model of wording is trained on it.
type document struct {
	grams  map[string]int
	labels [len(builtinViolations)]bool
	weight float64
	fold   int
}

// written spells a listing's grams out.
func written(r *reading) map[string]int {
	out := map[string]int{}
	for f := range r.fields {
		if !ownWords(r.fields[f].path) {
			continue
		}
		before := ""
		r.eachToken(f, func(key uint64, at, to int, parted bool) {
			token := string(r.fields[f].folded.Runes[at:to])
			switch key {
			case mix(0, nameToken):
				token = string(nameToken)
			case mix(0, numberToken):
				token = string(numberToken)
			}
			out[token]++
			if !parted {
				out[before+" "+token]++
			}
			before = token
		})
	}
	return out
}

// documentOf reads a labelled listing. Listings about the same brand or work
// are in the same fold.
func documentOf(s *Set, row evaluation.Labelled, weight float64) document {
	r := s.vocabulary.read(Input{Listing: row.Listing})
	defer s.vocabulary.release(r)
	d := document{grams: written(r), weight: weight}
	for i, v := range builtinViolations {
		d.labels[i] = slices.Contains(row.Labels, v)
	}
	group := row.ID
	if len(row.Subjects) > 0 {
		group = row.Subjects[0]
	}
	h := fnv.New32a()
	_, _ = io.WriteString(h, group)
	d.fold = int(h.Sum32() % gramFolds)
	return d
}

// trainNgrams fits the model to the documents, and writes it.
func trainNgrams(docs []document) []byte {
	in := map[string]int{}
	for _, d := range docs {
		for g := range d.grams {
			in[g]++
		}
	}
	maps.DeleteFunc(in, func(_ string, n int) bool { return n < gramLeast })
	names := slices.Sorted(maps.Keys(in))
	index, idf := map[string]int{}, make([]float64, len(names))
	for i, g := range names {
		index[g], idf[i] = i, math.Log(float64(len(docs))/float64(in[g]))
	}
	rows := make([][]cell, len(docs))
	for i, d := range docs {
		rows[i] = cellsOf(d, index, idf)
	}
	var bias [len(builtinViolations)]float64
	var weights [len(builtinViolations)][]float64
	for v := range builtinViolations {
		bias[v], weights[v] = logistic(rows, docs, v, len(names))
	}
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	fmt.Fprintf(zw, "bias\t0\t%.4f\t%.4f\t%.4f\n", bias[0], bias[1], bias[2])
	for i, g := range names {
		fmt.Fprintf(zw, "%s\t%.3f\t%.3f\t%.3f\t%.3f\n", g, idf[i], weights[0][i], weights[1][i], weights[2][i])
	}
	if err := zw.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

type cell struct {
	at    int
	value float64
}

func cellsOf(d document, index map[string]int, idf []float64) []cell {
	var out []cell
	norm := 0.0
	for g, n := range d.grams {
		if i, known := index[g]; known {
			v := (1 + math.Log(float64(n))) * idf[i]
			out = append(out, cell{i, v})
			norm += v * v
		}
	}
	for i := range out {
		out[i].value /= math.Sqrt(norm)
	}
	slices.SortFunc(out, func(a, b cell) int { return cmp.Compare(a.at, b.at) })
	return out
}

// logistic descends Nesterov's accelerated gradient of the regularised loss.
func logistic(rows [][]cell, docs []document, violation, n int) (bias float64, w []float64) {
	w, ahead, before := make([]float64, n), make([]float64, n), make([]float64, n)
	aheadBias, beforeBias := 0.0, 0.0
	// No row is longer than one, and the bias adds one: a quarter of the sum
	// of weights bounds the curvature. A tenth of that is what texts have
	// that are no copies of one another.
	total := 0.0
	for i := range docs {
		total += docs[i].weight
	}
	rate := 1 / (1 + 0.25*gramTrust*total*0.3)
	grad := make([]float64, n)
	for step := range 600 {
		copy(grad, ahead)
		gradBias := 0.0
		for i, row := range rows {
			z := aheadBias
			for _, c := range row {
				z += ahead[c.at] * c.value
			}
			d := sigmoid(z)
			if docs[i].labels[violation] {
				d--
			}
			d *= gramTrust * docs[i].weight
			gradBias += d
			for _, c := range row {
				grad[c.at] += d * c.value
			}
		}
		momentum := float64(step) / float64(step+3)
		for i := range w {
			w[i] = ahead[i] - rate*grad[i]
			ahead[i] = w[i] + momentum*(w[i]-before[i])
			before[i] = w[i]
		}
		bias = aheadBias - rate*gradBias
		aheadBias = bias + momentum*(bias-beforeBias)
		beforeBias = bias
	}
	return bias, w
}

func modelOf(t testing.TB, packed []byte) *ngramModel {
	t.Helper()
	m, err := readNgrams(packed)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestWordingQuotesWhatItCounted holds the model's word against its quotes.
func TestWordingQuotesWhatItCounted(t *testing.T) {
	s := compiledSet(t, markwatch.Lists{Lexicons: shippedLexicons(t), Brands: []markwatch.Brand{{ID: "suyun", Names: map[string]string{"zh": "速云"}}}})
	l := markwatch.Listing{Title: "速云跑鞋 莆田纯原 高仿", Description: "顶级版本,懂的来"}
	found := false
	for _, f := range checker(s)(l).Findings {
		if f.Matcher != "wording" {
			continue
		}
		found = true
		if len(f.Evidence) == 0 {
			t.Errorf("%s quotes nothing", f.Rule)
		}
		for _, e := range f.Evidence {
			if got := string([]rune(l.Field(e.Field))[e.Start:e.End]); got != e.Text || !strings.Contains(f.Reason.ZH, e.Text) {
				t.Errorf("quotes %q, the field holds %q; reason %q", e.Text, got, f.Reason.ZH)
			}
		}
	}
	if !found {
		t.Error("the wording was not counted")
	}
}

// TestWordingAloneNeverFlags gives the model's full word and nothing else.
func TestWordingAloneNeverFlags(t *testing.T) {
	s := compiledSet(t, markwatch.Lists{})
	for _, v := range builtinViolations {
		sig := signal{matcher: "wording", rule: "like-known-cases", violation: v, strength: wordingMost}
		if got := s.verdict(Input{}, []signal{sig}); got.Flagged || got.Score > 0 {
			t.Errorf("%s: %+v", v, got)
		}
	}
}
