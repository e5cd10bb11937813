package configs

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/shopspring/decimal"
)

// Config is a validated configuration folder with the defaults filled in. It
// is read-only: those who hold it share its slices and maps.
type Config struct {
	// Dir is the folder as it was given to Load; empty for the shipped packs.
	Dir        string
	Deployment Deployment
	Lists      markwatch.Lists
	Rates      markwatch.Rates
	// Handling, Gates and Thresholds are how leads are handled; the last two
	// are the shipped ones where the folder has none.
	Handling   Handling
	Gates      []markwatch.Gate
	Thresholds []markwatch.CrimeThreshold
}

// DataDir is the folder of everything embedded. A relative path in
// markwatch.yaml counts from the configuration folder.
func (c *Config) DataDir() string { return c.Path(c.Deployment.Data) }

// Path resolves a path that stands in a configuration file (captures,
// pictures, cookies): relative ones count from the configuration folder.
func (c *Config) Path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.Dir, p)
}

// Load reads a configuration folder. The error is Problems where files are
// wrong, holding the problems of all files; it has markwatch.CodeNotFound
// where dir is no folder.
func Load(dir string) (*Config, error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, markwatch.Errorf(markwatch.CodeNotFound, "配置文件夹 %s 不存在,可用 markwatch init 新建 / there is no configuration folder %s; markwatch init makes one", dir, dir)
	case err != nil:
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "reading the configuration folder")
	case !info.IsDir():
		return nil, markwatch.Errorf(markwatch.CodeNotFound, "%s 不是文件夹 / %s is not a folder", dir, dir)
	}
	shipped, err := ownPacks()
	if err != nil {
		return nil, err
	}
	c, err := loadFS(os.DirFS(dir), shipped)
	if err != nil {
		return nil, err
	}
	c.Dir = dir
	return c, nil
}

// loadFS reads a folder over the shipped packs.
func loadFS(fsys fs.FS, shipped *Config) (*Config, error) {
	l := loader{fsys: fsys, report: newReport()}
	c := l.load(shipped)
	if err := l.report.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// DeploymentFile is the path of a folder's file of Deployment.
func DeploymentFile(dir string) string { return filepath.Join(dir, deploymentFile) }

// LoadBrands reads one file in the form of brands.yaml.
func LoadBrands(file string) ([]markwatch.Brand, error) {
	l := loader{report: newReport()}
	brands := l.brands(readFile[brandsFile](file, l.report))
	return brands, l.report.err()
}

// LoadWorks reads one file in the form of works.yaml.
func LoadWorks(file string) ([]markwatch.Work, error) {
	l := loader{report: newReport()}
	works := l.works(readFile[worksFile](file, l.report))
	return works, l.report.err()
}

// deploymentFile is the file of Deployment.
const deploymentFile = "markwatch.yaml"

// The top levels of the files.
type (
	brandsFile struct {
		Version int               `yaml:"version"`
		Brands  []markwatch.Brand `yaml:"brands"`
	}
	worksFile struct {
		Version int              `yaml:"version"`
		Works   []markwatch.Work `yaml:"works"`
	}
	sourcesFile struct {
		Version int                `yaml:"version"`
		Sources []markwatch.Source `yaml:"sources"`
	}
	rulesFile struct {
		Version  int                 `yaml:"version"`
		Lexicons []markwatch.Lexicon `yaml:"lexicons"`
		Rules    []markwatch.Rule    `yaml:"rules"`
		Probes   []probeSet          `yaml:"probes"`
	}
	// probeSet are offers that must, and must not, be flagged for a violation.
	probeSet struct {
		Violation markwatch.Violation `yaml:"violation"`
		Hit       []markwatch.Example `yaml:"hit"`
		Miss      []markwatch.Example `yaml:"miss"`
	}
	unitsFile struct {
		Version int               `yaml:"version"`
		Units   []markwatch.Unit  `yaml:"units"`
		Routes  []markwatch.Route `yaml:"routes"`
	}
	ratesFile struct {
		Version int                        `yaml:"version"`
		Date    markwatch.Date             `yaml:"date"`
		Source  string                     `yaml:"source"`
		CNY     map[string]decimal.Decimal `yaml:"cny"`
	}
)

// loaded is a file's content beside its document.
type loaded[T any] struct {
	doc     *document
	content T
}

// readFile reads one file that must exist, by a path of the operating system.
func readFile[T any](file string, rep *report) loaded[T] {
	var l loaded[T]
	f, ok := readDocument(os.DirFS(filepath.Dir(file)), filepath.Base(file), rep, &l.content)
	if !ok {
		rep.add(Problem{File: file, Message: "does not exist"})
	}
	l.doc = f
	return l
}

// loader reads the files of one folder.
type loader struct {
	fsys   fs.FS
	report *report
}

func (l *loader) load(shipped *Config) *Config {
	l.misnamed()
	c := &Config{Deployment: defaultDeployment()}

	c.Lists.Brands = l.brands(one[brandsFile](l, "brands.yaml"))
	c.Lists.Works = l.works(one[worksFile](l, "works.yaml"))
	c.Lists.Sources = l.sources(many[sourcesFile](l, "sources"))

	packs := append(many[rulesFile](l, "lexicons"), many[rulesFile](l, "rules")...)
	c.Lists.Lexicons = l.lexicons(packs, shipped.Lists.Lexicons)
	c.Lists.Rules = l.rules(packs, c.Lists.Lexicons, shipped.Lists.Rules)
	c.Lists.Probes = l.probes(packs, shipped)
	known := knownViolations(c.Lists.Rules)
	c.Lists.Units = l.units(one[unitsFile](l, "units.yaml"), known)

	deployment := loaded[Deployment]{content: c.Deployment}
	deployment.doc, _ = readDocument(l.fsys, deploymentFile, l.report, &deployment.content)
	c.Deployment = l.deployment(deployment, known)

	var unitIDs []string
	for _, u := range c.Lists.Units.Units {
		unitIDs = append(unitIDs, u.ID)
	}
	handling := loaded[Handling]{content: defaultHandling()}
	handling.doc, _ = readDocument(l.fsys, "handling.yaml", l.report, &handling.content)
	c.Handling = l.handling(handling, unitIDs)
	c.Gates, c.Thresholds = shipped.Gates, shipped.Thresholds
	var gates loaded[gatesFile]
	var found bool
	if gates.doc, found = readDocument(l.fsys, "gates.yaml", l.report, &gates.content); found {
		c.Gates = l.gates(gates, known)
	}
	var thresholds loaded[thresholdsFile]
	if thresholds.doc, found = readDocument(l.fsys, "thresholds.yaml", l.report, &thresholds.content); found {
		c.Thresholds = l.thresholds(thresholds, known)
	}

	c.Rates = shipped.Rates
	var rates loaded[ratesFile]
	var ok bool
	if rates.doc, ok = readDocument(l.fsys, "rates.yaml", l.report, &rates.content); ok {
		c.Rates = l.rates(rates)
	}
	return c
}

// one reads a file of the folder; absent is empty.
func one[T any](l *loader, name string) loaded[T] {
	var f loaded[T]
	f.doc, _ = readDocument(l.fsys, name, l.report, &f.content)
	return f
}

// many reads the *.yaml files of a folder within the folder, by name.
func many[T any](l *loader, dir string) []loaded[T] {
	var files []loaded[T]
	for _, name := range l.names(dir) {
		if path.Ext(name) == ".yaml" {
			files = append(files, one[T](l, path.Join(dir, name)))
		}
	}
	return files
}

// names lists the visible entries of a folder; none where it is absent.
func (l *loader) names(dir string) []string {
	entries, err := fs.ReadDir(l.fsys, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.report.add(Problem{File: dir, Message: "cannot be read: " + err.Error()})
	}
	var names []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && (dir == "." || !e.IsDir()) {
			names = append(names, e.Name())
		}
	}
	return names
}

// misnamed reports files that look like a misspelt name of the folder's own,
// since they would be passed over in silence.
func (l *loader) misnamed() {
	known := []string{deploymentFile, "brands.yaml", "works.yaml", "units.yaml", "rates.yaml", "handling.yaml", "gates.yaml", "thresholds.yaml", "sources", "lexicons", "rules"}
	for _, name := range l.names(".") {
		if slices.Contains(known, name) {
			continue
		}
		if best, d := nearest(name, known); d <= 1 {
			l.report.add(Problem{File: name, Message: "is no file of a configuration folder", Nearest: best})
		}
	}
	for _, dir := range []string{"sources", "lexicons", "rules"} {
		for _, name := range l.names(dir) {
			if base, ok := strings.CutSuffix(name, ".yml"); ok {
				l.report.add(Problem{File: dir + "/" + name, Message: "is not read, only *.yaml is", Nearest: base + ".yaml"})
			}
		}
	}
}
