package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/listsheet"
	"github.com/markwatch/markwatch/matchers/text"
)

// maxListFile bounds a warning list in bytes.
const maxListFile = 32 << 20

func newWorks(c console) *cobra.Command {
	return group("works", "受保护作品名单 the list of protected works", newWorksImport(c))
}

func newWorksImport(c console) *cobra.Command {
	var config, batch, kind string
	var from, to markwatch.Date
	var preview, partly bool
	cmd := &cobra.Command{
		Use:   "import [--config DIR] --batch NAME [--from DAY] --to DAY [--type TYPE] FILE|-",
		Short: "导入版权保护预警名单 import an official warning list of works",
		Long: `读入公布的预警名单:CSV 或 XLSX(有“作品名称”一列,可有类型、权利人、保护期限等列),或粘贴的文本(每行一部,或书名号内的名称)。
批次到期后,其作品自动不再比对。名单上已有的作品只更新批次与保护期;没有期限的仍不设期限。
名称同时是普通词语的,自动列为易混标题。--preview 只列出会怎样;有一行不能读,就一行也不导入,除非 --partly。

Reads a published warning list: CSV or XLSX with a column of titles, or pasted text with a title a line or in 《》. The works of a batch are looked for until it ends. Works that are known get the batch and its dates, those without an end keep none; titles that are ordinary words are listed as ambiguous. Where one row cannot be read, none is imported, unless --partly is given.`,
		Example: `  markwatch works import --config watch --batch 2026年第3批 --from 2026-01-10 --to 2026-06-30 --type film list.xlsx
  pbpaste | markwatch works import --config watch --batch 2026年第4批 --to 2026-09-30 --type series --preview -`,
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
			b := listsheet.WarningBatch{Name: batch, Type: markwatch.WorkType(kind), Protected: markwatch.Protected{From: from, To: to}}
			return c.withStore(cmd.Context(), config, "works import", func(ctx context.Context, a *app) error {
				return a.importWarning(ctx, data, b, args[0], preview, partly)
			})
		},
	}
	configFlag(cmd, &config)
	f := cmd.Flags()
	f.StringVar(&batch, "batch", "", "批次名称 the name of the batch")
	f.StringVar(&kind, "type", "", "作品类型,表中没有时用 the type of works where the list does not say it: film, series, …")
	f.Var(dayFlag{&from}, "from", "保护起始日期 the first day of protection, e.g. 2026-01-10")
	f.Var(dayFlag{&to}, "to", "保护截止日期 the last day of protection")
	f.BoolVar(&preview, "preview", false, "只列出会怎样,不导入 tell what would be done and do nothing")
	f.BoolVar(&partly, "partly", false, "不能读的行略过 pass over rows that cannot be read")
	return cmd
}

// dayFlag reads a day.
type dayFlag struct{ d *markwatch.Date }

// String implements pflag.Value.
func (f dayFlag) String() string {
	if f.d == nil || f.d.IsZero() {
		return ""
	}
	return f.d.Format(time.DateOnly)
}

// Set implements pflag.Value.
func (f dayFlag) Set(s string) error { return f.d.UnmarshalText([]byte(s)) }

// Type implements pflag.Value.
func (f dayFlag) Type() string { return "day" }

// importWarning puts the works of a warning list into the list of works, or
// tells what that would change.
func (a *app) importWarning(ctx context.Context, data []byte, batch listsheet.WarningBatch, name string, preview, partly bool) error {
	present, _, err := a.store.Lists(ctx)
	if err != nil {
		return err
	}
	works, problems, err := listsheet.WarningWorks(data, batch, present.Works)
	if err != nil {
		return markwatch.WrapError(markwatch.ErrorCode(err), err, "%s", name)
	}
	if err := markAmbiguous(works); err != nil {
		return err
	}
	var rows [][]string
	fresh := 0
	for _, w := range works {
		change := "更新 updated"
		if !slices.ContainsFunc(present.Works, func(k markwatch.Work) bool { return k.ID == w.ID }) {
			change, fresh = "新增 new", fresh+1
		}
		until := "不设期限 without end"
		if !w.Protect.To.IsZero() {
			until = w.Protect.To.Format(time.DateOnly)
		}
		note := ""
		if len(w.Ambiguous) > 0 {
			note = "易混 ambiguous"
		}
		rows = append(rows, []string{change, w.Titles[0], string(w.Type), w.Batch, until, note})
	}
	a.table(rows)
	for _, p := range problems {
		a.say("⚠ 第%d行 row %d %s: %s %s", p.Line, p.Line, p.Column, p.Message.ZH, p.Message.EN)
	}
	switch {
	case preview:
		a.say("预览 preview: 新增 new %d, 更新 updated %d, 不能读 unreadable %d", fresh, len(works)-fresh, len(problems))
		return nil
	case len(problems) > 0 && !partly:
		return markwatch.Errorf(markwatch.CodeInvalid, "%s: %d 处不能读,未导入;改正,或加 --partly 略过 places that cannot be read, nothing was imported; put them right or pass over them with --partly", name, len(problems))
	case len(works) == 0:
		return markwatch.Errorf(markwatch.CodeInvalid, "%s: 没有可导入的作品 there is no work to import", name)
	}
	put := func(l *markwatch.Lists) error { l.Works = withWorks(l.Works, works); return nil }
	trial := present
	if err := put(&trial); err != nil {
		return err
	}
	if err := a.checkLists(ctx, trial); err != nil {
		return err
	}
	if _, err := a.store.EditLists(ctx, actor(), time.Now(), put); err != nil {
		return err
	}
	a.say("已导入 imported: 新增 new %d, 更新 updated %d", fresh, len(works)-fresh)
	return a.audit(ctx, "works-import", cmp.Or(batch.Name, name), fmt.Sprintf("%d", len(works)))
}

// withWorks puts works into a list, in the place of those of the same id.
func withWorks(all, works []markwatch.Work) []markwatch.Work {
	out := slices.Clone(all)
	for _, w := range works {
		if i := slices.IndexFunc(out, func(k markwatch.Work) bool { return k.ID == w.ID }); i >= 0 {
			out[i] = w
		} else {
			out = append(out, w)
		}
	}
	return out
}

// markAmbiguous lists titles that are ordinary words (好东西, 狂飙) as such: they
// count only among words of works.
func markAmbiguous(works []markwatch.Work) error {
	folder, err := text.NewFolder()
	if err != nil {
		return markwatch.WrapError(markwatch.CodeInternal, err, "the folding tables cannot be read")
	}
	for i := range works {
		w := &works[i]
		if len(w.Titles) > 1 || len(w.Ambiguous) > 0 {
			continue // somebody has looked at it
		}
		for _, title := range w.Titles {
			if letters := folder.Fold(title).Runes; len(letters) <= 4 && folder.Ordinary(letters) && !slices.Contains(w.Ambiguous, title) {
				w.Ambiguous = append(slices.Clone(w.Ambiguous), title)
			}
		}
	}
	return nil
}
