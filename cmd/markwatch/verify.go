package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/evidence/pack"
	"github.com/markwatch/markwatch/leads/dispatch"
)

func newEvidenceVerify(c console) *cobra.Command {
	var key, ca string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify FILE…",
		Short: "离线核验证据包 check evidence packages offline",
		Long: `核验证据包是否被改动:文件校验值(SHA-256、SM3)、签名、时间戳、访问记录哈希链、时钟。不需要网络与配置。
有改动时退出码为 2。

Checks that nothing in a package was altered: check values, signature, time stamp, chain of the access log, clock. It
needs neither a network nor a configuration. The exit code is 2 where something does not hold.`,
		Example: "  markwatch evidence verify --key sender.pem 2026-0001.zip",
		Args:    argsBetween(1, -1, "证据包 packages"),
		RunE: func(_ *cobra.Command, args []string) error {
			trust, err := pack.LoadTrust(key, ca, time.Now())
			if err != nil {
				return err
			}
			broken := 0
			for _, name := range args {
				r, err := pack.Verify(name, trust)
				if err != nil {
					return err
				}
				if asJSON {
					if err := c.json(r); err != nil {
						return err
					}
				} else {
					r.Print(c.out)
				}
				if !r.Intact {
					broken++
				}
			}
			if broken > 0 {
				return markwatch.Errorf(markwatch.CodeInvalid, "%d 个证据包不完整或被改动 packages are not intact", broken)
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&key, "key", "", "移送单位的公钥(PEM) the sender's public key")
	f.StringVar(&ca, "ca", "", "时间戳机构的证书(PEM) certificates of time-stamp authorities")
	f.BoolVar(&asJSON, "json", false, "每包一行 JSON a package a line")
	return cmd
}

func newEvidencePack(c console) *cobra.Command {
	var config string
	var by identity
	var recheck, pictures bool
	cmd := &cobra.Command{
		Use:     "pack [--config DIR] NUMBER|ID…",
		Short:   "制作证据包 make evidence packages of leads",
		Example: "  markwatch evidence pack --config watch --recheck 2026-0001",
		Args:    argsBetween(1, -1, "NUMBER|ID…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.asAnybody(cmd.Context(), config, "evidence pack", &by, accounts.Decide, func(ctx context.Context, a *app, who acting) error {
				for _, number := range args {
					if _, err := who.lead(ctx, number); err != nil {
						return err
					}
				}
				made, err := a.ownOffice().Pack(ctx, dispatch.Order{Leads: args, By: who.name(), Recheck: recheck, Packages: true, Pictures: pictures}, a.watching(markwatch.Unit{}))
				if err != nil {
					return err
				}
				for _, number := range args {
					lead, err := a.store.Lead(ctx, number)
					if err != nil {
						return err
					}
					if err := a.audit(ctx, "package", lead.ID, made[lead.ID].Sum); err != nil {
						return err
					}
					if err := a.json(struct {
						Lead    string `json:"lead"`
						Package string `json:"package"`
						SHA256  string `json:"sha256"`
					}{lead.Number, made[lead.ID].Path, made[lead.ID].Sum}); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	configFlag(cmd, &config)
	identityFlags(cmd, &by)
	cmd.Flags().BoolVar(&recheck, "recheck", false, "重新访问页面 fetch the page again")
	cmd.Flags().BoolVar(&pictures, "screenshots", false, "复查时截图 take pictures when fetching again")
	return cmd
}

func newEvidenceStamp(c console) *cobra.Command {
	var config string
	cmd := &cobra.Command{
		Use:   "stamp [--config DIR] [FILE…]",
		Short: "为证据包补取可信时间戳 ask again for time stamps of packages",
		Long: "向 timestamps.authority 补取时间戳。不写文件则处理数据目录里全部尚无时间戳的证据包,补好的副本放在 packages/stamped,\n" +
			"原包不变,已移送的批次因此仍可逐字节重做。\n\nAsks the authority for stamps. Without files it takes all packages of the data folder that have none; the stamped\n" +
			"copies go to packages/stamped, so that batches that were sent can be made again to the byte.",
		Example: "  markwatch evidence stamp --config watch",
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := c.load(config)
			if err != nil {
				return err
			}
			stamp := a.stamper()
			if stamp == nil {
				return markwatch.Errorf(markwatch.CodeInvalid, "没有配置 timestamps.authority / no authority is configured")
			}
			out := func(name string) string { return name }
			if len(args) == 0 {
				out = func(name string) string { return filepath.Join(filepath.Dir(name), "stamped", filepath.Base(name)) }
				if args, err = filepath.Glob(filepath.Join(a.data, "packages", "*.zip")); err != nil {
					return err
				}
			}
			for _, name := range args {
				if _, err := os.Stat(out(name)); err == nil && out(name) != name {
					continue // stamped before
				}
				added, err := pack.Stamp(cmd.Context(), name, out(name), stamp)
				if err != nil {
					return err
				}
				if added {
					c.say("✓ %s", filepath.Base(name))
				}
			}
			return nil
		},
	}
	configFlag(cmd, &config)
	return cmd
}
