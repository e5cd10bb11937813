package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
)

// run is the whole program but for the process: it returns the exit code.
func run(ctx context.Context, c console, args []string) int {
	c.args = args
	root := newRoot(c)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var told answered
	if err != nil && !errors.As(err, &told) {
		c.say("%s: %s", "markwatch", message(err))
	}
	return exitCode(err)
}

// message is what a person is told of an error.
func message(err error) string {
	if errors.Is(err, context.Canceled) {
		return "已中断,可用同一命令继续 interrupted; the same command goes on where it was"
	}
	return err.Error()
}

func newRoot(c console) *cobra.Command {
	c.logs = &logging{}
	root := &cobra.Command{
		Use:   "markwatch",
		Short: "标哨:监测假货、假海淘与盗版 watches markets for counterfeits, fake overseas purchasing and piracy",
		Long: `标哨 markwatch 定时采集平台与网站的商品信息,对照受保护的品牌与作品名单,
把可疑的连同理由与证据放进索引,供监管人员检索、核实与移送。

markwatch crawls markets and sites, holds what they offer against lists of
protected brands and works, and puts what is suspect, explained and with
evidence, into a search index for the people who supervise the network.

` + exitHelp,
		Example: `  markwatch demo                      # 先看一遍全过程 see the whole job on a sample market
  markwatch init watch                # 建立配置目录 write a commented configuration folder
  markwatch scan --config watch       # 采集并比对 crawl and judge
  markwatch serve --config watch      # 打开核查台 open the investigators' desk`,
		Version:       version(),
		Args:          cobra.ArbitraryArgs,
		RunE:          helpOrUnknown,
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return c.logs.check()
		},
	}
	c.logs.flags(root)
	root.SetIn(c.in)
	root.SetOut(c.out)
	root.SetErr(c.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return markwatch.WrapError(markwatch.CodeInvalid, err, "参数有误,见 %s --help wrong flags", cmd.CommandPath())
	})
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		newDemo(c),
		newInit(c),
		newConfig(c),
		newScan(c),
		newImport(c),
		newSources(c),
		newServe(c),
		newUser(c),
		newAudit(c),
		newWorker(c),
		newExtract(c),
		newCheck(c),
		newEvaluate(c),
		newSearch(c),
		newSaved(c),
		newListings(c),
		newLeads(c),
		newBlacklist(c),
		newWorks(c),
		newBacktest(c),
		newRules(c),
		newExport(c),
		newReport(c),
		newEvidence(c),
		newBackup(c),
		newRestore(c),
		newReindex(c),
	)
	return root
}

// argsBetween is cobra.RangeArgs with this program's error.
func argsBetween(low, high int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < low || len(args) > high && high >= 0 {
			return markwatch.Errorf(markwatch.CodeInvalid, "用法 usage: %s (%s)", cmd.UseLine(), what)
		}
		return nil
	}
}

// group makes a command that only holds others.
func group(use, short string, subs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.ArbitraryArgs, RunE: helpOrUnknown}
	cmd.AddCommand(subs...)
	return cmd
}

// helpOrUnknown is what a command does that only holds others.
func helpOrUnknown(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	cmd.SuggestionsMinimumDistance = 2
	near := cmd.SuggestionsFor(args[0])
	if len(near) == 0 {
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				near = append(near, sub.Name())
			}
		}
	}
	return markwatch.Errorf(markwatch.CodeInvalid, "没有命令 no command %q; 可用 try: %s", args[0], strings.Join(near, ", "))
}

// version is the module's version and the commit that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "devel"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v = fmt.Sprintf("%s %.12s", v, s.Value)
		}
	}
	return v
}
