package delivery

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"path/filepath"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/markwatch/markwatch"
)

// S3 is a bucket of an S3-compatible service.
type S3 struct {
	// URL is the service's address, https://s3.example.
	URL, Bucket, Region, Prefix string
	AccessKey, SecretKey        string
	Transport                   http.RoundTripper
}

// Name implements Target.
func (s S3) Name() string { return "s3:" + s.URL + "/" + path.Join(s.Bucket, s.Prefix) }

// maxManifest bounds what is read of a manifest on the other side.
const maxManifest = 64 << 20

// Deliver puts the files, the manifest last.
func (s S3) Deliver(ctx context.Context, p Parcel) (string, error) {
	u, err := url.Parse(s.URL)
	if err != nil {
		return "", markwatch.Errorf(markwatch.CodeInvalid, "S3 的地址有误 the address of the bucket is wrong")
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds: credentials.NewStaticV4(s.AccessKey, s.SecretKey, ""), Secure: u.Scheme == "https", Region: s.Region,
		Transport: s.Transport, BucketLookup: minio.BucketLookupPath,
	})
	if err != nil {
		return "", markwatch.WrapError(markwatch.CodeInvalid, err, "S3 的设置有误 the settings of the bucket are wrong")
	}
	base := path.Join(s.Prefix, keyName(p.Number))
	there, err := s.manifest(ctx, client, path.Join(base, p.Manifest))
	if err != nil {
		return "", err
	}
	if there != nil {
		return already, p.same(there)
	}
	names, err := p.files()
	if err != nil {
		return "", err
	}
	for _, name := range names {
		if _, err := client.FPutObject(ctx, s.Bucket, path.Join(base, name), filepath.Join(p.Dir, filepath.FromSlash(name)), minio.PutObjectOptions{}); err != nil {
			return "", markwatch.WrapError(markwatch.CodeUnavailable, err, "不能写入 cannot write %s to %s", name, s.Name())
		}
	}
	return base, nil
}

// manifest reads the manifest of a batch that is there; nil where it is not.
func (s S3) manifest(ctx context.Context, client *minio.Client, key string) ([]byte, error) {
	object, err := client.GetObject(ctx, s.Bucket, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "不能访问 cannot reach %s", s.Name())
	}
	defer object.Close()
	var b bytes.Buffer
	if _, err := io.Copy(&b, io.LimitReader(object, maxManifest)); err != nil {
		if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
			return nil, nil
		}
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "不能读取 cannot read %s", fmt.Sprintf("%s of %s", key, s.Name()))
	}
	return b.Bytes(), nil
}
