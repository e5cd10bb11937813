package evidence

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/markwatch/markwatch"
)

// OpenFile opens a file of captures with default limits: WARC, and what
// officers' browsers save, by the ending of its name: .wacz, .har, .mhtml and
// .mht. The records of the last two are made of what the file holds, under
// ids that are the same each time. The error is of CodeNotFound where there is
// no such file, of CodeInvalid where it is not what its name says.
func OpenFile(path string) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		code := markwatch.CodeUnavailable
		if errors.Is(err, os.ErrNotExist) {
			code = markwatch.CodeNotFound
		}
		return nil, markwatch.WrapError(code, err, "the file of captures cannot be opened")
	}
	r := NewReader(f, ReaderOptions{})
	r.close = f
	r.originals = newOriginals(path)
	if open := otherFormat(path); open != nil {
		r.records, err = open(f, r.opts)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return r, nil
}

// otherFormat returns what reads a file that is no WARC file, by the ending of
// its name; nil for WARC.
func otherFormat(path string) func(*os.File, ReaderOptions) (recordSource, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".wacz":
		return openWACZ
	case ".har":
		return openHAR
	case ".mhtml", ".mht":
		return openMHTML
	}
	return nil
}

func isOtherFormat(path string) bool { return otherFormat(path) != nil }
