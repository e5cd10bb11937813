package evidence

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"
)

// harFile reads the entries of an HTTP Archive (HAR 1.2), as browsers save
// the traffic of a page: each is a response record.
type harFile struct {
	opts     ReaderOptions
	in       *portion
	dec      *json.Decoder
	position int
	started  bool
	failed   error
}

// harEntry is what of an entry makes a record.
type harEntry struct {
	Started string `json:"startedDateTime"`
	IP      string `json:"serverIPAddress"`
	Request struct {
		URL string `json:"url"`
	} `json:"request"`
	Response struct {
		Status      int       `json:"status"`
		StatusText  string    `json:"statusText"`
		Headers     []harPair `json:"headers"`
		RedirectURL string    `json:"redirectURL"`
		BodySize    float64   `json:"bodySize"`
		Content     struct {
			Size     float64 `json:"size"`
			MimeType string  `json:"mimeType"`
			Text     *string `json:"text"`
			Encoding string  `json:"encoding"`
		} `json:"content"`
	} `json:"response"`
}

type harPair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func openHAR(f *os.File, opts ReaderOptions) (recordSource, error) { return newHAR(f, opts), nil }

func newHAR(src io.Reader, opts ReaderOptions) *harFile {
	in := &portion{src: src}
	return &harFile{opts: opts, in: in, dec: json.NewDecoder(skipMark(in))}
}

func (h *harFile) next() (*Record, error) {
	for h.failed == nil {
		if !h.started {
			h.started = true
			if err := h.toEntries(); err != nil {
				h.failed = err
				break
			}
		}
		h.allow()
		if !h.dec.More() {
			// What stands behind the entries is read by nobody, but an array
			// that does not end was cut off.
			if _, err := h.dec.Token(); err != nil {
				h.failed = err
				break
			}
			h.failed = io.EOF
			break
		}
		offset := h.dec.InputOffset()
		var e harEntry
		err := h.dec.Decode(&e)
		var wrongType *json.UnmarshalTypeError
		if err != nil && !errors.As(err, &wrongType) {
			h.failed = err
			break
		}
		h.position++
		if err != nil {
			return nil, &FormatError{Offset: offset, Reason: "an entry of the HAR file is not as it should be", Err: err}
		}
		rec, err := e.record(h.position, offset, h.opts.MaxRecord)
		if err != nil {
			return nil, &FormatError{Offset: offset, Reason: "an entry of the HAR file cannot be used", Err: err}
		}
		if rec != nil {
			return rec, nil
		}
	}
	if errors.Is(h.failed, io.EOF) {
		return nil, io.EOF
	}
	err := &FormatError{Offset: h.dec.InputOffset(), Reason: "the HAR file cannot be read on", Err: h.failed}
	h.failed = io.EOF
	return nil, err
}

// allow gives the next value of the file its share of memory: a body in
// base64 or with escapes, and what is around it.
func (h *harFile) allow() { h.in.left = 2*h.opts.MaxRecord + 1<<20 }

// errNoHAR is the fault of a file that is JSON of another kind.
var errNoHAR = errors.New("there is no log.entries")

// toEntries reads up to the first element of log.entries.
func (h *harFile) toEntries() error {
	if err := h.into("log", '{'); err != nil {
		return err
	}
	return h.into("entries", '[')
}

// into reads an object up to a member, and the opening of its value.
func (h *harFile) into(member string, opening json.Delim) error {
	h.allow()
	if member == "log" {
		if t, err := h.token(); err != nil || t != json.Delim('{') {
			return errors.Join(errNoHAR, err)
		}
	}
	for h.dec.More() {
		h.allow()
		name, err := h.token()
		if err != nil {
			return err
		}
		t, err := h.token()
		if err != nil {
			return err
		}
		if name == member && t == opening {
			return nil
		}
		if err := h.skip(t); err != nil {
			return err
		}
	}
	return errNoHAR
}

// skip reads to the end of the value that t began.
func (h *harFile) skip(t json.Token) error {
	depth := 0
	for {
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth <= 0 {
			return nil
		}
		h.allow()
		var err error
		if t, err = h.token(); err != nil {
			return err
		}
	}
}

// token is the next one; an end in the middle is damage, not the end.
func (h *harFile) token() (json.Token, error) {
	t, err := h.dec.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return t, err
}

// record makes a response record; nil for an entry without an answer, such as
// a request that was blocked or broken off.
func (e *harEntry) record(position int, offset, limit int64) (*Record, error) {
	r := &e.Response
	if r.Status < 100 || r.Status > 999 {
		return nil, nil
	}
	if e.Request.URL == "" {
		return nil, errors.New("it has no address")
	}
	if !strings.HasPrefix(e.Request.URL, "http://") && !strings.HasPrefix(e.Request.URL, "https://") {
		return nil, nil // data:, blob: and extensions were not on the network
	}
	body, isText, err := e.body()
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("a body of %d bytes is larger than the limit of %d", len(body), limit)
	}
	status := r.Status
	if status == http.StatusNotModified && len(body) > 0 {
		// The browser answered from its cache with what it shows as content.
		status = http.StatusOK
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", status, headerSafe(r.StatusText))
	typed, located := false, false
	for _, pair := range r.Headers {
		name, value := headerSafe(pair.Name), headerSafe(pair.Value)
		switch strings.ToLower(name) {
		case "", "content-encoding", "transfer-encoding", "content-length":
			continue // the content is kept without codings
		case "content-type":
			if typed = true; isText {
				value = asUTF8(value)
			}
		case "location":
			located = true
		}
		if !strings.ContainsAny(name, ": \t") {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	if mimeType := headerSafe(r.Content.MimeType); !typed && mimeType != "" && mimeType != "x-unknown" {
		if isText {
			mimeType = asUTF8(mimeType)
		}
		fmt.Fprintf(&b, "Content-Type: %s\r\n", mimeType)
	}
	if target := headerSafe(r.RedirectURL); !located && target != "" {
		fmt.Fprintf(&b, "Location: %s\r\n", target)
	}
	b.WriteString("Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n")
	b.Write(body)
	date, _ := time.Parse(time.RFC3339Nano, e.Started) // zero where it cannot be read
	rec := savedRecord("response", position, offset, e.Request.URL, "application/http;msgtype=response", date, b.Bytes())
	rec.Header.Set("WARC-Payload-Digest", digest(body))
	rec.Header.Set(fieldReconstructed, "true")
	if ip, err := netip.ParseAddr(strings.Trim(e.IP, "[]")); err == nil {
		rec.Header.Set("WARC-IP-Address", ip.WithZone("").String())
	}
	if r.Content.Text == nil && (r.Content.Size > 0 || r.BodySize > 0) {
		rec.Header.Set("WARC-Truncated", "unspecified") // saved without contents
	}
	return rec, nil
}

// body is the content; isText says that it is text as JSON holds it, in UTF-8
// whatever the server sent.
func (e *harEntry) body() (body []byte, isText bool, err error) {
	content := &e.Response.Content
	if content.Text == nil {
		return nil, false, nil
	}
	if !strings.EqualFold(content.Encoding, "base64") {
		return []byte(*content.Text), true, nil
	}
	text := strings.TrimRight(strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' || r == ' ' {
			return -1
		}
		return r
	}, *content.Text), "=")
	body, err = base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil, false, fmt.Errorf("content in base64: %w", err)
	}
	return body, false, nil
}

// asUTF8 is a content type with the charset that text in JSON has.
func asUTF8(contentType string) string {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return contentType
	}
	if params["charset"] == "" && !strings.HasPrefix(media, "text/") {
		return contentType
	}
	params["charset"] = "utf-8"
	if formatted := mime.FormatMediaType(media, params); formatted != "" {
		return formatted
	}
	return media + "; charset=utf-8"
}

// portion reads no more than it was given leave to.
type portion struct {
	src  io.Reader
	left int64
}

// Read implements io.Reader.
func (p *portion) Read(b []byte) (int, error) {
	if p.left <= 0 {
		return 0, errors.New("one value is larger than the limit")
	}
	n, err := p.src.Read(b[:min(int64(len(b)), p.left)])
	p.left -= int64(n)
	return n, err
}

// skipMark takes a byte order mark off, which some tools write before JSON.
func skipMark(r io.Reader) io.Reader {
	return &marked{r: r}
}

type marked struct {
	r     io.Reader
	begun bool
}

// Read implements io.Reader.
func (m *marked) Read(b []byte) (int, error) {
	if m.begun || len(b) < 3 {
		return m.r.Read(b)
	}
	m.begun = true
	n, err := io.ReadAtLeast(m.r, b, 3)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	if bytes.HasPrefix(b[:n], []byte("\xef\xbb\xbf")) {
		n = copy(b, b[3:n])
	}
	return n, err
}
