package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
)

func newConfigApply(c console) *cobra.Command {
	return &cobra.Command{
		Use:   "apply DIR",
		Short: "以配置目录的名单与规则为准,存为新版本 let a folder's lists hold as they are, as new versions",
		Long: `品牌、作品、词库、规则、单位以编号的版本保存。scan 与 serve 启动时自动取用配置目录里改过的条目;
目录与核查台都改过的条目沿用核查台的。本命令以目录为准,旧版本仍保留。

Brands, works, lexicons, rules and units are kept as numbered versions. scan and
serve take what changed in the folder by themselves; an entry that was changed in
the folder and on the desk keeps the desk's form. This command lets the folder's
hold; the older versions stay.`,
		Example: "  markwatch config check watch\n  markwatch config apply watch",
		Args:    argsBetween(1, 1, "DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.applyFolder(cmd.Context(), args[0])
		},
	}
}

func (c console) applyFolder(ctx context.Context, dir string) (err error) {
	if c.lent != nil {
		cfg, err := loadConfig(c.path(dir))
		if err != nil {
			return err
		}
		return c.lent.run(ctx, c, func(ctx context.Context, a *app) error {
			a.cfg.Lists = cfg.Lists
			return a.applyLists(ctx)
		})
	}
	a, err := c.lockedStore(ctx, dir, "config apply")
	if markwatch.ErrorCode(err) == markwatch.CodeLocked {
		return c.askHolder(ctx, dir, err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return a.applyLists(ctx)
}

// applyLists lets the folder's lists hold and says what is new.
func (a *app) applyLists(ctx context.Context) error {
	if _, err := compile(a.cfg); err != nil {
		return err
	}
	_, before, err := a.store.Lists(ctx)
	if err != nil {
		return err
	}
	taken, err := a.takeLists(ctx, true)
	if err != nil {
		return err
	}
	changed := false
	for _, kind := range markwatch.ListKinds() {
		if was, is := before[kind], taken.Versions[kind]; was != is {
			changed = true
			a.say("%s: 第 %d 版 → 第 %d 版 version %[2]d → version %[3]d", kind, was, is)
		}
	}
	if !changed {
		a.say("与现行版本相同,没有新版本 the folder is what holds already: no new version")
	}
	return nil
}
