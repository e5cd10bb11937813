package evidence

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// Extract copies one capture with all that belongs to it, byte for byte, into
// a WARC file of its own: the warcinfo record, the certificate chain and the answer of
// the DNS of its file, the redirects that led to it, the original of a revisit, its answer
// with request and metadata, and what was made of it (screenshots). Digests and
// record ids hold; snapshots name the files that the records came from. A
// file that does not keep a record a gzip member, as those of other tools may
// not, gives copies of its records (see copyRecords). The error is of
// CodeNotFound where the capture is not there.
func (a *Archive) Extract(ctx context.Context, snapshot string, w io.Writer) error {
	d, err := a.Describe(ctx, snapshot)
	if err != nil {
		return err
	}
	rec, file, err := a.record(ctx, snapshot)
	if err != nil {
		return err
	}
	var members []member
	add := func(file string, offset int64) {
		if m := (member{file, offset}); !slices.Contains(members, m) {
			members = append(members, m)
		}
	}
	withBeside := func(file string, r *Record) {
		add(file, r.Offset)
		for _, b := range recordsBeside(ctx, filepath.Join(a.dir, file), r) {
			if b.Type == "metadata" {
				uri := b.field(fieldTLSChain)
				if chain := a.aside(ctx, file, uri, strings.TrimPrefix(uri, chainScheme)); uri != "" && chain != nil {
					add(file, chain.Offset)
				}
				if uri, sum, ok := strings.Cut(b.field(fieldDNSAnswer), " "); ok {
					if dns := a.aside(ctx, file, uri, sum); dns != nil {
						add(file, dns.Offset)
					}
				}
			}
			add(file, b.Offset)
		}
	}
	if _, missing := os.Stat(filepath.Join(a.dir, file)); missing != nil || !strings.HasSuffix(strings.ToLower(file), ".gz") || isOtherFormat(file) {
		return a.copyRecords(ctx, file, rec, w)
	}
	add(file, 0)
	for _, hop := range d.Redirects {
		if r := recordAt(filepath.Join(a.dir, hop.File), hop.Offset, hop.ID); r != nil {
			withBeside(hop.File, r)
		}
	}
	if d.Original != nil && d.Original.Found {
		original, from, err := a.record(ctx, d.Original.Snapshot)
		if err != nil {
			return fmt.Errorf("the original of the capture: %w", err)
		}
		withBeside(from, original)
	}
	withBeside(file, rec)
	for _, made := range d.Made {
		add(made.File, made.Offset)
	}
	for _, m := range members {
		if err := copyMember(w, filepath.Join(a.dir, m.file), m.offset); err != nil {
			return fmt.Errorf("copying a record of %s: %w", m.file, err)
		}
	}
	return nil
}

// member is a gzip member of a file.
type member struct {
	file   string
	offset int64
}

// copyMember copies the gzip member that begins at an offset.
func copyMember(w io.Writer, path string, offset int64) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return err
	}
	counted := &byteCounter{r: bufio.NewReader(f)}
	z, err := gzip.NewReader(counted)
	if err != nil {
		return err
	}
	z.Multistream(false)
	if _, err := io.Copy(io.Discard, io.LimitReader(z, maxMember)); err != nil {
		return err
	}
	if n, err := z.Read(make([]byte, 1)); n > 0 || !errors.Is(err, io.EOF) {
		return errors.New("the record is too large")
	}
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return err
	}
	_, err = io.CopyN(w, f, counted.n)
	return err
}

// maxMember bounds what a member may unpack to.
const maxMember = 1 << 30

// byteCounter counts what is read, byte by byte where asked so, which keeps
// gzip from reading past the end of a member.
type byteCounter struct {
	r *bufio.Reader
	n int64
}

// Read implements io.Reader.
func (b *byteCounter) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.n += int64(n)
	return n, err
}

// ReadByte implements io.ByteReader.
func (b *byteCounter) ReadByte() (byte, error) {
	c, err := b.r.ReadByte()
	if err == nil {
		b.n++
	}
	return c, err
}
