package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// ReaderOptions bound what a Reader takes from a file that may be hostile.
// Zero values are the defaults.
type ReaderOptions struct {
	// MaxHeader is the size of a record's header in bytes; 64 KiB.
	MaxHeader int
	// MaxRecord is the size of a record's block in bytes; 64 MiB. A larger
	// record is a FormatError.
	MaxRecord int64
	// MaxRatio is how many times its compressed size a gzip member may reach
	// once it is larger than MaxRecord; 200.
	MaxRatio int64
}

// FormatError is damage at one place of a WARC file. The Reader that returned
// it can go on: the next call of Next returns the next readable record.
type FormatError struct {
	// Offset is where the damaged record or gzip member starts in the file.
	Offset int64
	Reason string
	Err    error // cause, where another layer found the damage
}

// Error names the place and the reason.
func (e *FormatError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("warc: at byte %d: %s: %v", e.Offset, e.Reason, e.Err)
	}
	return fmt.Sprintf("warc: at byte %d: %s", e.Offset, e.Reason)
}

// Unwrap returns the cause.
func (e *FormatError) Unwrap() error { return e.Err }

// Reader reads the records of a WARC file in order: plain, one gzip member a
// record, or the whole file in one gzip member. OpenFile makes one that reads
// other formats too.
type Reader struct {
	opts  ReaderOptions
	close io.Closer

	raw   *window // the file
	zip   gzip.Reader
	trial gzip.Reader // for looking into possible members

	member      *window // the open gzip member's content; nil between members and in plain files
	content     window  // what member points to
	memberStart int64
	members     int   // gzip members begun
	inMember    int   // records of the open member
	manyIn      bool  // a member with a second record was seen
	zipped      bool  // a member with a readable record was seen
	failed      error // what ended the reading for good

	records   recordSource // of a file that is no WARC file; nil for WARC
	originals *originals   // for the revisits of a file; nil for a stream
}

// recordSource gives the records of a file of another format; its errors are
// those of Reader.Next.
type recordSource interface {
	next() (*Record, error)
}

// NewReader reads from src, which it does not close.
func NewReader(src io.Reader, opts ReaderOptions) *Reader {
	if opts.MaxHeader <= 0 {
		opts.MaxHeader = 64 << 10
	}
	if opts.MaxRecord <= 0 {
		opts.MaxRecord = 64 << 20
	}
	if opts.MaxRatio <= 0 {
		opts.MaxRatio = 200
	}
	return &Reader{opts: opts, raw: newWindow(src)}
}

// Close closes the file that OpenFile opened.
func (r *Reader) Close() error {
	if r.close == nil {
		return nil
	}
	return r.close.Close()
}

// Next returns the next record, io.EOF at the end, or a *FormatError for each
// damaged stretch of the file, after which the next call goes on. Any other
// error is the file's own and final.
func (r *Reader) Next() (*Record, error) {
	rec, err := r.nextRecord()
	if rec != nil {
		rec.originals = r.originals
	}
	return rec, err
}

// recordEnd is where the record that Next returned last ends in the file; 0
// where that is not known.
func (r *Reader) recordEnd() int64 {
	if r.records != nil || r.member != nil && len(r.member.peek(1)) > 0 || r.manyIn {
		return 0
	}
	return r.raw.offset()
}

func (r *Reader) nextRecord() (*Record, error) {
	if r.records != nil {
		return r.records.next()
	}
	for r.failed == nil {
		if r.member != nil {
			if rec, ok, err := r.fromMember(); ok {
				return rec, err
			}
			continue
		}
		head := r.raw.peek(2)
		switch {
		case len(head) == 0:
			r.failed = r.raw.err
		case head[0] == '\r' || head[0] == '\n':
			r.raw.advance(1)
		case bytes.Equal(head, gzipMagic[:2]):
			if err := r.openMember(); err != nil {
				return nil, r.leaveMember("not a gzip member", err)
			}
		default:
			return r.fromPlain()
		}
	}
	if errors.Is(r.failed, io.EOF) {
		return nil, io.EOF
	}
	return nil, fmt.Errorf("reading a WARC file: %w", r.failed)
}

// fromPlain reads a record that stands uncompressed in the file.
func (r *Reader) fromPlain() (*Record, error) {
	at := r.raw.offset()
	rec, err := r.parse(r.raw)
	if err == nil {
		rec.Offset = at
		return rec, nil
	}
	if r.raw.err != nil && !errors.Is(r.raw.err, io.EOF) {
		r.failed = r.raw.err
		return nil, fmt.Errorf("reading a WARC file: %w", r.failed)
	}
	r.raw.peek(1)
	r.raw.advance(1)
	r.raw.seek(trialBytes, r.findRaw)
	return nil, &FormatError{Offset: at, Reason: err.Error()}
}

// fromMember reads a record of the open gzip member; ok is false where the
// member ended without one.
func (r *Reader) fromMember() (rec *Record, ok bool, err error) {
	w := r.member
	for {
		b := w.peek(1)
		if len(b) == 0 {
			if !errors.Is(w.err, io.EOF) {
				return nil, true, r.leaveMember("damaged gzip member", w.err)
			}
			r.member = nil
			return nil, false, nil
		}
		if b[0] != '\r' && b[0] != '\n' {
			break
		}
		w.advance(1)
	}
	if r.inMember++; r.inMember > 1 {
		r.manyIn = true
	}
	rec, fault := r.parse(w)
	if fault == nil {
		// The member's checksum stands at its end: a record is only given out
		// once it held, where the member has no second record.
		if len(w.peek(1)) > 0 || errors.Is(w.err, io.EOF) {
			r.zipped = true
			rec.Offset = r.memberStart
			return rec, true, nil
		}
		fault = errors.New("damaged gzip member")
	}
	if w.err != nil && !errors.Is(w.err, io.EOF) {
		return nil, true, r.leaveMember("damaged gzip member", w.err)
	}
	if r.members > 1 && !r.manyIn {
		// One record a member: what follows in this member is the broken
		// record's own content, in which a page could show a forged record.
		return nil, true, r.leaveMember(fault.Error(), nil)
	}
	w.peek(1)
	w.advance(1)
	w.seek(headerLine, findHeader)
	return nil, true, &FormatError{Offset: r.memberStart, Reason: fault.Error()}
}

func (r *Reader) openMember() error {
	r.members++
	r.inMember = 0
	r.memberStart = r.raw.offset()
	r.raw.mark()
	if err := r.zip.Reset(r.raw); err != nil {
		return err
	}
	r.zip.Multistream(false)
	r.content.reset(&inflated{r: r})
	r.member = &r.content
	return nil
}

// leaveMember goes on behind a damaged member: at the next place of the file
// where a member with a record begins.
func (r *Reader) leaveMember(reason string, cause error) error {
	r.member = nil
	if r.raw.err != nil && !errors.Is(r.raw.err, io.EOF) {
		r.failed = r.raw.err
		return fmt.Errorf("reading a WARC file: %w", r.failed)
	}
	r.raw.rewind()
	if len(r.raw.peek(1)) > 0 && r.raw.offset() == r.memberStart {
		r.raw.advance(1)
	}
	r.raw.seek(trialBytes, r.findRaw)
	return &FormatError{Offset: r.memberStart, Reason: reason, Err: cause}
}

// inflated is the content of the open member, within the limit of its ratio.
type inflated struct {
	r *Reader
	n int64
}

// Read implements io.Reader.
func (i *inflated) Read(p []byte) (int, error) {
	n, err := i.r.zip.Read(p)
	i.n += int64(n)
	packed := i.r.raw.offset() - i.r.memberStart
	if i.n > i.r.opts.MaxRecord && i.n/max(packed, 1) > i.r.opts.MaxRatio {
		return 0, fmt.Errorf("more than %d times its compressed size", i.r.opts.MaxRatio)
	}
	return n, err
}
