package main

import (
	"context"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
)

func newSaved(c console) *cobra.Command {
	return group("saved", "保存的检索与新命中 saved searches and what they find anew",
		newSavedAdd(c), newSavedList(c), newSavedCheck(c), newSavedHits(c), newSavedDrop(c))
}

func newSavedAdd(c console) *cobra.Command {
	var config string
	var notify bool
	cmd := &cobra.Command{
		Use:   "add [--config DIR] [--notify] NAME QUERY",
		Short: "保存一个检索 save a search",
		Long: `保存一个检索。serve 每天早晨看一遍它的结果,记下前一天还没有的;--notify 另发通知(见 notices 的 saved-search)。
同名再存即改写。

Saves a search. serve looks through its hits every morning and notes those that
were none the day before; --notify sends a notice, too (saved-search in
notices). The same name again replaces it.`,
		Example: "  markwatch saved add --config watch --notify 莆田耐克 '耐克 莆田 -status:dismissed'",
		Args:    argsBetween(2, 2, "NAME QUERY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := index.ParseQuery(args[1]); err != nil {
				return err
			}
			return c.with(cmd.Context(), config, "saved add", func(ctx context.Context, a *app) error {
				f, err := a.saveSearch(ctx, markwatch.SavedSearch{Owner: actor(), Name: args[0], Query: args[1], Notify: notify, CreatedAt: time.Now()})
				if err != nil {
					return err
				}
				a.say("已保存 saved: %s,现有 %d 条 hits now", f.Name, f.Total)
				return nil
			})
		},
	}
	configFlag(cmd, &config)
	cmd.Flags().BoolVar(&notify, "notify", false, "有新命中时通知 send a notice of new hits")
	return cmd
}

func newSavedList(c console) *cobra.Command {
	return savedTable(c, "list", "列出保存的检索 list the saved searches",
		func(ctx context.Context, a *app) ([]markwatch.SavedSearch, error) {
			return a.store.SavedSearches(ctx, "")
		})
}

func newSavedCheck(c console) *cobra.Command {
	return savedTable(c, "check", "现在就看有无新命中 look for new hits now",
		func(ctx context.Context, a *app) ([]markwatch.SavedSearch, error) {
			return a.checkSaved(ctx, func(markwatch.SavedSearch) bool { return true })
		})
}

// savedTable is a command that prints saved searches.
func savedTable(c console, name, short string, load func(context.Context, *app) ([]markwatch.SavedSearch, error)) *cobra.Command {
	var config string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     name + " [--config DIR]",
		Short:   short,
		Example: "  markwatch saved " + name + " --config watch",
		Args:    argsBetween(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), config, "saved "+name, func(ctx context.Context, a *app) error {
				list, err := load(ctx, a)
				if err != nil {
					return err
				}
				return a.printSaved(list, asJSON)
			})
		},
	}
	configFlag(cmd, &config)
	cmd.Flags().BoolVar(&asJSON, "json", false, "每行一条 JSON a search a line")
	return cmd
}

func newSavedHits(c console) *cobra.Command {
	var config string
	var since time.Duration
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "hits [--config DIR] [--since 24h] NAME",
		Short:   "列出一个检索新近的命中 list the latest new hits of a search",
		Example: "  markwatch saved hits --config watch --since 72h 莆田耐克",
		Args:    argsBetween(1, 1, "NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), config, "saved hits", func(ctx context.Context, a *app) error {
				f, err := a.store.SavedSearch(ctx, actor(), args[0])
				if err != nil {
					return err
				}
				ids, err := a.store.SavedHitsSince(ctx, f.ID, time.Now().Add(-since))
				if err != nil {
					return err
				}
				return a.printHits(ctx, ids, asJSON)
			})
		},
	}
	configFlag(cmd, &config)
	cmd.Flags().DurationVar(&since, "since", 24*time.Hour, "多久以来 for how long")
	cmd.Flags().BoolVar(&asJSON, "json", false, "每行一条 JSON a hit a line")
	return cmd
}

func newSavedDrop(c console) *cobra.Command {
	var config string
	cmd := &cobra.Command{
		Use:     "drop [--config DIR] NAME",
		Short:   "删除一个保存的检索 drop a saved search",
		Example: "  markwatch saved drop --config watch 莆田耐克",
		Args:    argsBetween(1, 1, "NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), config, "saved drop", func(ctx context.Context, a *app) error {
				f, err := a.store.SavedSearch(ctx, actor(), args[0])
				if err != nil {
					return err
				}
				if err := a.store.DropSavedSearch(ctx, f.ID); err != nil {
					return err
				}
				return a.audit(ctx, "saved-search-drop", f.ID, f.Name)
			})
		},
	}
	configFlag(cmd, &config)
	return cmd
}

func (a *app) printSaved(list []markwatch.SavedSearch, asJSON bool) error {
	var table [][]string
	for _, f := range list {
		if asJSON {
			if err := a.json(f); err != nil {
				return err
			}
			continue
		}
		table = append(table, []string{
			printable(f.Name, 24), "+" + strconv.Itoa(f.Fresh), strconv.Itoa(f.Total), a.moment(f.CheckedAt), printable(f.Owner, 20), printable(f.Query, 60),
		})
	}
	a.table(table)
	return nil
}

// printHits prints listings by id; what is no more is left out.
func (a *app) printHits(ctx context.Context, ids []string, asJSON bool) error {
	var table [][]string
	for _, id := range ids {
		h, err := a.hit(ctx, id)
		if markwatch.ErrorCode(err) == markwatch.CodeNotFound {
			continue
		}
		if err != nil {
			return err
		}
		if asJSON {
			if err := a.json(h); err != nil {
				return err
			}
			continue
		}
		table = append(table, h.row())
	}
	a.table(table)
	return nil
}
