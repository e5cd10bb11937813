package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"slices"
	"strconv"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

const (
	// maxPayload bounds a decoded body in bytes.
	maxPayload = 64 << 20
	// maxCodings bounds how many content codings are taken off one body.
	maxCodings = 3
)

// splitHTTP cuts an HTTP message behind the empty line; without one all of it
// is head.
func splitHTTP(b []byte) (head, body []byte) {
	if i := endOfHead(b); i >= 0 {
		return b[:i], b[i:]
	}
	return b, nil
}

// parseHTTPHead reads the status line and the header as leniently as browsers
// do: a line that is no field costs that line alone.
func parseHTTPHead(head []byte) (int, http.Header, error) {
	lines := strings.Split(strings.ReplaceAll(string(head), "\r\n", "\n"), "\n")
	proto, rest, _ := strings.Cut(strings.TrimSpace(lines[0]), " ")
	if !strings.HasPrefix(proto, "HTTP/") {
		return 0, nil, fmt.Errorf("%.40q is not a status line", lines[0])
	}
	code, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	status, err := strconv.Atoi(code)
	if err != nil || status < 100 || status > 999 {
		return 0, nil, fmt.Errorf("%.40q is not a status line", lines[0])
	}
	return status, http.Header(parseFields(lines[1:])), nil
}

// decodeBody takes the transfer coding and the content codings off. Many
// tools store bodies decoded beside the header of the coded ones: a body that
// is not what the header says is left as it is. whole is false where the body
// broke off, or grew past the limit, while it was decoded.
func decodeBody(header http.Header, body []byte) (decoded []byte, whole bool) {
	whole = true
	if strings.Contains(strings.ToLower(header.Get("Transfer-Encoding")), "chunked") {
		body, whole = decode(body, func(r io.Reader) (io.Reader, error) { return httputil.NewChunkedReader(r), nil })
	}
	codings := strings.FieldsFunc(strings.ToLower(strings.Join(header.Values("Content-Encoding"), ",")), func(r rune) bool {
		return r == ',' || r == ' ' || r == '\t'
	})
	if len(codings) > maxCodings {
		return body, false
	}
	for _, coding := range slices.Backward(codings) {
		open := opener(coding)
		if open == nil || len(body) == 0 {
			continue
		}
		var ok bool
		body, ok = decode(body, open)
		whole = whole && ok
	}
	return body, whole
}

// opener returns the decoder of a content coding, for those that browsers
// accept; nil for others.
func opener(coding string) func(io.Reader) (io.Reader, error) {
	switch coding {
	case "gzip", "x-gzip":
		return func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }
	case "deflate":
		return openDeflate
	case "br":
		return func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil }
	case "zstd":
		return openZstd
	}
	return nil
}

func openZstd(r io.Reader) (io.Reader, error) {
	d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}

// openDeflate reads RFC 1950, and the bare RFC 1951 that some servers send.
func openDeflate(r io.Reader) (io.Reader, error) {
	b, err := io.ReadAll(r) // already in memory
	if err != nil {
		return nil, err
	}
	if zr, err := zlib.NewReader(bytes.NewReader(b)); err == nil {
		return zr, nil
	}
	return flate.NewReader(bytes.NewReader(b)), nil
}

// decode runs one decoder over a body within the limit. A body that was never
// coded is returned as it is: one of which nothing at all could be decoded, or
// that does not decode and looks like a document.
func decode(body []byte, open func(io.Reader) (io.Reader, error)) (decoded []byte, whole bool) {
	r, err := open(bytes.NewReader(body))
	if err != nil {
		return body, true
	}
	if c, ok := r.(io.Closer); ok {
		defer c.Close()
	}
	decoded, err = io.ReadAll(io.LimitReader(r, maxPayload+1))
	if len(decoded) > maxPayload {
		return decoded[:maxPayload], false
	}
	if err != nil {
		none, cut := len(decoded) == 0, errors.Is(err, io.ErrUnexpectedEOF)
		if none && !cut || looksPlain(body) && (none || !cut) {
			return body, true
		}
	}
	return decoded, err == nil
}

// looksPlain says whether a body starts like markup or JSON. It is asked only
// of what failed to decode.
func looksPlain(body []byte) bool {
	b := bytes.TrimLeft(body, "\xef\xbb\xbf \t\r\n")
	return len(b) > 0 && (b[0] == '<' || b[0] == '{' || b[0] == '[')
}

// mediaType is the bare media type of a Content-Type header, in lower case and
// without anything that a line of the index could not hold.
func mediaType(contentType string) string {
	media, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(headerSafe(media))
}
