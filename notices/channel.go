package notices

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/markwatch/markwatch"
)

// Format is the form in which a channel is spoken to.
type Format string

// The formats.
const (
	Webhook  Format = "webhook"  // JSON over HTTP, signed where there is a secret
	Email    Format = "email"    // SMTP
	WeCom    Format = "wecom"    // 企业微信 group robot
	DingTalk Format = "dingtalk" // 钉钉 group robot
	Feishu   Format = "feishu"   // 飞书 group robot
)

// Lang is the language of a channel.
type Lang string

// The languages. A text that is missing in one is told in the other.
const (
	Chinese Lang = "zh"
	English Lang = "en"
)

// Channel is one way to people. It prints as its id, without its secrets.
type Channel struct {
	Format Format
	// URL is the address of a webhook or robot, its key included.
	URL string
	// Secret signs what is sent; empty where the other end asks for none.
	Secret string
	// On holds the kinds of event that are told of.
	On []Kind
	// Lang is Chinese where empty. A webhook is told both languages.
	Lang Lang
	SMTP SMTP
	// To are e-mail addresses. Each is written to by itself.
	To []string
}

// SMTP is a mail server.
type SMTP struct {
	Host string
	// Port is that of the security where zero: 587, 465 or 25.
	Port     int
	Security Security
	// User and Password are empty where the server asks for none. They are
	// never sent without encryption.
	User, Password string
	// From is an address with or without a name: 标哨 <markwatch@unit.example>.
	From string
}

// Security is how the connection to a mail server is kept private.
type Security string

// The kinds of security; empty is STARTTLS, which fails where the server
// does not offer it.
const (
	STARTTLS Security = "starttls"
	TLS      Security = "tls"
	Plain    Security = "none"
)

// ID names the channel in jobs and logs: the same as long as it leads to the
// same people. No secret can be read or guessed out of it: it is a hash in
// which what people choose (passwords, values of a query) has no part, and of
// which robots' keys, being random, are one.
func (c Channel) ID() string {
	var parts []string
	switch c.Format {
	case Email:
		parts = append([]string{strings.ToLower(c.SMTP.Host), strconv.Itoa(c.SMTP.port()), c.SMTP.From}, c.To...)
	case Webhook:
		u, err := url.Parse(c.URL)
		if err != nil {
			break
		}
		parts = []string{u.Scheme, u.Host, u.EscapedPath(), strings.Join(slices.Sorted(keys(u.Query())), "&")}
	default:
		parts = []string{c.URL}
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return string(c.Format) + "-" + hex.EncodeToString(sum[:6])
}

func keys(q url.Values) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range q {
			if !yield(k) {
				return
			}
		}
	}
}

// String is the channel's id.
func (c Channel) String() string { return c.ID() }

// GoString is the channel's id, too.
func (c Channel) GoString() string { return c.ID() }

// LogValue is the channel's id, for slog.
func (c Channel) LogValue() slog.Value { return slog.StringValue(c.ID()) }

// port is the one that is connected to.
func (s SMTP) port() int {
	switch {
	case s.Port != 0:
		return s.Port
	case s.Security == TLS:
		return 465
	case s.Security == Plain:
		return 25
	}
	return 587
}

// check says why the channel cannot be used. It quotes no address, since that
// may hold a key.
func (c Channel) check() error {
	wrong := func(format string, args ...any) error {
		return markwatch.Errorf(markwatch.CodeInvalid, "a notice of the kind "+string(c.Format)+": "+format, args...)
	}
	switch c.Lang {
	case "", Chinese, English:
	default:
		return wrong("the language %q is neither zh nor en", c.Lang)
	}
	for _, k := range c.On {
		if !slices.Contains(Kinds(), k) {
			return wrong("there is no event %q", k)
		}
	}
	if c.Format == Email {
		return c.checkMail(wrong)
	}
	if _, ok := senders()[c.Format]; !ok {
		return wrong("there is no such kind")
	}
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return wrong("its address must begin with http:// or https://")
	}
	return nil
}

func (c Channel) checkMail(wrong func(string, ...any) error) error {
	if c.SMTP.Host == "" {
		return wrong("there is no mail server")
	}
	switch c.SMTP.Security {
	case "", STARTTLS, TLS:
	case Plain:
		if c.SMTP.User != "" {
			return wrong("a password is not sent without encryption")
		}
	default:
		return wrong("the security %q is none of starttls, tls and none", c.SMTP.Security)
	}
	for _, address := range append([]string{c.SMTP.From}, c.To...) {
		if _, err := mail.ParseAddress(address); err != nil {
			return wrong("%q is no e-mail address", address)
		}
	}
	if len(c.To) == 0 {
		return wrong("nobody is written to")
	}
	return nil
}

// tells says whether the channel is told of events of the kind.
func (c Channel) tells(k Kind) bool { return slices.Contains(c.On, k) }

// What is shorter is no secret, and would take words out of the text: of
// anything that may be one, and of a part of an address's path.
const (
	shortestSecret = 6
	shortestKey    = 16
)

// hide takes the channel's secrets out of a text that came from elsewhere.
func (c Channel) hide(s string) string {
	secrets := []string{c.URL, c.Secret, c.SMTP.Password}
	if u, err := url.Parse(c.URL); err == nil {
		password, _ := u.User.Password()
		secrets = append(secrets, u.RequestURI(), u.RawQuery, u.EscapedPath(), u.User.String(), password)
		for _, values := range u.Query() {
			secrets = append(secrets, values...)
		}
		for part := range strings.SplitSeq(u.Path, "/") {
			if len(part) >= shortestKey {
				secrets = append(secrets, part)
			}
		}
	}
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	for _, secret := range secrets {
		if len(secret) >= shortestSecret {
			s = strings.ReplaceAll(s, secret, "***")
			s = strings.ReplaceAll(s, url.QueryEscape(secret), "***")
		}
	}
	return s
}
