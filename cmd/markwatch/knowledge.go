package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
	"github.com/markwatch/markwatch/matchers"
)

// loadConfig reads a configuration folder, with a word on what to do where
// there is none.
func loadConfig(dir string) (*configs.Config, error) {
	if _, err := os.Stat(filepath.Join(dir, "markwatch.yaml")); errors.Is(err, fs.ErrNotExist) {
		return nil, markwatch.Errorf(markwatch.CodeInvalid,
			"%s 里没有 markwatch.yaml:用 markwatch init 建立,或用 --config 指明 there is no markwatch.yaml: make one with markwatch init, or name the folder with --config", dir)
	}
	return configs.Load(dir)
}

// compile makes the matchers of a configuration's lists, which have no version
// and no record beside them.
func compile(cfg *configs.Config) (*matchers.Set, error) {
	return compileWith(cfg, nil, nil)
}

// compileWith is compile with the sellers that the record knows.
func compileWith(cfg *configs.Config, versions markwatch.Versions, sellers []markwatch.KnownSeller) (*matchers.Set, error) {
	originals, err := readOriginals(cfg.Lists.Works, cfg.Path)
	if err != nil {
		return nil, err
	}
	registered, err := readPictures(cfg.Lists.Brands, cfg.Path)
	if err != nil {
		return nil, err
	}
	return matchers.Compile(matchers.Knowledge{
		Lists:      cfg.Lists,
		Versions:   versions,
		Rates:      cfg.Rates,
		Thresholds: cfg.Deployment.Threshold,
		Originals:  originals,
		Pictures:   registered,
		Sellers:    sellers,
	})
}

// knowledgeFlags choose what listings are held against, for the commands that
// need no data folder.
type knowledgeFlags struct {
	config, brands, works string
}

func (k *knowledgeFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&k.config, "config", "", "配置目录,缺省用内置名单 configuration folder; the shipped packs where absent")
	f.StringVar(&k.brands, "brands", "", "品牌名单文件,取代上述名单 brands file, in place of those lists")
	f.StringVar(&k.works, "works", "", "作品名单文件,取代上述名单 works file, in place of those lists")
}

func (k *knowledgeFlags) load() (*configs.Config, error) {
	load := configs.Shipped
	if k.config != "" {
		load = func() (*configs.Config, error) { return loadConfig(k.config) }
	}
	cfg, err := load()
	if err != nil {
		return nil, err
	}
	if k.brands != "" {
		if cfg.Lists.Brands, err = configs.LoadBrands(k.brands); err != nil {
			return nil, err
		}
	}
	if k.works != "" {
		if cfg.Lists.Works, err = configs.LoadWorks(k.works); err != nil {
			return nil, err
		}
	}
	return cfg, nil
}

func (k *knowledgeFlags) compile() (*configs.Config, *matchers.Set, error) {
	cfg, err := k.load()
	if err != nil {
		return nil, nil, err
	}
	set, err := compile(cfg)
	return cfg, set, err
}
