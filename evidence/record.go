package evidence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/textproto"
	"path/filepath"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
)

// Record is one record of a WARC file.
type Record struct {
	// Offset is where the record starts in the file, or where the gzip member
	// that holds it does.
	Offset int64
	// Version is that of the format, e.g. "1.1".
	Version string
	// Header holds the named fields; Get ignores letter case.
	Header textproto.MIMEHeader
	// Type is the WARC-Type in lower case: warcinfo, response, request, …
	Type string
	// ID is the WARC-Record-ID without angle brackets: "urn:uuid:…".
	ID string
	// TargetURI is the address that was captured.
	TargetURI string
	// Date is the WARC-Date in UTC; zero where it cannot be read.
	Date time.Time
	// Block is the record's content: for a response the HTTP head and body as
	// they were on the wire.
	Block []byte
}

// IsPage says whether the record is one that Page makes a page of: a response
// to an HTTP request, or a resource.
func (rec *Record) IsPage() bool {
	switch rec.Type {
	case "resource":
		return true
	case "response":
		media, _, _ := mime.ParseMediaType(rec.Header.Get("Content-Type"))
		return media == "application/http" || media == "" && strings.HasPrefix(string(rec.Block[:min(len(rec.Block), 5)]), "HTTP/")
	}
	return false
}

// Page makes a page of a response or resource record: the HTTP head parsed,
// transfer and content codings taken off. file is the name that the snapshot
// shall have. A body that is cut off, or does not decode to its end, gives
// what there is and Truncated. The error is of CodeInvalid for other records.
func (rec *Record) Page(file string) (*markwatch.Page, error) {
	if !rec.IsPage() {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "a %s record (%s) holds no page", rec.Type, rec.Header.Get("Content-Type"))
	}
	page := &markwatch.Page{
		Source:    rec.Header.Get(fieldSource),
		URL:       rec.TargetURI,
		FinalURL:  rec.TargetURI,
		FetchedAt: rec.Date,
		Snapshot:  file + "#" + rec.ID,
		Truncated: rec.Header.Get("WARC-Truncated") != "",
	}
	if rec.Type == "resource" {
		page.Status = http.StatusOK
		page.Header = make(http.Header)
		if t := rec.Header.Get("Content-Type"); t != "" {
			page.Header.Set("Content-Type", t)
		}
		page.Body = rec.Block
		return page, nil
	}
	head, body := splitHTTP(rec.Block)
	status, header, err := parseHTTPHead(head)
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "the response of %s cannot be read", rec.TargetURI)
	}
	page.Status, page.Header = status, header
	decoded, whole := decodeBody(header, body)
	page.Body = decoded
	page.Truncated = page.Truncated || !whole
	return page, nil
}

// ReadPage reads one capture from the WARC file at path, by the id of its
// record. It uses the index beside the file where there is one, and searches
// the file otherwise. The error is of CodeNotFound where the file or the
// record is missing.
func ReadPage(ctx context.Context, path, id string) (*markwatch.Page, error) {
	if rec := indexed(path, id); rec != nil {
		return rec.Page(filepath.Base(path))
	}
	r, err := OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	for {
		if err := ctx.Err(); err != nil {
			return nil, markwatch.WrapError(markwatch.CodeCanceled, err, "search for a capture stopped")
		}
		rec, err := r.Next()
		var damage *FormatError
		switch {
		case errors.As(err, &damage):
			continue
		case errors.Is(err, io.EOF):
			return nil, markwatch.Errorf(markwatch.CodeNotFound, "%s holds no record %s", filepath.Base(path), id)
		case err != nil:
			return nil, fmt.Errorf("searching for a capture: %w", err)
		case rec.ID == id:
			return rec.Page(filepath.Base(path))
		}
	}
}
