package markwatch_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/markwatch/markwatch"

// arrows says which packages of the module each package may import beside the
// root, which all may import. One direction: the words at the bottom, the
// wiring at the top, siblings side by side.
var arrows = map[string][]string{
	"":                       {},
	"accounts":               {},
	"accounts/oidc":          {"accounts"},
	"accounts/oidc/oidctest": {},
	"configs":                {"ruleexpr", "spelling"},
	"crawler":                {"crawler/canonical"},
	"crawler/canonical":      {},
	"crawler/extract":        {"crawler/canonical"},
	"crawler/feed":           {"crawler/extract"},
	"crawler/frontier":       {"store/sqlform"},
	"crawler/render":         {},
	"crawler/table":          {"crawler/extract", "ndjson"},
	"evidence":               {},
	"evidence/s3":            {},
	"evidence/clock":         {},
	"evidence/pack":          {},
	"index":                  {"spelling"},
	"listsheet":              {},
	"index/bleve":            {"index"},
	"index/indextest":        {"index"},
	"index/meili":            {"index"},
	"leads":                  {},
	"leads/routing":          {"regions"},
	"local":                  {},
	"leads/batch":            {"leads"},
	"leads/clusters":         {},
	"leads/delivery":         {},
	"leads/intake":           {"leads"},
	"leads/report":           {"leads"},
	"leads/dispatch":         {"crawler/canonical", "leads", "leads/batch", "leads/delivery", "leads/intake", "store"},
	"matchers":               {"matchers/pictures", "matchers/text", "regions", "ruleexpr"},
	"matchers/evaluation":    {"ndjson"},
	"matchers/pictures":      {},
	"matchers/text":          {},
	"metrics":                {},
	"ndjson":                 {},
	"notices":                {},
	"regions":                {},
	"ruleexpr":               {},
	"sample":                 {},
	"spelling":               {},
	"store":                  {"store/sqlform"},
	"store/sqlform":          {},
	"store/storetest":        {"store"},
	"web":                    {"accounts", "index", "leads", "leads/batch", "leads/dispatch", "leads/intake", "leads/report", "listsheet", "matchers/pictures"},
	"scan": {
		"crawler", "crawler/canonical", "crawler/extract", "crawler/frontier",
		"crawler/feed", "crawler/render", "crawler/table", "evidence", "matchers", "store",
		"matchers/pictures",
	},
	"scan/schedule":        {},
	"cmd/markwatch":        {"*"},
	"cmd/markwatch-verify": {"evidence/pack"},
}

// onlyImporter names the one room that may touch a dependency.
var onlyImporter = map[string][]string{
	"github.com/gocolly/colly/v2":           {"crawler"},
	"github.com/blevesearch/bleve/v2":       {"index/bleve"},
	"github.com/meilisearch/meilisearch-go": {"index/meili"},
	"modernc.org/sqlite":                    {"store"},
	"github.com/jackc/pgx/v5":               {"store"},
	"github.com/spf13/cobra":                {"cmd/markwatch"},
	"github.com/pressly/goose/v3":           {"store"},
	"github.com/coreos/go-oidc/v3":          {"accounts/oidc"},
	"github.com/minio/minio-go/v7":          {"evidence/s3", "leads/delivery"},
}

func TestImportsFollowTheArrows(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && file != ".") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		pkg := filepath.ToSlash(filepath.Dir(file))
		if pkg == "." {
			pkg = ""
		}
		seen[pkg] = true
		allowed, known := arrows[pkg]
		if !known {
			t.Errorf("%s: package %q is not in the table of arrows", file, pkg)
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if inner, ok := strings.CutPrefix(imported, module+"/"); ok {
				if !slices.Contains(allowed, inner) && !slices.Contains(allowed, "*") {
					t.Errorf("%s imports %s, against the arrows", file, inner)
				}
			}
			if imported == module && pkg == "" {
				t.Errorf("%s: the root imports itself", file)
			}
			for dep, rooms := range onlyImporter {
				if (imported == dep || strings.HasPrefix(imported, dep+"/")) && !slices.Contains(rooms, pkg) {
					t.Errorf("%s imports %s, which only %s may", file, path.Base(dep), strings.Join(rooms, ", "))
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range arrows {
		if !seen[pkg] {
			t.Errorf("the table of arrows names %q, which does not exist", pkg)
		}
	}
}
