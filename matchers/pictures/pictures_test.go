package pictures_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	xdraw "golang.org/x/image/draw"

	"github.com/markwatch/markwatch/matchers/pictures"
)

// scene paints shapes as a product photo has them: some large, some small, on
// a background that fades.
func scene(seed uint64, w, h int) *image.RGBA {
	r := rand.New(rand.NewPCG(seed, 7))
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	base := uint8(150 + r.IntN(100))
	for y := range h {
		for x := range w {
			v := base - uint8(60*y/h)
			img.Set(x, y, color.RGBA{v, v, v - 20, 255})
		}
	}
	for range 14 {
		cx, cy, rx, ry := r.IntN(w), r.IntN(h), w/14+r.IntN(w/5), h/14+r.IntN(h/5)
		c := color.RGBA{uint8(r.IntN(256)), uint8(r.IntN(256)), uint8(r.IntN(256)), 255}
		for y := max(0, cy-ry); y < min(h, cy+ry); y++ {
			for x := max(0, cx-rx); x < min(w, cx+rx); x++ {
				if dx, dy := float64(x-cx)/float64(rx), float64(y-cy)/float64(ry); math.Hypot(dx, dy) < 1 {
					img.Set(x, y, c)
				}
			}
		}
	}
	return img
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func hash(t testing.TB, file []byte) pictures.Hash {
	t.Helper()
	h, err := pictures.Of(file)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func scaled(img image.Image, w, h int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	xdraw.CatmullRom.Scale(out, out.Bounds(), img, img.Bounds(), draw.Over, nil)
	return out
}

func framed(img image.Image, border int, c color.Color) *image.RGBA {
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx()+2*border, b.Dy()+2*border))
	draw.Draw(out, out.Bounds(), image.NewUniform(c), image.Point{}, draw.Src)
	draw.Draw(out, image.Rect(border, border, border+b.Dx(), border+b.Dy()), img, b.Min, draw.Src)
	return out
}

// watermarked writes bars, as letters would stand, over a corner and a band.
func watermarked(img image.Image) *image.RGBA {
	b := img.Bounds()
	out := image.NewRGBA(b)
	draw.Draw(out, b, img, b.Min, draw.Src)
	white := image.NewUniform(color.RGBA{255, 255, 255, 180})
	for i := range 12 {
		x := b.Dx()/2 + i*b.Dx()/30
		draw.Draw(out, image.Rect(x, b.Dy()*9/10, x+b.Dx()/60, b.Dy()*96/100), white, image.Point{}, draw.Over)
	}
	draw.Draw(out, image.Rect(0, b.Dy()*48/100, b.Dx(), b.Dy()*52/100), image.NewUniform(color.RGBA{255, 255, 255, 60}), image.Point{}, draw.Over)
	return out
}

func TestTheSamePictureStaysNear(t *testing.T) {
	for seed := range uint64(10) {
		original := scene(seed, 240, 200)
		want := hash(t, pngOf(t, original))
		var poor, one bytes.Buffer
		if err := jpeg.Encode(&poor, original, &jpeg.Options{Quality: 25}); err != nil {
			t.Fatal(err)
		}
		if err := gif.Encode(&one, original, nil); err != nil {
			t.Fatal(err)
		}
		for name, file := range map[string][]byte{
			"recompressed": poor.Bytes(), "gif": one.Bytes(),
			"smaller": pngOf(t, scaled(original, 120, 100)), "larger": pngOf(t, scaled(original, 400, 333)),
			"white border": pngOf(t, framed(original, 20, color.White)), "black border": pngOf(t, framed(original, 30, color.Black)),
			"watermark": pngOf(t, watermarked(original)),
			"all": func() []byte {
				var b bytes.Buffer
				if err := jpeg.Encode(&b, framed(scaled(watermarked(original), 200, 167), 14, color.White), &jpeg.Options{Quality: 40}); err != nil {
					t.Fatal(err)
				}
				return b.Bytes()
			}(),
		} {
			if got := hash(t, file); !want.Same(got) {
				dct, blocks := want.Distance(got)
				t.Errorf("scene %d, %s: %d and %d bits away", seed, name, dct, blocks)
			}
		}
	}
}

func TestOtherPicturesAreFar(t *testing.T) {
	var hashes []pictures.Hash
	for seed := range uint64(40) {
		hashes = append(hashes, hash(t, pngOf(t, scene(seed, 120, 100))))
	}
	for i := range hashes {
		for j := range i {
			if hashes[i].Same(hashes[j]) {
				t.Errorf("scenes %d and %d are taken for the same", i, j)
			}
		}
	}
}

func TestHashIsWrittenAndRead(t *testing.T) {
	h := hash(t, pngOf(t, scene(1, 100, 100)))
	back, err := pictures.Parse(h.String())
	if err != nil || back != h {
		t.Errorf("%v, %v", back, err)
	}
	if _, err := pictures.Parse("00"); err == nil {
		t.Error("a short hash was read")
	}
}

func TestWhatCannotBeUsed(t *testing.T) {
	plain := image.NewRGBA(image.Rect(0, 0, 200, 200))
	// A header that promises 65535 by 65535 pixels.
	bomb := []byte("GIF89a\xff\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x02\x44\x01\x00;")
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"text":      {[]byte("<svg onload=alert(1)>"), pictures.ErrFormat},
		"nothing":   {nil, pictures.ErrFormat},
		"plain":     {pngOf(t, plain), pictures.ErrPlain},
		"tiny":      {pngOf(t, scene(1, 20, 20)), pictures.ErrPlain},
		"bomb":      {bomb, pictures.ErrLarge},
		"big file":  {make([]byte, pictures.MaxBytes+1), pictures.ErrLarge},
		"cut short": {pngOf(t, scene(1, 100, 100))[:200], pictures.ErrFormat},
	} {
		if _, err := pictures.Of(c.file); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func FuzzOf(f *testing.F) {
	f.Add(pngOf(f, scene(1, 40, 40)))
	f.Add([]byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if h, err := pictures.Of(file); err == nil && !h.Same(h) {
			t.Error("a picture is not itself")
		}
	})
}

// Pictures that show the same are found by a piece, whatever was done to one of
// them.
func TestPiecesAreShared(t *testing.T) {
	shares := func(a, b pictures.Hash) bool {
		for _, p := range a.Pieces() {
			if slices.Contains(b.Pieces(), p) {
				return true
			}
		}
		return false
	}
	found, strangers, tried := map[string]int{}, 0, 0
	for seed := range uint64(8) {
		img := scene(seed, 320, 240)
		original := hash(t, pngOf(t, img))
		var again bytes.Buffer
		if err := jpeg.Encode(&again, img, &jpeg.Options{Quality: 40}); err != nil {
			t.Fatal(err)
		}
		tried++
		for how, file := range map[string][]byte{
			"scaled": pngOf(t, scaled(img, 150, 112)), "compressed again": again.Bytes(),
			"framed": pngOf(t, framed(img, 20, color.White)), "written over": pngOf(t, watermarked(img)),
		} {
			if shares(original, hash(t, file)) {
				found[how]++
			}
		}
		if original.Same(hash(t, pngOf(t, scene(seed+1000, 320, 240)))) {
			strangers++
		}
	}
	for _, how := range []string{"scaled", "compressed again", "framed", "written over"} {
		if found[how] < tried*9/10 {
			t.Errorf("%s: %d of %d pictures share a piece with the original", how, found[how], tried)
		}
	}
	if strangers > 0 {
		t.Errorf("%d of %d pictures are taken for others", strangers, tried)
	}
}
