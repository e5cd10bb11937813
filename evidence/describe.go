package evidence

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
)

// Description is all that the archive knows of one capture.
type Description struct {
	Snapshot string    `json:"snapshot"`
	Path     string    `json:"path"` // of the file, on this machine
	Offset   int64     `json:"offset"`
	Type     string    `json:"type"` // of the record
	Source   string    `json:"source,omitempty"`
	URL      string    `json:"url"`
	At       time.Time `json:"at"`
	IP       string    `json:"ip,omitempty"`
	Status   int       `json:"status,omitempty"`
	// RequestHead and ResponseHead are the start line and the header as they
	// were on the wire.
	RequestHead  string `json:"request_head,omitempty"`
	ResponseHead string `json:"response_head,omitempty"`
	// BodyBytes is the size of the decoded body, of the original for a revisit.
	BodyBytes     int    `json:"body_bytes"`
	ContentType   string `json:"content_type,omitempty"`
	PayloadDigest string `json:"payload_digest,omitempty"`
	Truncated     string `json:"truncated,omitempty"`
	Reconstructed bool   `json:"reconstructed,omitempty"`

	Protocol     string        `json:"protocol,omitempty"`
	TLSVersion   string        `json:"tls_version,omitempty"`
	CipherSuite  string        `json:"cipher_suite,omitempty"`
	Certificates []Certificate `json:"certificates,omitempty"`

	// Resolved is the answer of the DNS by which the connection was made.
	Resolved *markwatch.Resolution `json:"resolved,omitempty"`

	// Original is the capture that a revisit confirms.
	Original *Original `json:"original,omitempty"`
	// Redirects are the captures whose redirects led here, first hop first.
	Redirects []Entry `json:"redirects,omitempty"`
	// Made are the resources that were made of the capture.
	Made []Entry `json:"made,omitempty"`
	// Checks are the digests that were computed again.
	Checks []Check `json:"checks"`
	// Intact is set where every digest fits and nothing that the records name
	// is missing.
	Intact bool `json:"intact"`
	// Faults says what is wrong where it is not intact.
	Faults []string `json:"faults,omitempty"`
}

// Original is what a revisit record refers to.
type Original struct {
	Profile  string    `json:"profile"` // identical-payload-digest or server-not-modified
	Snapshot string    `json:"snapshot"`
	URL      string    `json:"url"`
	At       time.Time `json:"at,omitzero"`
	Found    bool      `json:"found"`
}

// Certificate is one of the chain that the server sent, the leaf first.
type Certificate struct {
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	Names     []string  `json:"names,omitempty"`
	Serial    string    `json:"serial"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	// Valid says whether the capture lies between the two times.
	Valid bool `json:"valid"`
	// SHA256 is the fingerprint in base 16.
	SHA256 string `json:"sha256"`
}

// Check is one record whose digests were computed again.
type Check struct {
	Record string `json:"record"` // its id
	Type   string `json:"type"`
	OK     bool   `json:"ok"`
	Error  string `json:"error,omitempty"`
}

// Describe tells all that is known of a capture, and computes the digests of
// its records again. The error is of CodeNotFound where the capture is not in
// the folder; what is missing or wrong beside it, and a record that is listed
// and cannot be read any more, is a fault of the Description.
func (a *Archive) Describe(ctx context.Context, snapshot string) (Description, error) {
	rec, file, err := a.record(ctx, snapshot)
	if markwatch.ErrorCode(err) == markwatch.CodeNotFound {
		if d, listed := a.unreadable(ctx, snapshot, err); listed {
			return d, nil
		}
	}
	if err != nil {
		return Description{}, err
	}
	d := Description{
		Snapshot: snapshot, Path: filepath.Join(a.dir, file), Offset: rec.Offset, Type: rec.Type,
		Source: rec.Header.Get(fieldSource), URL: rec.TargetURI, At: rec.Date,
		IP: rec.Header.Get("WARC-IP-Address"), PayloadDigest: rec.Header.Get("WARC-Payload-Digest"),
		Truncated: rec.Header.Get("WARC-Truncated"), Reconstructed: rec.Header.Get(fieldReconstructed) == "true",
	}
	d.check(rec)
	if rec.isHTTP() {
		head, _ := splitHTTP(rec.Block)
		d.ResponseHead = strings.ToValidUTF8(string(head), "�")
	}
	if rec.IsRevisit() {
		d.confirm(rec, file)
	}
	if page, err := rec.Page(file); err == nil {
		d.Status, d.BodyBytes, d.ContentType = page.Status, len(page.Body), page.ContentType()
	} else if !rec.IsRevisit() {
		d.fault("the payload: " + err.Error())
	}
	via := ""
	for _, r := range recordsBeside(ctx, d.Path, rec) {
		d.check(r)
		switch r.Type {
		case "request":
			head, _ := splitHTTP(r.Block)
			d.RequestHead = strings.ToValidUTF8(string(head), "�")
		case "metadata":
			via = r.Via()
			d.Protocol, d.TLSVersion, d.CipherSuite = r.field(fieldProtocol), r.field(fieldTLSVersion), r.field(fieldCipherSuite)
			if uri := r.field(fieldTLSChain); uri != "" {
				a.describeChain(ctx, &d, file, uri)
			}
			a.describeDNS(ctx, &d, file, r)
		}
	}
	if via != "" {
		d.Redirects = a.redirects(ctx, via, rec.TargetURI, rec.Date)
	}
	if err := a.describeMade(ctx, &d); err != nil {
		return Description{}, err
	}
	d.Intact = len(d.Faults) == 0
	return d, nil
}

// unreadable describes a capture that the index of its file lists and that
// cannot be read there: it was damaged, or somebody changed it.
func (a *Archive) unreadable(ctx context.Context, snapshot string, cause error) (d Description, listed bool) {
	file, id, _ := strings.Cut(snapshot, "#")
	if !isFileName(file) || !isWARC(file) {
		return d, false
	}
	err := a.every(ctx, file, func(e Entry) {
		if e.ID == id {
			listed = true
			d = Description{
				Snapshot: snapshot, Path: filepath.Join(a.dir, file), Offset: e.Offset, Type: e.Type,
				Source: e.Source, URL: e.URL, At: e.At, Status: e.Status, PayloadDigest: e.Digest,
			}
		}
	})
	if err != nil || !listed {
		return d, false
	}
	d.fault("the record cannot be read where the index lists it: " + cause.Error())
	return d, true
}

func (d *Description) fault(what string) { d.Faults = append(d.Faults, what) }

// check computes a record's digests.
func (d *Description) check(rec *Record) {
	c := Check{Record: rec.ID, Type: rec.Type, OK: true}
	if err := rec.VerifyDigests(); err != nil {
		c.OK, c.Error = false, err.Error()
		d.fault(c.Error)
	}
	d.Checks = append(d.Checks, c)
}

// confirm describes the original of a revisit.
func (d *Description) confirm(rec *Record, file string) {
	o := &Original{Profile: rec.profile()[strings.LastIndexByte(rec.profile(), '/')+1:], Snapshot: rec.refers(file)}
	_, o.URL, o.At = rec.RefersTo()
	d.Original = o
	original, err := rec.Original()
	if err != nil {
		d.fault(err.Error())
		return
	}
	o.Found = true
	d.check(original)
	if digest := original.Header.Get("WARC-Payload-Digest"); digest != "" && d.PayloadDigest != "" && digest != d.PayloadDigest {
		d.fault("the original has the payload digest " + digest + ", the revisit says " + d.PayloadDigest)
	}
}

// recordsBeside reads the records that follow a capture and belong to it.
func recordsBeside(ctx context.Context, path string, rec *Record) []*Record {
	r, err := openAt(path, rec.Offset)
	if err != nil {
		return nil
	}
	defer r.Close()
	var beside []*Record
	for ctx.Err() == nil {
		next, err := r.Next()
		if err != nil {
			return beside
		}
		if next.ID == rec.ID {
			continue
		}
		if bracketed(next.Header.Get("WARC-Concurrent-To")) != rec.ID || next.Type != "request" && next.Type != "metadata" {
			return beside
		}
		beside = append(beside, next)
	}
	return beside
}

// describeChain reads the certificates that stand in the capture's file.
func (a *Archive) describeChain(ctx context.Context, d *Description, file, uri string) {
	rec := a.aside(ctx, file, uri, strings.TrimPrefix(uri, chainScheme))
	if rec == nil {
		d.fault("the certificate chain " + uri + " is not in the file, or cannot be read")
		return
	}
	d.check(rec)
	for _, der := range rec.Chain() {
		sum := sha256.Sum256(der)
		c := Certificate{SHA256: hex.EncodeToString(sum[:])}
		if parsed, err := x509.ParseCertificate(der); err == nil {
			c.Subject, c.Issuer = parsed.Subject.String(), parsed.Issuer.String()
			c.Serial = parsed.SerialNumber.Text(16)
			c.NotBefore, c.NotAfter = parsed.NotBefore.UTC(), parsed.NotAfter.UTC()
			c.Valid = !d.At.Before(parsed.NotBefore) && !d.At.After(parsed.NotAfter)
			c.Names = parsed.DNSNames
			for _, ip := range parsed.IPAddresses {
				c.Names = append(c.Names, ip.String())
			}
		}
		d.Certificates = append(d.Certificates, c)
	}
}

// redirects goes back from a capture to the one that was asked for: at each
// hop the newest redirect of that address before it.
func (a *Archive) redirects(ctx context.Context, via, to string, at time.Time) []Entry {
	const (
		longest = 20
		window  = 10 * time.Minute
	)
	var hops []Entry
	for via != "" && len(hops) < longest {
		found, _ := a.Find(ctx, via, at.Add(-window), at.Add(time.Millisecond))
		from := via
		via = ""
		for i := len(found) - 1; i >= 0; i-- {
			e := found[i]
			rec := recordAt(filepath.Join(a.dir, e.File), e.Offset, e.ID)
			if rec == nil || e.Status < 300 || e.Status > 399 || !leadsTo(rec, from, to) {
				continue
			}
			hops = append([]Entry{e}, hops...)
			for _, r := range recordsBeside(ctx, filepath.Join(a.dir, e.File), rec) {
				via = cmp.Or(r.Via(), via)
			}
			to, at = e.URL, e.At
			break
		}
	}
	return hops
}

// leadsTo says whether a redirect's Location is an address.
func leadsTo(rec *Record, from, to string) bool {
	head, _ := splitHTTP(rec.Block)
	_, header, err := parseHTTPHead(head)
	if err != nil {
		return false
	}
	base, err := url.Parse(from)
	if err != nil {
		return false
	}
	target, err := base.Parse(header.Get("Location"))
	return err == nil && urlKey(target.String()) == urlKey(to)
}

// describeMade lists what was made of the capture.
func (a *Archive) describeMade(ctx context.Context, d *Description) error {
	for _, address := range []string{d.URL, "urn:view:" + d.URL} {
		found, err := a.Find(ctx, address, d.At.Add(-time.Hour), d.At.Add(24*time.Hour))
		if err != nil && ctx.Err() != nil {
			return err
		}
		for _, e := range found {
			if e.Type == "resource" && e.Refers == d.Snapshot {
				d.Made = append(d.Made, e)
			}
		}
	}
	return nil
}
