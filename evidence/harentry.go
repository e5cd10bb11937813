package evidence

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// harEntry is what of an entry makes a record.
type harEntry struct {
	Started string `json:"startedDateTime"`
	IP      string `json:"serverIPAddress"`
	Request struct {
		URL string `json:"url"`
	} `json:"request"`
	Response struct {
		Status      int       `json:"status"`
		StatusText  string    `json:"statusText"`
		Headers     []harPair `json:"headers"`
		RedirectURL string    `json:"redirectURL"`
		BodySize    float64   `json:"bodySize"`
		Content     struct {
			Size     float64 `json:"size"`
			MimeType string  `json:"mimeType"`
			Text     *string `json:"text"`
			Encoding string  `json:"encoding"`
		} `json:"content"`
	} `json:"response"`
}

type harPair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// record makes a response record; nil for an entry without an answer, such as
// a request that was blocked or broken off.
func (e *harEntry) record(position int, offset, limit int64) (*Record, error) {
	r := &e.Response
	if r.Status < 100 || r.Status > 999 {
		return nil, nil
	}
	if e.Request.URL == "" {
		return nil, errors.New("it has no address")
	}
	if !strings.HasPrefix(e.Request.URL, "http://") && !strings.HasPrefix(e.Request.URL, "https://") {
		return nil, nil // data:, blob: and extensions were not on the network
	}
	body, isText, err := e.body()
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("a body of %d bytes is larger than the limit of %d", len(body), limit)
	}
	status, phrase := r.Status, r.StatusText
	if status == http.StatusNotModified && len(body) > 0 {
		// The browser answered from its cache with what it shows as content.
		status, phrase = http.StatusOK, "OK"
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", status, headerSafe(phrase))
	typed, located := false, false
	for _, pair := range r.Headers {
		name, value := headerSafe(pair.Name), headerSafe(pair.Value)
		switch strings.ToLower(name) {
		case "", "content-encoding", "transfer-encoding", "content-length":
			continue // the content is kept without codings
		case "content-type":
			if typed = true; isText {
				value = asUTF8(value)
			}
		case "location":
			located = true
		}
		if !strings.ContainsAny(name, ": \t") {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	if mimeType := headerSafe(r.Content.MimeType); !typed && mimeType != "" && mimeType != "x-unknown" {
		if isText {
			mimeType = asUTF8(mimeType)
		}
		fmt.Fprintf(&b, "Content-Type: %s\r\n", mimeType)
	}
	if target := headerSafe(r.RedirectURL); !located && target != "" {
		fmt.Fprintf(&b, "Location: %s\r\n", target)
	}
	b.WriteString("Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n")
	b.Write(body)
	date, _ := time.Parse(time.RFC3339Nano, e.Started) // zero where it cannot be read
	rec := savedRecord("response", position, offset, e.Request.URL, "application/http;msgtype=response", date, b.Bytes())
	rec.Header.Set("WARC-Payload-Digest", digest(body))
	rec.Header.Set(fieldReconstructed, "true")
	if ip, err := netip.ParseAddr(strings.Trim(e.IP, "[]")); err == nil {
		rec.Header.Set("WARC-IP-Address", ip.WithZone("").String())
	}
	if r.Content.Text == nil && (r.Content.Size > 0 || r.BodySize > 0) {
		rec.Header.Set("WARC-Truncated", "unspecified") // saved without contents
	}
	return rec, nil
}

// body is the content; isText says that it is text as JSON holds it, in UTF-8
// whatever the server sent.
func (e *harEntry) body() (body []byte, isText bool, err error) {
	content := &e.Response.Content
	if content.Text == nil {
		return nil, false, nil
	}
	if !strings.EqualFold(content.Encoding, "base64") {
		return []byte(*content.Text), true, nil
	}
	text := strings.TrimRight(strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' || r == ' ' {
			return -1
		}
		return r
	}, *content.Text), "=")
	body, err = base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil, false, fmt.Errorf("content in base64: %w", err)
	}
	return body, false, nil
}

// asUTF8 is a content type with the charset that text in JSON has.
func asUTF8(contentType string) string {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return contentType
	}
	if params["charset"] == "" && !strings.HasPrefix(media, "text/") {
		return contentType
	}
	params["charset"] = "utf-8"
	if formatted := mime.FormatMediaType(media, params); formatted != "" {
		return formatted
	}
	return media + "; charset=utf-8"
}
