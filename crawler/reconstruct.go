package crawler

import (
	"bytes"
	"fmt"
	"net/http"
)

// reconstruct writes an HTTP/2 exchange down in the form of HTTP/1.1, since
// frames and compressed headers are nothing that a WARC reader knows: the
// pseudo headers become start lines and Host, the body keeps its content
// coding and has no transfer coding.
func (t *tap) reconstruct(req *http.Request, res *http.Response, body []byte) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", req.Method, req.URL.RequestURI(), req.URL.Host)
	_ = req.Header.Write(&b) // a Buffer takes everything
	b.WriteString("\r\n")
	t.request = bytes.Clone(b.Bytes())

	b.Reset()
	b.Grow(len(body) + 4<<10)
	fmt.Fprintf(&b, "HTTP/1.1 %03d %s\r\n", res.StatusCode, http.StatusText(res.StatusCode))
	header := res.Header.Clone()
	header.Del("Transfer-Encoding")
	header.Del("Connection")
	_ = header.Write(&b)
	b.WriteString("\r\n")
	b.Write(body)
	t.response = b.Bytes()
}
