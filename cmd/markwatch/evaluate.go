package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
	"github.com/markwatch/markwatch/matchers"
	"github.com/markwatch/markwatch/matchers/evaluation"
)

func newEvaluate(c console) *cobra.Command {
	var k knowledgeFlags
	var asJSON, keyword, totals bool
	cmd := &cobra.Command{
		Use:   "evaluate [--config DIR] [--brands FILE] [--works FILE] FILE|-",
		Short: "用标注过的样本衡量规则 measure the rules on labelled listings",
		Long: `读入标注样本(NDJSON),给出每类违法的查准率、查全率与 F1,每条规则的命中与误报,以及判错的样本。

Reads labelled listings (NDJSON) and prints precision, recall and F1 of each
violation, the hits and false alarms of each rule, and the mistakes.`,
		Example: `  markwatch evaluate --brands brands.yaml --works works.yaml listings.ndjson
  markwatch evaluate --keyword listings.ndjson   # 普通关键词检测作对照 a plain keyword detector, to compare`,
		Args: argsBetween(1, 1, "FILE|-"),
		RunE: func(_ *cobra.Command, args []string) error {
			cfg, set, err := k.compile()
			if err != nil {
				return err
			}
			in, err := c.openInput(args[0])
			if err != nil {
				return err
			}
			defer in.Close()
			rows, problems := evaluation.Read(in)
			for _, p := range problems {
				c.say("%s: %v", args[0], p)
			}
			if len(rows) == 0 {
				return markwatch.Errorf(markwatch.CodeInvalid, "%s 里没有可用的样本 no labelled listing could be read", args[0])
			}
			report := evaluation.Score(rows, judge(cfg, set, keyword))
			if totals {
				report.Mistakes = nil
			}
			if asJSON {
				if err := c.json(report); err != nil {
					return err
				}
			} else {
				report.Table(c.out)
			}
			return brokenRows(len(problems))
		},
	}
	k.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "输出 JSON")
	cmd.Flags().BoolVar(&keyword, "keyword", false, "改用普通关键词检测,作为对照 a plain keyword detector instead, to compare with")
	cmd.Flags().BoolVar(&totals, "totals", false, "只要总数,不列判错的样本 totals only, without the mistakes")
	return cmd
}

func judge(cfg *configs.Config, set *matchers.Set, keyword bool) func(markwatch.Listing) markwatch.Verdict {
	if keyword {
		return evaluation.Keyword(cfg.Lists)
	}
	return func(l markwatch.Listing) markwatch.Verdict {
		at := l.FetchedAt
		if at.IsZero() {
			at = time.Now()
		}
		return set.Check(matchers.Input{Listing: l, At: at})
	}
}
