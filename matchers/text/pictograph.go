package text

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed pictographs.txt.gz
var pictographTable []byte

// newPictographs reads what each picture is called, its usual name first.
func newPictographs() (map[rune][][]rune, error) {
	out := map[rune][][]rune{}
	err := readPairs(pictographTable, func(from, to []rune) {
		for word := range strings.FieldsSeq(string(to)) {
			out[from[0]] = append(out[from[0]], []rune(word))
		}
	})
	if err != nil {
		return nil, fmt.Errorf("names of pictures: %w", err)
	}
	return out, nil
}

// pictorial tells the blocks of Unicode that hold pictures.
func pictorial(r rune) bool {
	return r >= 0x1f300 && r < 0x1fb00 || r >= 0x2600 && r < 0x27c0 || r >= 0x2b00 && r < 0x2c00
}

// picture is a picture that stands in a text among the letters.
type picture struct {
	sign rune
	// before is the letter that follows it, src its place in the original.
	before, src int32
}
