package crawler

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"

	"github.com/markwatch/markwatch"
)

// acceptEncoding names the content codings that decode knows.
const acceptEncoding = "gzip, deflate"

// bombRatio is the ratio of decoded to consumed bytes above which a body that
// exceeds the limit is an attack. Pages compress to a twentieth, seldom to a
// fiftieth; deflate can do a thousandth.
const bombRatio = 100

// codingsMost is how many codings may lie on each other.
const codingsMost = 2

// readLimited reads at most limit bytes. over tells whether there were more;
// what was read is returned with an error too.
func readLimited(r io.Reader, limit, hint int64) (data []byte, over bool, err error) {
	buf := bytes.NewBuffer(make([]byte, 0, max(min(hint, limit)+bytes.MinRead, 4<<10)))
	_, err = buf.ReadFrom(io.LimitReader(r, limit+1))
	data = buf.Bytes()
	if int64(len(data)) > limit {
		return data[:limit], true, err
	}
	return data, false, err
}

// decode takes the content codings off. cut is set where the input was cut
// already, so that a stream that ends early is no surprise. over tells whether
// the limit cut the output.
func decode(data []byte, coding string, limit int64, cut bool) (body []byte, over bool, err error) {
	var codings []string
	for c := range strings.SplitSeq(strings.ToLower(coding), ",") {
		if c = strings.TrimSpace(c); c != "" && c != "identity" {
			codings = append(codings, c)
		}
	}
	if len(codings) > codingsMost {
		return nil, false, undecodable(ReasonCoding, fmt.Errorf("%d content codings on each other", len(codings)))
	}
	for i := len(codings) - 1; i >= 0 && len(data) > 0; i-- {
		in := bytes.NewReader(data)
		r, err := decoder(codings[i], data, in)
		if err != nil {
			return nil, false, err
		}
		if r == nil {
			continue
		}
		var more bool
		decoded, more, err := readLimited(r, limit, 4*int64(len(data)))
		over = over || more
		switch {
		case more && int64(len(decoded)) > bombRatio*(in.Size()-int64(in.Len())):
			return nil, true, undecodable(ReasonBomb, fmt.Errorf("%d bytes decompress to more than %d", in.Size()-int64(in.Len()), limit))
		case err != nil && (!errors.Is(err, io.ErrUnexpectedEOF) || !cut && !over):
			return nil, false, undecodable(ReasonCoding, fmt.Errorf("decompressing %s: %w", codings[i], err))
		}
		data = decoded
	}
	return data, over, nil
}

// decoder returns nil where the data is not coded after all, which servers
// behind a careless proxy declare often enough.
func decoder(coding string, data []byte, in *bytes.Reader) (io.Reader, error) {
	switch coding {
	case "gzip", "x-gzip":
		if !bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
			return nil, nil
		}
		r, err := gzip.NewReader(in)
		if err != nil {
			return nil, undecodable(ReasonCoding, fmt.Errorf("decompressing gzip: %w", err))
		}
		return r, nil
	case "deflate":
		// The name means zlib (RFC 9110 section 8.4.1.2); some servers send
		// the bare stream.
		if len(data) >= 2 && data[0]&15 == 8 && (int(data[0])<<8|int(data[1]))%31 == 0 {
			if r, err := zlib.NewReader(in); err == nil {
				return r, nil
			}
			in.Reset(data)
		}
		return flate.NewReader(in), nil
	}
	return nil, undecodable(ReasonCoding, fmt.Errorf("unknown content coding %q", coding))
}

func undecodable(reason string, err error) *FetchError {
	return &FetchError{Outcome: markwatch.PageUndecodable, Reason: reason, Err: err}
}

// textual tells whether a media type may hold listings. What declares nothing
// is read.
func textual(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		t, _, _ = strings.Cut(strings.ToLower(contentType), ";")
		t = strings.TrimSpace(t)
	}
	major, minor, _ := strings.Cut(t, "/")
	switch major {
	case "image":
		return strings.HasSuffix(minor, "+xml")
	case "audio", "video", "font":
		return false
	case "application":
		switch minor {
		case "zip", "pdf", "x-rar-compressed", "vnd.rar", "x-7z-compressed", "x-msdownload", "vnd.android.package-archive", "java-archive", "msword", "vnd.ms-excel", "vnd.ms-powerpoint":
			return false
		}
		return !strings.HasPrefix(minor, "vnd.openxmlformats")
	}
	return true
}

// whole tells whether an HTML document that broke off had come to its end, as
// it has where only the declared length was wrong.
func whole(body []byte) bool {
	tail := body[max(0, len(body)-512):]
	return bytes.Contains(bytes.ToLower(tail), []byte("</html>"))
}
