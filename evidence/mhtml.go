package evidence

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/textproto"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
)

const (
	// maxNested bounds multiparts within multiparts.
	maxNested = 4
	// maxParts bounds the parts of one file.
	maxParts = 100_000
)

// mhtmlFile reads a page that a browser saved whole (MHTML, RFC 2557): the
// document and its parts, each a resource record.
type mhtmlFile struct {
	opts     ReaderOptions
	in       *counter
	date     time.Time
	snapshot string   // address of the page, as Chromium writes it into the head
	base     *url.URL // of the root document; parts may stand relative to it
	stack    []*multipart.Reader
	single   func() (*Record, error) // a message without parts
	position int
	done     bool
}

func openMHTML(f *os.File, opts ReaderOptions) (recordSource, error) { return newMHTML(f, opts) }

// newMHTML reads the head of the message; the error is of CodeInvalid where
// there is none.
func newMHTML(src io.Reader, opts ReaderOptions) (*mhtmlFile, error) {
	in := &counter{r: src}
	body := bufio.NewReaderSize(in, opts.MaxHeader)
	start, _ := body.Peek(opts.MaxHeader)
	end := endOfHead(start)
	if end < 0 {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "the file is no MHTML document: it has no head")
	}
	header := parseFields(strings.Split(strings.ReplaceAll(string(start[:end]), "\r\n", "\n"), "\n"))
	if _, err := body.Discard(end); err != nil {
		return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "the MHTML document cannot be read")
	}
	media, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil && media == "" {
		return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "the file is no MHTML document: it has no Content-Type")
	}
	m := &mhtmlFile{opts: opts, in: in, snapshot: header.Get("Snapshot-Content-Location")}
	if date, err := mail.ParseDate(header.Get("Date")); err == nil {
		m.date = date.UTC()
	}
	if !strings.HasPrefix(media, "multipart/") {
		m.single = func() (*Record, error) { return m.part(header, body) }
		return m, nil
	}
	if params["boundary"] == "" {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "the file is no MHTML document: its parts have no boundary")
	}
	m.stack = []*multipart.Reader{multipart.NewReader(body, params["boundary"])}
	return m, nil
}

func (m *mhtmlFile) next() (*Record, error) {
	if m.done {
		return nil, io.EOF
	}
	if m.single != nil {
		m.done = true
		return m.single()
	}
	for len(m.stack) > 0 {
		part, err := m.stack[len(m.stack)-1].NextRawPart()
		if err == nil && m.position >= maxParts {
			m.stack = nil
			return nil, &FormatError{Offset: m.in.n, Reason: fmt.Sprintf("the MHTML document has more than %d parts", maxParts)}
		}
		if err != nil {
			m.stack = m.stack[:len(m.stack)-1]
			// The bare io.EOF is the last boundary, a wrapped one the file's end.
			if err == io.EOF {
				continue
			}
			return nil, &FormatError{Offset: m.in.n, Reason: "the MHTML document breaks off", Err: inTheMiddle(err)}
		}
		media, params, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if strings.HasPrefix(media, "multipart/") && params["boundary"] != "" {
			if len(m.stack) == maxNested {
				return nil, &FormatError{Offset: m.in.n, Reason: "parts are nested too deeply"}
			}
			m.stack = append(m.stack, multipart.NewReader(part, params["boundary"]))
			continue
		}
		return m.part(part.Header, part)
	}
	m.done = true
	return nil, io.EOF
}

// part makes a record of one part. Its charset stays what it says.
func (m *mhtmlFile) part(header textproto.MIMEHeader, src io.Reader) (*Record, error) {
	offset := m.in.n
	m.position++
	coding := strings.ToLower(strings.TrimSpace(header.Get("Content-Transfer-Encoding")))
	if coding == "base64" {
		src = base64.NewDecoder(base64.StdEncoding, &alphabet{src})
	}
	block, fault := io.ReadAll(io.LimitReader(src, m.opts.MaxRecord+1))
	if int64(len(block)) > m.opts.MaxRecord {
		return nil, &FormatError{Offset: offset, Reason: fmt.Sprintf("a part is larger than the limit of %d bytes", m.opts.MaxRecord)}
	}
	if coding == "quoted-printable" {
		block = unquoted(block)
	}
	contentType := header.Get("Content-Type")
	if contentType == "" {
		contentType = "text/plain"
	}
	rec := savedRecord("resource", m.position, offset, m.address(header), contentType, m.date, block)
	rec.Header.Set("WARC-Payload-Digest", rec.Header.Get("WARC-Block-Digest"))
	if fault != nil {
		rec.Header.Set("WARC-Truncated", "unspecified")
	}
	return rec, nil
}

// address is where a part stood: its Content-Location, for the root document
// the one that the head of the file names, and else an address made of its
// Content-ID or its number, which is no page's.
func (m *mhtmlFile) address(header textproto.MIMEHeader) string {
	location := header.Get("Content-Location")
	if location == "" && m.position == 1 {
		location = m.snapshot
	}
	if u, err := url.Parse(location); err == nil && location != "" {
		if m.position == 1 {
			m.base = u
		} else if !u.IsAbs() && m.base != nil {
			u = m.base.ResolveReference(u)
		}
		return u.String()
	}
	switch id := bracketed(header.Get("Content-ID")); {
	case location != "":
		return location
	case id != "":
		return "cid:" + id
	}
	return fmt.Sprintf("urn:x-mhtml-part:%d", m.position)
}

// unquoted takes quoted-printable (RFC 2045, section 6.7) off; what is no code
// stays as it is.
func unquoted(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for {
		plain, rest, found := bytes.Cut(b, []byte("="))
		out = append(out, plain...)
		if !found {
			return out
		}
		var code [1]byte
		line := bytes.TrimLeft(rest, " \t")
		switch {
		case bytes.HasPrefix(line, []byte("\r\n")):
			rest = line[2:]
		case bytes.HasPrefix(line, []byte("\n")):
			rest = line[1:]
		case len(rest) >= 2 && isHex(code[:], rest[:2]):
			out = append(out, code[0])
			rest = rest[2:]
		default:
			out = append(out, '=')
		}
		b = rest
	}
}

func isHex(code, digits []byte) bool {
	_, err := hex.Decode(code, digits)
	return err == nil
}

// alphabet passes on what base64 is written with, so that a stray character
// costs nothing.
type alphabet struct{ r io.Reader }

// Read implements io.Reader.
func (a *alphabet) Read(p []byte) (int, error) {
	for {
		n, err := a.r.Read(p)
		kept := 0
		for _, c := range p[:n] {
			if c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || bytes.IndexByte([]byte("0123456789+/="), c) >= 0 {
				p[kept] = c
				kept++
			}
		}
		if kept > 0 || err != nil {
			return kept, err
		}
	}
}
