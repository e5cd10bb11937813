package evidence

import "io"

// maxKept bounds what a window keeps behind its position for a rewind.
const maxKept = 16 << 20

// window reads a stream with look-ahead of any length and, after mark, a way
// back. It reads no further than asked for, give or take its chunk.
type window struct {
	src  io.Reader
	buf  []byte
	pos  int   // next byte to read, as an index of buf
	base int64 // offset of buf[0] in the stream
	kept int   // start of what a rewind needs, or -1
	err  error // what ended src, io.EOF included
}

func newWindow(src io.Reader) *window { return &window{src: src, kept: -1} }

// reset begins another stream in the same memory.
func (w *window) reset(src io.Reader) { *w = window{src: src, buf: w.buf[:0], kept: -1} }

// offset is the position in the stream.
func (w *window) offset() int64 { return w.base + int64(w.pos) }

// peek returns the next n bytes, or fewer where the stream ends before. They
// are valid until the next call.
func (w *window) peek(n int) []byte {
	for len(w.buf)-w.pos < n && w.err == nil {
		w.more()
	}
	return w.buf[w.pos:min(w.pos+n, len(w.buf))]
}

// advance skips n bytes that peek has returned.
func (w *window) advance(n int) { w.pos += n }

// ended says whether nothing is left behind the first n bytes, as far as the
// last peek looked.
func (w *window) ended(n int) bool { return w.err != nil && w.pos+n >= len(w.buf) }

// more reads one chunk; memory grows with what the stream really holds, never
// with what a header promises.
func (w *window) more() {
	const chunk = 32 << 10
	if w.kept >= 0 && w.pos-w.kept > maxKept {
		w.kept = -1
	}
	low := w.pos
	if w.kept >= 0 {
		low = w.kept
	}
	if cap(w.buf)-len(w.buf) < chunk {
		rest := w.buf[low:]
		if cap(w.buf)-len(rest) < chunk {
			w.buf = append(make([]byte, 0, 2*len(rest)+chunk), rest...)
		} else {
			w.buf = w.buf[:copy(w.buf, rest)]
		}
		w.pos -= low
		w.base += int64(low)
		if w.kept >= 0 {
			w.kept -= low
		}
	}
	n, err := w.src.Read(w.buf[len(w.buf) : len(w.buf)+chunk])
	w.buf = w.buf[:len(w.buf)+n]
	w.err = err
}

// mark makes the present position the one that rewind returns to.
func (w *window) mark() { w.kept = w.pos }

// rewind goes back to the mark; where that is no longer kept, it stays.
func (w *window) rewind() {
	if w.kept >= 0 {
		w.pos = w.kept
	}
	w.kept = -1
}

// Read implements io.Reader.
func (w *window) Read(p []byte) (int, error) {
	if w.pos == len(w.buf) {
		if w.err == nil {
			w.more()
		}
		if w.pos == len(w.buf) && w.err != nil {
			return 0, w.err
		}
	}
	n := copy(p, w.buf[w.pos:])
	w.pos += n
	return n, nil
}

// ReadByte implements io.ByteReader, so that a decompressor takes no byte
// beyond the end of its member.
func (w *window) ReadByte() (byte, error) {
	for w.pos == len(w.buf) {
		if w.err != nil {
			return 0, w.err
		}
		w.more()
	}
	b := w.buf[w.pos]
	w.pos++
	return b, nil
}

// seek skips to the first match, to the end where there is none. match needs at most overlap bytes behind a match.
func (w *window) seek(overlap int, match func([]byte) int) {
	const chunk = 64 << 10
	for {
		b := w.peek(chunk)
		if i := match(b); i >= 0 {
			w.advance(i)
			return
		}
		if len(b) < chunk {
			w.advance(len(b))
			return
		}
		w.advance(len(b) - overlap)
	}
}
