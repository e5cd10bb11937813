package main

import (
	"github.com/spf13/cobra"
)

func newConfig(c console) *cobra.Command {
	return group("config", "检查、应用、导出配置 check, apply and export the configuration", newConfigCheck(c), newConfigApply(c), newConfigExport(c))
}

func newConfigCheck(c console) *cobra.Command {
	return &cobra.Command{
		Use:   "check DIR",
		Short: "检查配置目录,一次列出全部错误 check a configuration folder, all errors in one go",
		Long: `检查配置目录:未知的键、重复的编号、不可能的值、不能编译的规则、与自己的例子不符的规则,每个错误给出文件、行、列、键与最接近的正确写法。

Checks a configuration folder: unknown keys, duplicate ids, impossible values,
rules that do not compile or fail their own examples. Each error names the file, line, column, key and the
nearest right one.`,
		Example: "  markwatch config check watch",
		Args:    argsBetween(1, 1, "DIR"),
		RunE: func(_ *cobra.Command, args []string) error {
			cfg, err := loadConfig(args[0])
			if err != nil {
				return err
			}
			set, err := compile(cfg)
			if err != nil {
				return err
			}
			if err := checkExamples(cfg, set); err != nil {
				return err
			}
			l := cfg.Lists
			c.say("配置无误 the configuration is right: %d 来源 sources, %d 品牌 brands, %d 作品 works, %d 词库 lexicons, %d 规则 rules, %d 单位 units",
				len(l.Sources), len(l.Brands), len(l.Works), len(l.Lexicons), len(l.Rules), len(l.Units.Units))
			return nil
		},
	}
}
