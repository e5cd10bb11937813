package leads

import (
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
)

// The bounds of tags: how long one is, in code points, and how many a lead has.
const (
	maxTag  = 40
	maxTags = 20
)

// applyTags puts tags on a lead and takes others off. A tag that is there, or
// is not, stays so and makes no event.
func applyTags(lead *markwatch.Lead, change markwatch.LeadChange, add func(action, from, to, note string)) error {
	for _, t := range change.DropTags {
		if i := slices.Index(lead.Tags, t); i >= 0 {
			lead.Tags = slices.Delete(lead.Tags, i, i+1)
			add(ActionUntag, t, "", "")
		}
	}
	for _, t := range change.AddTags {
		t, err := text(strings.Join(strings.Fields(t), " "), maxTag)
		if err != nil {
			return err
		}
		if t == "" || slices.Contains(lead.Tags, t) {
			continue
		}
		if len(lead.Tags) == maxTags {
			return markwatch.Errorf(markwatch.CodeInvalid, "一条线索最多 %d 个标签 / a lead has at most %d tags", maxTags, maxTags)
		}
		lead.Tags = append(lead.Tags, t)
		add(ActionTag, "", t, "")
	}
	return nil
}
