package crawler

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"

	"github.com/markwatch/markwatch"
)

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
		decoded, more, err := readLimited(r, limit, 4*int64(len(data)))
		r.Close()
		over = over || more
		switch {
		case err != nil && codings[i] == "br" && bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")):
			continue
		case more && int64(len(decoded)) > bombRatio*(in.Size()-int64(in.Len())):
			return nil, true, undecodable(ReasonBomb, fmt.Errorf("%d bytes decompress to more than %d", in.Size()-int64(in.Len()), limit))
		case err != nil && (!errors.Is(err, io.ErrUnexpectedEOF) || !cut && !over):
			return nil, false, undecodable(ReasonCoding, fmt.Errorf("decompressing %s: %w", codings[i], err))
		}
		data = decoded
	}
	return data, over, nil
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

// unpack decompresses a feed that is a gzip file by itself, as large sitemaps
// are (sitemaps.org, "Sitemap file location"). Neither XML nor JSON begins with
// these bytes, so that a server's media type for the file does not matter.
func unpack(body []byte, limit int64, cut bool) (out []byte, over bool, err error) {
	if !bytes.HasPrefix(body, []byte(gzipMagic)) {
		return body, false, nil
	}
	return decode(body, "gzip", limit, cut)
}
