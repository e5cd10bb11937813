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
// column of bytes: numbers and lengths as varints, the whole compressed with
// zstd. It may be used by many goroutines.
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
	for _, list := range lists {
		plain = binary.AppendUvarint(plain, uint64(len(list)))
		for _, s := range list {
			plain = binary.AppendUvarint(plain, uint64(len(s)))
			plain = append(plain, s...)
		}
		if len(plain) > maxPacked {
			return nil, false
		}
	}
	return p.to.EncodeAll(plain, nil), true
}

// packedLists is how many lists a visit is packed with.
const packedLists = 2

// unpack returns the lists that pack packed.
func (p *packer) unpack(packed []byte) ([][]string, error) {
	plain, err := p.from.DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("decompressing: %w", err)
	}
	lists := make([][]string, packedLists)
	for i := range lists {
		if lists[i], plain, err = unpackList(plain); err != nil {
			return nil, err
		}
	}
	if len(plain) > 0 {
		return nil, errDamaged
	}
	return lists, nil
}

var errDamaged = errors.New("packed lists are damaged")

// unpackList takes one list off plain, nil where it is empty.
func unpackList(plain []byte) (list []string, rest []byte, err error) {
	count, plain, err := number(plain)
	if err != nil || count == 0 {
		return nil, plain, err
	}
	list = make([]string, 0, count)
	for range count {
		var n int
		if n, plain, err = number(plain); err != nil {
			return nil, nil, err
		}
		list = append(list, string(plain[:n]))
		plain = plain[n:]
	}
	return list, plain, nil
}

// number takes a number off plain, of entries or of bytes that follow; every
// entry takes a byte at least, so that neither can be more than there are.
func number(plain []byte) (n int, rest []byte, err error) {
	u, size := binary.Uvarint(plain)
	if size <= 0 || u > uint64(len(plain)-size) {
		return 0, nil, errDamaged
	}
	return int(u), plain[size:], nil
}
