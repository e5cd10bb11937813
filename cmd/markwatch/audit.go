package main

import (
	"context"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
)

func newAudit(c console) *cobra.Command {
	return group("audit", "核对与查看审计日志 check and read the audit log", newAuditVerify(c), newAuditList(c))
}

func newAuditVerify(c console) *cobra.Command {
	var config, head string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify [--config DIR] [--head HASH]",
		Short: "核对审计日志的哈希链 check the chain of the audit log",
		Long: `从第一条起重新计算审计日志的哈希链:改动、插入、删除任何一条都会被发现。
打印末尾的哈希;把它抄到别处保存,以后用 --head 核对,整本日志被重写也能发现。

Computes the chain of the audit log again from its first line: a line that was
changed, put in or taken out is found. Prints the hash at its end; kept
elsewhere and given as --head later, it also shows that the whole log was
rewritten.`,
		Example: "  markwatch audit verify --config watch\n  markwatch audit verify --config watch --head 9f2c --json",
		Args:    argsBetween(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.look(cmd.Context(), config, func(ctx context.Context, a *app) error {
				checked, err := a.store.VerifyAudit(ctx, head)
				if err != nil {
					return err
				}
				if asJSON {
					if err := a.json(checked); err != nil {
						return err
					}
				} else {
					a.table([][]string{
						{"条数 lines", strconv.FormatInt(checked.Entries, 10)},
						{"末尾的哈希 hash at the end", checked.Head},
					})
				}
				switch {
				case checked.Broken > 0:
					return markwatch.Errorf(markwatch.CodeConflict, "审计日志在第 %d 条处被改动过 the audit log is not what was written, from line %d on: %s", checked.Broken, checked.Broken, checked.Why)
				case !checked.Anchored:
					return markwatch.Errorf(markwatch.CodeConflict, "日志里没有哈希 %s:日志被重写过,或哈希抄错了 the log holds no line with the hash %s: it was rewritten, or the hash is not right", head, head)
				}
				a.say("完好:每一条都与写入时相同 whole: every line is as it was written")
				return nil
			})
		},
	}
	configFlag(cmd, &config)
	cmd.Flags().StringVar(&head, "head", "", "以前抄下的末尾哈希 a hash that was noted down earlier")
	cmd.Flags().BoolVar(&asJSON, "json", false, "输出 JSON")
	return cmd
}

func newAuditList(c console) *cobra.Command {
	var config, since, until string
	var f markwatch.AuditFilter
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list [--config DIR]",
		Short:   "列出审计日志 list the audit log",
		Example: "  markwatch audit list --config watch --actor zhangmin --since 2026-11-01 --json",
		Args:    argsBetween(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.look(cmd.Context(), config, func(ctx context.Context, a *app) error {
				var err error
				if f.Since, err = a.day(since, 0); err != nil {
					return err
				}
				if f.Until, err = a.day(until, 1); err != nil {
					return err
				}
				entries, err := a.store.AuditLog(ctx, f)
				if err != nil {
					return err
				}
				var rows [][]string
				for _, e := range entries {
					if asJSON {
						if err := a.json(e); err != nil {
							return err
						}
						continue
					}
					rows = append(rows, []string{
						strconv.FormatInt(e.Seq, 10), e.At.In(a.cfg.Deployment.Location()).Format(time.DateTime), printable(e.Actor, 20), e.Remote,
						printable(e.Action, 24), printable(e.Object, 50), printable(e.Detail, 40),
					})
				}
				a.table(rows)
				return nil
			})
		},
	}
	configFlag(cmd, &config)
	fl := cmd.Flags()
	fl.StringVar(&f.Actor, "actor", "", "何人 who")
	fl.StringVar(&f.Action, "action", "", "何事 what: login, search, lead-view, lead-change, export, …")
	fl.StringVar(&f.Text, "text", "", "对象或详情含有的文字 text in the object or the detail")
	fl.StringVar(&since, "since", "", "自哪天 from day, 2026-11-01")
	fl.StringVar(&until, "until", "", "至哪天 to day, 2026-11-30")
	fl.IntVar(&f.Limit, "limit", 100, "最多条数 at most so many lines")
	fl.BoolVar(&asJSON, "json", false, "输出 JSON")
	return cmd
}

// day reads a day in the deployment's zone, and so many days more; an empty
// one is the zero time.
func (a *app) day(s string, more int) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, s, a.cfg.Deployment.Location())
	if err != nil {
		return t, markwatch.WrapError(markwatch.CodeInvalid, err, "%q 不是日期 is no day such as 2026-11-20", s)
	}
	return t.AddDate(0, 0, more), nil
}
