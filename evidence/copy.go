package evidence

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
)

// maxSearched bounds, in bytes, the files that are gone through for the records
// that belong to a capture, wherever they stand.
const maxSearched = 1 << 30

// copyRecords writes a capture of a file that keeps no record a gzip member (a
// plain WARC, or what a browser saved as WACZ, HAR or MHTML), or that is not on
// this machine, as WARC: each record with its fields and its block as they were
// read, behind a warcinfo record that says what they are a copy of. Digests of
// blocks are computed again. Records of HAR and MHTML are those that are made of
// such files (docs/evidence.md).
func (a *Archive) copyRecords(ctx context.Context, file string, rec *Record, w io.Writer) error {
	path := filepath.Join(a.dir, file)
	about := []field{{"software", a.opts.Software}, {"description", headerSafe("copies of records of " + file)}, {"format", "WARC File Format 1.1"}}
	if sum, err := fileDigest(path); err == nil {
		about = append(about, field{"markwatch-copied-file", headerSafe(file) + " " + sum})
	}
	beside, err := belonging(ctx, path, rec)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := a.compose.info(&buf, file, a.opts.Now(), about); err != nil {
		return fmt.Errorf("copying %s: %w", file, err)
	}
	var list []*Record
	if rec.IsRevisit() {
		if original, err := rec.Original(); err == nil {
			list = append(list, original)
		}
	}
	for _, r := range append(append(list, rec), beside...) {
		if err := a.compose.record(&buf, copiedFields(r), r.Block); err != nil {
			return fmt.Errorf("copying %s of %s: %w", r.ID, file, err)
		}
	}
	_, err = w.Write(buf.Bytes())
	return err
}

// belonging reads the records of a file that say that they belong to a capture,
// before or behind it, and those that the capture says it belongs to.
func belonging(ctx context.Context, path string, rec *Record) ([]*Record, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "the file of captures cannot be read")
	case info.Size() > maxSearched:
		return recordsBeside(ctx, path, rec), nil
	}
	r, err := OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	to := func(r *Record) []string {
		var ids []string
		for _, id := range r.Header.Values("WARC-Concurrent-To") {
			ids = append(ids, bracketed(id))
		}
		return ids
	}
	mine := to(rec)
	var found []*Record
	for {
		if err := ctx.Err(); err != nil {
			return nil, markwatch.WrapError(markwatch.CodeCanceled, err, "copying a capture stopped")
		}
		next, err := r.Next()
		var damage *FormatError
		switch {
		case errors.As(err, &damage):
			continue
		case errors.Is(err, io.EOF):
			return found, nil
		case err != nil:
			return nil, fmt.Errorf("copying a capture: %w", err)
		}
		if next.ID != rec.ID && (slices.Contains(to(next), rec.ID) || slices.Contains(mine, next.ID)) && (next.Type == "request" || next.Type == "metadata") {
			found = append(found, next)
		}
	}
}

// fieldNames restores the case in which the standard writes the names that
// readers of header lines canonicalise. Case has no meaning in them.
var fieldNames = strings.NewReplacer("Warc-", "WARC-", "-Id", "-ID", "-Uri", "-URI", "-Ip-", "-IP-")

// copiedFields are a record's fields but for those that composing adds.
func copiedFields(rec *Record) []field {
	first := []string{"Warc-Type", "Warc-Record-Id", "Warc-Target-Uri", "Warc-Date"}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(rec.Header)), func(n string) bool {
		return slices.Contains(first, n) || n == "Content-Length" || n == "Warc-Block-Digest"
	})
	var fields []field
	for _, name := range append(first, names...) {
		for _, value := range rec.Header[name] {
			fields = append(fields, field{fieldNames.Replace(name), headerSafe(value)})
		}
	}
	return fields
}

func fileDigest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), nil
}
