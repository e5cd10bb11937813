package evidence

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
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
		if errors.Is(err, io.EOF) {
			m.stack = m.stack[:len(m.stack)-1]
			continue
		}
		if err == nil && m.position >= maxParts {
			err = fmt.Errorf("it has more than %d parts", maxParts)
		}
		if err != nil {
			m.done = true
			return nil, &FormatError{Offset: m.in.n, Reason: "the MHTML document breaks off", Err: err}
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
	var body io.Reader
	switch strings.ToLower(strings.TrimSpace(header.Get("Content-Transfer-Encoding"))) {
	case "quoted-printable":
		body = quotedprintable.NewReader(src)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, &alphabet{src})
	default:
		body = src
	}
	block, fault := io.ReadAll(io.LimitReader(body, m.opts.MaxRecord+1))
	if int64(len(block)) > m.opts.MaxRecord {
		return nil, &FormatError{Offset: offset, Reason: fmt.Sprintf("a part is larger than the limit of %d bytes", m.opts.MaxRecord)}
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
