package main

import (
	"errors"
	"os"

	"github.com/markwatch/markwatch"
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
