package pack

import (
	"bytes"
	"crypto"
	"crypto/sha1"     //nolint:gosec // RFC 3161 tokens name their signer by SHA-1; nothing else is made of it
	_ "crypto/sha512" // authorities may use SHA-384 and SHA-512
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"

	"github.com/digitorus/pkcs7"
	"github.com/digitorus/timestamp"
)

// The signed attributes by which a token names its signer's certificate
// (RFC 2634, RFC 5035).
var (
	oidSigningCertificate   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	oidSigningCertificateV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidSHA384               = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	oidSHA512               = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}
)

type essCertificate struct {
	Hash         []byte
	IssuerSerial asn1.RawValue `asn1:"optional"`
}

type essCertificateV2 struct {
	Algorithm    pkix.AlgorithmIdentifier `asn1:"optional"` // SHA-256 where absent
	Hash         []byte
	IssuerSerial asn1.RawValue `asn1:"optional"`
}

// checkSigningCertificate holds the certificate in a token against the hash
// that the authority signed (RFC 3161, section 2.4.2), so that no other one can
// be put in its place.
func checkSigningCertificate(token *timestamp.Timestamp) error {
	signed, err := pkcs7.Parse(token.RawToken)
	if err != nil {
		return fmt.Errorf("reading the token: %w", err)
	}
	var hash []byte
	algorithm := crypto.SHA256
	var v2 struct{ Certificates []essCertificateV2 }
	var v1 struct{ Certificates []essCertificate }
	switch {
	case signed.UnmarshalSignedAttribute(oidSigningCertificateV2, &v2) == nil && len(v2.Certificates) > 0:
		hash = v2.Certificates[0].Hash
		switch id := v2.Certificates[0].Algorithm.Algorithm; {
		case id.Equal(oidSHA384):
			algorithm = crypto.SHA384
		case id.Equal(oidSHA512):
			algorithm = crypto.SHA512
		}
	case signed.UnmarshalSignedAttribute(oidSigningCertificate, &v1) == nil && len(v1.Certificates) > 0:
		hash = v1.Certificates[0].Hash
	default:
		return errors.New("it does not name the certificate of its signer")
	}
	if len(token.Certificates) == 0 {
		return nil // the verifier has the certificate from elsewhere, or not at all
	}
	for _, c := range token.Certificates {
		sum := sha1.Sum(c.Raw) //nolint:gosec // see the import
		got := sum[:]
		if len(hash) != sha1.Size {
			h := algorithm.New()
			h.Write(c.Raw)
			got = h.Sum(nil)
		}
		if bytes.Equal(got, hash) {
			return nil
		}
	}
	return errors.New("the certificate in it is not the one that the authority named")
}
