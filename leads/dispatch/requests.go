package dispatch

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
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/batch"
	"github.com/markwatch/markwatch/store"
)

// Request is a request (协查函) to a platform as it is kept.
type Request struct {
	Platform string    `json:"platform"`
	Lead     string    `json:"lead"` // its number
	Fields   []string  `json:"fields"`
	Answered time.Time `json:"answered,omitzero"`
	// Files came back; they lie in the folder attachments and go into the
	// lead's package.
	Files []Attachment `json:"files,omitempty"`

	// Number is the paper's, LeadID the lead's id; At and By tell when it was
	// made, and by whom.
	Number string    `json:"-"`
	LeadID string    `json:"-"`
	At     time.Time `json:"-"`
	By     string    `json:"-"`
}

// Attachment is a file that came back.
type Attachment struct {
	Name   string `json:"name"`
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
}

// MaxAttachment bounds a file of an answer, in bytes.
const MaxAttachment = 256 << 20

// requestFields are the data that platforms are asked for, after the standard
// of 国市监网监发〔2024〕115号. (The list was not compared with the primary
// text: it is printed for officers, who strike out what they do not need.)
var requestFields = []string{
	"经营者名称(姓名)、统一社会信用代码(身份证件号码)", "登记住所与实际经营地址", "联系人、联系电话、电子邮箱", "店铺名称、店铺编号、开店与关店时间、网址",
	"收款账户及绑定的支付信息", "商品编号、标题、上架与下架时间、价格变化", "订单数量、成交金额、退款数量与金额", "发货地址、退货地址、物流单号", "平台已采取的处置措施与投诉记录",
}

// Ask keeps a numbered request to the operator of a platform about a lead. An
// empty platform is that of the lead's source.
func (o *Office) Ask(ctx context.Context, lead, platform, by string, takes Takes) (Request, error) {
	l, err := o.lead(ctx, lead, takes)
	if err != nil {
		return Request{}, err
	}
	if platform = strings.TrimSpace(platform); platform == "" {
		platform = o.cfg.Platform(l.Listing.Source)
	}
	if platform == "" {
		return Request{}, markwatch.Errorf(markwatch.CodeInvalid, "不知平台经营者,请用 --platform 写明 / name the operator of the platform with --platform")
	}
	r := Request{Platform: platform, Lead: l.Number, Fields: requestFields}
	doc, err := json.Marshal(r)
	if err != nil {
		return Request{}, err
	}
	kept, err := o.cfg.Store.PutPaper(ctx, store.Paper{Kind: store.PaperRequest, Lead: l.ID, Actor: by, Document: doc})
	if err != nil {
		return Request{}, err
	}
	r.Number, r.LeadID, r.At, r.By = kept.Number, kept.Lead, kept.At, kept.Actor
	return r, o.cfg.Audit(ctx, by, "platform-request", l.ID, kept.Number)
}

// Platform is the operator of the platform of a lead's source, "" where the
// configuration does not name it.
func (o *Office) Platform(l markwatch.Lead) string { return o.cfg.Platform(l.Listing.Source) }

// Requests are the requests about a lead in their order, all of them where lead
// is empty. lead is an id.
func (o *Office) Requests(ctx context.Context, lead string) ([]Request, error) {
	papers, err := o.cfg.Store.Papers(ctx, store.PaperRequest, lead)
	if err != nil {
		return nil, err
	}
	list := make([]Request, 0, len(papers))
	for _, p := range papers {
		r, err := readRequest(p)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

// Request returns a request about a lead that is taken, with that lead.
func (o *Office) Request(ctx context.Context, number string, takes Takes) (Request, markwatch.Lead, error) {
	p, err := o.cfg.Store.PaperByNumber(ctx, store.PaperRequest, number)
	if err != nil {
		return Request{}, markwatch.Lead{}, err
	}
	r, err := readRequest(p)
	if err != nil {
		return r, markwatch.Lead{}, err
	}
	l, err := o.cfg.Store.Lead(ctx, p.Lead)
	if err == nil && !takes.takes(&l) {
		err = markwatch.Errorf(markwatch.CodeNotFound, "没有协查函 %s / there is no request %s", number, number)
	}
	return r, l, err
}

func readRequest(p Paper) (Request, error) {
	var r Request
	if err := json.Unmarshal(p.Document, &r); err != nil {
		return r, fmt.Errorf("reading request %s: %w", p.Number, err)
	}
	r.Number, r.LeadID, r.At, r.By = p.Number, p.Lead, p.At, p.Actor
	return r, nil
}

// Letter is a request as a form.
func (o *Office) Letter(r Request, lead *markwatch.Lead) batch.Form {
	year, serial, _ := strings.Cut(r.Number, "-")
	f := batch.Form{
		Title: "协助调查函", Number: o.cfg.Code + "协查〔" + year + "〕" + serial + "号", At: r.At,
		Paragraphs: []string{
			r.Platform + ":", "我单位在监测中发现你平台内下列商品(店铺)涉嫌" + leads.ViolationName(leads.Routed(lead)).ZH + ",请依法协助提供下表所列数据信息,并妥善保存相关记录。",
			"商品:" + lead.Listing.Title, "网址:" + lead.Listing.URL, "商品编号:" + lead.Listing.ItemID,
		},
		Table: [][]string{{"序号", "请提供的数据信息", "复函内容"}},
		Sign:  []string{o.cfg.Sender.Name, r.At.In(o.cfg.Location).Format("2006年1月2日")},
	}
	if s := lead.Listing.Seller; s != nil {
		f.Paragraphs = append(f.Paragraphs, "店铺:"+s.Name+" "+s.ID)
	}
	for i, field := range r.Fields {
		f.Table = append(f.Table, []string{fmt.Sprint(i + 1), field, ""})
	}
	return f
}

// Upload is a file of an answer.
type Upload struct {
	Name string
	Data io.Reader
}

// Answer takes in what a platform sent: its files, and what it says under the
// requirements of the lead. Files are kept by their content, so that one that
// comes twice is one.
func (o *Office) Answer(ctx context.Context, number string, files []Upload, stated map[string]string, by string, takes Takes) (Request, error) {
	r, lead, err := o.Request(ctx, number, takes)
	if err != nil {
		return r, err
	}
	now := o.cfg.Now()
	// What is stated is checked before anything is kept.
	if _, _, err := leads.State(lead, stated, by, now); err != nil {
		return r, err
	}
	if len(files)+len(stated) == 0 {
		return r, markwatch.Errorf(markwatch.CodeInvalid, "复函没有文件,也没有内容 / the answer has neither files nor words")
	}
	for _, f := range files {
		one, err := o.attach(f)
		if err != nil {
			return r, err
		}
		r.Files = append(r.Files, one)
	}
	r.Answered = now.UTC()
	doc, err := json.Marshal(r)
	if err != nil {
		return r, err
	}
	if _, err := o.cfg.Store.PutPaper(ctx, store.Paper{Kind: store.PaperRequest, Number: r.Number, Lead: r.LeadID, At: r.At, Actor: r.By, Document: doc}); err != nil {
		return r, err
	}
	lead, err = o.cfg.Store.UpdateLead(ctx, r.LeadID, func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		next, events, err := leads.State(l, stated, by, now)
		if err != nil {
			return l, nil, err
		}
		return next, append(events, markwatch.LeadEvent{At: now.UTC(), Actor: by, Action: "answer", To: number}), nil
	})
	if err == nil {
		err = o.cfg.Audit(ctx, by, "platform-answer", lead.ID, string(lead.Status))
	}
	if err != nil {
		return r, err
	}
	return r, o.cfg.Flush(ctx)
}

// OpenAttachment opens a file of an answer.
func (o *Office) OpenAttachment(a Attachment) (*os.File, error) {
	f, err := os.OpenInRoot(o.attachments(), filepath.Base(a.File))
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "附件不能读取 / the attachment cannot be read")
	}
	return f, nil
}

func (o *Office) attachments() string { return filepath.Join(o.cfg.Data, "attachments") }

// maxName bounds the name of a file that came from elsewhere, in bytes.
const maxName = 200

// Attach keeps a file that belongs to a lead in the folder of attachments, as
// those of answers are. The error is of CodeInvalid for one that is too large.
func (o *Office) Attach(u Upload) (Attachment, error) { return o.attach(u) }

// attach copies a file into the data folder, named by its content.
func (o *Office) attach(u Upload) (_ Attachment, err error) {
	unwritable := func(err error) error {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "不能保存附件 / the attachment cannot be kept")
	}
	if err := os.MkdirAll(o.attachments(), 0o750); err != nil {
		return Attachment{}, unwritable(err)
	}
	tmp, err := os.CreateTemp(o.attachments(), ".attachment-*")
	if err != nil {
		return Attachment{}, unwritable(err)
	}
	defer func() {
		// After the file was named there is nothing left to close or remove.
		_ = tmp.Close()
		_ = os.Remove(tmp.Name())
	}()
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(tmp, sum), io.LimitReader(u.Data, MaxAttachment+1))
	if err == nil {
		err = errors.Join(tmp.Sync(), tmp.Close())
	}
	if err != nil {
		return Attachment{}, unwritable(err)
	}
	name := filepath.Base(filepath.FromSlash(strings.ReplaceAll(strings.ToValidUTF8(u.Name, "_"), `\`, "/")))
	if n > MaxAttachment {
		return Attachment{}, markwatch.Errorf(markwatch.CodeInvalid, "%s 大于 256 MiB / is larger than 256 MiB", name)
	}
	if len(name) > maxName {
		name = strings.ToValidUTF8(name[len(name)-maxName:], "")
	}
	one := Attachment{Name: name, SHA256: hex.EncodeToString(sum.Sum(nil))}
	one.File = one.SHA256[:16] + extension(name)
	if err := os.Rename(tmp.Name(), filepath.Join(o.attachments(), one.File)); err != nil {
		return Attachment{}, unwritable(err)
	}
	return one, nil
}

// extension is a name's, as far as it is a plain one.
func extension(name string) string {
	ext := strings.ToLower(filepath.Ext(name))
	plain := func(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' }
	if len(ext) < 2 || len(ext) > 6 || strings.IndexFunc(ext[1:], func(r rune) bool { return !plain(r) }) >= 0 {
		return ""
	}
	return ext
}
