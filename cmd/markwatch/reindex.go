package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch/index"
)

func newReindex(c console) *cobra.Command {
	var config string
	cmd := &cobra.Command{
		Use:     "reindex [--config DIR]",
		Short:   "由数据库重建检索索引 rebuild the search index from the store",
		Example: "  markwatch reindex --config watch",
		Args:    argsBetween(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), config, "reindex", func(ctx context.Context, a *app) error {
				return a.reindex(ctx)
			})
		},
	}
	configFlag(cmd, &config)
	return cmd
}

// reindex fills a second index from the store and puts it in place.
func (a *app) reindex(ctx context.Context) error {
	bar := newProgress(a.console, "重建索引 indexing", time.Now)
	n := 0
	err := a.index.Rebuild(ctx, func(yield func(index.Document, error) bool) {
		for doc, err := range a.documents().all(ctx, a.indexesAll()) {
			if err == nil {
				n++
				bar.set(n, n, "")
			}
			if !yield(doc, err) {
				return
			}
		}
	})
	bar.finish()
	if err != nil {
		return err
	}
	a.say("已重建索引,%d 条 documents indexed", n)
	return nil
}

// indexesAll says that the index holds every listing, not leads alone.
func (a *app) indexesAll() bool { return a.cfg.Deployment.Index.Scope == "all" }
