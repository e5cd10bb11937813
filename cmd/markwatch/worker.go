package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
)

func newWorker(c console) *cobra.Command {
	var config string
	cmd := &cobra.Command{
		Use:   "worker [--config DIR]",
		Short: "只采集,不开网页:多台机器共用一个 PostgreSQL crawl without a desk; many machines, one PostgreSQL",
		Long: `与 serve 共用同一 PostgreSQL 的采集进程:执行各来源的定时扫描与采集任务,不开核查台。每台机器用自己的数据目录。

A crawling process that shares PostgreSQL with serve: it fires schedules and
works on hosts, and opens no desk. Every machine has a data folder of its own.`,
		Example: `  markwatch worker --config watch`,
		Args:    argsBetween(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withStore(cmd.Context(), config, "worker", func(ctx context.Context, a *app) error {
				if a.store.Embedded() {
					return markwatch.Errorf(markwatch.CodeInvalid,
						"worker 需要 engines.store: postgres://…;单机请用 serve worker needs engines.store: postgres://…; on one machine serve does it all")
				}
				a.say("采集进程已启动,Ctrl-C 结束 crawling; Ctrl-C ends")
				return a.watchNights(ctx, nil)
			})
		},
	}
	configFlag(cmd, &config)
	return cmd
}
