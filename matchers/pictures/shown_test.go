package pictures_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/markwatch/markwatch/matchers/pictures"
)

// What is shown is a JPEG of its own, whatever the file was and whatever else
// it held.
func TestShown(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 300, 100))
	for x := range 300 {
		for y := range 100 {
			img.Set(x, y, color.NRGBA{uint8(x), uint8(y), 80, 255})
		}
	}
	img.Set(0, 0, color.NRGBA{})
	for name, write := range map[string]func(*bytes.Buffer) error{
		"png":  func(b *bytes.Buffer) error { return png.Encode(b, img) },
		"jpeg": func(b *bytes.Buffer) error { return jpeg.Encode(b, img, nil) },
		"gif":  func(b *bytes.Buffer) error { return gif.Encode(b, img, nil) },
	} {
		var file bytes.Buffer
		if err := write(&file); err != nil {
			t.Fatal(err)
		}
		file.WriteString("<script>alert(1)</script>")
		out, err := pictures.Shown(file.Bytes(), 120)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		cfg, format, err := image.DecodeConfig(bytes.NewReader(out))
		if err != nil || format != "jpeg" || cfg.Width != 120 || cfg.Height != 40 || bytes.Contains(out, []byte("script")) {
			t.Errorf("%s became %s %dx%d, %v", name, format, cfg.Width, cfg.Height, err)
		}
	}
	for _, file := range []string{"", "<svg xmlns='http://www.w3.org/2000/svg'/>", "<html>", "\x89PNG\r\n\x1a\nrest"} {
		if _, err := pictures.Shown([]byte(file), 100); !errors.Is(err, pictures.ErrFormat) {
			t.Errorf("%q: %v", file, err)
		}
	}
	// A few bytes that promise 60,000 pixels in each direction.
	var huge bytes.Buffer
	if err := png.Encode(&huge, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	head := huge.Bytes()
	copy(head[16:], []byte{0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60})
	if _, err := pictures.Shown(head, 100); err == nil {
		t.Error("a picture of 60,000 by 60,000 pixels is decoded")
	}
}
