package matchers

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/evaluation"
)

var (
	mistakes = flag.Bool("mistakes", false, "print the mistakes on the sets that may be read")
	blind    = flag.Bool("blind", false, "print the totals of the blind set too; they are to be looked at rarely")
)

// floors are the F1 that a change must not fall below: what is reached, less
// room for one listing.
var floors = map[string]map[markwatch.Violation]float64{
	"devset":         {markwatch.Counterfeit: 0.96, markwatch.FakeOverseas: 0.97, markwatch.Piracy: 0.97},
	"luxury-digital": {markwatch.Counterfeit: 0.94, markwatch.FakeOverseas: 0.96, markwatch.Piracy: 0.96},
	"mass-market":    {markwatch.Counterfeit: 0.96, markwatch.FakeOverseas: 0.95, markwatch.Piracy: 0.91},
	"blind":          {markwatch.Counterfeit: 0.92, markwatch.FakeOverseas: 0.96, markwatch.Piracy: 0.91},

	"written/devset-2":      {markwatch.Counterfeit: 0.84, markwatch.FakeOverseas: 0.89, markwatch.Piracy: 0.84},
	"written/family":        {markwatch.Counterfeit: 0.88, markwatch.FakeOverseas: 0.90, markwatch.Piracy: 0.81},
	"written/fashion-study": {markwatch.Counterfeit: 0.82, markwatch.FakeOverseas: 0.84, markwatch.Piracy: 0.79},
}

func TestLabelledSets(t *testing.T) {
	unread := append([]labelledSet{blindSet}, heldSets...)
	for _, set := range slices.Concat(trainingSets(), unread) {
		t.Run(set.name, func(t *testing.T) {
			rows, lists := set.load(t)
			rep := evaluation.Score(rows, checker(compiledSet(t, lists)))
			if testing.Verbose() && (set.name != blindSet.name || *blind) {
				fmt.Println("keyword detector")
				evaluation.Score(rows, evaluation.Keyword(lists)).Table(os.Stdout)
				fmt.Println("matchers")
				rep.Table(os.Stdout)
			}
			for v, floor := range floors[set.name] {
				if f1 := rep.Violations[v].F1; f1 < floor {
					t.Errorf("%s: F1 %.3f is below %.2f", v, f1, floor)
				}
			}
			if *mistakes && !slices.Contains(unread, set) {
				for _, m := range rep.Mistakes {
					fmt.Println(m.ID, m.Expected, m.Got, m.Reason)
				}
			}
		})
	}
}
