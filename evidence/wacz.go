package evidence

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/flate"

	"github.com/markwatch/markwatch"
)

// maxDirectory bounds what is read of a zip file's directory in bytes, and so
// the memory that it takes; a WACZ has a handful of members.
const maxDirectory = 8 << 20

// waczFile reads the WARC files of a WACZ (Web Archive Collection Zipped,
// version 1.1.1), in the order of its directory.
type waczFile struct {
	opts    ReaderOptions
	members []*zip.File
	member  io.Closer
	name    string
	reader  *Reader // of the open member
}

// openWACZ reads the directory; the error is of CodeInvalid where it is none
// or holds no WARC file.
func openWACZ(f *os.File, opts ReaderOptions) (recordSource, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "the WACZ file cannot be read")
	}
	return newWACZ(f, info.Size(), opts)
}

func newWACZ(src io.ReaderAt, size int64, opts ReaderOptions) (*waczFile, error) {
	limited := &budgetReader{src: src, left: maxDirectory}
	archive, err := zip.NewReader(limited, size)
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "the file is no WACZ archive")
	}
	limited.left = -1
	w := &waczFile{opts: opts}
	for _, f := range archive.File {
		if strings.HasPrefix(f.Name, "archive/") && isWARC(strings.ToLower(f.Name)) {
			w.members = append(w.members, f)
		}
	}
	if len(w.members) == 0 {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "the WACZ archive holds no archive/*.warc or archive/*.warc.gz")
	}
	// WARC files carry their own compression; a member that shrinks further
	// than this is a bomb.
	archive.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser {
		packed := &counter{r: r}
		return &limitedInflate{ReadCloser: flate.NewReader(packed), packed: packed, opts: opts}
	})
	return w, nil
}

func (w *waczFile) next() (*Record, error) {
	for {
		if w.reader == nil {
			if len(w.members) == 0 {
				return nil, io.EOF
			}
			if err := w.open(); err != nil {
				return nil, err
			}
		}
		rec, err := w.reader.Next()
		var damage *FormatError
		switch {
		case err == nil:
			return rec, nil
		case errors.As(err, &damage):
			return nil, &FormatError{Offset: damage.Offset, Reason: "in " + w.name + ": " + damage.Reason, Err: damage.Err}
		}
		w.reader = nil
		closed := w.member.Close()
		if !errors.Is(err, io.EOF) {
			return nil, &FormatError{Reason: w.name + " breaks off", Err: err}
		}
		if closed != nil {
			return nil, &FormatError{Reason: w.name + " is damaged", Err: closed}
		}
	}
}

// open begins the next member; a member that cannot be opened costs itself.
func (w *waczFile) open() error {
	f := w.members[0]
	w.members = w.members[1:]
	w.name = strings.ToValidUTF8(headerSafe(f.Name), "�")
	member, err := f.Open()
	if err != nil {
		return &FormatError{Reason: w.name + " cannot be opened", Err: err}
	}
	w.member, w.reader = member, NewReader(member, w.opts)
	return nil
}

// budgetReader reads a number of bytes; any where left is negative.
type budgetReader struct {
	src  io.ReaderAt
	left int64
}

// ReadAt implements io.ReaderAt.
func (b *budgetReader) ReadAt(p []byte, off int64) (int, error) {
	if b.left < 0 {
		return b.src.ReadAt(p, off)
	}
	if int64(len(p)) > b.left {
		return 0, fmt.Errorf("the directory is larger than %d bytes", maxDirectory)
	}
	b.left -= int64(len(p))
	return b.src.ReadAt(p, off)
}

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n int64
}

// Read implements io.Reader.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// limitedInflate is the content of a zip member, within the limit of its
// ratio.
type limitedInflate struct {
	io.ReadCloser
	packed *counter
	opts   ReaderOptions
	n      int64
}

// Read implements io.Reader.
func (l *limitedInflate) Read(p []byte) (int, error) {
	n, err := l.ReadCloser.Read(p)
	l.n += int64(n)
	if l.n > l.opts.MaxRecord && l.n/max(l.packed.n, 1) > l.opts.MaxRatio {
		return 0, fmt.Errorf("more than %d times its compressed size", l.opts.MaxRatio)
	}
	return n, err
}
