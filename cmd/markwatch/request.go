package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
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
	"github.com/markwatch/markwatch/leads/batch"
	"github.com/markwatch/markwatch/store"
)

// request is a request to a platform as it is kept.
type request struct {
	Platform string    `json:"platform"`
	Lead     string    `json:"lead"`
	Fields   []string  `json:"fields"`
	Answered time.Time `json:"answered,omitzero"`
	// Files came back; they lie in the folder attachments and go into the
	// lead's package.
	Files []attachment `json:"files,omitempty"`
}

type attachment struct {
	Name   string `json:"name"`
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
}

// requestFields are the data that platforms are asked for, after the standard
// of 国市监网监发〔2024〕115号. (The list was not compared with the primary
// text: it is printed for officers, who strike out what they do not need.)
var requestFields = []string{
	"经营者名称(姓名)、统一社会信用代码(身份证件号码)", "登记住所与实际经营地址", "联系人、联系电话、电子邮箱", "店铺名称、店铺编号、开店与关店时间、网址",
	"收款账户及绑定的支付信息", "商品编号、标题、上架与下架时间、价格变化", "订单数量、成交金额、退款数量与金额", "发货地址、退货地址、物流单号", "平台已采取的处置措施与投诉记录",
}

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
				lead, err := who.lead(ctx, args[0])
				if err != nil {
					return err
				}
				if src := a.source(lead.Listing.Source); platform == "" && src != nil {
					platform = src.Platform.Operator
				}
				if platform == "" {
					return markwatch.Errorf(markwatch.CodeInvalid, "不知平台经营者,请用 --platform 写明 / name the operator of the platform with --platform")
				}
				doc, err := json.Marshal(request{Platform: platform, Lead: lead.Number, Fields: requestFields})
				if err != nil {
					return err
				}
				kept, err := a.store.PutPaper(ctx, store.Paper{Kind: store.PaperRequest, Lead: lead.ID, Actor: who.name(), Document: doc})
				if err != nil {
					return err
				}
				if output == "" {
					output = "协查函-" + kept.Number + ".docx"
				}
				if err := a.writeTo(output, func(w io.Writer) error { return a.requestForm(kept, platform, &lead).WriteDOCX(w) }); err != nil {
					return err
				}
				a.say("协查函 request %s → %s;复函用 leads answer %s 录入 take the answer in with leads answer", kept.Number, output, kept.Number)
				return a.audit(ctx, "platform-request", lead.ID, kept.Number)
			})
		},
	}
	configFlag(cmd, &config)
	identityFlags(cmd, &by)
	cmd.Flags().StringVar(&platform, "platform", "", "平台经营者,缺省取自来源设置 operator of the platform; that of the source where absent")
	cmd.Flags().StringVarP(&output, "output", "o", "", "写入文件 a file")
	return cmd
}

func (a *app) requestForm(kept store.Paper, platform string, lead *markwatch.Lead) batch.Form {
	sender := a.cfg.Handling.Sender
	f := batch.Form{
		Title: "协助调查函", Number: sender.Code + "协查〔" + kept.Number[:4] + "〕" + kept.Number[5:] + "号", At: kept.At,
		Paragraphs: []string{
			platform + ":", "我单位在监测中发现你平台内下列商品(店铺)涉嫌" + leads.ViolationName(leads.Routed(lead)).ZH + ",请依法协助提供下表所列数据信息,并妥善保存相关记录。",
			"商品:" + lead.Listing.Title, "网址:" + lead.Listing.URL, "商品编号:" + lead.Listing.ItemID,
		},
		Table: [][]string{{"序号", "请提供的数据信息", "复函内容"}},
		Sign:  []string{sender.Name, kept.At.In(a.cfg.Deployment.Location()).Format("2006年1月2日")},
	}
	if s := lead.Listing.Seller; s != nil {
		f.Paragraphs = append(f.Paragraphs, "店铺:"+s.Name+" "+s.ID)
	}
	for i, field := range requestFields {
		f.Table = append(f.Table, []string{fmt.Sprint(i + 1), field, ""})
	}
	return f
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
	kept, err := a.store.PaperByNumber(ctx, store.PaperRequest, number)
	if err != nil {
		return err
	}
	if _, err := p.lead(ctx, kept.Lead); err != nil {
		return err
	}
	var r request
	if err := json.Unmarshal(kept.Document, &r); err != nil {
		return fmt.Errorf("reading request %s: %w", number, err)
	}
	now := time.Now()
	r.Answered = now.UTC()
	for _, file := range files {
		one, err := a.attach(file)
		if err != nil {
			return err
		}
		r.Files = append(r.Files, one)
	}
	if kept.Document, err = json.Marshal(r); err != nil {
		return err
	}
	if _, err := a.store.PutPaper(ctx, kept); err != nil {
		return err
	}
	return p.change(ctx, []string{kept.Lead}, "platform-answer", func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		next, events, err := leads.State(l, set, p.name(), now)
		if err != nil {
			return l, nil, err
		}
		return next, append(events, markwatch.LeadEvent{At: now.UTC(), Actor: p.name(), Action: "answer", To: number}), nil
	})
}

// maxAttachment bounds a file of an answer.
const maxAttachment = 256 << 20

// attach copies a file into the data folder, named by its content.
func (a *app) attach(path string) (attachment, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return attachment{}, markwatch.WrapError(markwatch.CodeNotFound, err, "没有这个文件 there is no such file")
	case err != nil:
		return attachment{}, markwatch.WrapError(markwatch.CodeUnavailable, err, "不能读取文件 the file cannot be read")
	case info.Size() > maxAttachment:
		return attachment{}, markwatch.Errorf(markwatch.CodeInvalid, "%s 大于 256 MiB / is larger than 256 MiB", filepath.Base(path))
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return attachment{}, markwatch.WrapError(markwatch.CodeUnavailable, err, "不能读取文件 the file cannot be read")
	}
	sum := sha256.Sum256(data)
	one := attachment{Name: filepath.Base(path), SHA256: hex.EncodeToString(sum[:])}
	one.File = one.SHA256[:16] + filepath.Ext(path)
	dir := filepath.Join(a.data, "attachments")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return one, markwatch.WrapError(markwatch.CodeUnavailable, err, "不能保存附件 the attachment cannot be kept")
	}
	return one, a.writeTo(filepath.Join(dir, one.File), func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// attachments are the files that platforms sent for a lead.
func (p *packer) attachments(ctx context.Context, lead *markwatch.Lead) ([]pack.Part, error) {
	papers, err := p.app.store.Papers(ctx, store.PaperRequest, lead.ID)
	if err != nil {
		return nil, err
	}
	var parts []pack.Part
	for _, paper := range papers {
		var r request
		if err := json.Unmarshal(paper.Document, &r); err != nil {
			return nil, fmt.Errorf("reading request %s: %w", paper.Number, err)
		}
		for i, f := range r.Files {
			path := filepath.Join(p.app.data, "attachments", filepath.Base(f.File))
			parts = append(parts, pack.Part{
				Name: fmt.Sprintf("answers/%s-%d%s", paper.Number, i+1, filepath.Ext(f.File)), What: bilingual("平台复函 "+f.Name, "answer of the platform: "+f.Name),
				Open: func() (io.ReadCloser, error) { return os.Open(path) },
			})
		}
	}
	return parts, nil
}
