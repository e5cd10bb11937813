package evidence_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence"
)

// shopPage is a page of the given size whose text repeats as little as that of
// shop pages does.
func shopPage(size int) *markwatch.Exchange {
	random := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
	for b.Len() < size {
		fmt.Fprintf(&b, `<div class="goods-item" data-id="%d"><a href="/item/%d.html">`, random.IntN(1e9), random.IntN(1e9))
		for range 10 + random.IntN(20) {
			b.WriteRune(rune(0x4e00 + random.IntN(3000)))
		}
		fmt.Fprintf(&b, `</a><span class="price">¥%d.%02d</span></div>`+"\n", random.IntN(1000), random.IntN(100))
	}
	return &markwatch.Exchange{URL: "https://market.example/search", Request: []byte("GET /search HTTP/1.1\r\n\r\n"), Response: b.Bytes()}
}

func BenchmarkRecord(b *testing.B) {
	for _, size := range []int{40 << 10, 240 << 10} {
		b.Run(fmt.Sprintf("%dkB", size>>10), func(b *testing.B) {
			a, _ := openArchive(b, evidence.ArchiveOptions{})
			ex := shopPage(size)
			b.SetBytes(int64(len(ex.Response)))
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := a.Record(b.Context(), ex); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

func BenchmarkRead(b *testing.B) {
	a, dir := openArchive(b, evidence.ArchiveOptions{})
	ex := shopPage(40 << 10)
	for range 100 {
		if _, err := a.Record(b.Context(), ex); err != nil {
			b.Fatal(err)
		}
	}
	a.Close()
	files, _ := filepath.Glob(filepath.Join(dir, "*.gz"))
	data, err := os.ReadFile(files[0])
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(100 * len(ex.Response)))
	b.ReportAllocs()
	for b.Loop() {
		r := evidence.NewReader(bytes.NewReader(data), evidence.ReaderOptions{})
		for {
			if _, err := r.Next(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkRevisit keeps a 304 whose original is in a closed file.
func BenchmarkRevisit(b *testing.B) {
	a, _ := openArchive(b, evidence.ArchiveOptions{RotateBytes: 1 << 30})
	var prior []markwatch.Capture
	for n := range 2000 {
		prior = append(prior, capture(b, a, exchange(n)))
	}
	if err := a.End(exchange(0).Source); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if _, err := a.Record(b.Context(), notModified(secure(n%2000, chainA), prior[n%2000])); err != nil {
			b.Fatal(err)
		}
		n++
	}
}

// BenchmarkFind looks an address up in the indexes of 200 closed files of 200
// captures each.
func BenchmarkFind(b *testing.B) {
	a, _ := openArchive(b, evidence.ArchiveOptions{})
	for n := range 40_000 {
		ex := exchange(n % 500)
		ex.Request = nil
		ex.Source = fmt.Sprint("s", n%200)
		capture(b, a, ex)
	}
	a.Close()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		found, err := a.Find(b.Context(), exchange(n%500).URL, time.Time{}, time.Time{})
		if err != nil || len(found) != 80 {
			b.Fatalf("%d found, %v", len(found), err)
		}
		n++
	}
}

// BenchmarkDescribe describes captures of archives of different sizes, while
// their file is written and after: what one costs does not grow with the rest.
func BenchmarkDescribe(b *testing.B) {
	for _, captures := range []int{2_000, 20_000} {
		for _, open := range []bool{true, false} {
			b.Run(fmt.Sprintf("%d captures/open=%v", captures, open), func(b *testing.B) {
				a, _ := openArchive(b, evidence.ArchiveOptions{})
				snapshots := make([]string, captures)
				for i := range snapshots {
					c, err := a.Record(b.Context(), exchange(i))
					if err != nil {
						b.Fatal(err)
					}
					snapshots[i] = c.Snapshot
				}
				if !open {
					a.Close()
				}
				b.ResetTimer()
				for i := range b.N {
					if d, err := a.Describe(b.Context(), snapshots[i*7919%captures]); err != nil || !d.Intact {
						b.Fatal(err, d.Faults)
					}
				}
			})
		}
	}
}
