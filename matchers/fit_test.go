package matchers

import (
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/evaluation"
)

var fit = flag.Bool("fit", false, "fit the weights to the labelled sets that may be read, and write weights.yaml")

// example is one listing's signals for one violation, by subject.
type example struct {
	id       string
	subjects []map[string]float64
	label    bool
	weight   float64
}

// lowering rules can only speak against a suspicion, all others only for it.
func lowering(rule string) bool {
	return strings.HasPrefix(rule, "context/") || slices.Contains([]string{
		"pricing/believable", "replica/no-brand", "overseas/no-claim", "overseas/dispatch-abroad", "overseas/seller-abroad",
		"overseas/slow-delivery", "trace/genuine", "trace/bonded-clearance", "wording/unlike-known-cases", "piracy/fair-price", "piracy/other-goods",
	}, rule)
}

// TestFit writes ngrams.txt.gz and weights.yaml: the model of wording, and for
// each violation a logistic regression over the rules' strengths with a ridge
// penalty, in which no rule may speak against its own sense. The model's word
// on a listing is taken from a model that was trained without the listings of
// its brand or work. All is deterministic.
func TestFit(t *testing.T) {
	if !*fit {
		t.Skip("run with -fit to fit the weights anew")
	}
	fitted := fitTo(t, trainingSets(), shippedLexicons(t))
	if err := os.WriteFile("ngrams.txt.gz", fitted.ngrams, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("weights.yaml", []byte(fitted.weights), 0o644); err != nil {
		t.Fatal(err)
	}
}

// fitted is what a fit writes.
type fitted struct {
	ngrams  []byte
	weights string
}

func fitTo(t *testing.T, sets []labelledSet, words []markwatch.Lexicon) fitted {
	var docs []document
	type judged struct {
		set  *Set
		row  evaluation.Labelled
		fold int
	}
	var rows []judged
	for _, set := range sets {
		labelled, lists := set.load(t)
		lists.Lexicons = words
		s := compiledSet(t, lists)
		for _, row := range labelled {
			d := documentOf(s, row, 1)
			docs = append(docs, d)
			rows = append(rows, judged{s, row, d.fold})
		}
	}
	lists := everyList(t)
	lists.Lexicons = words
	titles := innocentTitles(t)
	s := compiledSet(t, lists)
	for i, l := range titles {
		if i%titlesApart == 0 {
			docs = append(docs, documentOf(s, evaluation.Labelled{ID: l.ID, Listing: l}, 0.5))
		}
	}
	examples := map[markwatch.Violation][]example{}
	for fold := range gramFolds {
		model := modelOf(t, trainNgrams(slices.DeleteFunc(slices.Clone(docs), func(d document) bool { return d.fold == fold })))
		for _, j := range rows {
			if j.fold == fold {
				j.set.vocabulary.ngrams = model
				collect(examples, j.set, j.row, 1)
			}
		}
	}
	out := fitted{ngrams: trainNgrams(docs)}
	s.vocabulary.ngrams = modelOf(t, out.ngrams)
	for _, l := range titles {
		collect(examples, s, evaluation.Labelled{Listing: l}, titleWeight)
	}
	base, rules := map[markwatch.Violation]float64{}, map[markwatch.Violation]map[string]float64{}
	for _, v := range builtinViolations {
		base[v], rules[v] = regress(examples[v])
	}
	out.weights = writeWeights(base, rules)
	return out
}

// TestFitGeneralises fits to two of the sets and scores the third, so that a
// change can be judged by what it does to brands and works it was not fitted
// to. The strict figures leave out every added word (lexicons m-…) that stands
// in the third set alone: it may have been written down because it was read
// there, and nobody can say that it would have come to mind.
func TestFitGeneralises(t *testing.T) {
	if !*fit {
		t.Skip("run with -fit to measure how well a fit carries over")
	}
	for _, strict := range []bool{false, true} {
		for _, held := range readSets {
			rep := scoreHeldOut(t, held, strict)
			t.Logf("held out %s, strict %v: counterfeit %.3f fake-overseas %.3f piracy %.3f", held.name, strict,
				rep.Violations[markwatch.Counterfeit].F1, rep.Violations[markwatch.FakeOverseas].F1, rep.Violations[markwatch.Piracy].F1)
			if *mistakes {
				for _, m := range rep.Mistakes {
					t.Log(m.ID, m.Expected, m.Got, m.Reason)
				}
			}
		}
	}
}

func scoreHeldOut(t *testing.T, held labelledSet, strict bool) evaluation.Report {
	words := shippedLexicons(t)
	if strict {
		words = withoutWordsOf(t, words, held)
	}
	others := slices.DeleteFunc(trainingSets(), func(set labelledSet) bool { return set == held })
	fitted := fitTo(t, others, words)
	rows, lists := held.load(t)
	lists.Lexicons = words
	s := compiledSet(t, lists)
	s.vocabulary.ngrams = modelOf(t, fitted.ngrams)
	var err error
	if s.weights, err = readWeights([]byte(fitted.weights)); err != nil {
		t.Fatal(err)
	}
	return evaluation.Score(rows, checker(s))
}

// withoutWordsOf leaves out the added words that stand in one set alone.
func withoutWordsOf(t *testing.T, words []markwatch.Lexicon, held labelledSet) []markwatch.Lexicon {
	found := map[bool]map[string]bool{false: {}, true: {}}
	for _, set := range trainingSets() {
		rows, _ := set.load(t)
		s := compiledSet(t, markwatch.Lists{Lexicons: words})
		for _, row := range rows {
			r := s.vocabulary.read(Input{Listing: row.Listing})
			for id, c := range s.vocabulary.concepts {
				for _, m := range r.terms[c] {
					found[set == held][id+"/"+m.entry.text] = true
				}
			}
			s.vocabulary.release(r)
		}
	}
	var out []markwatch.Lexicon
	for _, l := range words {
		if strings.HasPrefix(l.ID, "m-") && !strings.HasSuffix(l.ID, "-place") {
			l.Terms = slices.DeleteFunc(slices.Clone(l.Terms), func(w markwatch.Term) bool {
				key := l.ID + "/" + w.Term
				return found[true][key] && !found[false][key]
			})
		}
		out = append(out, l)
	}
	return out
}

func collect(into map[markwatch.Violation][]example, s *Set, row evaluation.Labelled, weight float64) {
	byViolation := map[markwatch.Violation][]signal{}
	r := s.vocabulary.read(Input{Listing: row.Listing})
	defer s.vocabulary.release(r)
	for _, sig := range s.signals(r) {
		byViolation[sig.violation] = append(byViolation[sig.violation], sig)
	}
	for _, v := range builtinViolations {
		signals := byViolation[v]
		e := example{id: row.ID, label: slices.Contains(row.Labels, v), weight: weight}
		subjects := map[string]bool{}
		positive := false
		for _, sig := range signals {
			if sig.subject != "" {
				subjects[sig.subject] = true
			}
			positive = positive || !lowering(sig.name().String())
		}
		if !positive {
			continue
		}
		if len(subjects) == 0 {
			subjects[""] = true
		}
		for _, subject := range slices.Sorted(maps.Keys(subjects)) {
			x := map[string]float64{}
			for _, sig := range signals {
				if sig.subject == "" || sig.subject == subject {
					x[sig.name().String()] += sig.strength
				}
			}
			e.subjects = append(e.subjects, x)
		}
		into[v] = append(into[v], e)
	}
}

// titleWeight is how much a real title without a label counts beside a labelled
// listing.
const titleWeight = 0.25

// titlesApart is how many real titles lie between two that the model of wording
// learns from.
const titlesApart = 10

// innocentTitles are every second real title; the others measure false alarms.
func innocentTitles(t *testing.T) []markwatch.Listing {
	var out []markwatch.Listing
	all := realTitles(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for i, l := range all[name] {
			if i%2 == 0 {
				out = append(out, l)
			}
		}
	}
	return out
}

// ridge is the strength of the penalty on the square of a weight.
const ridge = 0.001

// atMost holds weights of what decides by itself and is too rare in the
// labelled sets to be learnt: a shop that the brand's list names, goods of
// another brand, parts for the brand's goods.
var atMost = map[string]float64{"context/official": -4, "context/other-brand": -3.5, "context/made-for": -2,
	"context/parallel": -2, "context/merch": -2, "context/report": -1.5, "piracy/fair-price": -1,
	"overseas/dispatch-abroad": -1.5, "overseas/slow-delivery": -1}

// atLeast holds the scores that what needs nothing beside it must reach by
// itself.
var atLeast = map[string]float64{"overseas/forgery-offer": 0.62, "overseas/pretended-origin": 0.62,
	"overseas/papers-to-order": 0.57, "replica/materials-to-order": 0.59}

// noPrice bounds what a missing price may take away: in the labelled sets those
// are news and talk, on a market prices that could not be read.
const noPrice = 0.5

// naming bounds what a name or a claim may add by itself: in the labelled sets
// nearly every listing has one, on a market few.
const naming = 1.5

// unlikeMost bounds how much unfamiliar wording may take away: a contradiction
// stays one in whatever words.
const unlikeMost = 2

// regress descends the gradient of the mean loss.
func regress(examples []example) (base float64, rules map[string]float64) {
	rules = map[string]float64{}
	base = -3
	for _, e := range examples {
		for _, x := range e.subjects {
			for name := range x {
				rules[name] = 0.5
				if lowering(name) {
					rules[name] = -0.5
				}
			}
		}
	}
	names := slices.Sorted(maps.Keys(rules))
	n := 0.0
	for _, e := range examples {
		n += e.weight
	}
	rate := 1.0
	for step := range 3000 {
		grad := map[string]float64{}
		gradBase := 0.0
		for _, e := range examples {
			best, sum := 0, math.Inf(-1)
			for i, x := range e.subjects {
				z := base
				for name, v := range x {
					z += rules[name] * v
				}
				if z > sum {
					best, sum = i, z
				}
			}
			d := sigmoid(sum)
			if e.label {
				d--
			}
			d *= e.weight
			gradBase += d / n
			for name, v := range e.subjects[best] {
				grad[name] += d * v / n
			}
		}
		if step == 1500 {
			rate /= 2
		}
		base = math.Min(-1, base-rate*gradBase)
		for _, name := range names {
			v := rules[name] - rate*(grad[name]+ridge*rules[name])
			if most, stated := atMost[name]; stated {
				v = math.Min(most, v)
			} else if lowering(name) {
				v = math.Min(0, v)
			} else {
				v = math.Max(0, v)
			}
			if name == "overseas/claim" || name == "piracy/title-named" {
				v = math.Min(naming, v)
			}
			switch name {
			case "wording/unlike-known-cases":
				v = math.Max(-unlikeMost, v)
			case "context/no-price":
				v = math.Max(-noPrice, v)
			}
			if least, stated := atLeast[name]; stated {
				v = math.Max(logit(least)-base, v)
			}
			rules[name] = v
		}
	}
	return base, rules
}

// given are the scores that rules reach by themselves which the labelled sets
// cannot teach, since no listing of theirs comes with a market or with a
// tracking page.
var given = map[markwatch.Violation]map[string]float64{
	markwatch.Counterfeit:  {"pricing/below-market": 0.44, "pricing/private-price": 0.49},
	markwatch.FakeOverseas: {"trace/foreign-site": 0.42, "overseas/bottled-at-home": 0.68},
	markwatch.Piracy:       {"piracy/creator-named": 0.47},
}

func writeWeights(base map[markwatch.Violation]float64, rules map[markwatch.Violation]map[string]float64) string {
	for v, of := range given {
		for name, score := range of {
			rules[v][name] = logit(score) - base[v]
		}
	}
	var b strings.Builder
	b.WriteString("# Log-odds by violation: what every listing starts from (base) and what a rule adds\n" +
		"# at full strength. Written by `go test ./matchers -run TestFit -fit` from the labelled\n" +
		"# sets that may be read.\nbase:\n")
	for _, v := range builtinViolations {
		fmt.Fprintf(&b, "  %s: %.2f\n", v, base[v])
	}
	b.WriteString("rules:\n")
	for _, v := range builtinViolations {
		fmt.Fprintf(&b, "  %s:\n", v)
		for _, name := range slices.Sorted(maps.Keys(rules[v])) {
			if x := rules[v][name]; math.Abs(x) >= 0.005 {
				fmt.Fprintf(&b, "    %s: %.2f\n", name, x)
			}
		}
	}
	return b.String()
}
