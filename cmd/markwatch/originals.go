package main

import (
	"errors"
	"os"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers"
	"github.com/markwatch/markwatch/matchers/pictures"
)

// readOriginals reads the registered texts that works name.
func readOriginals(works []markwatch.Work, path func(string) string) (map[string]string, error) {
	texts := map[string]string{}
	for _, w := range works {
		if w.Text == "" {
			continue
		}
		info, err := os.Stat(path(w.Text))
		if err == nil && info.Size() > maxOriginal {
			err = errors.New("larger than 64 MiB")
		}
		var b []byte
		if err == nil {
			b, err = os.ReadFile(path(w.Text))
		}
		if err != nil {
			return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "作品 %s 的原文 %s 不能读 the original of work %s cannot be read", w.ID, w.Text, w.ID)
		}
		texts[w.ID] = string(b)
	}
	return texts, nil
}

// maxOriginal bounds a registered text in bytes.
const maxOriginal = 64 << 20

// readPictures reads the registered pictures that brands name.
func readPictures(brands []markwatch.Brand, path func(string) string) (matchers.Registered, error) {
	var all matchers.Registered
	for _, b := range brands {
		for _, name := range b.Pictures {
			file, err := os.ReadFile(path(name))
			var hash pictures.Hash
			if err == nil {
				hash, err = pictures.Of(file)
			}
			if err != nil {
				return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "品牌 %s 的图片 %s 不能用 the picture %s of brand %s cannot be used", b.ID, name, name, b.ID)
			}
			all = append(all, matchers.RegisteredPicture{Brand: b.ID, Path: name, Hash: hash})
		}
	}
	return all, nil
}
