package main

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers"
	"github.com/markwatch/markwatch/ndjson"
)

func newCheck(c console) *cobra.Command {
	var k knowledgeFlags
	var explained bool
	cmd := &cobra.Command{
		Use:   "check [--config DIR] [--brands FILE] [--works FILE] [--explain] FILE|-",
		Short: "判断一批商品信息,每行给出结论 judge listings, a verdict a line",
		Long: `读入商品信息(NDJSON,每行一件),每行输出一个带理由、事实与引文的结论。坏行报告行号,其余照常。

Reads listings (NDJSON) and answers with a verdict a line: reasons, facts and
quotes. A broken line is reported with its number and the rest goes on.`,
		Example: `  markwatch check listings.ndjson
  markwatch check --explain suspicious.ndjson   # 给人看,引文处加标记 for people, with the quotes marked
  markwatch listings --config watch --json | markwatch check --brands brands.yaml -`,
		Args: argsBetween(1, 1, "FILE|-"),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, set, err := k.compile()
			if err != nil {
				return err
			}
			in, err := c.openInput(args[0])
			if err != nil {
				return err
			}
			defer in.Close()
			broken := 0
			for row, err := range ndjson.Read[markwatch.Listing](in) {
				if cmd.Context().Err() != nil {
					return cmd.Context().Err()
				}
				if err == nil {
					err = requireListing(row)
				}
				var le *ndjson.LineError
				if errors.As(err, &le) {
					broken++
					c.say("%s: %v", args[0], le)
					continue
				}
				if err != nil {
					return markwatch.WrapError(markwatch.CodeUnavailable, err, "读取 reading %s", args[0])
				}
				verdict := set.Check(matchers.Input{Listing: row.Value, At: time.Now()})
				if explained {
					explain(c.out, &row.Value, verdict)
				} else if err := c.json(verdict); err != nil {
					return err
				}
			}
			return brokenRows(broken)
		},
	}
	k.add(cmd)
	cmd.Flags().BoolVar(&explained, "explain", false, "逐条写出理由、事实,并在原文上标出引文 write reasons and facts out, and mark the quotes in the text")
	return cmd
}

// requireListing refuses a row without the keys that FORMATS requires of
// listings that are checked.
func requireListing(row ndjson.Row[markwatch.Listing]) error {
	switch {
	case row.Value.ID == "":
		return &ndjson.LineError{Line: row.Line, Err: errors.New(`"id" is missing`)}
	case row.Value.Title == "":
		return &ndjson.LineError{Line: row.Line, Err: errors.New(`"title" is missing`)}
	}
	return nil
}

// brokenRows is the error of a file that was read but for some rows.
func brokenRows(n int) error {
	if n == 0 {
		return nil
	}
	return markwatch.Errorf(markwatch.CodeInvalid, "%d 行不能读,其余已处理 %d lines could not be read, the rest was done", n, n)
}
