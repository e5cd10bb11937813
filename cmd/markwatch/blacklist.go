package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/listsheet"
	"github.com/markwatch/markwatch/ndjson"
	"github.com/markwatch/markwatch/store"
)

func newBlacklist(c console) *cobra.Command {
	return group("blacklist", "卖家黑名单 the blacklist of sellers", newBlacklistList(c), newBlacklistImport(c), newBlacklistExport(c), newBlacklistRemove(c))
}

func newBlacklistList(c console) *cobra.Command {
	var config string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list [--config DIR]",
		Short:   "列出黑名单 list the blacklist",
		Example: "  markwatch blacklist list --config watch",
		Args:    argsBetween(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withStore(cmd.Context(), config, "blacklist list", func(ctx context.Context, a *app) error {
				entries, err := a.store.Blacklist(ctx)
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
					rows = append(rows, []string{e.Key, e.Seller.Platform, e.Seller.ID, e.Seller.Name, e.Seller.License, e.Seller.Reason})
				}
				a.table(rows)
				a.say("%d 个卖家 sellers", len(entries))
				return nil
			})
		},
	}
	configFlag(cmd, &config)
	cmd.Flags().BoolVar(&asJSON, "json", false, "每行一条 JSON an entry a line")
	return cmd
}

func newBlacklistImport(c console) *cobra.Command {
	var config string
	var preview, partly bool
	cmd := &cobra.Command{
		Use:   "import [--config DIR] [--preview] [--partly] FILE|-",
		Short: "导入黑名单 import sellers",
		Long: `读入 NDJSON(每行一个卖家),或 CSV、XLSX(首行为列名:platform,id,name,license,accounts,reason,basis,since,until,
或导出表格的中文列名;accounts 写作 wechat:abc;phone:13800000000)。已在名单上的以新换旧,表中没有的保留。
逐行列出错误;有一行不能读,就一行也不导入,除非 --partly。

Reads NDJSON, a seller a line, or CSV or XLSX whose first row names the columns. A seller that is there already is replaced, others stay. Every row that cannot be read is named; then none is imported, unless --partly is given.`,
		Example: `  markwatch blacklist import --config watch --preview sellers.xlsx
  markwatch blacklist import --config watch sellers.csv`,
		Args: argsBetween(1, 1, "FILE|-"),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, err := c.openInput(args[0])
			if err != nil {
				return err
			}
			defer in.Close()
			data, err := io.ReadAll(io.LimitReader(in, maxListFile+1))
			if err != nil {
				return markwatch.WrapError(markwatch.CodeUnavailable, err, "读不到 cannot read %s", args[0])
			}
			if len(data) > maxListFile {
				return markwatch.Errorf(markwatch.CodeInvalid, "%s: 名单太大 the list is larger than %d MiB", args[0], maxListFile>>20)
			}
			sellers, problems, err := readSellers(data)
			if err != nil {
				return markwatch.WrapError(markwatch.CodeInvalid, err, "%s", args[0])
			}
			return c.withStore(cmd.Context(), config, "blacklist import", func(ctx context.Context, a *app) error {
				for _, p := range problems {
					a.say("⚠ 第%d行 row %d %s: %s %s", p.Line, p.Line, p.Column, p.Message.ZH, p.Message.EN)
				}
				switch {
				case preview:
					a.say("预览 preview: 可导入 to import %d, 不能读 unreadable %d", len(sellers), len(problems))
					return nil
				case len(problems) > 0 && !partly:
					return markwatch.Errorf(markwatch.CodeInvalid, "%s: %d 处不能读,未导入;改正,或加 --partly 略过 places that cannot be read, nothing was imported; put them right or pass over them with --partly", args[0], len(problems))
				}
				if err := a.store.PutBlacklist(ctx, sellers, actor()); err != nil {
					return err
				}
				a.say("%d 个卖家已列入黑名单 sellers are on the blacklist", len(sellers))
				return a.audit(ctx, "blacklist-import", args[0], "")
			})
		},
	}
	configFlag(cmd, &config)
	cmd.Flags().BoolVar(&preview, "preview", false, "只列出会怎样,不导入 tell what would be done and do nothing")
	cmd.Flags().BoolVar(&partly, "partly", false, "不能读的行略过 pass over rows that cannot be read")
	return cmd
}

func newBlacklistExport(c console) *cobra.Command {
	var config, format string
	cmd := &cobra.Command{
		Use:     "export [--config DIR] [--format ndjson|csv|xlsx]",
		Short:   "导出黑名单,可再导入 export the blacklist in the form that import reads",
		Example: "  markwatch blacklist export --config watch --format csv > sellers.csv",
		Args:    argsBetween(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if formats := append([]string{"ndjson"}, listsheet.Formats()...); !slices.Contains(formats, format) {
				return markwatch.Errorf(markwatch.CodeInvalid, "没有格式 there is no format %q, only %s", format, strings.Join(formats, ", "))
			}
			return c.withStore(cmd.Context(), config, "blacklist export", func(ctx context.Context, a *app) error {
				entries, err := a.store.Blacklist(ctx)
				if err != nil {
					return err
				}
				if err := a.audit(ctx, "blacklist-export", format, ""); err != nil {
					return err
				}
				if format != "ndjson" {
					sellers := make([]markwatch.KnownSeller, len(entries))
					for i, e := range entries {
						sellers[i] = e.Seller
					}
					return listsheet.Write(a.out, format, listsheet.SellerColumns(), listsheet.SellerRows(sellers))
				}
				for _, e := range entries {
					if err := a.json(e.Seller); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	configFlag(cmd, &config)
	cmd.Flags().StringVar(&format, "format", "ndjson", "ndjson, csv, xlsx")
	return cmd
}

func newBlacklistRemove(c console) *cobra.Command {
	var config string
	cmd := &cobra.Command{
		Use:     "remove [--config DIR] KEY",
		Short:   "移出黑名单 take a seller off the blacklist",
		Example: "  markwatch blacklist remove --config watch 3f2a9c01b7d4e655",
		Args:    argsBetween(1, 1, "KEY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withStore(cmd.Context(), config, "blacklist remove", func(ctx context.Context, a *app) error {
				if err := a.store.RemoveBlacklist(ctx, args[0]); err != nil {
					return err
				}
				return a.audit(ctx, "blacklist-remove", args[0], "")
			})
		},
	}
	configFlag(cmd, &config)
	return cmd
}

// readSellers reads a table, or NDJSON where the file begins with an object.
// What is wrong with single rows does not keep the others from being read.
func readSellers(data []byte) ([]markwatch.KnownSeller, []listsheet.Problem, error) {
	if !bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff"))), []byte("{")) {
		rows, err := listsheet.ReadSellers(data)
		if err != nil {
			return nil, nil, err
		}
		sellers, problems := listsheet.Sellers(rows, store.BlacklistKey)
		return sellers, problems, nil
	}
	var all []markwatch.KnownSeller
	var problems []listsheet.Problem
	for row, err := range ndjson.Read[markwatch.KnownSeller](bytes.NewReader(data)) {
		var broken *ndjson.LineError
		switch {
		case errors.As(err, &broken):
			problems = append(problems, listsheet.Problem{Line: broken.Line, Message: markwatch.Text{ZH: "不能读", EN: "cannot be read: " + broken.Err.Error()}})
		case err != nil:
			return nil, nil, err
		case store.BlacklistKey(row.Value) == "":
			problems = append(problems, listsheet.Problem{Line: row.Line, Message: listsheet.NobodyRecognised()})
		default:
			row.Value.Leads = nil // those are found, not put
			all = append(all, row.Value)
		}
	}
	return all, problems, nil
}
