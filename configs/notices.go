package configs

import (
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Notice sends word of what happened. One with neither an address nor a mail
// server sends nothing.
type Notice struct {
	// Kind is webhook, email, wecom, dingtalk or feishu.
	Kind string `yaml:"kind"`
	// URL is the address of a webhook or robot; of an e-mail "mailto:", which
	// adds to To. ${NAME} in it stands for an environment variable.
	URL Secret `yaml:"url"`
	// On holds the events that are told of: scan-finished, scan-failed,
	// source-blocked, source-degraded, grave-lead, disk-quota, saved-search, lead-due, report-due.
	On []string `yaml:"on"`
	// Secret is ${NAME} or empty, SecretFile a path; one of them at most.
	Secret     Secret   `yaml:"secret"`
	SecretFile string   `yaml:"secret_file"`
	SMTP       SMTP     `yaml:"smtp"`
	To         []string `yaml:"to"`
	// Lang is zh or en.
	Lang string `yaml:"lang"`
}

// SMTP is the mail server of a notice by e-mail.
type SMTP struct {
	Host string `yaml:"host"`
	Port int    `yaml:"port"`
	// Security is starttls, tls or none.
	Security string `yaml:"security"`
	User     string `yaml:"user"`
	// Password is ${NAME} or empty, PasswordFile a path; one of them at most.
	Password     Secret `yaml:"password"`
	PasswordFile string `yaml:"password_file"`
	From         string `yaml:"from"`
}

// noticeEvents are the events that notices tell of.
var noticeEvents = []string{
	"scan-finished", "scan-failed", "source-blocked", "source-degraded", "grave-lead", "disk-quota", "saved-search", "lead-due", "report-due",
}

// smtpPort is the usual port of a security.
func smtpPort(security string) int {
	switch security {
	case "tls":
		return 465
	case "none":
		return 25
	}
	return 587
}

// Sends says whether the notice leads anywhere.
func (n Notice) Sends() bool { return n.URL != "" || n.SMTP.Host != "" }

// notice checks a notice and fills in its defaults.
func (c checker) notice(p *keyPath, n *Notice) {
	if c.required(p.key("kind"), n.Kind) {
		c.oneOf(p.key("kind"), n.Kind, "webhook", "email", "wecom", "dingtalk", "feishu")
	}
	if n.On == nil {
		n.On = []string{"scan-failed", "source-blocked", "grave-lead"}
	}
	for j, on := range n.On {
		c.oneOf(p.key("on").at(j), on, noticeEvents...)
	}
	fill(&n.Lang, "zh")
	c.oneOf(p.key("lang"), n.Lang, "zh", "en")
	c.secret(p.key("secret"), n.Secret, n.SecretFile)
	if n.Kind == "email" {
		c.noticeURL(p.key("url"), n.URL, "mailto")
		c.mail(p, n)
		return
	}
	c.noticeURL(p.key("url"), n.URL, "http", "https")
	for _, key := range []string{"smtp", "to"} {
		if c.doc.has(p.key(key)) && (key == "smtp" && n.SMTP != (SMTP{}) || len(n.To) > 0) {
			c.fail(p.key(key), "", "is for notices of the kind email")
		}
	}
}

func (c checker) mail(p *keyPath, n *Notice) {
	s, at := &n.SMTP, p.key("smtp")
	if n.Sends() || len(n.To) > 0 {
		c.required(at.key("host"), s.Host)
		if c.required(at.key("from"), s.From) {
			c.address(at.key("from"), s.From)
		}
		if len(n.To) == 0 && n.URL == "" {
			c.fail(p.key("to"), "", "is missing; a notice by e-mail has at least one address")
		}
	}
	for i, to := range n.To {
		if c.required(p.key("to").at(i), to) {
			c.address(p.key("to").at(i), to)
		}
	}
	fill(&s.Security, "starttls")
	c.oneOf(at.key("security"), s.Security, "starttls", "tls", "none")
	if s.Port < 0 || s.Port > 65535 {
		c.fail(at.key("port"), "", "must be between 1 and 65535, not %d", s.Port)
	}
	fill(&s.Port, smtpPort(s.Security))
	c.secret(at.key("password"), s.Password, s.PasswordFile)
	secret := s.Password != "" || s.PasswordFile != ""
	switch {
	case s.Security == "none" && (secret || s.User != ""):
		c.fail(at.key("security"), "", "is none, and no password is sent without encryption")
	case secret && s.User == "":
		c.fail(at.key("user"), "", "is missing, but there is a password")
	case s.User != "" && !secret:
		c.fail(at.key("password_file"), "", "is missing, but there is a user")
	}
}

// address checks an e-mail address with or without a name.
func (c checker) address(p *keyPath, s string) {
	if _, err := mail.ParseAddress(s); err != nil {
		c.fail(p, "", "is %q, which is no e-mail address", s)
	}
}

// secret checks that a secret stands in the environment or in a file of its
// own, not in the configuration. What it is instead is never quoted.
func (c checker) secret(p *keyPath, value Secret, file string) {
	switch {
	case value == "":
	case !onlyVariable.MatchString(string(value)):
		c.fail(p, "", "must be a reference such as ${MARKWATCH_SECRET}; a secret itself goes into the environment or into the file of %s_file", p.name)
	case file != "":
		c.fail(p, "", "and %s_file are both there; one of them is enough", p.name)
	}
}

var (
	onlyVariable = regexp.MustCompile(`^\$\{[A-Za-z_][A-Za-z0-9_]*\}$`)
	variable     = regexp.MustCompile(`\$\{([^{}]*)\}`)
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// noticeURL is optionalURL with environment variables in it, of which nothing
// is known but their names.
func (c checker) noticeURL(p *keyPath, value Secret, schemes ...string) {
	for _, m := range variable.FindAllStringSubmatch(string(value), -1) {
		if !variableName.MatchString(m[1]) {
			c.fail(p, "", "holds a reference ${…} that is no name of an environment variable")
			return
		}
	}
	if strings.HasPrefix(string(value), "${") {
		return
	}
	raw := variable.ReplaceAllString(string(value), "x")
	c.optionalURL(p, raw, schemes...)
	if u, err := url.Parse(raw); err == nil && u.Scheme == "mailto" && slices.Contains(schemes, "mailto") {
		if _, err := mail.ParseAddressList(u.Opaque); err != nil {
			c.fail(p, "", "holds no e-mail address after mailto:")
		}
	}
}
