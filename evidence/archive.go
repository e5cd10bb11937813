package evidence

import (
	"context"
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
	// Operator is who crawls and how to reach them, for the warcinfo record.
	Operator string
	// UserAgent and Robots say, for the warcinfo record of a source's files,
	// what its requests are sent as and whether robots.txt is obeyed
	// ("obey", "ignore: <reason>"). May be nil.
	UserAgent, Robots func(source string) string
	// Describe gives the configuration of a source, JSON or YAML, for the
	// warcinfo record; nil, or an empty answer, leaves it out. Whoever reads
	// the file reads it: secrets must not be in it.
	Describe func(source string) []byte
	// RotateBytes is the size from which the next record goes into a new
	// file; 1 GiB where zero, as the WARC standard advises.
	RotateBytes int64
	// RotateAge is the age from which the next record goes into a new file;
	// 24 hours where zero, never where negative.
	RotateAge time.Duration
	// OpenFiles bounds how many WARC files are held open at once; 32 where
	// zero. Sources beyond it cost an open and a close of a file a record.
	OpenFiles int
	// QuotaBytes is how much the folder may hold, indexes included; beyond it
	// nothing more is recorded. No limit where zero.
	QuotaBytes int64
	// WarnBytes is how much the folder holds when Warn is called; never where
	// zero.
	WarnBytes int64
	// Warn is called once when the folder grows past WarnBytes, and again
	// after it has been below. It must not call the Archive.
	Warn func(used, warn, quota int64)
	// Bucket holds copies of the files of all machines; none where nil. What
	// is not in the folder is read from there; see Mirror.
	Bucket Bucket
	// ReadOnly opens the folder beside the process that it belongs to: records
	// are refused, and nothing is made, removed or indexed anew.
	ReadOnly bool
	// Now is the clock; time.Now where nil.
	Now func() time.Time
}

// Archive writes captures into WARC files in one folder, a series of files a
// source. A file is created by the first record that goes into it and belongs
// to this Archive alone: no later process appends to it. All methods are safe
// for concurrent use.
type Archive struct {
	dir     string
	opts    ArchiveOptions
	compose composer

	mu     sync.Mutex
	out    map[string]*outFile // by source
	serial int
	clock  uint64 // counts records, to know the file least recently used
	closed bool
	usage  usage
	// pruning holds, by file that is being pruned, the records that revisits
	// written meanwhile refer to.
	pruning map[string]map[string]bool

	// references is held, shared, from the look at a prior capture until the
	// revisit that refers to it is written, so that no pruning comes between.
	references sync.RWMutex
	lookups    lookups
	indexing   sync.Mutex // one file is indexed at a time
	mirroring  sync.Mutex // one Mirror at a time

	step func(string) // tests stop here; nil otherwise
}

// OpenArchive makes the folder where it is missing and returns an Archive on
// it. Nothing is written before the first record; what a killed process left
// unfinished beside whole files is removed.
func OpenArchive(dir string, opts ArchiveOptions) (*Archive, error) {
	if opts.Software == "" {
		opts.Software = "markwatch"
	}
	if opts.RotateBytes <= 0 {
		opts.RotateBytes = 1 << 30
	}
	if opts.RotateAge == 0 {
		opts.RotateAge = 24 * time.Hour
	}
	if opts.OpenFiles <= 0 {
		opts.OpenFiles = 32
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	a := &Archive{dir: dir, opts: opts, out: map[string]*outFile{}, pruning: map[string]map[string]bool{}}
	if opts.ReadOnly {
		a.closed = true
		return a, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "the archive folder %s cannot be made", dir)
	}
	if err := a.sweep(); err != nil {
		return nil, err
	}
	return a, nil
}

// Record keeps an exchange: its answer, its request where it is known, and
// what is known of the connection. The records are in the file, though perhaps
// not yet on the disk (see Sync), when it returns.
//
// Where ex.Prior is set, an answer that confirms it is kept as a revisit
// record, which refers to the prior capture instead of holding the payload
// again: a 304, and an answer whose payload digest is that of Prior. Callers
// keep the Capture of the last full answer as Prior; one that is a revisit
// itself costs a longer way to the payload. A prior capture that is not in the
// folder any more is no loss where the payload came again; for a 304 it is
// CodeNotFound, and the caller asks again without conditions.
//
// The Capture has the snapshot of the new record and its payload digest; that
// of Prior for a 304.
//
// A failed write, such as on a full disk, is of CodeUnavailable; the file is
// cut back to its last whole record, and a later Record may succeed. So is a
// Record beyond the quota.
func (a *Archive) Record(ctx context.Context, ex *markwatch.Exchange) (markwatch.Capture, error) {
	if len(ex.Response) == 0 {
		return markwatch.Capture{}, markwatch.Errorf(markwatch.CodeInvalid, "an exchange without a response cannot be kept: %s", ex.URL)
	}
	at := ex.At
	if at.IsZero() {
		at = a.opts.Now()
	}
	k := keeping(ex, at)
	if k.profile != "" {
		a.references.RLock()
		defer a.references.RUnlock()
		if err := a.confirm(ctx, k); err != nil {
			return markwatch.Capture{}, fmt.Errorf("the capture of %s: %w", ex.URL, err)
		}
	}
	buf := a.compose.buffer()
	defer a.compose.release(buf)
	chain, dns := chainOf(ex.Certificates), dnsOf(ex.Resolved)
	first, err := a.compose.exchange(buf, ex, k, chain, dns)
	if err != nil {
		return markwatch.Capture{}, fmt.Errorf("composing the records of %s: %w", ex.URL, err)
	}
	e := Entry{
		URL: targetURI(ex.URL), Type: k.recordType(), Mime: k.mime, Status: k.status, Digest: headerSafe(k.digest),
		ID: k.id, Source: headerSafe(ex.Source), At: k.at,
	}
	if k.profile != "" {
		e.Refers = k.prior.Snapshot
	}
	name, err := a.write(ctx, ex.Source, buf.Bytes(), first, e, chain, dns)
	if err != nil {
		return markwatch.Capture{}, err
	}
	return markwatch.Capture{Snapshot: name + "#" + k.id, URL: ex.URL, At: k.at, PayloadDigest: k.digest}, nil
}

// Resource keeps a document that was made from an exchange, such as the tree
// after scripts ran or a screenshot, and returns its snapshot. Errors are
// those of Record.
func (a *Archive) Resource(ctx context.Context, doc *markwatch.Resource) (snapshot string, err error) {
	if doc.URL == "" || doc.ContentType == "" {
		return "", markwatch.Errorf(markwatch.CodeInvalid, "a resource needs an address and a content type")
	}
	at := doc.At
	if at.IsZero() {
		at = a.opts.Now()
	}
	at = at.UTC().Truncate(time.Microsecond)
	buf := a.compose.buffer()
	defer a.compose.release(buf)
	id := newRecordID()
	if err := a.compose.resource(buf, doc, id, at); err != nil {
		return "", fmt.Errorf("composing the record of %s: %w", doc.URL, err)
	}
	e := Entry{
		URL: targetURI(doc.URL), Type: "resource", Mime: mediaType(doc.ContentType), Digest: digest(doc.Body),
		ID: id, Source: headerSafe(doc.Source), Refers: doc.RefersTo, At: at,
	}
	name, err := a.write(ctx, doc.Source, buf.Bytes(), buf.Len(), e)
	if err != nil {
		return "", err
	}
	return name + "#" + id, nil
}

// write appends records to the file of a source, before them what
// they refer to where the file does not have it yet. It returns the file's name.
func (a *Archive) write(ctx context.Context, source string, records []byte, first int, e Entry, asides ...*aside) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", markwatch.WrapError(markwatch.CodeCanceled, err, "capture stopped")
	}
	var ended []*outFile
	name, warn, err := func() (string, bool, error) {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.closed {
			return "", false, markwatch.Errorf(markwatch.CodeConflict, "the archive is closed")
		}
		if err := a.withinQuota(int64(len(records))); err != nil {
			return "", false, err
		}
		out, old, err := a.ready(source)
		ended = append(ended, old...)
		if err != nil {
			return "", false, err
		}
		size, listed := out.size, out.listed
		for _, doc := range asides {
			if err = a.addAside(out, doc); err != nil {
				break
			}
		}
		if err == nil {
			err = out.append(records, first, e)
		}
		warn := a.grown(out.size - size + out.listed - listed)
		if err != nil {
			if out.broken {
				err = errors.Join(err, out.park())
				delete(a.out, source)
				ended = append(ended, out)
			}
			return "", warn, markwatch.WrapError(markwatch.CodeUnavailable, err, "the capture of %s cannot be written", e.URL)
		}
		if file, id, ok := strings.Cut(e.Refers, "#"); ok && e.Type == "revisit" && a.pruning[file] != nil {
			a.pruning[file][id] = true
		}
		return out.name, warn, nil
	}()
	for _, out := range ended {
		out.finish()
	}
	if warn {
		a.warn()
	}
	return name, err
}

// Page reads a capture of this archive's folder, or else of its bucket, back.
// The error is of CodeNotFound where neither holds such a file or the file no
// such record.
func (a *Archive) Page(ctx context.Context, snapshot string) (*markwatch.Page, error) {
	rec, file, err := a.record(ctx, snapshot)
	if err != nil {
		return nil, err
	}
	return rec.Page(file)
}

// record reads a record of the folder by its snapshot.
func (a *Archive) record(ctx context.Context, snapshot string) (rec *Record, file string, err error) {
	// A snapshot may come from an imported listing: it must not lead out of
	// the folder.
	file, id, ok := strings.Cut(snapshot, "#")
	if !ok || id == "" || !isFileName(file) {
		return nil, "", markwatch.Errorf(markwatch.CodeNotFound, "%q does not name a capture", snapshot)
	}
	path := filepath.Join(a.dir, file)
	if offset, ok := a.offsetOf(path, id); ok {
		if rec := recordAt(path, offset, id); rec != nil {
			return rec, file, nil
		}
	}
	// A file that a killed process left has no whole index.
	if open, _ := a.isOpen(file); isWARC(file) && !open && !a.opts.ReadOnly {
		if _, err := openSorted(path); err != nil {
			if _, err := a.rebuild(ctx, file); markwatch.ErrorCode(err) == markwatch.CodeCanceled {
				return nil, "", err
			}
		}
	}
	rec, err = readRecord(ctx, path, id)
	if markwatch.ErrorCode(err) == markwatch.CodeNotFound && a.opts.Bucket != nil {
		rec, err = a.remote(ctx, file, id)
	}
	return rec, file, err
}
