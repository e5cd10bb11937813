package main

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
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
	cmd := &cobra.Command{
		Use:   "import [--config DIR] FILE|-",
		Short: "导入黑名单 import sellers",
		Long: `读入 NDJSON(每行一个卖家)或 CSV(首行为列名:platform,id,name,license,accounts,reason,basis,since,until;
accounts 写作 wechat:abc;phone:13800000000)。已在名单上的以新换旧;有一行不能读,就一行也不导入。

Reads NDJSON, a seller a line, or CSV whose first row names the columns. A seller that is there already is replaced; where one row cannot be read, none is imported.`,
		Example: "  markwatch blacklist import --config watch sellers.csv",
		Args:    argsBetween(1, 1, "FILE|-"),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, err := c.openInput(args[0])
			if err != nil {
				return err
			}
			defer in.Close()
			read := readSellers
			if strings.HasSuffix(strings.ToLower(args[0]), ".csv") {
				read = readSellersCSV
			}
			sellers, err := read(in)
			if err != nil {
				return markwatch.WrapError(markwatch.CodeInvalid, err, "%s", args[0])
			}
			return c.withStore(cmd.Context(), config, "blacklist import", func(ctx context.Context, a *app) error {
				if err := a.store.PutBlacklist(ctx, sellers, actor()); err != nil {
					return err
				}
				a.say("%d 个卖家已列入黑名单 sellers are on the blacklist", len(sellers))
				return a.audit(ctx, "blacklist-import", args[0], "")
			})
		},
	}
	configFlag(cmd, &config)
	return cmd
}

func newBlacklistExport(c console) *cobra.Command {
	var config, format string
	cmd := &cobra.Command{
		Use:     "export [--config DIR] [--format ndjson|csv]",
		Short:   "导出黑名单,可再导入 export the blacklist in the form that import reads",
		Example: "  markwatch blacklist export --config watch --format csv > sellers.csv",
		Args:    argsBetween(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "ndjson" && format != "csv" {
				return markwatch.Errorf(markwatch.CodeInvalid, "没有格式 there is no format %q, only ndjson and csv", format)
			}
			return c.withStore(cmd.Context(), config, "blacklist export", func(ctx context.Context, a *app) error {
				entries, err := a.store.Blacklist(ctx)
				if err != nil {
					return err
				}
				if err := a.audit(ctx, "blacklist-export", format, ""); err != nil {
					return err
				}
				if format == "csv" {
					return writeSellersCSV(a.out, entries)
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
	cmd.Flags().StringVar(&format, "format", "ndjson", "ndjson, csv")
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

// readSellers reads NDJSON; the first broken line is the error.
func readSellers(in io.Reader) ([]markwatch.KnownSeller, error) {
	var all []markwatch.KnownSeller
	for row, err := range ndjson.Read[markwatch.KnownSeller](in) {
		if err != nil {
			return nil, err
		}
		if store.BlacklistKey(row.Value) == "" {
			return nil, &ndjson.LineError{Line: row.Line, Err: errors.New("nothing recognises the seller: platform and id, license, an account, or platform and name")}
		}
		all = append(all, row.Value)
	}
	return all, nil
}

var sellerColumns = []string{"platform", "id", "name", "license", "accounts", "reason", "basis", "since", "until"}

// readSellersCSV reads a table whose first row names the columns; a byte order
// mark before it is passed over.
func readSellersCSV(in io.Reader) ([]markwatch.KnownSeller, error) {
	r := csv.NewReader(in)
	r.FieldsPerRecord = -1
	var header []string
	var all []markwatch.KnownSeller
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		if header == nil {
			record[0] = strings.TrimPrefix(record[0], "\ufeff")
			for _, name := range record {
				header = append(header, strings.ToLower(strings.TrimSpace(name)))
			}
			continue
		}
		seller, err := sellerOf(header, record)
		if err != nil {
			return nil, &ndjson.LineError{Line: line, Err: err}
		}
		all = append(all, seller)
	}
}

func sellerOf(header, record []string) (markwatch.KnownSeller, error) {
	var s markwatch.KnownSeller
	for i, value := range record {
		// A leading apostrophe keeps a table from taking a cell as a formula.
		value = strings.TrimPrefix(strings.TrimSpace(value), "'")
		if i >= len(header) || value == "" {
			continue
		}
		var err error
		switch header[i] {
		case "platform":
			s.Platform = value
		case "id":
			s.ID = value
		case "name":
			s.Name = value
		case "license":
			s.License = value
		case "reason":
			s.Reason = value
		case "basis":
			s.Basis = value
		case "since":
			err = s.Since.UnmarshalText([]byte(value))
		case "until":
			err = s.Until.UnmarshalText([]byte(value))
		case "accounts":
			for _, a := range strings.FieldsFunc(value, func(r rune) bool { return r == ';' || r == ' ' }) {
				kind, v, ok := strings.Cut(a, ":")
				if !ok {
					return s, errors.New("accounts: write kind:value, e.g. wechat:abc")
				}
				s.Accounts = append(s.Accounts, markwatch.Account{Kind: kind, Value: v})
			}
		default:
			return s, errors.New("there is no column " + header[i] + ", only " + strings.Join(sellerColumns, ", "))
		}
		if err != nil {
			return s, err
		}
	}
	if store.BlacklistKey(s) == "" {
		return s, errors.New("nothing recognises the seller: platform and id, license, an account, or platform and name")
	}
	return s, nil
}

func writeSellersCSV(out io.Writer, entries []store.BlacklistEntry) error {
	if _, err := io.WriteString(out, "\ufeff"); err != nil {
		return err
	}
	w := csv.NewWriter(out)
	rows := [][]string{sellerColumns}
	day := func(d markwatch.Date) string {
		if d.IsZero() {
			return ""
		}
		return d.Format(time.DateOnly)
	}
	for _, e := range entries {
		var accounts []string
		for _, a := range e.Seller.Accounts {
			accounts = append(accounts, a.Kind+":"+a.Value)
		}
		s := e.Seller
		row := []string{s.Platform, s.ID, s.Name, s.License, strings.Join(accounts, ";"), s.Reason, s.Basis, day(s.Since), day(s.Until)}
		for i, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				row[i] = "'" + cell
			}
		}
		rows = append(rows, row)
	}
	return w.WriteAll(rows)
}
