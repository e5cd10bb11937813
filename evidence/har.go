package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
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
			if _, err := h.token(); err != nil {
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
			h.failed = inTheMiddle(err)
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
	return t, inTheMiddle(err)
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
