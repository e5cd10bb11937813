package pack

import (
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
)

// The exit codes of a check.
const (
	ExitIntact   = 0
	ExitFault    = 1 // something does not hold
	ExitUsage    = 2 // wrong flags, or a key or certificate that cannot be read
	ExitNotFound = 3 // a file that is not there or cannot be read
)

// Print writes a report for people, in Chinese and in English.
func (r Report) Print(w io.Writer) {
	fmt.Fprintln(w, clean(r.File))
	if m := r.Manifest; m != nil {
		fmt.Fprintf(w, "  线索 lead %s · %s · %s\n", clean(m.Lead), m.At.Format(time.RFC3339), clean(m.URL))
	}
	for _, s := range r.Statements {
		mark := map[Mark]string{Holds: "✓", Fault: "✗", Note: "·"}[s.Mark]
		fmt.Fprintf(w, "  %s %s\n    %s\n", mark, clean(s.ZH), clean(s.EN))
	}
	if r.Intact {
		fmt.Fprintln(w, "  → 完整,未发现改动 intact: no change was found")
	} else {
		fmt.Fprintln(w, "  → 不完整或被改动,不应采信 NOT intact: do not rely on it")
	}
	fmt.Fprintln(w, "  "+Notice.ZH)
}

// clean keeps what stands in a package from writing to the terminal.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, s)
}

// LoadTrust reads what a verifier has: a public key and certificates of
// authorities, both PEM; "" is none.
func LoadTrust(keyFile, caFile string, now time.Time) (Trust, error) {
	t := Trust{Now: now}
	if keyFile != "" {
		key, err := os.ReadFile(keyFile)
		if err != nil {
			return t, markwatch.WrapError(markwatch.CodeInvalid, err, "不能读取公钥 the public key cannot be read")
		}
		if Fingerprint(key) == "" {
			return t, markwatch.Errorf(markwatch.CodeInvalid, "%s 不是 PEM 公钥 / is no PEM public key", keyFile)
		}
		t.Key = key
	}
	if caFile != "" {
		certs, err := os.ReadFile(caFile)
		if err != nil {
			return t, markwatch.WrapError(markwatch.CodeInvalid, err, "不能读取证书 the certificates cannot be read")
		}
		t.Authorities = x509.NewCertPool()
		if !t.Authorities.AppendCertsFromPEM(certs) {
			return t, markwatch.Errorf(markwatch.CodeInvalid, "%s 没有 PEM 证书 / holds no PEM certificate", caFile)
		}
	}
	return t, nil
}

// Main is the whole of the small verifier: it returns the exit code.
func Main(args []string, out, errs io.Writer, now time.Time) int {
	flags := flag.NewFlagSet("markwatch-verify", flag.ContinueOnError)
	flags.SetOutput(errs)
	key := flags.String("key", "", "移送单位的公钥文件(PEM) the sender's public key")
	ca := flags.String("ca", "", "时间戳机构的证书文件(PEM) certificates of time-stamp authorities")
	flags.Usage = func() {
		fmt.Fprintln(errs, "用法 usage: markwatch-verify [--key 公钥.pem] [--ca 证书.pem] 证据包.zip…")
		flags.PrintDefaults()
		fmt.Fprintln(errs, "退出码 exit codes: 0 完整 intact, 1 有改动 a fault, 2 用法有误 wrong usage, 3 找不到文件 no such file")
	}
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return ExitIntact
	} else if err != nil {
		return ExitUsage
	}
	if flags.NArg() == 0 {
		flags.Usage()
		return ExitUsage
	}
	trust, err := LoadTrust(*key, *ca, now)
	if err != nil {
		fmt.Fprintln(errs, err)
		return ExitUsage
	}
	code := ExitIntact
	for _, name := range flags.Args() {
		r, err := Verify(name, trust)
		if err != nil {
			fmt.Fprintf(errs, "%s: %v\n", name, err)
			code = max(code, ExitNotFound)
			continue
		}
		r.Print(out)
		if !r.Intact {
			code = max(code, ExitFault)
		}
	}
	return code
}
