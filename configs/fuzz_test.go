package configs_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/markwatch/markwatch/configs"
)

// FuzzLoad reads arbitrary bytes as each file of a folder: no panic, and every
// refusal is Problems.
func FuzzLoad(f *testing.F) {
	seeds, err := filepath.Glob("testdata/mistakes/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, pattern := range []string{"starter/*.yaml", "starter/*/*.yaml", "shipped/rates.yaml"} {
		more, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		seeds = append(seeds, more...)
	}
	for i, file := range seeds {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), data)
	}
	names := []string{
		"markwatch.yaml", "brands.yaml", "works.yaml", "units.yaml", "rates.yaml",
		"sources/a.yaml", "lexicons/a.yaml", "rules/a.yaml",
	}
	packs := shipped(f)
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		folder := fstest.MapFS{names[int(which)%len(names)]: {Data: data}}
		c, err := configs.LoadFS(folder, packs)
		var problems configs.Problems
		if err != nil && !errors.As(err, &problems) || (c == nil) == (err == nil) {
			t.Errorf("config %v, error %v", c != nil, err)
		}
	})
}
