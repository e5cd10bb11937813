package notices

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"html"
	"net"
	"net/mail"
	"strings"
	"sync"

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
	ctx, cancel := context.WithTimeout(ctx, 2*answerTime)
	defer cancel()
	wire := mailLine{config: &tls.Config{ServerName: c.SMTP.Host, RootCAs: n.roots, MinVersion: tls.VersionTLS12}, implicit: c.SMTP.Security == TLS}
	defer wire.hangUp()
	defer context.AfterFunc(ctx, wire.hangUp)()
	policy := gomail.TLSMandatory
	switch c.SMTP.Security {
	case Plain:
		policy = gomail.NoTLS
	case TLS:
		// The line is encrypted when the library gets it; it is not to ask for more.
		policy = gomail.TLSOpportunistic
	}
	options := []gomail.Option{
		gomail.WithPort(c.SMTP.port()), gomail.WithTimeout(answerTime), gomail.WithHELO("localhost"), gomail.WithoutNoop(),
		gomail.WithTLSPolicy(policy), gomail.WithTLSConfig(wire.config), gomail.WithDialContextFunc(wire.dial),
	}
	if c.SMTP.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(c.SMTP.User), gomail.WithPassword(c.SMTP.Password))
	}
	client, err := gomail.NewClient(c.SMTP.Host, options...)
	if err != nil {
		return fmt.Errorf("preparing the connection to the mail server: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, letter); err != nil {
		return fmt.Errorf("sending to %s: %w", c.To[0], err)
	}
	return nil
}

// mailLine is the connection of one letter. The library leaves it open where
// it cannot agree with the server, and does not look at the context once it
// is connected.
type mailLine struct {
	config   *tls.Config
	implicit bool

	mu   sync.Mutex
	conn net.Conn
	over bool
}

func (l *mailLine) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.conn = conn
	over := l.over
	l.mu.Unlock()
	if over {
		_ = conn.Close()
	}
	if !l.implicit {
		return conn, nil
	}
	encrypted := tls.Client(conn, l.config)
	return encrypted, encrypted.HandshakeContext(ctx)
}

func (l *mailLine) hangUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	if l.conn != nil {
		_ = l.conn.Close() // after a letter that was taken it is closed already
	}
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
