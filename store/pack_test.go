package store

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Whatever stands in the column is unpacked or refused within bounds; what is
// packed comes back.
func FuzzUnpack(f *testing.F) {
	p, err := newPacker()
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{"", "a", "https://a.example/1\nhttps://a.example/2\n\nhttps://b.example/", strings.Repeat("x\n", 300)} {
		packed, _ := p.pack(strings.Split(text, "\n"), []string{text})
		f.Add(packed, text)
	}
	f.Add(p.to.EncodeAll([]byte{2, 3, 'a', 'b', 'c', 4, 'd', 0}, nil), "")
	f.Add(p.to.EncodeAll(bytes.Repeat([]byte{0xff}, 20), nil), "")
	f.Add(p.to.EncodeAll(make([]byte, maxPacked+1), nil), "")
	f.Fuzz(func(t *testing.T, packed []byte, text string) {
		if lists, err := p.unpack(packed); err == nil {
			total := 0
			for _, list := range lists {
				for _, s := range list {
					total += len(s)
				}
			}
			if total > maxPacked {
				t.Errorf("%d bytes were unpacked", total)
			}
		}
		one, two := strings.Split(text, "\n"), strings.Split(text, "/")
		again, ok := p.pack(one, two)
		if !ok {
			return
		}
		lists, err := p.unpack(again)
		if err != nil || !slices.Equal(lists[0], one) || !slices.Equal(lists[1], two) {
			t.Errorf("%q became %q, %v", text, lists, err)
		}
	})
}

func BenchmarkPack(b *testing.B) {
	p, err := newPacker()
	if err != nil {
		b.Fatal(err)
	}
	var links []string
	for i := range 50 {
		links = append(links, fmt.Sprintf("https://market.example/item/%d", 600_000_000_000+int64(i)*7_919_777_331%100_000_000_000))
	}
	packed, _ := p.pack(links, nil)
	b.Run("pack", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.pack(links, nil)
		}
		b.ReportMetric(float64(len(packed)), "bytes")
	})
	b.Run("unpack", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := p.unpack(packed); err != nil {
				b.Fatal(err)
			}
		}
	})
}
