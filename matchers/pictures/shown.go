package pictures

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"

	"golang.org/x/image/draw"
)

// quality is that of a picture that is shown: enough to judge the goods by.
const quality = 82

// Shown reads a picture file and writes it anew as JPEG, no longer than side
// pixels in either direction, so that what is shown holds nothing of the file
// but what it shows. It decodes nothing beyond the package's limits.
func Shown(file []byte, side int) ([]byte, error) {
	img, err := decode(file, 1)
	if err != nil {
		return nil, err
	}
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if longest := max(w, h); longest > side {
		w, h = max(1, w*side/longest), max(1, h*side/longest)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(out, out.Bounds(), img, b, draw.Over, nil)
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, out, &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("writing a picture: %w", err)
	}
	return buf.Bytes(), nil
}

// decode reads a picture file within the package's limits; one that is smaller
// than least in either direction is ErrPlain.
func decode(file []byte, least int) (image.Image, error) {
	if len(file) > MaxBytes {
		return nil, ErrLarge
	}
	cfg, _, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, ErrFormat
	}
	if cfg.Width > maxSide || cfg.Height > maxSide || cfg.Width*cfg.Height > maxPixels {
		return nil, ErrLarge
	}
	if cfg.Width < least || cfg.Height < least {
		return nil, ErrPlain
	}
	img, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return img, nil
}
