package evidence

import (
	"bytes"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
)

// The profiles of revisit records that are written (WARC 1.1, section 6.7).
const (
	profileIdentical   = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
	profileNotModified = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
)

// kept says as what an exchange is kept.
type kept struct {
	id     string // of the response or revisit record
	at     time.Time
	digest string // of the payload; of the prior one for a 304
	status int    // 0 where the head cannot be read
	mime   string
	head   int               // length of the HTTP head
	prior  markwatch.Capture // the original, of a revisit
	// profile is that of the revisit record; empty for a response record.
	profile string
}

// keeping decides how an exchange is kept.
func keeping(ex *markwatch.Exchange, at time.Time) *kept {
	head, payload := splitHTTP(ex.Response)
	k := &kept{
		id: newRecordID(),
		// What the record says, so that both can be compared.
		at:     at.UTC().Truncate(time.Microsecond),
		digest: digest(payload),
		head:   len(head),
	}
	if status, header, err := parseHTTPHead(head); err == nil {
		k.status, k.mime = status, mediaType(header.Get("Content-Type"))
	}
	if ex.Prior == nil {
		return k
	}
	switch {
	case k.status == http.StatusNotModified:
		k.profile, k.prior, k.digest = profileNotModified, *ex.Prior, ex.Prior.PayloadDigest
	case k.digest == ex.Prior.PayloadDigest && len(payload) > 0:
		// An answer without a body is smaller than a reference to one.
		k.profile, k.prior = profileIdentical, *ex.Prior
	}
	return k
}

// plain makes a response record of what would have been a revisit.
func (k *kept) plain() { k.profile, k.prior = "", markwatch.Capture{} }

// recordType is the WARC-Type of the answer's record.
func (k *kept) recordType() string {
	if k.profile != "" {
		return "revisit"
	}
	return "response"
}

// exchange composes the response or revisit record and the request and
// metadata records that belong to it, each a gzip member of its own. It
// returns the length of the first.
func (c *composer) exchange(buf *bytes.Buffer, ex *markwatch.Exchange, k *kept, chain, dns *aside) (first int, err error) {
	common := []field{
		{"WARC-Target-URI", targetURI(ex.URL)},
		{"WARC-Date", k.at.Format(dateLayout)},
	}
	if ip, err := netip.ParseAddr(ex.IP); err == nil {
		common = append(common, field{"WARC-IP-Address", ip.WithZone("").String()})
	}
	if ex.Source != "" {
		common = append(common, field{fieldSource, headerSafe(ex.Source)})
	}
	if ex.Reconstructed {
		common = append(common, field{fieldReconstructed, "true"})
	}

	answer := append([]field{{"WARC-Type", k.recordType()}, {"WARC-Record-ID", "<" + k.id + ">"}}, common...)
	if k.digest != "" {
		answer = append(answer, field{"WARC-Payload-Digest", headerSafe(k.digest)})
	}
	block, truncated := ex.Response, ex.Truncated
	if k.profile != "" {
		answer = append(answer, revisitFields(k)...)
		// The standard's word for a block that was cut to its head.
		if block = block[:k.head]; k.profile == profileIdentical {
			truncated = "length"
		}
	}
	if truncated != "" {
		answer = append(answer, field{"WARC-Truncated", headerSafe(truncated)})
	}
	answer = append(answer, field{"Content-Type", "application/http;msgtype=response"})
	if err := c.record(buf, answer, block); err != nil {
		return 0, err
	}
	first = buf.Len()
	beside := func(kind, contentType string, block []byte) error {
		return c.record(buf, slices.Concat([]field{
			{"WARC-Type", kind},
			{"WARC-Record-ID", "<" + newRecordID() + ">"},
			{"WARC-Concurrent-To", "<" + k.id + ">"},
		}, common, []field{{"Content-Type", contentType}}), block)
	}
	if len(ex.Request) > 0 {
		if err := beside("request", "application/http;msgtype=request", ex.Request); err != nil {
			return 0, err
		}
	}
	if about := connection(ex, chain, dns); len(about) > 0 {
		if err := beside("metadata", "application/warc-fields", warcFields(about)); err != nil {
			return 0, err
		}
	}
	return first, nil
}

// connection is what is known of how the answer was reached.
func connection(ex *markwatch.Exchange, chain, dns *aside) []field {
	var fields []field
	add := func(name, value string) {
		if value = headerSafe(value); value != "" {
			fields = append(fields, field{name, value})
		}
	}
	add(fieldVia, targetURI(ex.Via))
	add(fieldProtocol, ex.Protocol)
	add(fieldTLSVersion, ex.TLSVersion)
	add(fieldCipherSuite, ex.CipherSuite)
	if chain != nil {
		add(fieldTLSChain, chain.uri)
	}
	if dns != nil {
		add(fieldDNSAnswer, dns.uri+" "+dns.digest)
		add(fieldDNSDate, ex.Resolved.At.UTC().Format(dateLayout))
	}
	return fields
}

// resource composes the record of a document that was made from a capture.
// The standard has WARC-Concurrent-To, not WARC-Refers-To, for a resource.
func (c *composer) resource(buf *bytes.Buffer, doc *markwatch.Resource, id string, at time.Time) error {
	fields := []field{
		{"WARC-Type", "resource"},
		{"WARC-Record-ID", "<" + id + ">"},
		{"WARC-Target-URI", targetURI(doc.URL)},
		{"WARC-Date", at.Format(dateLayout)},
	}
	if doc.Source != "" {
		fields = append(fields, field{fieldSource, headerSafe(doc.Source)})
	}
	if file, of, ok := strings.Cut(doc.RefersTo, "#"); ok && of != "" {
		fields = append(fields, field{"WARC-Concurrent-To", "<" + targetURI(of) + ">"}, field{fieldRefersToFile, headerSafe(file)})
	}
	fields = append(fields,
		field{"WARC-Payload-Digest", digest(doc.Body)},
		field{"Content-Type", headerSafe(doc.ContentType)})
	return c.record(buf, fields, doc.Body)
}

// revisitFields name the original of a revisit.
func revisitFields(k *kept) []field {
	file, id, _ := strings.Cut(k.prior.Snapshot, "#")
	fields := []field{
		{"WARC-Profile", k.profile},
		{"WARC-Refers-To", "<" + targetURI(id) + ">"},
		{"WARC-Refers-To-Target-URI", targetURI(k.prior.URL)},
	}
	if !k.prior.At.IsZero() {
		fields = append(fields, field{"WARC-Refers-To-Date", k.prior.At.UTC().Format(dateLayout)})
	}
	return append(fields, field{fieldRefersToFile, headerSafe(file)})
}
