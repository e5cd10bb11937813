package notices

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// Sizes that the robots take, in bytes of UTF-8.
const (
	maxWeCom    = 4096       // of the Markdown
	maxDingTalk = 15 << 10   // of the Markdown, in a request of 20,000 bytes
	maxFeishu   = 15 << 10   // of the texts, in a request of 20 KiB
	maxHeading  = 300        // of a title
	maxFact     = 300        // of a fact's value
	lineBreak   = "\n"       // ends a line in WeCom's Markdown
	paragraph   = "\n\n"     // ends a line in DingTalk's
	quote       = "> "       // begins a quoted line
	emphasis    = "**"       // on both sides of a title
	noticeType  = "markdown" // msgtype of WeCom and DingTalk
)

// compose writes the message in the robots' Markdown: title, text, facts and
// link, of which the text is cut where all of it is too long.
func (m message) compose(limit int, end string) string {
	head := emphasis + markdown(cut(m.title, maxHeading)) + emphasis
	var tail strings.Builder
	if m.link != "" {
		tail.WriteString(end + "[" + m.linkText + "](" + m.link + ")")
	}
	room := limit - len(head) - tail.Len()
	if room < 0 {
		return cut(head, limit)
	}
	var facts strings.Builder
	for _, f := range m.facts {
		if s := end + quote + markdown(f[0]) + ": " + markdown(cut(f[1], maxFact)); facts.Len()+len(s) <= room/2 {
			facts.WriteString(s)
		}
	}
	var text strings.Builder
	for _, l := range m.lines {
		text.WriteString(end + markdown(l))
	}
	return head + cut(text.String(), room-facts.Len()) + facts.String() + tail.String()
}

// sendWeCom posts to a group robot of 企业微信.
//
// https://developer.work.weixin.qq.com/document/path/91770
func sendWeCom(ctx context.Context, n *Notices, c Channel, e Event) error {
	type content struct {
		Content string `json:"content"`
	}
	return n.robot(ctx, c.URL, struct {
		Type     string  `json:"msgtype"`
		Markdown content `json:"markdown"`
	}{noticeType, content{n.in(c.Lang, e).compose(maxWeCom, lineBreak)}})
}

// sendDingTalk posts to a group robot of 钉钉. With a secret the address gets
// the time and its signature, keyed by the secret.
//
// https://open.dingtalk.com/document/robots/custom-robot-access
func sendDingTalk(ctx context.Context, n *Notices, c Channel, e Event) error {
	type content struct {
		Title string `json:"title"`
		Text  string `json:"text"`
	}
	type mentions struct {
		All bool `json:"isAtAll"`
	}
	address, err := url.Parse(c.URL)
	if err != nil {
		return errors.New("the address is wrong")
	}
	if c.Secret != "" {
		stamp := strconv.FormatInt(n.now().UnixMilli(), 10)
		q := address.Query()
		q.Set("timestamp", stamp)
		q.Set("sign", sign(c.Secret, stamp+"\n"+c.Secret))
		address.RawQuery = q.Encode()
	}
	m := n.in(c.Lang, e)
	return n.robot(ctx, address.String(), struct {
		Type     string   `json:"msgtype"`
		Markdown content  `json:"markdown"`
		At       mentions `json:"at"`
	}{noticeType, content{markdown(cut(m.title, maxHeading)), m.compose(maxDingTalk, paragraph)}, mentions{}})
}

// feishuNode is a piece of a line of Feishu's rich text. The text of one is
// never markup.
type feishuNode struct {
	Tag  string `json:"tag"`
	Text string `json:"text"`
	Href string `json:"href,omitempty"`
}

// sendFeishu posts rich text to a group robot of 飞书. With a secret the
// message holds the time and a signature keyed by time and secret.
//
// https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
func sendFeishu(ctx context.Context, n *Notices, c Channel, e Event) error {
	type post struct {
		Title   string         `json:"title"`
		Content [][]feishuNode `json:"content"`
	}
	type content struct {
		Post map[string]post `json:"post"`
	}
	type body struct {
		Timestamp string  `json:"timestamp,omitempty"`
		Sign      string  `json:"sign,omitempty"`
		Type      string  `json:"msg_type"`
		Content   content `json:"content"`
	}
	m := n.in(c.Lang, e)
	locale := "zh_cn"
	if c.Lang == English {
		locale = "en_us"
	}
	b := body{Type: "post", Content: content{map[string]post{locale: {Title: feishuText(cut(m.title, maxHeading)), Content: m.rich(maxFeishu)}}}}
	if c.Secret != "" {
		b.Timestamp = strconv.FormatInt(n.now().Unix(), 10)
		b.Sign = sign(b.Timestamp+"\n"+c.Secret, "")
	}
	return n.robot(ctx, c.URL, b)
}

// rich is the message as lines of rich text, as many as there is room for. A
// line counts with what its JSON takes beside the text.
func (m message) rich(limit int) [][]feishuNode {
	const frame = 40
	rows := [][]feishuNode{}
	add := func(text string, room int) {
		if room -= frame; room > 0 {
			text = cut(feishuText(text), room)
			limit -= len(text) + frame
			rows = append(rows, []feishuNode{{Tag: "text", Text: text}})
		}
	}
	limit -= len(m.link) + len(m.linkText) + frame
	facts := limit / 2
	for _, l := range m.lines {
		add(l, limit-facts)
	}
	for _, f := range m.facts {
		add(f[0]+": "+cut(f[1], maxFact), limit)
	}
	if m.link != "" {
		rows = append(rows, []feishuNode{{Tag: "a", Text: m.linkText, Href: m.link}})
	}
	return rows
}

// feishuText is text for a node, which is shown as it is but for addresses.
// The sign of a mention is replaced all the same.
func feishuText(s string) string {
	return strings.NewReplacer("<", "＜", ">", "＞", "@", "＠").Replace(defang(s))
}

// sign is the base64 HMAC-SHA256 of text.
func sign(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
