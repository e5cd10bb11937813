package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/evidence/pack"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/dispatch"
)

func newLeadsDocument(c console) *cobra.Command {
	var config, have, drop, file, note, reason string
	var by identity
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "document [--config DIR] NUMBER|ID",
		Short: "移送公安所需文书及是否齐备 the documents that a transfer to the police needs",
		Long: `列出按 thresholds.yaml 移送公安所需的文书及哪些已有。--have 注明某件已有,可用 --file 附上(随证据包移送);
--drop 与 --reason 收回。证据包与网页存档由程序自行认定。

Lists the documents that a transfer needs, by thresholds.yaml, and which are there. --have notes one, with --file attaches it,
and then it goes into the lead's package; --drop takes that back. Packages and captures the program sees for itself.`,
		Example: `  markwatch leads document --config watch 2026-0001
  markwatch leads document --config watch --token-file zhangmin.token --have 有关检验报告或者鉴定结论 --file 鉴定.pdf 2026-0001`,
		Args: argsBetween(1, 1, "NUMBER|ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			show := func(ctx context.Context, _ *app, who acting) error { return who.showDocuments(ctx, args[0], asJSON) }
			if have == "" && drop == "" {
				return c.asAnybody(cmd.Context(), config, "leads document", &by, accounts.See, show)
			}
			return c.asPerson(cmd.Context(), config, "leads document", &by, accounts.Decide, func(ctx context.Context, a *app, who acting) error {
				if err := who.noteDocument(ctx, args[0], markwatch.HeldDocument{Name: have, Note: note}, c.path(file), drop, reason); err != nil {
					return err
				}
				return show(ctx, a, who)
			})
		},
	}
	configFlag(cmd, &config)
	identityFlags(cmd, &by)
	f := cmd.Flags()
	f.StringVar(&have, "have", "", "此件已有 this document is there")
	f.StringVar(&file, "file", "", "附上文件 attach it")
	f.StringVar(&note, "note", "", "备注,如存放处 a note, such as where it is kept")
	f.StringVar(&drop, "drop", "", "收回对此件的标注 it is not there after all")
	f.StringVar(&reason, "reason", "", "收回的理由 why")
	f.BoolVar(&asJSON, "json", false, "输出 JSON")
	cmd.MarkFlagsMutuallyExclusive("have", "drop")
	return cmd
}

// noteDocument notes that a document is there, with its file where there is
// one, or takes that back.
func (p acting) noteDocument(ctx context.Context, number string, doc markwatch.HeldDocument, file, drop, reason string) error {
	a, now := p.app, time.Now()
	if file != "" {
		if _, err := p.lead(ctx, number); err != nil {
			return err
		}
		f, err := os.Open(file)
		if err != nil {
			return markwatch.WrapError(markwatch.CodeNotFound, err, "不能读取文件 the file cannot be read")
		}
		defer f.Close()
		kept, err := a.ownOffice().Attach(dispatch.Upload{Name: filepath.Base(file), Data: f})
		if err != nil {
			return err
		}
		doc.File, doc.Kept, doc.SHA256 = kept.Name, kept.File, kept.SHA256
	}
	return p.change(ctx, []string{number}, "lead-document", func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		names := leads.TransferDocuments(a.cfg.Thresholds, leads.Routed(&l), now)
		if drop != "" {
			return leads.Release(l, drop, reason, names, p.name(), now)
		}
		return leads.Hold(l, doc, names, p.name(), now)
	})
}

func (p acting) showDocuments(ctx context.Context, number string, asJSON bool) error {
	lead, err := p.lead(ctx, number)
	if err != nil {
		return err
	}
	list := leads.Documents(&lead, leads.TransferDocuments(p.app.cfg.Thresholds, leads.Routed(&lead), time.Now()))
	if asJSON {
		return p.app.json(list)
	}
	p.app.printDocuments(list)
	return nil
}

// documents are the files of documents for a transfer to the police.
func (p *packer) documents(lead *markwatch.Lead) []pack.Part {
	var parts []pack.Part
	for i, d := range lead.Handling.Documents {
		if d.Kept == "" {
			continue
		}
		path := filepath.Join(p.app.data, "attachments", filepath.Base(d.Kept))
		parts = append(parts, pack.Part{
			Name: fmt.Sprintf("transfer/%d%s", i+1, filepath.Ext(d.Kept)), What: bilingual("移送文书:"+d.Name+"("+d.File+")", "document for a transfer: "+d.Name+" ("+d.File+")"),
			Open: func() (io.ReadCloser, error) { return os.Open(path) },
		})
	}
	return parts
}
