package evidence

import (
	"context"
	"path/filepath"
	"time"
)

// aside is a document that many captures of a file refer to and that stands in
// it once: a certificate chain, an answer of the DNS.
type aside struct {
	uri, mime, digest string
	block             []byte
}

// maxAsides bounds how many of them a file remembers to have; beyond it one may
// be written again.
const maxAsides = 10_000

// addAside writes a document into a file that does not have it yet. a.mu is
// held.
func (a *Archive) addAside(out *outFile, doc *aside) error {
	if doc == nil || out.asides[doc.uri+" "+doc.digest] {
		return nil
	}
	buf := a.compose.buffer()
	defer a.compose.release(buf)
	id, at := newRecordID(), a.opts.Now().UTC().Truncate(time.Microsecond)
	err := a.compose.record(buf, []field{
		{"WARC-Type", "resource"},
		{"WARC-Record-ID", "<" + id + ">"},
		{"WARC-Target-URI", doc.uri},
		{"WARC-Date", at.Format(dateLayout)},
		{"WARC-Payload-Digest", doc.digest},
		{"Content-Type", doc.mime},
	}, doc.block)
	if err != nil {
		return err
	}
	if err := out.append(buf.Bytes(), buf.Len(), Entry{URL: doc.uri, Type: "resource", Mime: doc.mime, Digest: doc.digest, ID: id, At: at}); err != nil {
		return err
	}
	if len(out.asides) >= maxAsides {
		clear(out.asides)
	}
	out.asides[doc.uri+" "+doc.digest] = true
	return nil
}

// aside reads a document of a file by its address and digest; nil where the
// file does not have it or it cannot be read, and for no address.
func (a *Archive) aside(ctx context.Context, file, uri, sum string) *Record {
	if uri == "" {
		return nil // which every entry would have to be looked at for
	}
	list, err := a.list(ctx, file, urlKey(uri))
	if err != nil {
		return nil
	}
	for _, e := range list {
		if e.Digest == sum {
			if rec := recordAt(filepath.Join(a.dir, file), e.Offset, e.ID); rec != nil {
				return rec
			}
		}
	}
	return nil
}
