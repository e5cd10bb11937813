package main

import (
	"context"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
)

func newConfigExport(c console) *cobra.Command {
	var dir, at string
	cmd := &cobra.Command{
		Use:   "export DIR",
		Short: "把现行的名单与规则写成配置文件 write the lists that hold as files",
		Long: `把现行(或 --at 指明的版本)的品牌、作品、词库、规则、来源、单位写入一个没有这些文件的目录。
结论中的 knowledge 可以原样用作 --at,由此重现当时的判断。

Writes brands, works, lexicons, rules, sources and units as they hold, or in the
versions that --at names, into a folder that has none of these files. The
knowledge of a verdict can be given to --at, so that it can be computed again.`,
		Example: "  markwatch config export --config watch review\n  markwatch config export --config watch --at 'brands@12 rules@7' review",
		Args:    argsBetween(1, 1, "DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			versions, err := parseVersions(at)
			if err != nil {
				return err
			}
			return c.look(cmd.Context(), dir, func(ctx context.Context, a *app) error {
				lists, _, err := a.store.ListsAt(ctx, versions)
				if err != nil {
					return err
				}
				deployment, err := os.ReadFile(configs.DeploymentFile(dir))
				if err != nil {
					return markwatch.WrapError(markwatch.CodeUnavailable, err, "不能读取配置 cannot read the configuration")
				}
				files, err := configs.Write(args[0], lists, deployment)
				for _, f := range files {
					c.say("写入 wrote %s", f)
				}
				return err
			})
		},
	}
	configFlag(cmd, &dir)
	cmd.Flags().StringVar(&at, "at", "", "版本,如 versions such as 'brands@12 works@3'")
	return cmd
}

// parseVersions reads what Versions.String writes. Other parts of a verdict's
// knowledge, such as the date of the rates, are passed over.
func parseVersions(s string) (markwatch.Versions, error) {
	versions := markwatch.Versions{}
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' }) {
		name, number, ok := strings.Cut(part, "@")
		if name == "rates" {
			continue
		}
		n, err := strconv.Atoi(number)
		if !ok || err != nil || n < 0 {
			return nil, markwatch.Errorf(markwatch.CodeInvalid, "%q 不是名单的版本,应如 brands@12 is no version of a list, such as brands@12", part)
		}
		kind := markwatch.ListKind(name)
		known := false
		for _, k := range markwatch.ListKinds() {
			known = known || k == kind
		}
		if !known {
			return nil, markwatch.Errorf(markwatch.CodeInvalid, "没有名单 %q,有 there is no list %[1]q; there are %v", name, markwatch.ListKinds())
		}
		versions[kind] = n
	}
	return versions, nil
}
