package configs_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
)

const notices = `
notices:
  - {kind: wecom, url: "https://qyapi.example/cgi-bin/webhook/send?key=${WECOM_KEY}"}
  - {kind: dingtalk, url: "${DINGTALK_URL}", secret_file: secrets/dingtalk.txt, on: [disk-quota], lang: en}
  - {kind: webhook, url: "http://10.0.0.7/hook", secret: "${HOOK_SECRET}", on: []}
  - {kind: feishu, url: ""}
  - kind: email
    url: mailto:chief@unit.example
    smtp: {host: mail.unit.example, security: tls, user: markwatch, password_file: secrets/mail.txt, from: 标哨 <markwatch@unit.example>}
    to: [night@unit.example]
  - {kind: email, smtp: {host: localhost, security: none, from: markwatch@unit.example}, to: [a@unit.example]}
`

func environment(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		v, ok := values[name]
		return v, ok
	}
}

func TestNoticesAreResolved(t *testing.T) {
	c := load(t, map[string]string{
		"markwatch.yaml": notices, "secrets/dingtalk.txt": "SEC000dingtalk\r\n", "secrets/mail.txt": "pässwort 1",
	})
	channels, err := c.Channels(environment(map[string]string{
		"WECOM_KEY": "key-0001", "DINGTALK_URL": " https://oapi.example/robot/send?access_token=token-0002\n", "HOOK_SECRET": "hook-0003",
	}))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, ch := range channels {
		got = append(got, fmt.Sprintf("%s %s|%s|%s|%s|%v|%v|%s:%d", ch.Kind, ch.Lang, ch.URL.Reveal(), ch.Secret.Reveal(), ch.Password.Reveal(), ch.On, ch.To, ch.SMTP.Security, ch.SMTP.Port))
	}
	want := []string{
		"wecom zh|https://qyapi.example/cgi-bin/webhook/send?key=key-0001|||[scan-failed source-blocked grave-lead]|[]|:0",
		"dingtalk en|https://oapi.example/robot/send?access_token=token-0002|SEC000dingtalk||[disk-quota]|[]|:0",
		"webhook zh|http://10.0.0.7/hook|hook-0003||[]|[]|:0",
		"email zh|mailto:chief@unit.example||pässwort 1|[scan-failed source-blocked grave-lead]|[night@unit.example chief@unit.example]|tls:465",
		"email zh||||[scan-failed source-blocked grave-lead]|[a@unit.example]|none:25",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestSecretsThatAreNotThere(t *testing.T) {
	c := load(t, map[string]string{"markwatch.yaml": notices, "secrets/mail.txt": "one\ntwo"})
	_, err := c.Channels(environment(map[string]string{"WECOM_KEY": "", "DINGTALK_URL": "token-0002-of-no-address"}))
	want := `markwatch.yaml: notices[0].url names the environment variable WECOM_KEY, which is not set
markwatch.yaml: notices[1].secret_file cannot be used: no such file or directory
markwatch.yaml: notices[1].url stands for no address that begins with http:// or https://
markwatch.yaml: notices[2].secret names the environment variable HOOK_SECRET, which is not set
markwatch.yaml: notices[4].smtp.password_file cannot be used: it holds more than one line`
	if err == nil || markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Fatal(err)
	}
	lines := strings.Split(err.Error(), "\n")
	slices.Sort(lines)
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestSecretsDoNotPrint: whoever writes a configuration out by accident writes
// none of its secrets.
func TestSecretsDoNotPrint(t *testing.T) {
	c := load(t, map[string]string{
		"markwatch.yaml": `notices: [{kind: webhook, url: "https://user:secret-0001@hook.example/secret-0002", secret_file: s.txt}]`, "s.txt": "secret-0003",
	})
	channels, err := c.Channels(environment(nil))
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(struct {
		C []configs.Channel
		D configs.Deployment
	}{channels, c.Deployment})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		string(asJSON), fmt.Sprint(channels, c.Deployment), fmt.Sprintf("%v %+v %#v", channels, channels, channels),
		fmt.Sprintf("%v %s %q %x %#v", channels[0].URL, channels[0].URL, channels[0].Secret, channels[0].Secret, channels[0].Secret),
		fmt.Sprintf("%+v %#v", c.Deployment, c.Deployment),
	} {
		if strings.Contains(text, "secret-000") || strings.Contains(text, fmt.Sprintf("%x", "secret-000")) {
			t.Errorf("a secret is printed: %s", text)
		}
	}
}

func TestWhoMayReadMetrics(t *testing.T) {
	none := load(t, nil).Deployment.Server.Metrics
	some := load(t, map[string]string{"markwatch.yaml": `server: {metrics: {allow: [10.1.0.0/16, 192.0.2.7, "fd00::/8"]}}`}).Deployment.Server.Metrics
	nobody := load(t, map[string]string{"markwatch.yaml": `server: {metrics: {allow: []}}`}).Deployment.Server.Metrics
	for _, c := range []struct {
		metrics configs.Metrics
		addr    string
		want    bool
	}{
		{none, "127.0.0.1", true},
		{none, "127.8.0.1", true},
		{none, "::1", true},
		{none, "::ffff:127.0.0.1", true},
		{none, "10.1.2.3", false},
		{some, "10.1.2.3", true},
		{some, "::ffff:10.1.2.3", true},
		{some, "10.2.0.1", false},
		{some, "192.0.2.7", true},
		{some, "192.0.2.8", false},
		{some, "fd00::1%eth0", true},
		{some, "127.0.0.1", false},
		{nobody, "127.0.0.1", false},
	} {
		addr := netip.MustParseAddr(c.addr).Unmap().WithZone("")
		if got := slices.ContainsFunc(c.metrics.Prefixes(), func(p netip.Prefix) bool { return p.Contains(addr) }); got != c.want {
			t.Errorf("%v allows %s: %v", c.metrics.Allow, c.addr, got)
		}
	}
}

func TestArchiveAndTraffic(t *testing.T) {
	d := load(t, nil).Deployment
	if d.Archive != (configs.Archive{Warn: 0.8, Rotate: 1 << 30}) {
		t.Errorf("defaults: %+v", d.Archive)
	}
	c := load(t, map[string]string{
		"markwatch.yaml": "archive: {quota: 500GiB, warn: 0.9, rotate: 256MiB}\nserver: {url: https://desk.unit.example}\n",
		"sources/a.yaml": `
sources:
  - {id: a, kind: site, start: ["https://a.example/"], limits: {traffic: 300MiB}, request: {http: 2}}
  - {id: b, kind: site, start: ["https://b.example/"]}
  - {id: c, kind: table, start: ["c.csv"]}
  - {id: d, kind: feed, start: ["http://d.example/{keyword}.json"], keywords: [代购], json: {items: "$.data.*[0]['a.b']", fields: {title: name, price: sale.price|cents}}}
`,
	})
	if got, want := c.Deployment.Archive, (configs.Archive{Quota: 500 << 30, Warn: 0.9, Rotate: 256 << 20}); got != want {
		t.Errorf("archive is %+v, want %+v", got, want)
	}
	for i, want := range []struct {
		traffic markwatch.Bytes
		http    string
	}{{300 << 20, "2"}, {20 << 30, "1.1"}, {0, "1.1"}, {20 << 30, "1.1"}} {
		if s := c.Lists.Sources[i]; s.Limits.Traffic != want.traffic || s.Request.HTTP != want.http {
			t.Errorf("%s: traffic %d, http %q", s.ID, s.Limits.Traffic, s.Request.HTTP)
		}
	}
}
