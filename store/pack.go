package store

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// maxPacked bounds what is packed in one value, and what a stored one may
// unpack to: twenty thousand links of 200 bytes.
const maxPacked = 4 << 20

// packer packs lists of strings that are alike (the links of a page) for a
// column of bytes: each string says how much of the one before it begins with,
// and the whole is compressed with zstd. It may be used by many goroutines.
type packer struct {
	to   *zstd.Encoder
	from *zstd.Decoder
}

func newPacker() (*packer, error) {
	to, err := zstd.NewWriter(nil, zstd.WithEncoderCRC(false), zstd.WithWindowSize(256<<10), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, fmt.Errorf("preparing to compress: %w", err)
	}
	from, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxPacked), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, fmt.Errorf("preparing to decompress: %w", err)
	}
	return &packer{to, from}, nil
}

// pack returns the packed lists; ok is false where they are too long to be
// unpacked again.
func (p *packer) pack(lists ...[]string) (packed []byte, ok bool) {
	var plain []byte
	texts := 0
	for _, list := range lists {
		plain = binary.AppendUvarint(plain, uint64(len(list)))
		prior := ""
		for _, s := range list {
			shared := sharedPrefix(prior, s)
			plain = binary.AppendUvarint(plain, uint64(shared))
			plain = binary.AppendUvarint(plain, uint64(len(s)-shared))
			plain = append(plain, s[shared:]...)
			prior = s
			texts += len(s)
		}
	}
	if len(plain) > maxPacked || texts > maxPacked {
		return nil, false
	}
	return p.to.EncodeAll(plain, nil), true
}

func sharedPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// unpack returns n lists that pack packed.
func (p *packer) unpack(packed []byte, n int) ([][]string, error) {
	plain, err := p.from.DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("decompressing: %w", err)
	}
	r := packReader{plain: plain}
	lists := make([][]string, n)
	for i := range lists {
		// An entry takes two bytes at least.
		count := r.number(len(r.plain) / 2)
		if count == 0 {
			continue
		}
		lists[i] = make([]string, 0, count)
		prior := ""
		for range count {
			shared := r.number(len(prior))
			prior = r.text(prior[:shared], r.number(len(r.plain)))
			lists[i] = append(lists[i], prior)
		}
	}
	if r.bad || len(r.plain) > 0 {
		return nil, errors.New("packed lists are damaged")
	}
	return lists, nil
}

// packReader takes numbers and texts off plain; after damage everything is
// empty.
type packReader struct {
	plain []byte
	// texts is how many bytes of text there are by now.
	texts int
	bad   bool
}

// number is the next number, 0 and damage where it exceeds most.
func (r *packReader) number(most int) int {
	n, size := binary.Uvarint(r.plain)
	if r.bad || size <= 0 || n > uint64(most) {
		r.plain, r.bad = nil, true
		return 0
	}
	r.plain = r.plain[size:]
	return int(n)
}

// text is the beginning and the next n bytes. Short entries that each repeat a
// long beginning could grow without end, which pack never writes.
func (r *packReader) text(beginning string, n int) string {
	r.texts += len(beginning) + n
	if r.bad || n > len(r.plain) || r.texts > maxPacked {
		r.plain, r.bad = nil, true
		return ""
	}
	s := beginning + string(r.plain[:n])
	r.plain = r.plain[n:]
	return s
}
