package crawler

import (
	"bytes"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// acceptEncoding names the content codings that decoder knows.
const acceptEncoding = "gzip, deflate, br, zstd"

// zstdWindow is the most memory that a zstd frame may ask for (RFC 9659 section
// 3); brotli's window is 16 MiB by its own format.
const zstdWindow = 8 << 20

// The first bytes of a gzip member (RFC 1952) and of a zstd frame (RFC 8878).
const (
	gzipMagic = "\x1f\x8b"
	zstdMagic = "\x28\xb5\x2f\xfd"
)

// decoder returns nil where the data is not coded after all, which servers
// behind a careless proxy declare often enough. Brotli has no mark by which to
// tell, so that its decoder must try.
func decoder(coding string, data []byte, in *bytes.Reader) (io.ReadCloser, error) {
	switch coding {
	case "gzip", "x-gzip":
		if !bytes.HasPrefix(data, []byte(gzipMagic)) {
			return nil, nil
		}
		r, err := gzip.NewReader(in)
		if err != nil {
			return nil, undecodable(ReasonCoding, fmt.Errorf("decompressing gzip: %w", err))
		}
		return r, nil
	case "deflate":
		// The name means zlib (RFC 9110 section 8.4.1.2); some servers send
		// the bare stream.
		if len(data) >= 2 && data[0]&15 == 8 && (int(data[0])<<8|int(data[1]))%31 == 0 {
			if r, err := zlib.NewReader(in); err == nil {
				return r, nil
			}
			in.Reset(data)
		}
		return flate.NewReader(in), nil
	case "br":
		return io.NopCloser(brotli.NewReader(in)), nil
	case "zstd":
		if !bytes.HasPrefix(data, []byte(zstdMagic)) {
			return nil, nil
		}
		r, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return nil, undecodable(ReasonCoding, fmt.Errorf("decompressing zstd: %w", err))
		}
		return r.IOReadCloser(), nil
	}
	return nil, undecodable(ReasonCoding, fmt.Errorf("unknown content coding %q", coding))
}
