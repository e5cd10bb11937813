package evidence

import "io"

// StopAt has fn called with the name of each step of a pruning.
func (a *Archive) StopAt(fn func(step string)) { a.step = fn }

// URLKey is urlKey.
func URLKey(address string) string { return urlKey(address) }

// The readers of other formats, on bytes in memory.

// ReadHAR reads like OpenFile does a .har file.
func ReadHAR(src io.Reader, opts ReaderOptions) *Reader {
	r := NewReader(src, opts)
	r.records = newHAR(src, r.opts)
	return r
}

// ReadMHTML reads like OpenFile does a .mhtml file.
func ReadMHTML(src io.Reader, opts ReaderOptions) (*Reader, error) {
	r := NewReader(src, opts)
	records, err := newMHTML(src, r.opts)
	r.records = records
	return r, err
}

// ReadWACZ reads like OpenFile does a .wacz file.
func ReadWACZ(src io.ReaderAt, size int64, opts ReaderOptions) (*Reader, error) {
	r := NewReader(nil, opts)
	records, err := newWACZ(src, size, r.opts)
	r.records = records
	return r, err
}
