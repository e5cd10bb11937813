package text_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/markwatch/markwatch/matchers/text"
)

const offer = "莆田鞋 AJ1高帮 纯原版本 真标过验 支持得物鉴别 Nike Air Jordan 1 High OG 版本说明:通货(自己穿)、真标(日常)、纯原(原楦原鞋底)。一双代发,支持退换,不支持专柜退。"

func BenchmarkFold(b *testing.B) {
	f := folder(b)
	var t text.Folded
	b.SetBytes(int64(len(offer)))
	b.ReportAllocs()
	for b.Loop() {
		f.FoldInto(&t, offer)
	}
}

func BenchmarkFind(b *testing.B) {
	f := folder(b)
	folded := f.Fold(offer)
	for _, n := range []int{1000, 10_000, 100_000} {
		rng := rand.New(rand.NewPCG(1, 2))
		ps := make([]text.Pattern, n)
		for i := range ps {
			name := make([]rune, 2+rng.IntN(4))
			for j := range name {
				name[j] = rune(0x4e00 + rng.IntN(3000))
			}
			ps[i] = text.Pattern{Text: string(name), ID: i, Loose: true}
		}
		s := text.NewSearcher(f, ps)
		var hits []text.Hit
		b.Run(fmt.Sprintf("names=%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(offer)))
			b.ReportAllocs()
			for b.Loop() {
				hits = s.Find(folded, hits[:0])
			}
		})
	}
}
