package matchers

import (
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
)

// TestPacksOnRealTitles gives every real title the shipped packs, and a price
// where it has none, since without one hardly a rule applies.
func TestPacksOnRealTitles(t *testing.T) {
	shipped, err := configs.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	check := checker(compiledSet(t, markwatch.Lists{Lexicons: shipped.Lists.Lexicons, Rules: shipped.Lists.Rules}))
	price, err := markwatch.ParseMoney("59", markwatch.CNY)
	if err != nil {
		t.Fatal(err)
	}
	flagged, total := 0, 0
	for name, listings := range realTitles(t) {
		for _, l := range listings {
			if l.Price == nil {
				l.Price = &price
			}
			total++
			if v := check(l); v.Flagged {
				flagged++
				if *mistakes {
					t.Logf("%s %.2f %s | %s %s", name, v.Score, l.Title, v.Findings[0].Rule, v.Findings[0].Reason.ZH)
				}
			}
		}
	}
	share := float64(flagged) / float64(max(1, total))
	t.Logf("%d of %d titles flagged (%.2f%%)", flagged, total, 100*share)
	if share > maxFalseAlarms {
		t.Errorf("the packs flag more than %.1f%% of real titles", 100*maxFalseAlarms)
	}
}
