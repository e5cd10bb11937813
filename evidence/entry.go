package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// stampLayout is the 17-digit time of index lines: a 14-digit one, as CDX
// files have, and milliseconds behind it.
const stampLayout = "20060102150405.000"

// Entry is one record as the index of its file lists it: a response, a
// revisit, a resource or a conversion. Its JSON form is that of CDXJ lines,
// where numbers are strings, as other tools write them.
type Entry struct {
	URL string `json:"url"`
	// Type is the WARC-Type: response, revisit, resource or conversion.
	Type string `json:"type"`
	// Mime is the bare media type, as the server declared it.
	Mime string `json:"mime,omitempty"`
	// Status is the HTTP status; 0 for records that are no HTTP answer.
	Status int `json:"status,string,omitempty"`
	// Digest is the payload digest with its label; that of the original for a
	// revisit.
	Digest string `json:"digest,omitempty"`
	// Offset is where the record's gzip member starts in the file, Length how
	// many bytes it takes there; 0 where the file does not give a record a
	// member of its own.
	Offset int64  `json:"offset,string"`
	Length int64  `json:"length,string"`
	File   string `json:"filename"`
	ID     string `json:"id"`
	Source string `json:"source,omitempty"`
	// Refers is the snapshot of the original of a revisit, or of the page that
	// a resource was made of.
	Refers string `json:"refers,omitempty"`
	// At is when the record was made, to the millisecond (UTC).
	At time.Time `json:"-"`
}

// Snapshot is the name of the capture: "<file>#<record id>".
func (e Entry) Snapshot() string { return e.File + "#" + e.ID }

// IsAside says whether the entry is a TLS certificate chain or an answer of the
// DNS, which belong to the file and to no page.
func (e Entry) IsAside() bool {
	return strings.HasPrefix(e.URL, chainScheme) || strings.HasPrefix(e.URL, dnsScheme)
}

// line is the entry as a CDXJ line, with its line end.
func (e Entry) line() ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s ", urlKey(e.URL), stamp(e.At))
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// parseLine reads a line of line; file is the name of the file it indexes.
func parseLine(line []byte, file string) (Entry, error) {
	_, rest, _ := bytes.Cut(line, []byte(" "))
	at, object, ok := bytes.Cut(rest, []byte(" "))
	if !ok {
		return Entry{}, fmt.Errorf("%.60q is not an index line", line)
	}
	var e Entry
	if err := json.Unmarshal(object, &e); err != nil {
		return Entry{}, fmt.Errorf("an index line of %s: %w", file, err)
	}
	when, err := parseStamp(string(at))
	if err != nil || e.ID == "" || e.Offset < 0 || e.Length < 0 || e.File != file {
		return Entry{}, fmt.Errorf("%.60q is not an index line of %s", line, file)
	}
	e.At = when
	return e, nil
}

func stamp(t time.Time) string {
	return strings.Replace(t.UTC().Format(stampLayout), ".", "", 1)
}

func parseStamp(s string) (time.Time, error) {
	if len(s) != 17 {
		return time.Time{}, fmt.Errorf("%.20q is not a time of 17 digits", s)
	}
	return time.Parse(stampLayout, s[:14]+"."+s[14:])
}

// urlKey is the sort key of an address: its host's labels from right to left,
// without scheme, default port, user and fragment (SURT, the Sort-friendly URI
// Reordering Transform of web archives). Other than in SURT the letters of
// path and query keep their case and the host its "www", since markets tell
// items apart by them.
func urlKey(address string) string {
	u := targetURI(address)
	scheme, rest, ok := strings.Cut(u, "://")
	if !ok || strings.ContainsAny(scheme, ":/?#") {
		return u
	}
	rest, _, _ = strings.Cut(rest, "#")
	host, path := rest, "/"
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		host, path = rest[:i], rest[i:]
		if path[0] == '?' {
			path = "/" + path
		}
	}
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	host = strings.ToLower(host)
	port := ""
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		host, port = host[:i], host[i:]
	}
	switch strings.ToLower(scheme) + port {
	case "http:80", "https:443", "http:", "https:":
		port = ""
	}
	host = strings.TrimSuffix(host, ".")
	if net.ParseIP(strings.Trim(host, "[]")) == nil {
		labels := strings.Split(host, ".")
		slices.Reverse(labels)
		host = strings.Join(labels, ",")
	}
	return host + port + ")" + path
}

// entry is the record as an index lists it; ok is false for those that an
// index leaves out. file is the name of the file, end where the record ends
// there, 0 where that is not known.
func (rec *Record) entry(file string, end int64) (e Entry, ok bool) {
	if rec.ID == "" || strings.ContainsAny(rec.ID, " \t") {
		return Entry{}, false
	}
	switch rec.Type {
	case "response", "revisit", "resource", "conversion":
	default:
		return Entry{}, false
	}
	// Copies, so that an index in memory does not hold the records' headers.
	e = Entry{
		URL: targetURI(rec.TargetURI), Type: strings.Clone(rec.Type), File: file, ID: strings.Clone(rec.ID), At: rec.Date,
		Digest: strings.Clone(headerSafe(rec.Header.Get("WARC-Payload-Digest"))), Offset: rec.Offset,
		Source: strings.Clone(headerSafe(rec.Header.Get(fieldSource))), Refers: rec.refers(file),
	}
	if end > rec.Offset {
		e.Length = end - rec.Offset
	}
	if !rec.isHTTP() {
		e.Mime = strings.Clone(mediaType(rec.Header.Get("Content-Type")))
	} else {
		head, _ := splitHTTP(rec.Block)
		if status, header, err := parseHTTPHead(head); err == nil {
			e.Status, e.Mime = status, strings.Clone(mediaType(header.Get("Content-Type")))
		}
	}
	return e, true
}

// refers is the snapshot that the record's header points at, or "".
func (rec *Record) refers(file string) string {
	id, _, _ := rec.RefersTo()
	if id == "" {
		return ""
	}
	if other := rec.Header.Get(fieldRefersToFile); other != "" {
		file = other
	}
	return file + "#" + id
}
