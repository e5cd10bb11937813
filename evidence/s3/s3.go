// Package s3 keeps copies of captures in a bucket of Amazon S3 or what speaks
// its protocol.
package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/markwatch/markwatch"
)

// Bucket is a bucket, or a folder of one. It implements evidence.Bucket.
type Bucket struct {
	client       *minio.Client
	name, prefix string
}

// Open makes a client of the bucket that an address names:
//
//	s3://bucket/prefix?endpoint=https://minio.example:9000&region=cn-north-1
//
// Without endpoint it is Amazon's. The keys are read from the environment
// (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or MINIO_ROOT_USER and
// MINIO_ROOT_PASSWORD), from the shared credentials file of AWS, or from the
// role of the machine; an address that holds a password is refused. Nothing is
// asked of the server yet. The error is of CodeInvalid where the address is
// none of a bucket.
func Open(address string) (*Bucket, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" || u.Host == "" {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "engines.archive 应如 s3://bucket/prefix?endpoint=https://… is no address of a bucket, such as s3://bucket/prefix?endpoint=https://…")
	}
	if u.User != nil {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "engines.archive 不得含密钥,请用环境变量 AWS_ACCESS_KEY_ID 与 AWS_SECRET_ACCESS_KEY holds a password: name the keys in the environment instead")
	}
	query := u.Query()
	for key := range query {
		if key != "endpoint" && key != "region" {
			return nil, markwatch.Errorf(markwatch.CodeInvalid, "engines.archive: 未知的参数 unknown parameter %q; there are endpoint and region", key)
		}
	}
	endpoint, secure := "s3.amazonaws.com", true
	if given := query.Get("endpoint"); given != "" {
		e, err := url.Parse(given)
		if err != nil || e.Host == "" || e.Scheme != "https" && e.Scheme != "http" || strings.Trim(e.Path, "/") != "" {
			return nil, markwatch.Errorf(markwatch.CodeInvalid, "engines.archive: endpoint %q 应如 https://host:port is no address such as https://host:port", given)
		}
		endpoint, secure = e.Host, e.Scheme == "https"
	}
	client, err := minio.New(endpoint, &minio.Options{
		Creds: credentials.NewChainCredentials([]credentials.Provider{
			&credentials.EnvAWS{}, &credentials.EnvMinio{}, &credentials.FileAWSCredentials{}, &credentials.IAM{Client: http.DefaultClient},
		}),
		Secure: secure, Region: query.Get("region"),
	})
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "engines.archive")
	}
	return &Bucket{client, u.Host, strings.Trim(u.Path, "/")}, nil
}

// Put keeps a copy of a local file, which the server checks by its digest.
func (b *Bucket) Put(ctx context.Context, name, file string) error {
	_, err := b.client.FPutObject(ctx, b.name, b.key(name), file, minio.PutObjectOptions{
		ContentType: "application/octet-stream", SendContentMd5: true, DisableContentSha256: false,
	})
	return b.fault(err, name)
}

// Open reads an object from an offset on.
func (b *Bucket) Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	var opts minio.GetObjectOptions
	var err error
	switch {
	case length >= 0:
		err = opts.SetRange(offset, offset+max(length, 1)-1)
	case offset > 0:
		err = opts.SetRange(offset, 0)
	}
	if err != nil {
		return nil, fmt.Errorf("a part of %s: %w", name, err)
	}
	core := minio.Core{Client: b.client}
	body, _, _, err := core.GetObject(ctx, b.name, b.key(name), opts)
	if err != nil {
		return nil, b.fault(err, name)
	}
	return body, nil
}

// Remove drops an object; one that is not there is no error.
func (b *Bucket) Remove(ctx context.Context, name string) error {
	return b.fault(b.client.RemoveObject(ctx, b.name, b.key(name), minio.RemoveObjectOptions{}), name)
}

func (b *Bucket) key(name string) string { return path.Join(b.prefix, name) }

func (b *Bucket) fault(err error, name string) error {
	switch code := minio.ToErrorResponse(err).Code; {
	case err == nil:
		return nil
	case code == minio.NoSuchKey:
		return markwatch.WrapError(markwatch.CodeNotFound, err, "the bucket %s holds no %s", b.name, name)
	case errors.Is(err, context.Canceled):
		return markwatch.WrapError(markwatch.CodeCanceled, err, "the bucket %s", b.name)
	default:
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "证据桶不可用 the bucket %s cannot be used", b.name)
	}
}
