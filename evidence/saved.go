package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// savedRecord makes a record of a document that a browser saved. Its id is
// derived from its content, its address and its position, so that reading the
// file again gives the same snapshot.
func savedRecord(kind string, position int, offset int64, uri, contentType string, date time.Time, block []byte) *Record {
	h := sha256.New()
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(position))
	h.Write(n[:])
	fmt.Fprintf(h, "%s\n%s\n%d\n", kind, uri, date.UnixNano())
	h.Write(block)
	var id uuid.UUID
	copy(id[:], h.Sum(nil))
	id[6] = id[6]&0x0f | 0x80 // version 8: as the application likes (RFC 9562)
	id[8] = id[8]&0x3f | 0x80

	header := textproto.MIMEHeader{}
	set := func(name, value string) { header.Set(name, headerSafe(value)) }
	set("WARC-Type", kind)
	set("WARC-Record-ID", "<urn:uuid:"+id.String()+">")
	set("WARC-Target-URI", targetURI(uri))
	if !date.IsZero() {
		set("WARC-Date", date.UTC().Format(dateLayout))
	}
	set("Content-Type", contentType)
	set("Content-Length", strconv.Itoa(len(block)))
	set("WARC-Block-Digest", digest(block))
	return &Record{
		Offset: offset, Version: "1.1", Header: header, Type: kind, ID: "urn:uuid:" + id.String(),
		TargetURI: targetURI(uri), Date: date.UTC(), Block: bytes.Clone(block),
	}
}

// inTheMiddle is the error of an end where no end should be: io.EOF itself is
// how readers say that all is read.
func inTheMiddle(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
