package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch/store"
)

func newListings(c console) *cobra.Command {
	var config string
	var filter store.ListingFilter
	var since time.Duration
	var flagged, asJSON, asListing bool
	cmd := &cobra.Command{
		Use:   "listings [--config DIR]",
		Short: "列出采到的全部商品 list everything that was seen",
		Example: `  markwatch listings --config watch --source sample-market --limit 50
  markwatch listings --config watch --json > seen.ndjson
  markwatch listings --config watch --ndjson | markwatch check -   # 用新规则再判一遍 judge again`,
		Args: argsBetween(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if flagged {
				filter.Flagged = &flagged
			}
			if since > 0 {
				filter.Since = time.Now().Add(-since)
			}
			return c.with(cmd.Context(), config, "listings", func(ctx context.Context, a *app) error {
				n := 0
				var rows [][]string
				for r, err := range a.store.Listings(ctx, filter) {
					if err != nil {
						return err
					}
					n++
					switch {
					case asListing:
						err = a.json(r.Listing)
					case asJSON:
						err = a.json(r)
					default:
						rows = append(rows, append([]string{r.Listing.ID}, listingCells(r.Listing, r.Verdict)...))
					}
					if err != nil {
						return err
					}
				}
				a.table(rows)
				a.say("%d 件 listings", n)
				return nil
			})
		},
	}
	configFlag(cmd, &config)
	f := cmd.Flags()
	f.StringVar(&filter.Source, "source", "", "只看一个来源 one source only")
	f.BoolVar(&flagged, "flagged", false, "只看可疑的 flagged ones only")
	f.DurationVar(&since, "since", 0, "只看最近见到的,如 24h seen within, such as 24h")
	f.IntVar(&filter.Limit, "limit", 0, "最多几件,0 为全部 how many at most, 0 for all")
	f.BoolVar(&asJSON, "json", false, "每行一件,含结论 a listing with its verdict a line")
	f.BoolVar(&asListing, "ndjson", false, "每行一件,只有商品本身,可交给 check a bare listing a line, as check reads it")
	return cmd
}

// joined lists the values of a string type.
func joined[S ~string](values []S) string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		out = append(out, fmt.Sprint(v))
	}
	return strings.Join(out, ", ")
}
