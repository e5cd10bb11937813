package main

import (
	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch/configs"
)

func newInit(c console) *cobra.Command {
	return &cobra.Command{
		Use:     "init DIR",
		Short:   "写出带注释的配置目录 write a commented configuration folder",
		Example: "  markwatch init watch && markwatch config check watch",
		Args:    argsBetween(1, 1, "DIR"),
		RunE: func(_ *cobra.Command, args []string) error {
			files, err := configs.Init(args[0])
			if err != nil {
				return err
			}
			for _, f := range files {
				c.say("  %s", f)
			}
			c.say("已写出 %d 个文件。接着:编辑 sources/ 与 brands.yaml,然后 markwatch config check %s", len(files), args[0])
			c.say("%d files written. Next: edit sources/ and brands.yaml, then markwatch config check %s", len(files), args[0])
			return nil
		},
	}
}
