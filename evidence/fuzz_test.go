package evidence_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/markwatch/markwatch/evidence"
)

func FuzzReader(f *testing.F) {
	a, b := record("a", "alpha"), record("b", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"+zipped("<p>"))
	for _, seed := range []string{
		a + b, zipped(a) + zipped(b), zipped(a + b), zipped(a) + broken(zipped(b)) + zipped(a), a + zipped(b)[:20],
		strings.Replace(a, "Length: 5", "Length: 7", 1) + b, "\x1f\x8b\x08\x00", "WARC/1.1\n\n", strings.Replace(b, "resource", "response", 1),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := evidence.NewReader(bytes.NewReader(data), evidence.ReaderOptions{MaxRecord: 1 << 20})
		at := int64(-1)
		for n := 0; ; n++ {
			rec, err := r.Next()
			var damage *evidence.FormatError
			switch {
			case errors.Is(err, io.EOF):
				return
			case errors.As(err, &damage):
			case err != nil:
				t.Fatalf("%v on bytes in memory", err)
			default:
				if rec.Offset < at || rec.Offset >= int64(len(data)) {
					t.Fatalf("record at %d after one at %d in %d bytes", rec.Offset, at, len(data))
				}
				at = rec.Offset
				rec.VerifyDigests()
				rec.Page("f")
			}
			if n > len(data)*1100 {
				t.Fatal("no end")
			}
		}
	})
}
