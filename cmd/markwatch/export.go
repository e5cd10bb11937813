package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/store"
)

func newExport(c console) *cobra.Command {
	var config, format, query, status, output string
	cmd := &cobra.Command{
		Use:   "export [--config DIR] --format csv|xlsx|ndjson [--query QUERY] [--output FILE]",
		Short: "导出线索 export leads",
		Long: `导出线索:csv 可直接用 Excel 打开(长号码不变形、无公式注入),ndjson 供程序读取。

Exports leads: csv opens right in Excel (long numbers stay text, no formula is
run), ndjson is for programs.`,
		Example: `  markwatch export --config watch --format csv --status confirmed --output leads.csv
  markwatch export --config watch --format ndjson --query 'violation:piracy'`,
		Args: argsBetween(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := leads.FormatByName(format)
			if err != nil {
				return err
			}
			q, err := index.ParseQuery(query)
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), config, "export", func(ctx context.Context, a *app) error {
				chosen := a.exported(ctx, query != "", q, status)
				n := 0
				counted := func(yield func(markwatch.Lead, error) bool) {
					for lead, err := range chosen {
						n++
						if !yield(lead, err) {
							return
						}
					}
				}
				if err := a.audit(ctx, "export", q.String(), format+" "+status); err != nil {
					return err
				}
				if err := a.writeTo(output, func(w io.Writer) error { return f.Write(w, counted) }); err != nil {
					return err
				}
				a.say("已导出 %d 条线索 leads exported", n)
				return nil
			})
		},
	}
	configFlag(cmd, &config)
	f := cmd.Flags()
	f.StringVar(&format, "format", "csv", "csv, xlsx, ndjson")
	f.StringVar(&query, "query", "", "只导出检索到的 only what this query finds")
	f.StringVar(&status, "status", "", "只导出一种状态 only this state")
	f.StringVarP(&output, "output", "o", "", "写入文件,缺省写到标准输出 a file; standard output where absent")
	return cmd
}

// exported yields the chosen leads: by a query from the index in its order,
// else from the store.
func (a *app) exported(ctx context.Context, byQuery bool, q index.Query, status string) iter.Seq2[markwatch.Lead, error] {
	if !byQuery {
		var filter store.LeadFilter
		if status != "" {
			filter.Status = []markwatch.LeadStatus{markwatch.LeadStatus(status)}
		}
		return a.store.Leads(ctx, filter)
	}
	q.Location = a.cfg.Deployment.Location()
	return func(yield func(markwatch.Lead, error) bool) {
		for id, err := range a.index.All(ctx, q) {
			var lead markwatch.Lead
			if err == nil {
				lead, err = a.store.Lead(ctx, id)
			}
			if markwatch.ErrorCode(err) == markwatch.CodeNotFound || err == nil && status != "" && string(lead.Status) != status {
				continue
			}
			if !yield(lead, err) || err != nil {
				return
			}
		}
	}
}

// writeTo writes a file as a whole or not at all; "" is standard output.
func (c console) writeTo(name string, write func(io.Writer) error) error {
	name = c.path(name)
	if name == "" {
		w := bufio.NewWriter(c.out)
		if err := write(w); err != nil {
			return err
		}
		return w.Flush()
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "不能写入 cannot write %s", name)
	}
	defer func() {
		// After the file was named there is nothing left to close or remove.
		_ = tmp.Close()
		_ = os.Remove(tmp.Name())
	}()
	w := bufio.NewWriter(tmp)
	if err := write(w); err != nil {
		return err
	}
	for _, step := range []func() error{w.Flush, tmp.Sync, tmp.Close} {
		if err := step(); err != nil {
			return markwatch.WrapError(markwatch.CodeUnavailable, err, "写入 writing %s", name)
		}
	}
	if err := os.Rename(tmp.Name(), name); err != nil {
		return fmt.Errorf("naming %s: %w", name, err)
	}
	return nil
}
