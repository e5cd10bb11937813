package matchers

import (
	_ "embed"
	"slices"

	"github.com/markwatch/markwatch"
)

//go:embed weights.yaml
var shippedWeights []byte

// Set is compiled knowledge. It is immutable and safe for concurrent use.
type Set struct {
	cited      string
	thresholds map[string]float64
	weights    weights
	vocabulary *vocabulary
	checks     []check
	works      []markwatch.Work
	probes     []markwatch.Probe
}

// check is a compiled matcher.
type check func(*reading) []signal

// kit is what a matcher may compile itself from.
type kit struct {
	knowledge  Knowledge
	vocabulary *vocabulary
}

// Matcher is one way of suspecting a listing, or of clearing it.
type Matcher struct {
	Name string
	// Doc says in a sentence what it looks for.
	Doc string
	// New compiles it; what cannot be used is an error of
	// markwatch.CodeInvalid that names the rule's id and key.
	New func(kit) (check, error)
}

// Compile prepares the knowledge for checking. A rule or lexicon that cannot
// be used is an error of markwatch.CodeInvalid that names its id and key.
func Compile(k Knowledge) (*Set, error) {
	s := &Set{cited: k.String(), thresholds: k.Thresholds, works: k.Lists.Works, probes: k.Lists.Probes}
	var err error
	if s.weights, err = readWeights(shippedWeights); err != nil {
		return nil, err
	}
	s.weights.admit(k.Lists.Rules)
	if s.vocabulary, err = newVocabulary(k.Lists); err != nil {
		return nil, err
	}
	for _, m := range registry() {
		c, err := m.New(kit{k, s.vocabulary})
		if err != nil {
			return nil, err
		}
		s.checks = append(s.checks, c)
	}
	return s, nil
}

// Knowledge names the versions that the set was compiled from.
func (s *Set) Knowledge() string { return s.cited }

// Check judges one listing.
func (s *Set) Check(in Input) markwatch.Verdict {
	v, _ := s.Judge(in)
	return v
}

// Judge judges one listing, and says what it asks for one unit of the product
// lines that it offers, which is the market that others are held against. What
// is used, or only fits the brand's goods, or has no comparable price, says
// nothing of a market.
func (s *Set) Judge(in Input) (markwatch.Verdict, []markwatch.LinePrice) {
	r := s.vocabulary.read(in)
	defer s.vocabulary.release(r)
	r.expire(s.works)
	v := s.verdict(in, s.signals(r))
	return v, r.prices
}

// signals runs every matcher, the one that clears after those that suspect.
// They lie in the reading's memory.
func (s *Set) signals(r *reading) []signal {
	for _, c := range s.checks {
		for _, sig := range c(r) {
			about := &r.suspected
			if sig.supports() {
				about = &r.named
			}
			if !slices.Contains(*about, sig.violation) {
				*about = append(*about, sig.violation)
			}
			r.signals = append(r.signals, sig)
		}
	}
	return r.signals
}
