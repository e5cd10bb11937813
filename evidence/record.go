package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
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

	originals *originals // finds what a revisit refers to; nil where it was not read from a file
	original  *Record    // what was found
}

// isHTTP says whether the block is an HTTP answer, or the head of one.
func (rec *Record) isHTTP() bool {
	switch rec.Type {
	case "response", "revisit":
		media := mediaType(rec.Header.Get("Content-Type"))
		return media == "application/http" || media == "" && bytes.HasPrefix(rec.Block, []byte("HTTP/"))
	}
	return false
}

// IsPage says whether the record counts as a page that was seen: a response to
// an HTTP request; a resource or a conversion to HTML that stands for an
// address of the web, which certificate chains, screenshots and texts
// ("urn:…") do not; a revisit where its original is at hand (see Original).
func (rec *Record) IsPage() bool {
	switch rec.Type {
	case "resource":
		return !isAlias(rec.TargetURI)
	case "conversion":
		return !isAlias(rec.TargetURI) && mediaType(rec.Header.Get("Content-Type")) == "text/html"
	case "response":
		return rec.isHTTP()
	case "revisit":
		_, err := rec.Original()
		return err == nil
	}
	return false
}

// Page makes a page of a response, revisit, resource or conversion record: the
// HTTP head parsed, transfer and content codings taken off. file is the name
// that the snapshot shall have. A body that is cut off, or does not decode to
// its end, gives what there is and Truncated. A revisit gives the payload of
// its original under its own headers and date, for a 304 with the status of
// the original. The error is of CodeNotFound for a revisit without its
// original and of CodeInvalid for other records.
func (rec *Record) Page(file string) (*markwatch.Page, error) {
	page := &markwatch.Page{
		Source:    rec.Header.Get(fieldSource),
		URL:       rec.TargetURI,
		FinalURL:  rec.TargetURI,
		FetchedAt: rec.Date,
		Snapshot:  file + "#" + rec.ID,
		Truncated: rec.Header.Get("WARC-Truncated") != "",
	}
	switch {
	case rec.Type == "resource" || rec.Type == "conversion":
		page.Status = http.StatusOK
		page.Header = make(http.Header)
		if t := rec.Header.Get("Content-Type"); t != "" {
			page.Header.Set("Content-Type", t)
		}
		page.Body = rec.Block
		return page, nil
	case rec.IsRevisit():
		return rec.revisitPage(file)
	case rec.Type != "response" || !rec.isHTTP():
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "a %s record (%s) holds no page", rec.Type, rec.Header.Get("Content-Type"))
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

// ReadPage reads one capture from the WARC, WACZ, HAR or MHTML file at path,
// by the id of its record. It uses the index beside the file where there is
// one, and searches the file otherwise. The error is of CodeNotFound where the
// file or the record is missing, or the original of a revisit.
func ReadPage(ctx context.Context, path, id string) (*markwatch.Page, error) {
	rec, err := readRecord(ctx, path, id)
	if err != nil {
		return nil, err
	}
	return rec.Page(filepath.Base(path))
}

// readRecord reads one record of a file by its id.
func readRecord(ctx context.Context, path, id string) (*Record, error) {
	if offset, ok := offsetOf(path, id); ok {
		if rec := recordAt(path, offset, id); rec != nil {
			return rec, nil
		}
	}
	return searchRecord(ctx, path, id)
}

// searchRecord reads a file until it comes to the record.
func searchRecord(ctx context.Context, path, id string) (*Record, error) {
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
			return rec, nil
		}
	}
}

// isAlias says whether an address names a document and no place of the web.
func isAlias(uri string) bool {
	return strings.HasPrefix(uri, "urn:") || strings.HasPrefix(uri, "cid:") || strings.HasPrefix(uri, dnsScheme)
}
