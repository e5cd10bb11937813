package notices

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"html"
	"net/mail"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// sendMail writes a letter of plain text and HTML. Its Message-ID is that of
// the event and the address, so that a letter which was taken twice is
// recognised as one.
func sendMail(ctx context.Context, n *Notices, c Channel, e Event) error {
	letter, err := n.letter(c, e)
	if err != nil {
		return err
	}
	options := []gomail.Option{
		gomail.WithPort(c.SMTP.port()), gomail.WithTimeout(answerTime), gomail.WithHELO("localhost"), gomail.WithoutNoop(),
		gomail.WithTLSConfig(&tls.Config{ServerName: c.SMTP.Host, RootCAs: n.roots, MinVersion: tls.VersionTLS12}),
	}
	switch c.SMTP.Security {
	case Plain:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	case TLS:
		options = append(options, gomail.WithSSL())
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if c.SMTP.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(c.SMTP.User), gomail.WithPassword(c.SMTP.Password))
	}
	client, err := gomail.NewClient(c.SMTP.Host, options...)
	if err != nil {
		return fmt.Errorf("preparing the connection to the mail server: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 2*answerTime)
	defer cancel()
	if err := client.DialAndSendWithContext(ctx, letter); err != nil {
		return fmt.Errorf("sending to %s: %w", c.To[0], err)
	}
	return nil
}

func (n *Notices) letter(c Channel, e Event) (*gomail.Msg, error) {
	from, err := mail.ParseAddress(c.SMTP.From)
	if err != nil {
		return nil, fmt.Errorf("the sender's address: %w", err)
	}
	to, err := mail.ParseAddress(c.To[0])
	if err != nil {
		return nil, fmt.Errorf("the address: %w", err)
	}
	m := n.in(c.Lang, e)
	letter := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	letter.FromMailAddress(from)
	letter.ToMailAddress(to)
	letter.Subject(line(m.title, maxHeading))
	letter.SetDateWithValue(n.now())
	sum := sha256.Sum256([]byte(e.ID + "\x00" + to.Address))
	_, domain, _ := strings.Cut(from.Address, "@")
	letter.SetMessageIDWithValue(hex.EncodeToString(sum[:16]) + "@" + domain)
	// RFC 3834: no holiday reply to a program.
	letter.SetGenHeader("Auto-Submitted", "auto-generated")
	if e.Severity == Grave {
		letter.SetImportance(gomail.ImportanceHigh)
	}
	letter.SetBodyString(gomail.TypeTextPlain, m.plain())
	letter.AddAlternativeString(gomail.TypeTextHTML, m.html())
	return letter, nil
}

// plain is the message as text. Mail programs make links of addresses, so that
// those of the text are made unfit for it.
func (m message) plain() string {
	var b strings.Builder
	b.WriteString(defang(m.title) + "\n\n")
	for _, l := range m.lines {
		b.WriteString(defang(l) + "\n")
	}
	if len(m.lines) > 0 {
		b.WriteString("\n")
	}
	for _, f := range m.facts {
		b.WriteString(defang(f[0]) + ": " + defang(f[1]) + "\n")
	}
	if m.link != "" {
		b.WriteString("\n" + m.linkText + ": " + m.link + "\n")
	}
	return b.String()
}

// html is the message as a page without pictures, styles from elsewhere or
// scripts.
func (m message) html() string {
	safe := func(s string) string { return html.EscapeString(defang(s)) }
	var b strings.Builder
	b.WriteString(`<!DOCTYPE html><html><head><meta charset="utf-8"></head><body style="font-family:sans-serif;line-height:1.6">` + "\n")
	b.WriteString("<h3>" + safe(m.title) + "</h3>\n")
	if len(m.lines) > 0 {
		b.WriteString("<p>")
		for i, l := range m.lines {
			if i > 0 {
				b.WriteString("<br>\n")
			}
			b.WriteString(safe(l))
		}
		b.WriteString("</p>\n")
	}
	if len(m.facts) > 0 {
		b.WriteString("<table>\n")
		for _, f := range m.facts {
			b.WriteString("<tr><td>" + safe(f[0]) + "</td><td>" + safe(f[1]) + "</td></tr>\n")
		}
		b.WriteString("</table>\n")
	}
	if m.link != "" {
		b.WriteString(`<p><a href="` + html.EscapeString(m.link) + `">` + html.EscapeString(m.linkText) + "</a></p>\n")
	}
	b.WriteString("</body></html>\n")
	return b.String()
}
