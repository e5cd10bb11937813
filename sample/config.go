package sample

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/markwatch/markwatch"
)

// SourceID is the id of the market's source in the folder of WriteConfig.
const SourceID = "sample-market"

// deployment is markwatch.yaml of the folder.
const deployment = `version: 1
data: ./data
time_zone: Asia/Shanghai
server: {listen: "127.0.0.1:0"}
`

// WriteConfig writes a configuration folder with which the market can be
// scanned where it is served, e.g. at "http://127.0.0.1:41327": the lists of
// its brands and works and one source. Files that are there are overwritten.
func (m *Market) WriteConfig(dir, baseURL string) error {
	base, err := url.Parse(strings.TrimSuffix(baseURL, "/"))
	if err != nil || base.Host == "" {
		return markwatch.Errorf(markwatch.CodeInvalid, "%q is not the address of a market, such as http://127.0.0.1:8000", baseURL)
	}
	source, err := yaml.Marshal(struct {
		Version int                `yaml:"version"`
		Sources []markwatch.Source `yaml:"sources"`
	}{1, []markwatch.Source{m.source(base)}})
	if err != nil {
		return fmt.Errorf("writing the sample market's source: %w", err)
	}
	files := map[string][]byte{"markwatch.yaml": []byte(deployment), "sources/" + SourceID + ".yaml": source}
	for _, list := range []string{"brands.yaml", "works.yaml"} {
		if files[list], err = data.ReadFile("data/" + list); err != nil {
			return fmt.Errorf("writing the sample market's lists: %w", err)
		}
	}
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err == nil {
			err = os.WriteFile(path, content, 0o644)
		}
		if err != nil {
			return markwatch.WrapError(markwatch.CodeUnavailable, err, "the sample configuration cannot be written")
		}
	}
	return nil
}

// Source is the market as a source, where it is served at baseURL, e.g.
// "http://127.0.0.1:41327".
func (m *Market) Source(baseURL string) markwatch.Source {
	base, err := url.Parse(strings.TrimSuffix(baseURL, "/"))
	if err != nil {
		base = &url.URL{Scheme: "http", Host: baseURL}
	}
	return m.source(base)
}

// source says how to crawl the market. Offers that no search finds are reached
// through the categories of the home page.
func (m *Market) source(base *url.URL) markwatch.Source {
	at, host := base.String(), base.Host
	delay := markwatch.Duration(0)
	return markwatch.Source{
		ID: SourceID, Name: m.words.Name, Kind: markwatch.KindMarketplace,
		Start:            []string{at + "/", at + "/search?q={brand}", at + "/search?q={work}", at + "/search?q={keyword}&page={page:1-2}"},
		Keywords:         m.words.Keywords,
		Allow:            []string{host + "/", host + "/item/*", host + "/search?*", host + "/category/*", host + "/news/*", host + "/help/*"},
		Listing:          []string{host + "/item/*"},
		Limits:           markwatch.Limits{Pages: 2*len(m.offers) + 2000, Depth: 24},
		Politeness:       markwatch.Politeness{Delay: &delay, Parallel: 4, Robots: "obey"},
		PrivateAddresses: "allow",
		Platform:         markwatch.Platform{ID: SourceID, Name: m.words.Name, Operator: m.words.Operator, Kind: "platform"},
	}
}
