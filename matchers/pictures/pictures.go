// Package pictures makes perceptual hashes of pictures: two pictures that show
// the same have hashes that are near, also when one was scaled, compressed
// again, framed or written over in a corner.
package pictures

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	_ "image/gif"  // the first frame counts
	_ "image/jpeg" // as browsers show it
	_ "image/png"
	"math"
	"math/bits"
	"slices"

	_ "golang.org/x/image/webp" // registers itself like the others
)

// The limits of what is decoded: a file's size, and its pixels, of which a few
// bytes may promise billions.
const (
	MaxBytes  = 16 << 20
	maxPixels = 40_000_000
	maxSide   = 16_384
	leastSide = 24
)

// The ways in which a picture cannot be used.
var (
	ErrFormat = errors.New("no PNG, JPEG, WebP or GIF picture")
	ErrLarge  = errors.New("the picture is larger than may be decoded")
	ErrPlain  = errors.New("the picture is too small or too plain to be told from others")
)

// Hash is the fingerprint of a picture: of all of it, and of what is left
// without its borders.
type Hash struct{ Whole, Inner Print }

// Print is the fingerprint of a part of a picture.
type Print struct {
	// DCT are the signs of the low frequencies (8×8, without the mean) of
	// the grey picture; scaling and compression leave them.
	DCT uint64
	// Blocks say which of 16×16 blocks are lighter than half of them; what is
	// written over a part of the picture leaves the others.
	Blocks [4]uint64
}

func (p Print) words() []uint64 { return append([]uint64{p.DCT}, p.Blocks[:]...) }

// printBytes is the length of a Print.
const printBytes = 40

// String is the form that listings keep: 160 hexadecimal digits.
func (h Hash) String() string {
	b := make([]byte, 0, 2*printBytes)
	for _, word := range append(h.Whole.words(), h.Inner.words()...) {
		b = binary.BigEndian.AppendUint64(b, word)
	}
	return hex.EncodeToString(b)
}

// Parse reads the form of String.
func Parse(s string) (Hash, error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 2*printBytes {
		return Hash{}, fmt.Errorf("%q is no picture hash", s)
	}
	read := func(b []byte) Print {
		p := Print{DCT: binary.BigEndian.Uint64(b)}
		for i := range p.Blocks {
			p.Blocks[i] = binary.BigEndian.Uint64(b[8*(i+1):])
		}
		return p
	}
	return Hash{read(b), read(b[printBytes:])}, nil
}

// The distances up to which two pictures show the same. Pictures that have
// nothing in common differ in half of all bits.
const (
	nearDCT    = 14
	nearBlocks = 52
)

// Distance is in how many bits two fingerprints differ.
func (p Print) Distance(o Print) (dct, blocks int) {
	for i := range p.Blocks {
		blocks += bits.OnesCount64(p.Blocks[i] ^ o.Blocks[i])
	}
	return bits.OnesCount64(p.DCT ^ o.DCT), blocks
}

// Distance is that of the nearest of their parts.
func (h Hash) Distance(o Hash) (dct, blocks int) {
	dct, blocks = h.Whole.Distance(o.Whole)
	for _, pair := range [][2]Print{{h.Inner, o.Inner}, {h.Whole, o.Inner}, {h.Inner, o.Whole}} {
		if d, b := pair[0].Distance(pair[1]); 4*d+b < 4*dct+blocks {
			dct, blocks = d, b
		}
	}
	return dct, blocks
}

// Same says that two pictures show the same.
func (h Hash) Same(o Hash) bool {
	dct, blocks := h.Distance(o)
	return dct <= nearDCT && blocks <= nearBlocks
}

// Pieces are numbers by which pictures that may show the same are looked for:
// each is a quarter of the fingerprint of the whole or of what is inside the
// borders. Two pictures whose low frequencies differ in less than four bits
// share one, of those that differ in more most do.
func (h Hash) Pieces() []int64 {
	var out []int64
	for _, p := range [...]Print{h.Whole, h.Inner} {
		for i := range 4 {
			if piece := int64(i)<<16 | int64(p.DCT>>(16*i)&0xffff); !slices.Contains(out, piece) {
				out = append(out, piece)
			}
		}
	}
	return out
}

// Of reads a picture file and returns its hash. It decodes nothing beyond the
// package's limits.
func Of(file []byte) (Hash, error) {
	img, err := decode(file, leastSide)
	if err != nil {
		return Hash{}, err
	}
	return OfImage(img)
}

// maxBorders bounds how many borders, one within another, are cut off.
const maxBorders = 6

// grid is the side of the grey picture that all is worked out from.
const grid = 64

// OfImage is Of for a picture that is decoded already.
func OfImage(img image.Image) (Hash, error) {
	at := img.Bounds()
	grey := sample(img, at)
	whole := Print{DCT: dctHash(&grey), Blocks: blockHash(&grey)}
	// Borders are cut off until none is left, so that a picture and the same
	// one in a frame come out alike.
	for range maxBorders {
		inner := trim(grey)
		if inner == (image.Rectangle{Max: image.Pt(grid, grid)}) || at.Dx() < 2*leastSide || at.Dy() < 2*leastSide {
			break
		}
		at = refine(img, at, image.Rect(
			at.Min.X+inner.Min.X*at.Dx()/grid, at.Min.Y+inner.Min.Y*at.Dy()/grid,
			at.Min.X+inner.Max.X*at.Dx()/grid, at.Min.Y+inner.Max.Y*at.Dy()/grid))
		grey = sample(img, at)
	}
	if deviation(grey[:]) < 6 {
		return Hash{}, ErrPlain
	}
	return Hash{Whole: whole, Inner: Print{DCT: dctHash(&grey), Blocks: blockHash(&grey)}}, nil
}

type plane [grid * grid]float64

// sample averages the light of the pixels beneath each cell; transparent ones
// are white, as shops show them.
func sample(img image.Image, b image.Rectangle) plane {
	var out plane
	for y := range grid {
		y0, y1 := b.Min.Y+y*b.Dy()/grid, b.Min.Y+(y+1)*b.Dy()/grid
		for x := range grid {
			x0, x1 := b.Min.X+x*b.Dx()/grid, b.Min.X+(x+1)*b.Dx()/grid
			sum, n := 0.0, 0
			// At most 4×4 pixels a cell are looked at: more tell nothing new.
			for yy := y0; yy < max(y1, y0+1); yy += max(1, (y1-y0)/4) {
				for xx := x0; xx < max(x1, x0+1); xx += max(1, (x1-x0)/4) {
					sum += light(img, xx, yy)
					n++
				}
			}
			out[y*grid+x] = sum / float64(n)
		}
	}
	return out
}

// light is the brightness of a pixel, 0 to 255 (BT.601).
func light(img image.Image, x, y int) float64 {
	r, g, b, a := img.At(x, y).RGBA()
	white := float64(0xffff - a)
	return (0.299*(float64(r)+white) + 0.587*(float64(g)+white) + 0.114*(float64(b)+white)) / 257
}

// edge is how far cells of a border may differ.
const edge = 10

// trim finds the part of the grid within plain borders, at most a third on
// each side.
func trim(g plane) image.Rectangle {
	r := image.Rectangle{Max: image.Pt(grid, grid)}
	plain := func(cells func(i int) float64) bool {
		low, high := math.Inf(1), math.Inf(-1)
		for i := range grid {
			v := cells(i)
			low, high = min(low, v), max(high, v)
		}
		return high-low < edge
	}
	for r.Min.Y < grid/3 && plain(func(i int) float64 { return g[r.Min.Y*grid+i] }) {
		r.Min.Y++
	}
	for r.Max.Y > grid-grid/3 && plain(func(i int) float64 { return g[(r.Max.Y-1)*grid+i] }) {
		r.Max.Y--
	}
	for r.Min.X < grid/3 && plain(func(i int) float64 { return g[i*grid+r.Min.X] }) {
		r.Min.X++
	}
	for r.Max.X > grid-grid/3 && plain(func(i int) float64 { return g[i*grid+r.Max.X-1] }) {
		r.Max.X--
	}
	return r
}

// refine moves the cut to the pixel: the grid only tells it to a cell.
func refine(img image.Image, b, cut image.Rectangle) image.Rectangle {
	stepX, stepY := b.Dx()/grid+1, b.Dy()/grid+1
	cut = image.Rect(cut.Min.X-stepX, cut.Min.Y-stepY, cut.Max.X+stepX, cut.Max.Y+stepY).Intersect(b)
	plain := func(n int, at func(i int) float64) bool {
		low, high := math.Inf(1), math.Inf(-1)
		for i := 0; i < n; i += max(1, n/128) {
			v := at(i)
			low, high = min(low, v), max(high, v)
		}
		return high-low < 2*edge
	}
	for range 2 * stepY {
		if cut.Dy() > leastSide && plain(cut.Dx(), func(i int) float64 { return light(img, cut.Min.X+i, cut.Min.Y) }) {
			cut.Min.Y++
		}
		if cut.Dy() > leastSide && plain(cut.Dx(), func(i int) float64 { return light(img, cut.Min.X+i, cut.Max.Y-1) }) {
			cut.Max.Y--
		}
	}
	for range 2 * stepX {
		if cut.Dx() > leastSide && plain(cut.Dy(), func(i int) float64 { return light(img, cut.Min.X, cut.Min.Y+i) }) {
			cut.Min.X++
		}
		if cut.Dx() > leastSide && plain(cut.Dy(), func(i int) float64 { return light(img, cut.Max.X-1, cut.Min.Y+i) }) {
			cut.Max.X--
		}
	}
	return cut
}

func deviation(v []float64) float64 {
	sum, square := 0.0, 0.0
	for _, x := range v {
		sum += x
		square += x * x
	}
	n := float64(len(v))
	return math.Sqrt(max(0, square/n-sum/n*sum/n))
}

// dctHash keeps, of the 8×8 lowest frequencies behind the mean, whether each
// is above their median.
func dctHash(g *plane) uint64 {
	var low [64]float64
	for v := range 8 {
		for u := range 8 {
			sum := 0.0
			for y := range grid {
				cy := math.Cos(float64(2*y+1) * float64(v+1) * math.Pi / (2 * grid))
				for x := range grid {
					sum += g[y*grid+x] * cy * math.Cos(float64(2*x+1)*float64(u+1)*math.Pi/(2*grid))
				}
			}
			low[v*8+u] = sum
		}
	}
	half := median(low[:])
	var h uint64
	for i, x := range low {
		if x > half {
			h |= 1 << i
		}
	}
	return h
}

// blockHash keeps which of 16×16 blocks are lighter than the median block.
func blockHash(g *plane) (h [4]uint64) {
	const side, size = 16, grid / 16
	var blocks [side * side]float64
	for y := range grid {
		for x := range grid {
			blocks[y/size*side+x/size] += g[y*grid+x]
		}
	}
	half := median(blocks[:])
	for i, x := range blocks {
		if x > half {
			h[i/64] |= 1 << (i % 64)
		}
	}
	return h
}

func median(v []float64) float64 {
	sorted := slices.Sorted(slices.Values(v))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
