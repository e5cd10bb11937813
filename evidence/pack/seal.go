package pack

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/digitorus/timestamp"
	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"

	"github.com/markwatch/markwatch"
)

// Signer signs manifests: an Ed25519 (RFC 8032) or SM2 (GB/T 32918) key.
type Signer struct {
	key crypto.Signer
	// Algorithm is "Ed25519" or "SM2".
	Algorithm string
}

// LoadSigner reads a private key in PKCS #8 PEM. The error has
// markwatch.CodeInvalid where it is of another kind.
func LoadSigner(file string) (*Signer, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "不能读取签名私钥 cannot read the signing key")
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "%s 不是 PEM 私钥 / is no PEM key", filepath.Base(file))
	}
	key, err := smx509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "%s 不是 PKCS #8 私钥 / is no PKCS #8 key", filepath.Base(file))
	}
	return NewSigner(key)
}

// NewSigner takes an ed25519.PrivateKey or a *sm2.PrivateKey.
func NewSigner(key any) (*Signer, error) {
	switch k := key.(type) {
	case ed25519.PrivateKey:
		return &Signer{k, "Ed25519"}, nil
	case *sm2.PrivateKey:
		return &Signer{k, "SM2"}, nil
	}
	return nil, markwatch.Errorf(markwatch.CodeInvalid, "签名私钥须为 Ed25519 或 SM2 / the signing key must be Ed25519 or SM2, not %T", key)
}

// OwnSigner reads the deployment's own Ed25519 key, and makes one where there
// is none. Where several ask at once, or one is killed on the way, there is one
// whole key, and everybody signs with it.
func OwnSigner(file string) (*Signer, error) {
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		return LoadSigner(file)
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a signing key: %w", err)
	}
	der, err := smx509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("making a signing key: %w", err)
	}
	if err := keepOnce(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})); err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "不能保存签名私钥 cannot keep the signing key")
	}
	return LoadSigner(file)
}

// keepOnce puts data at file, readable by its owner alone, unless something is
// there already. The data is written beside it and linked there: a link is
// never half, and refuses to replace.
func keepOnce(file string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".key-*") // 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // its other name, once it is linked
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), file); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return nil
}

// sign returns the signature of a manifest: of its bytes for Ed25519; for SM2
// with the default user id, in ASN.1.
func (s *Signer) sign(manifest []byte) ([]byte, error) {
	switch k := s.key.(type) {
	case *sm2.PrivateKey:
		return k.SignWithSM2(rand.Reader, nil, manifest)
	default:
		return s.key.Sign(rand.Reader, manifest, crypto.Hash(0))
	}
}

// PublicPEM is the public key (SubjectPublicKeyInfo) as PEM.
func (s *Signer) PublicPEM() ([]byte, error) {
	der, err := smx509.MarshalPKIXPublicKey(s.key.Public())
	if err != nil {
		return nil, fmt.Errorf("writing the public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// Fingerprint is SHA-256 of a public key's DER form in base 16, by which people
// compare keys; "" where it is no key.
func Fingerprint(publicPEM []byte) string {
	block, _ := pem.Decode(publicPEM)
	if block == nil {
		return ""
	}
	sum := sha256.Sum256(block.Bytes)
	return hex.EncodeToString(sum[:])
}

// Authority is an RFC 3161 time-stamp authority.
type Authority struct {
	URL    string
	Client *http.Client
}

// maxToken bounds an authority's answer.
const maxToken = 1 << 20

// Stamp asks for a token of a manifest. The error has markwatch.CodeUnavailable
// where the authority is out of reach or refuses.
func (a Authority) Stamp(ctx context.Context, manifest []byte) ([]byte, error) {
	ask, err := timestamp.CreateRequest(bytes.NewReader(manifest), &timestamp.RequestOptions{Hash: crypto.SHA256, Certificates: true})
	if err != nil {
		return nil, fmt.Errorf("asking for a time stamp: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.URL, bytes.NewReader(ask))
	if err != nil {
		return nil, fmt.Errorf("asking for a time stamp: %w", err)
	}
	req.Header.Set("Content-Type", "application/timestamp-query")
	resp, err := a.Client.Do(req)
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "时间戳服务没有应答 the time-stamp authority does not answer")
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxToken))
	if err != nil || resp.StatusCode != http.StatusOK {
		return nil, markwatch.Errorf(markwatch.CodeUnavailable, "时间戳服务应答 the time-stamp authority answered %s", resp.Status)
	}
	token, err := timestamp.ParseResponse(answer)
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "时间戳服务的应答有误 the answer of the time-stamp authority is wrong")
	}
	if sum := sha256.Sum256(manifest); token.HashAlgorithm != crypto.SHA256 || !bytes.Equal(token.HashedMessage, sum[:]) {
		return nil, markwatch.Errorf(markwatch.CodeUnavailable, "时间戳不是本清单的 the token is of something else")
	}
	return answer, nil
}
