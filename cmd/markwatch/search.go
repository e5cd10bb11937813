package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/store"
)

func newSearch(c console) *cobra.Command {
	var config, sort string
	var limit int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "search [--config DIR] [QUERY]",
		Short: "检索线索 search the leads",
		Long: `检索线索。词与词之间是"且";-词 排除;"…" 短语;seller: brand: place: status: violation: 等限定字段;
price:<500 score:>0.8 seen:2026-11-01.. 限定范围。

Searches the leads. Words are joined by "and"; -word excludes; "…" is a phrase;
seller: brand: place: status: violation: name a field; price:<500 score:>0.8
seen:2026-11-01.. give a range.`,
		Example: `  markwatch search --config watch '高仿 耐克 -儿童 price:<300'
  markwatch search --config watch --json --limit 0 'violation:piracy' > hits.ndjson`,
		Args: argsBetween(0, 1, "QUERY"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			q := index.Query{}
			if len(args) == 1 {
				if q, err = index.ParseQuery(args[0]); err != nil {
					return err
				}
			}
			if q.Sort, err = sortNamed(sort); err != nil {
				return err
			}
			return c.with(cmd.Context(), config, "search", func(ctx context.Context, a *app) error {
				return a.search(ctx, q, limit, asJSON)
			})
		},
	}
	configFlag(cmd, &config)
	cmd.Flags().IntVar(&limit, "limit", 20, "最多几条,0 为全部 how many hits at most, 0 for all")
	cmd.Flags().StringVar(&sort, "sort", string(index.SortScore), "顺序 order: "+joined(index.Sorts()))
	cmd.Flags().BoolVar(&asJSON, "json", false, "每行一条 JSON,含理由与引文 a hit a line, with reasons and quotes")
	return cmd
}

func sortNamed(name string) (index.Sort, error) {
	for _, s := range index.Sorts() {
		if string(s) == name {
			return s, nil
		}
	}
	return "", markwatch.Errorf(markwatch.CodeInvalid, "--sort %s: 可用 known are %s", name, joined(index.Sorts()))
}

// search prints the hits, read from the store by id.
func (a *app) search(ctx context.Context, q index.Query, limit int, asJSON bool) error {
	q.Location = a.cfg.Deployment.Location()
	count := q
	count.Limit = -1
	found, err := a.index.Search(ctx, count)
	if err != nil {
		return err
	}
	if err := a.audit(ctx, "search", q.String(), strconv.Itoa(found.Total)); err != nil {
		return err
	}
	shown := 0
	var rows [][]string
	for id, err := range a.index.All(ctx, q) {
		if err != nil {
			return err
		}
		if limit > 0 && shown >= limit {
			break
		}
		hit, err := a.hit(ctx, id)
		if markwatch.ErrorCode(err) == markwatch.CodeNotFound {
			continue
		}
		if err != nil {
			return err
		}
		shown++
		if asJSON {
			if err := a.json(hit); err != nil {
				return err
			}
			continue
		}
		rows = append(rows, hit.row())
	}
	if !asJSON {
		a.table(rows)
	}
	a.say("%d 条,列出 %d 条 hits, %d shown", found.Total, shown, shown)
	if found.Total == 0 {
		return a.explainNothing(ctx)
	}
	return nil
}

// explainNothing says what the scans did not see, so that no hits are not
// taken for nothing there.
func (a *app) explainNothing(ctx context.Context) error {
	scans, err := a.store.Scans(ctx, store.ScanFilter{Limit: 1})
	if err != nil {
		return err
	}
	if len(scans) == 0 {
		a.say("还没有扫描过:markwatch scan nothing was scanned yet: markwatch scan")
	}
	for _, s := range scans {
		a.say("最近一次扫描 last scan %s: %d 页已读 pages read, %d 拦截 blocked, %d 失败 failed", s.Scan, s.Pages.Fetched+s.Pages.Unchanged, s.Pages.Blocked, s.Pages.Failed)
	}
	return nil
}

// hit is one found lead, or a listing where the index holds every one.
type hit struct {
	Lead    *markwatch.Lead   `json:"lead,omitempty"`
	Listing markwatch.Listing `json:"listing"`
	Verdict markwatch.Verdict `json:"verdict"`
}

func (a *app) hit(ctx context.Context, id string) (hit, error) {
	lead, err := a.store.Lead(ctx, id)
	if err == nil {
		return hit{&lead, lead.Listing, lead.Verdict}, nil
	}
	if markwatch.ErrorCode(err) != markwatch.CodeNotFound {
		return hit{}, err
	}
	r, err := a.store.Listing(ctx, id)
	return hit{nil, r.Listing, r.Verdict}, err
}

// row is the hit as a line of a table.
func (h hit) row() []string {
	number := h.Listing.ID
	if h.Lead != nil {
		number = h.Lead.Number
	}
	return append([]string{number}, listingCells(h.Listing, h.Verdict)...)
}

// listingCells are the columns that tables of listings share.
func listingCells(l markwatch.Listing, v markwatch.Verdict) []string {
	price, seller := "", ""
	if l.Price != nil {
		price = l.Price.String()
	}
	if l.Seller != nil {
		seller = l.Seller.Name
	}
	reason := ""
	if len(v.Findings) > 0 {
		reason = v.Findings[0].Reason.ZH
	}
	return []string{
		fmt.Sprintf("%.2f", v.Score), printable(l.Title, 48), printable(price, 16), printable(seller, 20), printable(reason, 60),
	}
}
