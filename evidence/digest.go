package evidence

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/hex"
	"hash"
	"io"
	"net/http/httputil"
	"strings"

	"github.com/markwatch/markwatch"
)

// newHash returns the hash of a digest's label, or nil where it is not known.
func newHash(label string) hash.Hash {
	switch strings.ToLower(strings.ReplaceAll(label, "-", "")) {
	case "sha256":
		return sha256.New()
	case "sha1":
		return sha1.New()
	case "sha512":
		return sha512.New()
	case "sha384":
		return sha512.New384()
	case "md5":
		return md5.New()
	}
	return nil
}

// VerifyDigests compares the block and payload digests of the record with its
// content; the error is of CodeInvalid and names the one that differs. A
// missing digest, or one of an unknown algorithm, is no error, and neither is
// the payload digest of a revisit, which is that of another record.
//
// Tools differ over the payload of a chunked response; the body as it was on
// the wire and the body without its chunks both pass.
func (rec *Record) VerifyDigests() error {
	if d := rec.Header.Get("WARC-Block-Digest"); d != "" && !digestFits(d, rec.Block) {
		return markwatch.Errorf(markwatch.CodeInvalid, "the content of record %s does not have the block digest %s", rec.ID, d)
	}
	d := rec.Header.Get("WARC-Payload-Digest")
	if d == "" || rec.Type == "revisit" {
		return nil
	}
	payload := rec.Block
	if strings.HasPrefix(rec.Header.Get("Content-Type"), "application/http") {
		_, payload = splitHTTP(rec.Block)
	}
	if digestFits(d, payload) {
		return nil
	}
	if plain, err := io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(payload))); err == nil && digestFits(d, plain) {
		return nil
	}
	return markwatch.Errorf(markwatch.CodeInvalid, "the content of record %s does not have the payload digest %s", rec.ID, d)
}

// digestFits compares content with "label:value", the value in base 16 or
// base 32, in any letter case, padded or not.
func digestFits(labelled string, content []byte) bool {
	label, value, _ := strings.Cut(labelled, ":")
	h := newHash(strings.TrimSpace(label))
	if h == nil {
		return true
	}
	h.Write(content)
	sum := h.Sum(nil)
	value = strings.TrimRight(strings.TrimSpace(value), "=")
	return strings.EqualFold(value, hex.EncodeToString(sum)) ||
		strings.EqualFold(value, base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum))
}
