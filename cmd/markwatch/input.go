package main

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/markwatch/markwatch"
)

// maxInput bounds what a gzip file may decompress to, in bytes. A plain file is
// as large as it is.
const maxInput = 4 << 30

var errInputTooLarge = markwatch.Errorf(markwatch.CodeInvalid, "解压后超过 decompresses to more than %d GiB", maxInput>>30)

// bounded fails where more than left bytes are read, so that nobody takes the
// beginning of a file for the whole.
type bounded struct {
	io.Reader
	left int64
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errInputTooLarge
	}
	return n, err
}

// openInput opens a file, or standard input for "-"; gzip is recognised by its
// first bytes.
func (c console) openInput(name string) (io.ReadCloser, error) {
	f := io.NopCloser(c.in)
	if name != "-" {
		file, err := os.Open(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, markwatch.WrapError(markwatch.CodeNotFound, err, "没有这个文件 there is no file %s", name)
		case err != nil:
			return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "不能打开 cannot open %s", name)
		}
		f = file
	}
	br := bufio.NewReader(f)
	// A file shorter than two bytes is no gzip; its own reader will say what
	// is wrong with it.
	head, _ := br.Peek(2)
	if len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		z, err := gzip.NewReader(br)
		if err != nil {
			return nil, errors.Join(markwatch.WrapError(markwatch.CodeInvalid, err, "gzip 损坏 broken gzip in %s", name), f.Close())
		}
		return input{&bounded{z, maxInput}, f}, nil
	}
	return input{br, f}, nil
}

type input struct {
	io.Reader
	io.Closer
}
