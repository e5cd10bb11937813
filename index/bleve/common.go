package bleve

import (
	"slices"
	"unicode/utf8"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/markwatch/markwatch/index"
)

// A character is found by the terms that begin with it, of which a common one
// has thousands. So the documents of the most common ones are gathered before
// anybody asks, when a large segment is new, and kept as long as it is there.
const (
	commonDocs  = 4_000 // the least size of a segment for which it is done
	commonShare = 10     // one document in so many makes a character common
	commonMost  = 100    // so many are kept, some 12 kB each for 100,000 documents
)

// gatherCommon gathers the common characters of the lines that are searched by
// default. It is done once, and given up where stop says so.
func (s *segment) gatherCommon(stop <-chan struct{}) error {
	if s.count < commonDocs {
		return nil
	}
	s.mu.Lock()
	done := s.common != nil
	s.mu.Unlock()
	if done {
		return nil
	}
	chars, err := s.commonChars()
	if err != nil {
		return err
	}
	common := make(map[string]*roaring.Bitmap, len(chars))
	for _, c := range chars {
		select {
		case <-stop:
			return nil
		default:
		}
		if common[c], err = s.beginning(index.TagsByDefault, c); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.common = common
	return nil
}

// commonChars are the characters whose terms stand in the most documents, by
// the sum over their terms, which is never below the number of documents.
func (s *segment) commonChars() ([]string, error) {
	sums := map[string]uint64{}
	for i := range len(index.TagsByDefault) {
		dict, err := s.dictionary(index.TagsByDefault[i : i+1])
		if err != nil {
			return nil, err
		}
		err = eachCount(dict, func(term string, docs uint64) {
			if c, n := utf8.DecodeRuneInString(term); len(term) > n && c >= utf8.RuneSelf {
				sums[term[:n]] += docs
			}
		})
		if err != nil {
			return nil, err
		}
	}
	var chars []string
	for c, sum := range sums {
		if tokens := index.Tokens(c); sum >= uint64(s.count/commonShare) && len(tokens) == 1 && tokens[0].Char {
			chars = append(chars, c)
		}
	}
	slices.SortFunc(chars, func(a, b string) int {
		if sums[a] != sums[b] {
			return int(sums[b]) - int(sums[a])
		}
		return 0
	})
	return chars[:min(commonMost, len(chars))], nil
}
