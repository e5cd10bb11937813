package notices_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/notices"
)

// mailServer is an SMTP server (RFC 5321) with STARTTLS (RFC 3207) and AUTH
// PLAIN (RFC 4954), which keeps what it is sent.
type mailServer struct {
	listener net.Listener
	tls      *tls.Config
	roots    *x509.CertPool
	implicit bool // TLS from the first byte
	noTLS    bool // STARTTLS is not offered
	refuse   string

	mu      sync.Mutex
	letters []letter
}

type letter struct {
	from, to, login string
	encrypted       bool
	data            string
}

func newMailServer(t *testing.T, set ...func(*mailServer)) *mailServer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s := &mailServer{roots: x509.NewCertPool(), tls: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}}
	s.roots.AddCert(cert)
	for _, change := range set {
		change(s)
	}
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	var open sync.WaitGroup
	t.Cleanup(func() {
		_ = s.listener.Close()
		open.Wait()
	})
	open.Go(func() {
		for {
			conn, err := s.listener.Accept()
			if err != nil {
				return
			}
			open.Go(func() {
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
				if s.implicit {
					s.talk(tls.Server(conn, s.tls), true)
				} else {
					s.talk(conn, false)
				}
			})
		}
	})
	return s
}

// talk speaks SMTP until the client hangs up.
func (s *mailServer) talk(conn net.Conn, encrypted bool) {
	r := bufio.NewReader(conn)
	say := func(lines ...string) { _, _ = io.WriteString(conn, strings.Join(lines, "\r\n")+"\r\n") }
	if _, tlsAlready := conn.(*tls.Conn); !tlsAlready || s.implicit {
		say("220 mail ready")
	}
	l := letter{encrypted: encrypted}
	for {
		text, err := r.ReadString('\n')
		if err != nil {
			return
		}
		text = strings.TrimRight(text, "\r\n")
		verb, rest, _ := strings.Cut(text, " ")
		switch strings.ToUpper(verb) {
		case "EHLO", "HELO":
			offers := []string{"250-mail"}
			if !encrypted && !s.noTLS {
				offers = append(offers, "250-STARTTLS")
			}
			if encrypted {
				offers = append(offers, "250-AUTH PLAIN")
			}
			say(append(offers, "250 8BITMIME")...)
		case "STARTTLS":
			say("220 go on")
			secure := tls.Server(conn, s.tls)
			if secure.Handshake() == nil {
				s.talk(secure, true)
			}
			return
		case "AUTH":
			_, initial, _ := strings.Cut(rest, " ")
			plain, _ := base64.StdEncoding.DecodeString(initial)
			if l.login = strings.ReplaceAll(string(plain), "\x00", "|"); strings.Contains(l.login, "wrong") {
				say("535 5.7.8 no entry for " + l.login)
				continue
			}
			say("235 welcome")
		case "MAIL":
			l.from = rest
			say("250 ok")
		case "RCPT":
			if s.refuse != "" && strings.Contains(rest, s.refuse) {
				say("550 5.1.1 nobody of that name")
				continue
			}
			l.to = rest
			say("250 ok")
		case "DATA":
			say("354 go on")
			var b strings.Builder
			for {
				text, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if text == ".\r\n" {
					break
				}
				b.WriteString(strings.TrimPrefix(text, "."))
			}
			l.data = b.String()
			s.mu.Lock()
			s.letters = append(s.letters, l)
			s.mu.Unlock()
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (s *mailServer) got() []letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.letters
}

// channel writes to the server.
func (s *mailServer) channel(security notices.Security, to ...string) notices.Channel {
	return notices.Channel{Format: notices.Email, On: notices.Kinds(), To: to, SMTP: notices.SMTP{
		Host: "127.0.0.1", Port: s.listener.Addr().(*net.TCPAddr).Port, Security: security, From: "标哨 <markwatch@unit.example>",
	}}
}

func (s *mailServer) desk(t *testing.T, c notices.Channel, trusted bool) *notices.Notices {
	t.Helper()
	opts := notices.Options{
		Channels: []notices.Channel{c}, Desk: "https://desk.unit.example", Location: time.FixedZone("CST", 8*3600), Now: func() time.Time { return now },
	}
	if trusted {
		opts.RootCAs = s.roots
	}
	n, err := notices.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// parts takes a letter apart as a mail program does.
func parts(t *testing.T, data string) (header mail.Header, bodies map[string]string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("the letter is %s, %v", kind, err)
	}
	bodies = map[string]string{}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return m.Header, bodies
		}
		if err != nil {
			t.Fatal(err)
		}
		var body io.Reader = part
		switch part.Header.Get("Content-Transfer-Encoding") {
		case "quoted-printable":
			body = quotedprintable.NewReader(part)
		case "base64":
			body = base64.NewDecoder(base64.StdEncoding, part)
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		bodies[part.Header.Get("Content-Type")] = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
}

func TestALetter(t *testing.T) {
	for _, security := range []notices.Security{notices.STARTTLS, notices.TLS, notices.Plain} {
		t.Run(string(security), func(t *testing.T) {
			s := newMailServer(t, func(s *mailServer) { s.implicit = security == notices.TLS })
			c := s.channel(security, "值班 <night@unit.example>")
			if security != notices.Plain {
				c.SMTP.User, c.SMTP.Password = "markwatch", "pass-word-1"
			}
			if err := s.desk(t, c, true).Deliver(t.Context(), c.ID(), grave()); err != nil {
				t.Fatal(err)
			}
			l := s.got()[0]
			if l.encrypted != (security != notices.Plain) || (l.login == "|markwatch|pass-word-1") != l.encrypted {
				t.Errorf("encrypted %v, login %q", l.encrypted, l.login)
			}
			if !strings.Contains(l.from, "<markwatch@unit.example>") || !strings.Contains(l.to, "<night@unit.example>") {
				t.Errorf("envelope from %s to %s", l.from, l.to)
			}
			header, bodies := parts(t, l.data)
			golden(t, "email.txt", []byte(bodies["text/plain; charset=UTF-8"]))
			golden(t, "email.html", []byte(bodies["text/html; charset=UTF-8"]))
			decoder := new(mime.WordDecoder)
			for name, want := range map[string]string{
				"Subject": "【标哨】严重:发现 2 条严重线索", "From": "标哨 <markwatch@unit.example>", "To": "值班 <night@unit.example>",
				"Auto-Submitted": "auto-generated", "Importance": "high", "Date": "Sat, 21 Nov 2026 18:13:07 +0000",
			} {
				if got, err := decoder.DecodeHeader(header.Get(name)); err != nil || got != want {
					t.Errorf("%s is %q, want %q (%v)", name, got, want, err)
				}
			}
			for i := range len(l.data) {
				if l.data[i] > 126 {
					t.Fatalf("a byte that is no ASCII in the letter: %q", l.data[max(0, i-20):i+1])
				}
			}
		})
	}
}

// TestNoHeaderIsInjected: line breaks of a crawled title stay in the subject.
func TestNoHeaderIsInjected(t *testing.T) {
	s := newMailServer(t)
	c := s.channel(notices.Plain, "night@unit.example")
	for _, title := range []string{"高仿\r\nBcc: evil@evil.example\r\n\r\n<b>body", "plain\nX-Evil: 1", "a\u2028Bcc: e@evil.example", strings.Repeat("题", 4000)} {
		e := grave()
		e.Title = markwatch.Text{ZH: title}
		if err := s.desk(t, c, true).Deliver(t.Context(), c.ID(), e); err != nil {
			t.Fatal(err)
		}
	}
	for _, l := range s.got() {
		header, _ := parts(t, l.data)
		for name := range header {
			if name == "Bcc" || name == "X-Evil" {
				t.Errorf("the title made the header %s", name)
			}
		}
		if strings.Contains(l.to, "evil") || len(header.Get("Subject")) > 1500 {
			t.Errorf("to %s, subject %s", l.to, header.Get("Subject"))
		}
	}
}

func TestWhatIsNoLetter(t *testing.T) {
	for _, c := range []struct {
		name   string
		server func(*mailServer)
		login  string
		trust  bool
		want   string
	}{
		{"a server that cannot encrypt", func(s *mailServer) { s.noTLS = true }, "", true, "STARTTLS"},
		{"a certificate that nobody vouches for", func(*mailServer) {}, "", false, "certificate"},
		{"a wrong password", func(*mailServer) {}, "wrong-password", true, "535"},
		{"an address that is refused", func(s *mailServer) { s.refuse = "night@" }, "", true, "nobody of that name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newMailServer(t, c.server)
			channel := s.channel(notices.STARTTLS, "night@unit.example")
			if c.login != "" {
				channel.SMTP.User, channel.SMTP.Password = "markwatch", c.login
			}
			err := s.desk(t, channel, c.trust).Deliver(t.Context(), channel.ID(), grave())
			if err == nil || !strings.Contains(err.Error(), c.want) || markwatch.ErrorCode(err) != markwatch.CodeUnavailable {
				t.Errorf("got %v, want …%s…", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "wrong-password") {
				t.Errorf("the error holds the password: %v", err)
			}
			if len(s.got()) > 0 {
				t.Error("the letter was sent all the same")
			}
		})
	}
}

func TestWrongMailChannels(t *testing.T) {
	good := notices.Channel{Format: notices.Email, To: []string{"a@b.example"}, SMTP: notices.SMTP{Host: "mail.example", From: "c@d.example"}}
	for i, change := range []func(*notices.Channel){
		func(c *notices.Channel) { c.SMTP.Host = "" },
		func(c *notices.Channel) { c.SMTP.From = "nobody" },
		func(c *notices.Channel) { c.To = nil },
		func(c *notices.Channel) { c.To = []string{"a@b.example\r\nBcc: e@evil.example"} },
		func(c *notices.Channel) { c.SMTP.Security = "ssl" },
		func(c *notices.Channel) { c.SMTP.Security, c.SMTP.User = notices.Plain, "u" },
	} {
		c := good
		change(&c)
		if _, err := notices.New(notices.Options{Channels: []notices.Channel{good, c}}); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("%d: %v", i, err)
		}
	}
	n, err := notices.New(notices.Options{Channels: []notices.Channel{good}})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Deliver(t.Context(), "email-unknown", grave()); markwatch.ErrorCode(err) != markwatch.CodeNotFound {
		t.Error(err)
	}
	if got := fmt.Sprint(n.Channels()); !strings.HasPrefix(got, "[email-") {
		t.Error(got)
	}
}
