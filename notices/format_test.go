package notices_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/notices"
)

var update = flag.Bool("update", false, "write the golden messages of testdata anew")

// now is the time at which everything in these tests happens.
var now = time.Date(2026, 11, 21, 18, 13, 7, 0, time.UTC)

// grave is an event whose texts a hostile page wrote.
func grave() notices.Event {
	return notices.Event{
		Kind: notices.GraveLead, Severity: notices.Grave, At: now, Source: "shop", SourceName: "示例商城", Scan: "01JD0001",
		Title: markwatch.Text{ZH: "发现 2 条严重线索", EN: "2 grave leads"},
		Text: markwatch.Text{
			ZH: "0.97 高仿 [点我](https://evil.example/x) **耐克** <@all> @所有人 <at user_id=\"all\">\r\n0.95 <script>alert(1)</script> & \u202e倒 加微信 abc_123 www.evil.com \x00\xff",
			EN: "0.97 replica",
		},
		Link: "scans/01JD0001?from=notice",
		Facts: []notices.Fact{
			{Name: markwatch.Text{ZH: "最高可疑度", EN: "Highest score"}, Value: "0.97"},
			{Name: markwatch.Text{ZH: "卖家", EN: "Seller"}, Value: "鞋坊`小李`\n# 标题"},
		},
	}
}

// request is what a robot got.
type request struct {
	header http.Header
	query  url.Values
	body   []byte
}

// robot is a server that keeps requests and answers with one answer.
type robot struct {
	*httptest.Server
	mu       sync.Mutex
	requests []request
}

func newRobot(t *testing.T, status int, answer string) *robot {
	t.Helper()
	r := &robot{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Error(err)
		}
		r.mu.Lock()
		r.requests = append(r.requests, request{req.Header, req.URL.Query(), body})
		r.mu.Unlock()
		if status/100 == 3 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *robot) got(t *testing.T) []request {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.requests
}

// desk makes Notices with one channel.
func desk(t *testing.T, channels ...notices.Channel) *notices.Notices {
	t.Helper()
	n, err := notices.New(notices.Options{
		Channels: channels, Desk: "https://desk.unit.example/", Location: time.FixedZone("CST", 8*3600), Now: func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// deliver tells the channel of the event now.
func deliver(t *testing.T, c notices.Channel, e notices.Event) error {
	t.Helper()
	return desk(t, c).Deliver(t.Context(), c.ID(), e)
}

// golden compares with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// pretty indents JSON for the golden files.
func pretty(t *testing.T, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, body, "", "  "); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return append(b.Bytes(), '\n')
}

const ok = `{"errcode":0,"errmsg":"ok"}`

func mac(key, text string) []byte {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(text))
	return h.Sum(nil)
}

// TestFormats holds the message of each format, and that its signature is the
// one that the other end computes.
func TestFormats(t *testing.T) {
	const secret = "SEC-of-the-test"
	for _, c := range []struct {
		format notices.Format
		answer string
		check  func(t *testing.T, r request)
	}{
		{notices.Webhook, "", func(t *testing.T, r request) {
			if got, want := r.header.Get("X-Markwatch-Signature"), "sha256="+hex.EncodeToString(mac(secret, string(r.body))); got != want {
				t.Errorf("signature %s, want %s", got, want)
			}
			if r.header.Get("X-Markwatch-Event") != "grave-lead" {
				t.Errorf("event %q", r.header.Get("X-Markwatch-Event"))
			}
		}},
		{notices.WeCom, ok, nil},
		{notices.DingTalk, ok, func(t *testing.T, r request) {
			stamp := fmt.Sprint(now.UnixMilli())
			if got, want := r.query.Get("sign"), base64.StdEncoding.EncodeToString(mac(secret, stamp+"\n"+secret)); got != want || r.query.Get("timestamp") != stamp {
				t.Errorf("sign %q of %s, want %q", got, r.query.Get("timestamp"), want)
			}
			if r.query.Get("access_token") != "token" {
				t.Error("the token is lost")
			}
		}},
		{notices.Feishu, `{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}`, func(t *testing.T, r request) {
			var body struct{ Timestamp, Sign string }
			if err := json.Unmarshal(r.body, &body); err != nil {
				t.Fatal(err)
			}
			stamp := fmt.Sprint(now.Unix())
			if want := base64.StdEncoding.EncodeToString(mac(stamp+"\n"+secret, "")); body.Sign != want || body.Timestamp != stamp {
				t.Errorf("sign %q of %s, want %q", body.Sign, body.Timestamp, want)
			}
		}},
	} {
		for _, lang := range []notices.Lang{notices.Chinese, notices.English} {
			t.Run(string(c.format)+"-"+string(lang), func(t *testing.T) {
				server := newRobot(t, http.StatusOK, c.answer)
				channel := notices.Channel{Format: c.format, URL: server.URL + "/send?access_token=token", Secret: secret, Lang: lang}
				if err := deliver(t, channel, grave()); err != nil {
					t.Fatal(err)
				}
				r := server.got(t)[0]
				if got := r.header.Get("Content-Type"); got != "application/json; charset=utf-8" {
					t.Errorf("content type %q", got)
				}
				if c.check != nil {
					c.check(t, r)
				}
				golden(t, string(c.format)+"-"+string(lang)+".json", pretty(t, r.body))
			})
		}
	}
}

// TestNoSecretNoSignature: a robot that asks for none gets none.
func TestNoSecretNoSignature(t *testing.T) {
	for _, format := range []notices.Format{notices.Webhook, notices.DingTalk, notices.Feishu} {
		server := newRobot(t, http.StatusOK, `{"errcode":0,"code":0}`)
		if err := deliver(t, notices.Channel{Format: format, URL: server.URL}, grave()); err != nil {
			t.Fatal(err)
		}
		r := server.got(t)[0]
		if r.header.Get("X-Markwatch-Signature") != "" || r.query.Has("sign") || bytes.Contains(r.body, []byte(`"sign"`)) {
			t.Errorf("%s is signed without a secret", format)
		}
	}
}

// TestWhatIsNoDelivery: all robots answer 200 to what they refuse.
func TestWhatIsNoDelivery(t *testing.T) {
	for _, c := range []struct {
		name   string
		format notices.Format
		status int
		answer string
		want   string
	}{
		{"WeCom's limit", notices.WeCom, 200, `{"errcode":45009,"errmsg":"api freq out of limit"}`, "code 45009: api freq out of limit"},
		{"WeCom's key", notices.WeCom, 200, `{"errcode":93000,"errmsg":"invalid webhook url key-0123456789"}`, "code 93000: invalid webhook url ***"},
		{"DingTalk's sign", notices.DingTalk, 200, `{"errcode":310000,"errmsg":"sign not match"}`, "code 310000: sign not match"},
		{"Feishu's keyword", notices.Feishu, 200, `{"code":19024,"msg":"Key Words Not Found","data":{}}`, "code 19024: Key Words Not Found"},
		{"Feishu of old", notices.Feishu, 200, `{"StatusCode":9499,"StatusMessage":"x"}`, "code 9499"},
		{"no JSON", notices.WeCom, 200, `<html>login</html>`, "no robot's: <html>login</html>"},
		{"no code", notices.WeCom, 200, `{"hello":1}`, "without a code"},
		{"nothing", notices.Feishu, 200, ``, "no robot's"},
		{"a fault", notices.Webhook, 500, "out of order", "answered 500: out of order"},
		{"not found", notices.Webhook, 404, "", "answered 404"},
		{"a redirect", notices.Webhook, 302, "", "redirect (302), which is not followed"},
		{"a redirect of a robot", notices.DingTalk, 307, ok, "redirect (307), which is not followed"},
		{"an endless answer", notices.Webhook, 400, strings.Repeat("x", 1<<20), "answered 400: xxx"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := newRobot(t, c.status, c.answer)
			channel := notices.Channel{Format: c.format, URL: server.URL + "/send?key=key-0123456789", Secret: "SEC-of-the-test"}
			err := deliver(t, channel, grave())
			if err == nil || !strings.Contains(err.Error(), c.want) || markwatch.ErrorCode(err) != markwatch.CodeUnavailable {
				t.Errorf("got %v, want …%s…", err, c.want)
			}
			if n := len(server.got(t)); n != 1 {
				t.Errorf("%d requests", n)
			}
			if err != nil && (strings.Contains(err.Error(), "key-0123456789") || strings.Contains(err.Error(), "SEC-of") || len(err.Error()) > 1500) {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
}

func TestErrorsNameNoAddress(t *testing.T) {
	server := newRobot(t, 200, ok)
	server.Close()
	c := notices.Channel{Format: notices.WeCom, URL: server.URL + "/send?key=key-0123456789"}
	err := deliver(t, c, grave())
	if err == nil || strings.Contains(err.Error(), "key-0123456789") || strings.Contains(err.Error(), "/send") {
		t.Errorf("got %v", err)
	}
	for _, bad := range []notices.Channel{
		{Format: notices.WeCom, URL: "qyapi.example/send?key=key-0123456789"},
		{Format: notices.Webhook, URL: "://key-0123456789"},
		{Format: "pigeon", URL: "https://a.example/key-0123456789"},
		{Format: notices.Webhook, URL: "https://a.example/key-0123456789", On: []notices.Kind{"scan-fnished"}},
		{Format: notices.Webhook, URL: "https://a.example/key-0123456789", Lang: "de"},
	} {
		_, err := notices.New(notices.Options{Channels: []notices.Channel{bad}})
		if markwatch.ErrorCode(err) != markwatch.CodeInvalid || strings.Contains(err.Error(), "key-0123456789") {
			t.Errorf("%s: %v", bad.Format, err)
		}
	}
}

// TestLongMessagesFit: sizes are counted in bytes, characters are never cut,
// and the link is never lost.
func TestLongMessagesFit(t *testing.T) {
	long := grave()
	long.Title.ZH = strings.Repeat("题", 5000)
	long.Text.ZH = strings.Repeat("高仿「\"<耐克>\"」\n", 5000)
	for range 100 {
		long.Facts = append(long.Facts, notices.Fact{Name: markwatch.Text{ZH: strings.Repeat("名", 100)}, Value: strings.Repeat("<值>", 5000)})
	}
	for format, most := range map[notices.Format]int{notices.WeCom: 4096, notices.DingTalk: 20_000, notices.Feishu: 20 << 10} {
		server := newRobot(t, 200, `{"errcode":0,"code":0}`)
		if err := deliver(t, notices.Channel{Format: format, URL: server.URL, Secret: "s"}, long); err != nil {
			t.Fatal(err)
		}
		body := server.got(t)[0].body
		var message struct {
			Markdown struct{ Content, Text string }
		}
		if err := json.Unmarshal(body, &message); err != nil {
			t.Fatal(err)
		}
		size := len(body)
		if format == notices.WeCom {
			size = len(message.Markdown.Content)
		}
		if size > most || size < most/2 {
			t.Errorf("%s: %d bytes, want at most %d and near it", format, size, most)
		}
		if bytes.Contains(body, []byte("\uFFFD")) || !bytes.Contains(body, []byte("https://desk.unit.example/scans/01JD0001")) {
			t.Errorf("%s: a character was cut, or the link is lost: …%s", format, body[len(body)-300:])
		}
	}
}

// TestLinksLeadToTheDeskAlone holds every link against the desk's address.
func TestLinksLeadToTheDeskAlone(t *testing.T) {
	for link, want := range map[string]string{
		"leads/2026-0001":                         "https://desk.unit.example/leads/2026-0001",
		"/leads?q=a b&x=(1)":                      "https://desk.unit.example/leads?q=a%20b&x=%281%29",
		"https://desk.unit.example/leads/1":       "https://desk.unit.example/leads/1",
		"HTTPS://desk.unit.example/leads/1":       "https://desk.unit.example/leads/1",
		"https://evil.example/":                   "",
		"http://desk.unit.example/":               "",
		"https://desk.unit.example@evil.example/": "",
		"https://u:p@desk.unit.example/":          "",
		"https://desk.unit.example.evil.example/": "",
		"//evil.example/x":                        "",
		`\\evil.example/x`:                        "https://desk.unit.example/evil.example/x",
		"javascript:alert(1)":                     "",
		"../../etc":                               "",
		"leads/](https://evil.example)":           "https://desk.unit.example/leads/%5D%28https:/evil.example%29",
		"":                                        "",
		"leads/1\nhttps://evil.example":           "",
	} {
		server := newRobot(t, 200, "")
		e := grave()
		e.Link = link
		if err := deliver(t, notices.Channel{Format: notices.Webhook, URL: server.URL}, e); err != nil {
			t.Fatal(err)
		}
		var got notices.Event
		if err := json.Unmarshal(server.got(t)[0].body, &got); err != nil {
			t.Fatal(err)
		}
		if got.Link != want {
			t.Errorf("%q became %q, want %q", link, got.Link, want)
		}
	}
}

// TestChannelsAreTheSameTomorrow: ids must not change from one start to the
// next, nor tell a secret, nor be those of another channel.
func TestChannelsAreTheSameTomorrow(t *testing.T) {
	channel := notices.Channel{Format: notices.Webhook, URL: "https://u:guess@hook.example/a?token=guess", Secret: "guess", On: notices.Kinds()}
	same := channel
	same.URL, same.Secret, same.On, same.Lang = "https://u:other@hook.example/a?token=other", "other", nil, notices.English
	if channel.ID() != same.ID() {
		t.Error("a secret is part of the id, which could be guessed from it")
	}
	ids := map[string]bool{channel.ID(): true}
	for _, other := range []notices.Channel{
		{Format: notices.Webhook, URL: "https://hook.example/b"},
		{Format: notices.WeCom, URL: "https://qyapi.example/send?key=11111111"},
		{Format: notices.WeCom, URL: "https://qyapi.example/send?key=22222222"},
		{Format: notices.Email, SMTP: notices.SMTP{Host: "mail.example", From: "a@b.example"}, To: []string{"c@d.example"}},
		{Format: notices.Email, SMTP: notices.SMTP{Host: "mail.example", From: "a@b.example"}, To: []string{"e@d.example"}},
	} {
		if ids[other.ID()] {
			t.Errorf("%s is taken twice", other.ID())
		}
		ids[other.ID()] = true
	}
	if got, want := (notices.Channel{Format: notices.WeCom, URL: "https://qyapi.example/send?key=1"}).ID(), "wecom-d4d6ffb5f759"; got != want {
		t.Errorf("the id is %s, want %s: jobs that wait would lose their channel", got, want)
	}
	if text := fmt.Sprintf("%v %+v %#v %s", channel, channel, channel, channel); strings.Contains(text, "guess") {
		t.Errorf("a secret is printed: %s", text)
	}
}

func TestNobodyWaitsForAServerThatHangs(t *testing.T) {
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	}))
	defer server.Close()
	defer close(hang)
	c := notices.Channel{Format: notices.WeCom, URL: server.URL}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if err := desk(t, c).Deliver(ctx, c.ID(), grave()); err == nil || ctx.Err() == nil {
		t.Errorf("got %v", err)
	}
}

// FuzzText: whatever a page wrote, no format turns it into markup, a mention
// or a link, and what is stored is text that any database takes.
func FuzzText(f *testing.F) {
	for _, seed := range []string{
		grave().Text.ZH, "[a](b)", "<@all>", "&lt;@all&gt;", "http://evil.example", "evil。com", "**x**", "`x`", "\\[x\\](y)", "\xff\x00\u202e",
	} {
		f.Add(seed)
	}
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		_, _ = io.WriteString(w, `{"errcode":0,"code":0}`)
	}))
	f.Cleanup(server.Close)
	var ns []*notices.Notices
	for _, format := range []notices.Format{notices.WeCom, notices.DingTalk, notices.Feishu} {
		n, err := notices.New(notices.Options{Channels: []notices.Channel{{Format: format, URL: server.URL}}, Now: func() time.Time { return now }})
		if err != nil {
			f.Fatal(err)
		}
		ns = append(ns, n)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e := notices.Event{Kind: notices.GraveLead, Title: markwatch.Text{ZH: text}, Text: markwatch.Text{ZH: text}, SourceName: text, Link: text,
			Facts: []notices.Fact{{Name: markwatch.Text{ZH: text}, Value: text}}}
		for i, n := range ns {
			if err := n.Deliver(t.Context(), n.Channels()[0].ID(), e); err != nil {
				t.Fatal(err)
			}
			var m struct {
				Markdown struct{ Content, Text, Title string }
			}
			if err := json.Unmarshal(body, &m); err != nil {
				t.Fatal(err)
			}
			shown := m.Markdown.Content + m.Markdown.Text
			if i == 2 {
				if strings.Contains(string(body), `"tag":"a"`) || strings.Contains(string(body), `"tag":"at"`) || strings.Contains(string(body), "://") {
					t.Errorf("a link or a mention in %s", body)
				}
				continue
			}
			if strings.ContainsAny(strings.ReplaceAll(shown, "\n> ", ""), "<>[]()`@&\\#_") || strings.Count(shown, "*") != 4 || strings.Contains(shown, "://") {
				t.Errorf("%q is markup", shown)
			}
		}
	})
}
