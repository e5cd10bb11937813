package matchers

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/markwatch/markwatch/matchers/evaluation"
)

var mistakes = flag.Bool("mistakes", false, "print the mistakes on the sets that may be read")

func TestLabelledSets(t *testing.T) {
	for _, set := range append(readSets, blindSet) {
		t.Run(set.name, func(t *testing.T) {
			rows, lists := set.load(t)
			rep := evaluation.Score(rows, checker(compiledSet(t, lists)))
			if testing.Verbose() {
				rep.Table(os.Stdout)
			}
			if *mistakes && set.name != "blind" {
				for _, m := range rep.Mistakes {
					fmt.Println(m.ID, m.Expected, m.Got, m.Reason)
				}
			}
		})
	}
}
