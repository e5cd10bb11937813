package evidence

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/markwatch/markwatch"
)

// ArchiveOptions say how an Archive writes. The zero value is usable.
type ArchiveOptions struct {
	// Software is named in the warcinfo record of every file, e.g.
	// "markwatch/1.4"; "markwatch" where empty.
	Software string
	// RotateBytes is the size from which the next record goes into a new
	// file; 1 GiB where zero, as the WARC standard advises.
	RotateBytes int64
	// Now is the clock; time.Now where nil.
	Now func() time.Time
}

// Archive writes captures into WARC files in one folder. A file is created by
// the first record that goes into it and belongs to this Archive alone: no
// later process appends to it. All methods are safe for concurrent use.
type Archive struct {
	dir     string
	opts    ArchiveOptions
	compose composer

	mu     sync.Mutex
	out    *outFile // nil until the first record, and after a file was given up
	serial int
	closed bool
}

// OpenArchive makes the folder where it is missing and returns an Archive on
// it. Nothing is written before the first record.
func OpenArchive(dir string, opts ArchiveOptions) (*Archive, error) {
	if opts.Software == "" {
		opts.Software = "markwatch"
	}
	if opts.RotateBytes <= 0 {
		opts.RotateBytes = 1 << 30
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "the archive folder %s cannot be made", dir)
	}
	return &Archive{dir: dir, opts: opts}, nil
}

// Record keeps an exchange: its answer, and its request where it is known. The
// records are in the file, though perhaps not yet on the disk (see Sync), when
// it returns.
//
// Where ex.Prior is set, an answer that confirms it is kept as a revisit
// record, which refers to the prior capture instead of holding the payload
// again: a 304, and an answer whose payload digest is that of Prior. Callers
// keep the Capture of the last full answer as Prior; one that is a revisit
// itself costs a longer way to the payload.
//
// The Capture has the snapshot of the new record and its payload digest; that
// of Prior for a 304.
//
// A failed write, such as on a full disk, is of CodeUnavailable; the file is
// cut back to its last whole record, and a later Record may succeed.
func (a *Archive) Record(ctx context.Context, ex *markwatch.Exchange) (markwatch.Capture, error) {
	if len(ex.Response) == 0 {
		return markwatch.Capture{}, markwatch.Errorf(markwatch.CodeInvalid, "an exchange without a response cannot be kept: %s", ex.URL)
	}
	at := ex.At
	if at.IsZero() {
		at = a.opts.Now()
	}
	k := keeping(ex, at)
	buf := a.compose.buffer()
	defer a.compose.release(buf)
	if err := a.compose.exchange(buf, ex, k); err != nil {
		return markwatch.Capture{}, fmt.Errorf("composing the records of %s: %w", ex.URL, err)
	}
	if err := ctx.Err(); err != nil {
		return markwatch.Capture{}, markwatch.WrapError(markwatch.CodeCanceled, err, "capture stopped")
	}

	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return markwatch.Capture{}, markwatch.Errorf(markwatch.CodeConflict, "the archive is closed")
	}
	if err := a.ready(); err != nil {
		return markwatch.Capture{}, err
	}
	if err := a.out.append(buf.Bytes(), k.id); err != nil {
		if a.out.broken {
			err = errors.Join(err, a.out.close())
			a.out = nil
		}
		return markwatch.Capture{}, markwatch.WrapError(markwatch.CodeUnavailable, err, "the capture of %s cannot be written", ex.URL)
	}
	return markwatch.Capture{Snapshot: a.out.name + "#" + k.id, URL: ex.URL, At: k.at, PayloadDigest: k.digest}, nil
}

// ready leaves a file in a.out that may take the next record.
func (a *Archive) ready() error {
	if a.out != nil && a.out.size >= a.opts.RotateBytes {
		err := a.out.close()
		a.out = nil
		if err != nil {
			return markwatch.WrapError(markwatch.CodeUnavailable, err, "the full archive file cannot be closed")
		}
	}
	if a.out != nil {
		return nil
	}
	now := a.opts.Now().UTC()
	var random [4]byte
	rand.Read(random[:])
	name := fmt.Sprintf("crawl-%s-%05d-%s.warc.gz", now.Format("20060102T150405Z"), a.serial, hex.EncodeToString(random[:]))
	info := a.compose.buffer()
	defer a.compose.release(info)
	if err := a.compose.info(info, name, a.opts.Software, now); err != nil {
		return fmt.Errorf("composing the warcinfo record: %w", err)
	}
	out, err := createFile(a.dir, name, info.Bytes())
	if err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "no archive file can be begun in %s", a.dir)
	}
	a.serial++
	a.out = out
	return nil
}

// Sync returns when every record written so far is on the disk.
func (a *Archive) Sync() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.out == nil {
		return nil
	}
	if err := a.out.file.Sync(); err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "captures cannot be brought to the disk")
	}
	return nil
}

// Close brings everything to the disk and ends the present file. Further
// records are refused; Page still reads.
func (a *Archive) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	if a.out == nil {
		return nil
	}
	err := a.out.close()
	a.out = nil
	if err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "captures cannot be brought to the disk")
	}
	return nil
}

// Page reads a capture of this archive's folder back. The error is of
// CodeNotFound where the folder holds no such file or the file no such record.
func (a *Archive) Page(ctx context.Context, snapshot string) (*markwatch.Page, error) {
	file, id, ok := strings.Cut(snapshot, "#")
	// A snapshot may come from an imported listing: it must not lead out of
	// the folder.
	if !ok || id == "" || file == "." || file != filepath.Base(file) || !filepath.IsLocal(file) {
		return nil, markwatch.Errorf(markwatch.CodeNotFound, "%q does not name a capture", snapshot)
	}
	return ReadPage(ctx, filepath.Join(a.dir, file), id)
}
