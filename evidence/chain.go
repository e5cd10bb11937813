package evidence

import (
	"bytes"
	"encoding/pem"
	"strings"
)

// chainScheme begins the address under which a certificate chain stands in a
// file, followed by the digest of its PEM form.
const chainScheme = "urn:x-tls-chain:"

// Names of warc-fields in a metadata record. "via" is the standard's.
const (
	fieldVia         = "via"
	fieldProtocol    = "protocol"
	fieldTLSVersion  = "tls-version"
	fieldCipherSuite = "tls-cipher-suite"
	fieldTLSChain    = "tls-chain"
)

// chainOf returns nil without certificates.
func chainOf(certificates [][]byte) *aside {
	if len(certificates) == 0 {
		return nil
	}
	var b bytes.Buffer
	for _, der := range certificates {
		// Writing to memory does not fail, and a block without headers is valid.
		_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	sum := digest(b.Bytes())
	return &aside{uri: chainScheme + sum, mime: pemType, digest: sum, block: b.Bytes()}
}

const pemType = "application/x-pem-file"

// Fields reads the block of a metadata or warcinfo record of named fields
// (application/warc-fields), names in lower case; nil for other records.
func (rec *Record) Fields() map[string][]string {
	if (rec.Type != "metadata" && rec.Type != "warcinfo") || mediaType(rec.Header.Get("Content-Type")) != "application/warc-fields" {
		return nil
	}
	fields := map[string][]string{}
	for _, line := range strings.Split(string(rec.Block), "\n") {
		name, value, ok := strings.Cut(strings.TrimRight(line, "\r"), ":")
		if ok {
			name = strings.ToLower(strings.TrimSpace(name))
			fields[name] = append(fields[name], strings.TrimSpace(value))
		}
	}
	return fields
}

// Via is the address whose redirect or link led to the capture, where the
// record is the metadata that says so.
func (rec *Record) Via() string { return rec.field(fieldVia) }

// field is the first value of a named field of the block.
func (rec *Record) field(name string) string {
	if values := rec.Fields()[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// Chain returns the certificates, DER, the leaf first, of a record that holds
// a chain as PEM; nil for other records.
func (rec *Record) Chain() [][]byte {
	if rec.Type != "resource" || mediaType(rec.Header.Get("Content-Type")) != pemType {
		return nil
	}
	const longest = 100
	var certificates [][]byte
	for rest := rec.Block; len(certificates) < longest; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type == "CERTIFICATE" {
			certificates = append(certificates, block.Bytes)
		}
	}
	return certificates
}
