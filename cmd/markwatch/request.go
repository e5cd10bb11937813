package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/evidence/pack"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/dispatch"
)

func newLeadsRequest(c console) *cobra.Command {
	var config, platform, output string
	var by identity
	cmd := &cobra.Command{
		Use:     "request [--config DIR] NUMBER|ID",
		Short:   "生成致平台的协查函(编号、DOCX) write a numbered request to a platform",
		Example: "  markwatch leads request --config watch --token-file zhangmin.token --output 协查函.docx 2026-0001",
		Args:    argsBetween(1, 1, "NUMBER|ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.asPerson(cmd.Context(), config, "leads request", &by, accounts.Decide, func(ctx context.Context, a *app, who acting) error {
				office := a.ownOffice()
				r, err := office.Ask(ctx, args[0], platform, who.name(), who.sees)
				if err != nil {
					return err
				}
				lead, err := a.store.Lead(ctx, r.LeadID)
				if err != nil {
					return err
				}
				if output == "" {
					output = "协查函-" + r.Number + ".docx"
				}
				if err := a.writeTo(output, func(w io.Writer) error { return office.Letter(r, &lead).WriteDOCX(w) }); err != nil {
					return err
				}
				a.say("协查函 request %s → %s;复函用 leads answer %s 录入 take the answer in with leads answer", r.Number, output, r.Number)
				return nil
			})
		},
	}
	configFlag(cmd, &config)
	identityFlags(cmd, &by)
	cmd.Flags().StringVar(&platform, "platform", "", "平台经营者,缺省取自来源设置 operator of the platform; that of the source where absent")
	cmd.Flags().StringVarP(&output, "output", "o", "", "写入文件 a file")
	return cmd
}

func newLeadsAnswer(c console) *cobra.Command {
	var config string
	var by identity
	var set map[string]string
	cmd := &cobra.Command{
		Use:   "answer [--config DIR] REQUEST [FILE…]",
		Short: "录入平台复函 take in a platform's answer",
		Long: `复函文件存入数据目录并随证据包移送;--set 把复函内容填入线索要素(如 place、licence、seller-contact)。

Files of the answer are kept and go into the lead's package; --set states what it says under the lead's requirements.`,
		Example: "  markwatch leads answer --config watch --token-file zhangmin.token --set place=福建莆田 2026-0001 复函.pdf",
		Args:    argsBetween(1, -1, "REQUEST [FILE…]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.asPerson(cmd.Context(), config, "leads answer", &by, accounts.Decide, func(ctx context.Context, a *app, who acting) error {
				return errors.Join(who.takeAnswer(ctx, args[0], args[1:], set), a.feeder.Flush(ctx))
			})
		},
	}
	configFlag(cmd, &config)
	identityFlags(cmd, &by)
	cmd.Flags().StringToStringVar(&set, "set", nil, "要素=内容 requirement=text")
	return cmd
}

func (p acting) takeAnswer(ctx context.Context, number string, files []string, set map[string]string) error {
	a := p.app
	var uploads []dispatch.Upload
	for _, name := range files {
		f, err := os.Open(a.path(name))
		switch {
		case errors.Is(err, os.ErrNotExist):
			return markwatch.WrapError(markwatch.CodeNotFound, err, "没有这个文件 there is no such file")
		case err != nil:
			return markwatch.WrapError(markwatch.CodeUnavailable, err, "不能读取文件 the file cannot be read")
		}
		defer f.Close()
		uploads = append(uploads, dispatch.Upload{Name: filepath.Base(name), Data: f})
	}
	r, err := a.ownOffice().Answer(ctx, number, uploads, set, p.name(), p.sees)
	if err != nil {
		return err
	}
	lead, err := a.store.Lead(ctx, r.LeadID)
	if err == nil {
		a.say("%s %s", lead.Number, leads.StatusName(lead.Status).ZH)
	}
	return err
}

// attachments are the files that platforms sent for a lead.
func (p *packer) attachments(ctx context.Context, lead *markwatch.Lead) ([]pack.Part, error) {
	office := p.app.ownOffice()
	requests, err := office.Requests(ctx, lead.ID)
	if err != nil {
		return nil, err
	}
	var parts []pack.Part
	for _, r := range requests {
		for i, f := range r.Files {
			parts = append(parts, pack.Part{
				Name: fmt.Sprintf("answers/%s-%d%s", r.Number, i+1, filepath.Ext(f.File)), What: bilingual("平台复函 "+f.Name, "answer of the platform: "+f.Name),
				Open: func() (io.ReadCloser, error) { return office.OpenAttachment(f) },
			})
		}
	}
	return parts, nil
}
