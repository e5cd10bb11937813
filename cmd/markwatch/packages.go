package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence"
	"github.com/markwatch/markwatch/evidence/pack"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/batch"
	"github.com/markwatch/markwatch/store"
)

// packer makes evidence packages.
type packer struct {
	app     *app
	archive *evidence.Archive
	signer  *pack.Signer
	stamp   func(context.Context, []byte) ([]byte, error)
	dir     string
	who     string
	now     time.Time
	clock   pack.Clock
	// names holds what the resolver answers now, by host, for captures that
	// know nothing of it.
	names map[string]answer
	// elsewhere holds the folders of captures that came in as files.
	elsewhere map[string]*evidence.Archive
}

// stampWait bounds how long a time-stamp authority may take.
const stampWait = 20 * time.Second

func (a *app) packer(ctx context.Context, who string) (*packer, error) {
	if err := a.openArchive(); err != nil {
		return nil, err
	}
	p := &packer{app: a, archive: a.archive, dir: filepath.Join(a.data, "packages"), who: who, now: time.Now(), names: map[string]answer{}, elsewhere: map[string]*evidence.Archive{}}
	var err error
	if key := a.cfg.Handling.Signing.KeyFile; key != "" {
		p.signer, err = pack.LoadSigner(a.cfg.Path(key))
	} else {
		p.signer, err = pack.OwnSigner(filepath.Join(a.data, "keys", "evidence.pem"))
	}
	if err != nil {
		return nil, err
	}
	p.stamp = a.stamper()
	p.clock = a.measureClock(ctx)
	return p, nil
}

// stamper asks the configured authority; nil where there is none.
func (a *app) stamper() func(context.Context, []byte) ([]byte, error) {
	authority := a.cfg.Deployment.Timestamps.Authority
	if authority == "" {
		return nil
	}
	return pack.Authority{URL: authority, Client: &http.Client{Timeout: stampWait}}.Stamp
}

// second is a second fetch of the page, made for the package.
type second struct {
	shown      string // on-sale, changed, gone, not-checked
	note       string
	snapshot   string
	screenshot []byte
	at         time.Time
}

// make writes the package of a lead and returns its path and SHA-256.
func (p *packer) make(ctx context.Context, row *leads.Row, again second) (path, sum string, err error) {
	lead := row.Lead
	events, err := p.app.store.LeadEvents(ctx, lead.ID)
	if err != nil {
		return "", "", err
	}
	parts, err := p.parts(ctx, row, again)
	if err != nil {
		return "", "", err
	}
	random := make([]byte, 4)
	if _, err := rand.Read(random); err != nil {
		return "", "", err
	}
	m := pack.Manifest{
		ID: fmt.Sprintf("%s-%s-%s", lead.Number, p.now.UTC().Format("20060102T150405Z"), hex.EncodeToString(random)), Lead: lead.Number, URL: lead.Listing.URL,
		At: p.now, By: p.who, Shown: cmp.Or(again.shown, "not-checked"),
		Clock: p.clock,
		Tool: pack.Tool{Name: "markwatch", Version: version(), System: runtime.GOOS + "/" + runtime.GOARCH,
			Environment: p.app.cfg.Handling.Sender.Environment, Knowledge: lead.Verdict.Knowledge},
	}
	path = filepath.Join(p.dir, lead.Number+"-"+m.ID[len(lead.Number)+1:]+".zip")
	_, stampErr, err := pack.Write(ctx, path, m, parts, accessLog(events, p.who, p.now), p.signer, p.stamp)
	if err != nil {
		return "", "", err
	}
	if stampErr != nil {
		p.app.say("⚠ %s 没有取得时间戳,稍后用 evidence stamp 补取 no time stamp yet; ask again with evidence stamp: %v", filepath.Base(path), stampErr)
	}
	sum, err = sha256Of(path)
	return path, sum, err
}

// accessLog is a lead's history as the entries of the package's log.
func accessLog(events []markwatch.LeadEvent, who string, now time.Time) []pack.LogEntry {
	var entries []pack.LogEntry
	for _, e := range events {
		note := strings.TrimSpace(e.From + " → " + e.To + " " + e.Note)
		entries = append(entries, pack.LogEntry{At: e.At, Actor: e.Actor, Action: e.Action, Note: note})
	}
	return append(entries, pack.LogEntry{At: now, Actor: who, Action: "package"})
}

func sha256Of(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("reading the package: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("reading the package: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func bilingual(zh, en string) pack.Text { return pack.Text{ZH: zh, EN: en} }

// parts are the files of a lead's package: its captures, what was read out of
// them, the verdict, and drafts for officers.
func (p *packer) parts(ctx context.Context, row *leads.Row, again second) ([]pack.Part, error) {
	var parts []pack.Part
	add := func(name string, what pack.Text, data []byte) { parts = append(parts, pack.Bytes(name, what, data)) }
	addJSON := func(name string, what pack.Text, v any) error {
		b, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
		add(name, what, append(b, '\n'))
		return nil
	}
	var offered []evidence.Description
	for i, offer := range append([]markwatch.Lead{row.Lead}, row.Parts...) {
		dir := "capture"
		if i > 0 {
			dir = "capture-" + offer.Number
		}
		d, err := p.capture(ctx, dir, offer.Listing.Snapshot, bilingual("监测采集", "the crawl's own fetch"), add, addJSON)
		if err != nil {
			return nil, fmt.Errorf("lead %s: %w", offer.Number, err)
		}
		offered = append(offered, d)
		if err := p.pictures(ctx, dir, offer.Listing, add); err != nil {
			return nil, err
		}
	}
	if again.snapshot != "" {
		if _, err := p.capture(ctx, "second-capture", again.snapshot, bilingual("移送前另行采集(与监测采集不是同一次访问)", "another fetch, made before sending; not the crawl's"), add, addJSON); err != nil {
			return nil, err
		}
	}
	if len(again.screenshot) > 0 {
		add("second-capture/screenshot.png", bilingual("整页截图,移送前另行采集时所摄", "picture of the whole page, taken in the second fetch"), again.screenshot)
	}
	answers, err := p.attachments(ctx, &row.Lead)
	if err != nil {
		return nil, err
	}
	parts = append(append(parts, answers...), p.documents(&row.Lead)...)
	if len(row.Suspicions) > 0 {
		if err := addJSON("record/transfer.json", bilingual("涉嫌犯罪的数额标准、移送所需文书及是否齐备", "thresholds of crimes that are reached, documents that a transfer needs and which are there"), row.Suspicions); err != nil {
			return nil, err
		}
	}
	if len(row.SameGoods) > 0 {
		if err := addJSON("record/same-goods.json", bilingual("同一卖家在其他网址的同款商品及关联理由", "the same goods of one hand under other addresses, and why"), row.SameGoods); err != nil {
			return nil, err
		}
	}
	history, err := p.app.store.History(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	for _, doc := range []struct {
		name string
		what pack.Text
		v    any
	}{
		{"record/listing.json", bilingual("商品信息", "what was read out of the page"), row.Listing},
		{"record/verdict.json", bilingual("判定及规则版本", "the verdict with its rule versions"), row.Verdict},
		{"record/lead.json", bilingual("线索记录", "the lead's record"), row},
		{"record/history.json", bilingual("价格、标题与在售情况的变化", "changes of price, title and availability"), history},
	} {
		if err := addJSON(doc.name, doc.what, doc.v); err != nil {
			return nil, err
		}
	}
	return p.drafts(parts, row, offered, again)
}

// capture adds a capture: the WARC records, what is known of the exchange,
// the text that the page shows, screenshots.
func (p *packer) capture(ctx context.Context, dir, snapshot string, whose pack.Text, add func(string, pack.Text, []byte), addJSON func(string, pack.Text, any) error) (evidence.Description, error) {
	what := func(zh, en string) pack.Text { return bilingual(zh+"("+whose.ZH+")", en+" ("+whose.EN+")") }
	if snapshot == "" || strings.Contains(snapshot, "#row=") {
		add(dir+"/none.txt", what("没有网页存档的说明", "why there is no capture"), []byte("本线索没有网页存档:来自表格或投诉举报,程序没有访问过该网页。"+snapshot+"\nThis lead has no capture: it came in as a row of a table or as a complaint, and no page was fetched.\n"))
		return evidence.Description{}, nil
	}
	archive, err := p.archiveOf(ctx, snapshot)
	if err != nil {
		return evidence.Description{}, err
	}
	d, err := archive.Describe(ctx, snapshot)
	if err != nil {
		return d, fmt.Errorf("the capture %s: %w", snapshot, err)
	}
	if !d.Intact {
		return d, markwatch.Errorf(markwatch.CodeConflict, "网页存档与其摘要不符,不能移送 the capture does not hold: %s", strings.Join(d.Faults, "; "))
	}
	d.Path = ""
	var warc bytes.Buffer
	if err := archive.Extract(ctx, snapshot, &warc); err != nil {
		return d, err
	}
	add(dir+"/page.warc.gz", what("原始网络请求与响应、跳转、IP、域名解析、TLS 证书链(WARC)", "raw exchange, redirects, IP address, answer of the DNS, TLS chain as WARC"), warc.Bytes())
	if err := addJSON(dir+"/exchange.json", what("访问情况:时间、地址、IP、协议、证书、摘要核对", "the exchange: time, address, IP, protocol, certificates, digests"), d); err != nil {
		return d, err
	}
	dns, about := p.resolved(ctx, d)
	if err := addJSON(dir+"/dns.json", what(about.ZH, about.EN), dns); err != nil {
		return d, err
	}
	page, err := archive.Page(ctx, snapshot)
	if err != nil {
		return d, err
	}
	if text := visibleText(page); text != "" {
		add(dir+"/text.txt", what("页面可见文字", "the text that the page shows"), []byte(text))
	}
	for i, made := range d.Made {
		shot, err := archive.Page(ctx, made.Snapshot())
		if err == nil && made.Mime == "image/png" {
			add(fmt.Sprintf("%s/screenshot-%d.png", dir, i+1), what("整页截图", "picture of the whole page"), shot.Body)
		}
	}
	return d, nil
}

// maxPictures bounds the pictures of an offer.
const maxPictures = 20

// pictures adds those of an offer's pictures that were captured.
func (p *packer) pictures(ctx context.Context, dir string, l markwatch.Listing, add func(string, pack.Text, []byte)) error {
	for i, address := range l.Images {
		if i == maxPictures {
			break
		}
		page, err := p.picture(ctx, address, l.Pictures)
		if err := ctx.Err(); err != nil {
			return err
		}
		if err != nil || !strings.HasPrefix(page.ContentType(), "image/") {
			continue
		}
		ext := strings.TrimPrefix(strings.Split(page.ContentType(), ";")[0], "image/")
		add(fmt.Sprintf("%s/picture-%d.%s", dir, i+1, strings.Map(alphanumeric, ext)), bilingual("商品图片 "+address, "picture "+address), page.Body)
	}
	return nil
}

// picture reads a picture that was captured: where the listing says, else the
// newest capture of its address, for which all files have to be gone through.
func (p *packer) picture(ctx context.Context, address string, fetched []markwatch.Picture) (*markwatch.Page, error) {
	for _, f := range fetched {
		if f.URL != address || f.Snapshot == "" {
			continue
		}
		if page, err := p.archive.Page(ctx, f.Snapshot); err == nil || ctx.Err() != nil {
			return page, err
		}
	}
	found, err := p.archive.Find(ctx, address, time.Time{}, time.Time{})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, markwatch.Errorf(markwatch.CodeNotFound, "%s was not captured", address)
	}
	return p.archive.Page(ctx, found[len(found)-1].Snapshot())
}

func alphanumeric(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
		return r
	}
	return -1
}

// answer is what the DNS said.
type answer struct {
	// Seen is "crawl" for the answer by which the capture's connection was
	// made, "package" for one that was asked for when the package was made.
	Seen      string    `json:"seen"`
	Host      string    `json:"host"`
	At        time.Time `json:"at"`
	Addresses []string  `json:"addresses,omitempty"`
	Error     string    `json:"error,omitempty"`
}

// resolved is the answer of the DNS that belongs to a capture, and what it is;
// where the capture has none, what the DNS says now, asked once a host.
func (p *packer) resolved(ctx context.Context, d evidence.Description) (answer, pack.Text) {
	if r := d.Resolved; r != nil {
		return answer{Seen: "crawl", Host: r.Host, At: r.At, Addresses: r.Addresses}, bilingual("采集时的域名解析", "the answer of the DNS at the time of the capture")
	}
	host := ""
	if u, err := url.Parse(d.URL); err == nil {
		host = u.Hostname()
	}
	a, asked := p.names[host]
	if !asked {
		a = lookup(ctx, host, p.now)
		p.names[host] = a
	}
	return a, bilingual("制作证据包时的域名解析(采集时未记录)", "the answer of the DNS when the package was made; the capture has none")
}

func lookup(ctx context.Context, host string, at time.Time) answer {
	a := answer{Seen: "package", Host: host, At: at.UTC()}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupHost(ctx, a.Host)
	a.Addresses = addresses
	if err != nil {
		a.Error = err.Error()
	}
	return a
}

func visibleText(page *markwatch.Page) string {
	if !strings.Contains(page.ContentType(), "html") {
		return ""
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(page.Body))
	if err != nil {
		return ""
	}
	doc.Find("script,style,noscript,template").Remove()
	var lines []string
	for line := range strings.Lines(doc.Text()) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// drafts adds the draft of the record of extraction and the list of electronic
// data, unsigned, for officers to complete.
func (p *packer) drafts(parts []pack.Part, row *leads.Row, captures []evidence.Description, again second) ([]pack.Part, error) {
	zone := p.app.cfg.Deployment.Location()
	moment := func(t time.Time) string {
		if t.IsZero() {
			return "        "
		}
		return t.In(zone).Format("2006年1月2日15时04分05秒")
	}
	sender := p.app.cfg.Handling.Sender
	d := captures[0]
	note := again.note
	if again.shown == "" {
		note = "移送前未复查"
	}
	blank := "(由执法人员填写)"
	record := batch.Form{
		Title: "电子数据提取笔录(草稿)", Number: "线索 " + row.Number, At: p.now,
		Paragraphs: []string{
			"本稿由网络监测程序根据其记录生成,未经签字,不具证据效力;请由两名以上执法人员重新提取、核对后填写并签字。",
			"一、案由:涉嫌" + leads.ViolationName(leads.Routed(&row.Lead)).ZH, "二、对象:" + row.Listing.Title, "网址:" + row.Listing.URL,
			"三、提取内容:网页及其原始请求与响应、可见文字、截图、商品信息", "四、采集时间:" + moment(d.At) + ";制作时间:" + moment(p.now),
			"五、地点及网络环境:" + cmp.Or(sender.Environment, blank), "六、目标服务器 IP:" + cmp.Or(d.IP, "未记录") + ";本机出口 IP:" + blank,
			"七、工具及系统环境:markwatch " + version() + "," + runtime.GOOS + "/" + runtime.GOARCH, "八、时间核对:" + p.clockNote(moment) + ";环境清洁检查:" + blank,
			"九、方法与过程:按网址以公开方式访问,未登录,未绕过验证;完整保存网络请求与响应(WARC 1.1),计算 SHA-256 与 SM3 校验值。",
			"十、移送前复查:" + note, "十一、拟证明事项:" + blank,
		},
		Sign: []string{"提取人(签字):              ", "见证人(签字):              ", "执法证号:              ", "    年  月  日"},
	}
	list := batch.Form{
		Title: "电子数据清单(草稿)", Number: "线索 " + row.Number, At: p.now, Sign: []string{"制作人(签字):              ", "    年  月  日"},
		Paragraphs: []string{"校验值以证据包清单 manifest.json 为准。"},
		Table:      [][]string{{"序号", "名称", "内容", "格式"}},
	}
	for i, part := range parts {
		list.Table = append(list.Table, []string{fmt.Sprint(i + 1), part.Name, part.What.ZH, strings.TrimPrefix(filepath.Ext(part.Name), ".")})
	}
	for _, draft := range []struct {
		name string
		what pack.Text
		form batch.Form
	}{
		{"draft/extraction-record.docx", bilingual("电子数据提取笔录(草稿,未签字)", "draft of the record of extraction, unsigned"), record},
		{"draft/list-of-data.docx", bilingual("电子数据清单(草稿,未签字)", "draft of the list of electronic data, unsigned"), list},
	} {
		var b bytes.Buffer
		if err := draft.form.WriteDOCX(&b); err != nil {
			return nil, err
		}
		parts = append(parts, pack.Bytes(draft.name, draft.what, b.Bytes()))
	}
	return parts, nil
}

// compare says what a second reading of an offer shows against the first.
func compare(first, now markwatch.Listing) (shown, note string) {
	switch {
	case now.Availability == markwatch.Gone:
		return "gone", "已下架"
	case store.Differs(first, now):
		return "changed", "仍在,但内容有变化"
	}
	return "on-sale", "仍在售,与采集时相同"
}
