package configs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/mail"
	"net/url"
	"os"
	"slices"
	"strings"
)

// Secret is a text that is never printed, logged or marshalled; Reveal is the
// one way to it.
type Secret string

const hidden = "***"

// Reveal is the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String hides a secret that is not empty.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return fmt.Sprintf("%q", s.String()) }

// MarshalText hides the secret from JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue hides the secret from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Channel is a notice that leads somewhere, with its secrets.
type Channel struct {
	Notice
	// URL, Secret and Password hold what the references and the files of the
	// notice stand for; To has the addresses of "mailto:" too.
	URL, Secret, Password Secret
	To                    []string
}

// Channels resolves the secrets of the notices that lead somewhere: files,
// relative to the folder, and environment variables. The error is Problems,
// which quote no secret.
func (c *Config) Channels(lookup func(name string) (value string, ok bool)) ([]Channel, error) {
	rep := newReport()
	var channels []Channel
	for i, n := range c.Deployment.Notices {
		if !n.Sends() {
			continue
		}
		p := (*keyPath)(nil).key("notices").at(i)
		r := resolver{c, rep, lookup}
		ch := Channel{
			Notice:   n,
			URL:      r.expand(p.key("url"), n.URL),
			Secret:   r.either(p, "secret", n.Secret, n.SecretFile),
			Password: r.either(p.key("smtp"), "password", n.SMTP.Password, n.SMTP.PasswordFile),
			To:       slices.Clone(n.To),
		}
		r.address(p.key("url"), &ch)
		channels = append(channels, ch)
	}
	if err := rep.err(); err != nil {
		return nil, err
	}
	return channels, nil
}

// IndexKey resolves the key of the search server; empty is none. The error is
// Problems, which quote no secret.
func (c *Config) IndexKey(lookup func(name string) (value string, ok bool)) (Secret, error) {
	rep := newReport()
	i := c.Deployment.Index
	key := resolver{c, rep, lookup}.either((*keyPath)(nil).key("index"), "key", i.Key, i.KeyFile)
	return key, rep.err()
}

// resolver finds what secrets stand for.
type resolver struct {
	config *Config
	report *report
	lookup func(string) (string, bool)
}

func (r resolver) fail(p *keyPath, format string, args ...any) {
	r.report.add(Problem{File: deploymentFile, Key: p.String(), Message: p.String() + " " + fmt.Sprintf(format, args...)})
}

// expand puts environment variables in the place of their references.
func (r resolver) expand(p *keyPath, s Secret) Secret {
	return Secret(variable.ReplaceAllStringFunc(string(s), func(ref string) string {
		name := ref[2 : len(ref)-1]
		value, ok := r.lookup(name)
		if value = strings.TrimSpace(value); !ok || value == "" {
			r.fail(p, "names the environment variable %s, which is not set", name)
		}
		return value
	}))
}

// either is the secret of a reference or of a file.
func (r resolver) either(p *keyPath, key string, ref Secret, file string) Secret {
	if file == "" {
		return r.expand(p.key(key), ref)
	}
	secret, err := readSecret(r.config.Path(file))
	if err != nil {
		r.fail(p.key(key+"_file"), "cannot be used: %v", err)
	}
	return secret
}

// maxSecret bounds a file that holds one secret.
const maxSecret = 4 << 10

// readSecret reads a file that holds one secret, with or without a line break
// at its end.
func readSecret(file string) (Secret, error) {
	f, err := os.Open(file)
	if err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err
		}
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return "", errors.New("it cannot be read")
	}
	secret := strings.TrimSpace(string(data))
	switch {
	case len(data) > maxSecret:
		return "", errors.New("it is larger than 4 KiB")
	case secret == "":
		return "", errors.New("it is empty")
	case strings.ContainsAny(secret, "\r\n\x00"):
		return "", errors.New("it holds more than one line")
	}
	return Secret(secret), nil
}

// address checks a resolved address, and takes those of "mailto:" apart.
func (r resolver) address(p *keyPath, ch *Channel) {
	if ch.URL == "" {
		return
	}
	u, err := url.Parse(ch.URL.Reveal())
	if ch.Kind != "email" {
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			r.fail(p, "stands for no address that begins with http:// or https://")
		}
		return
	}
	if err == nil && u.Scheme == "mailto" {
		if list, err := mail.ParseAddressList(u.Opaque); err == nil {
			for _, a := range list {
				ch.To = append(ch.To, a.Address)
			}
			return
		}
	}
	r.fail(p, "stands for no e-mail address after mailto:")
}
