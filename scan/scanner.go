package scan

import (
	"cmp"
	"context"
	"database/sql"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/matchers"
	"github.com/markwatch/markwatch/store"
)

// Config is what a Scanner works with.
type Config struct {
	Store    *store.Store
	Frontier *frontier.Table
	Crawler  *crawler.Crawler
	Matchers *matchers.Set
	Lists    markwatch.Lists
	// Browser renders pages that are empty without scripts; nil where there is
	// none, and then sources that ask for it say so.
	Browser Browser
	// Keeper keeps what the browser showed; nil keeps nothing.
	Keeper Keeper
	// AskAll asks for every page in this process, whether it is due or not.
	AskAll bool
	// Process names the process among those that share a database: the same
	// whenever it starts again, and never two that run. May be empty.
	Process string
	// Probe tries the matchers on offers with a known verdict and returns those
	// that came out otherwise; each scan runs it as it begins. May be nil.
	Probe func() []string
	// Dir is the configuration folder, to which the files of archives and
	// tables are relative.
	Dir string
	// IndexAll feeds every listing to the index, not only leads.
	IndexAll bool
	// Fed is called after a commit that left work for the index.
	Fed func()
	// Counted is told, after its commit, what a page added to its source's
	// counts.
	Counted func(source string, delta store.PageDelta)
	// Finished is told of a scan that ends, once, in the transaction that
	// closes it. The transaction may run again: nothing may come of it but
	// what is done through tx.
	Finished func(ctx context.Context, tx *sql.Tx, sum markwatch.ScanSummary) error
	// RetryWait is how long an address waits at the least after its first
	// ordinary fault, and half of the most; both double with each further
	// fault, six times. A second where zero.
	RetryWait time.Duration
	// Ended is told of a scan that this process closed, after the commit.
	Ended  func(sum markwatch.ScanSummary)
	Now    func() time.Time
	Logger *slog.Logger
}

// Scanner runs scans.
type Scanner struct {
	store    *store.Store
	frontier *frontier.Table
	crawler  *crawler.Crawler
	known    atomic.Pointer[knowledge]
	// watching guards watches, to which Add may add.
	watching sync.RWMutex
	watches  map[string]*watch
	browser  Browser
	keeper   Keeper
	process  string
	askAll   bool
	probe    func() []string
	walls    hostWalls
	dir      string
	indexAll bool
	fed      func()
	counted  func(string, store.PageDelta)
	finished func(context.Context, *sql.Tx, markwatch.ScanSummary) error
	ended    func(markwatch.ScanSummary)
	now      func() time.Time
	retry    time.Duration
	log      *slog.Logger
	stopped  chan error
}

// watch is one source with what is compiled from it.
type watch struct {
	source *markwatch.Source
	scope  *crawler.Scope
	// form names how its pages are read.
	form     string
	sameness sameness
}

// sameness holds what the present scan has seen of pages that are all alike:
// the same pages again on the next night are no trap.
type sameness struct {
	mu   sync.Mutex
	scan string
	seen *crawler.Sameness
}

func (s *sameness) of(scanID string) *crawler.Sameness {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil || s.scan != scanID {
		s.scan, s.seen = scanID, crawler.NewSameness()
	}
	return s.seen
}

// knowledge is what listings are held against and what addresses are made of.
type knowledge struct {
	matchers *matchers.Set
	lists    markwatch.Lists
}

// Learn lets newer lists hold, from the next page and the next scan on. The
// sources stay those of the Config.
func (s *Scanner) Learn(set *matchers.Set, lists markwatch.Lists) {
	lists.Sources = s.known.Load().lists.Sources
	s.known.Store(&knowledge{set, lists})
}

// New compiles the sources. It returns an error of CodeInvalid where a pattern
// cannot be used.
func New(cfg Config) (*Scanner, error) {
	s := &Scanner{
		store: cfg.Store, frontier: cfg.Frontier, crawler: cfg.Crawler,
		watches: map[string]*watch{}, browser: cfg.Browser, keeper: cfg.Keeper, process: cfg.Process, askAll: cfg.AskAll, probe: cfg.Probe, dir: cfg.Dir, indexAll: cfg.IndexAll, fed: cfg.Fed, counted: cfg.Counted, finished: cfg.Finished, ended: cfg.Ended,
		now: cfg.Now, log: cfg.Logger,
		retry:   cmp.Or(cfg.RetryWait, time.Second),
		stopped: make(chan error, 1),
	}
	s.known.Store(&knowledge{cfg.Matchers, cfg.Lists})
	if s.fed == nil {
		s.fed = func() {}
	}
	if s.counted == nil {
		s.counted = func(string, store.PageDelta) {}
	}
	if s.ended == nil {
		s.ended = func(markwatch.ScanSummary) {}
	}
	if s.finished == nil {
		s.finished = func(context.Context, *sql.Tx, markwatch.ScanSummary) error { return nil }
	}
	for i := range cfg.Lists.Sources {
		if err := s.Add(cfg.Lists.Sources[i]); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Add makes a source known to a scanner, or gives it a new form: what is begun
// after it goes by that. The error has markwatch.CodeInvalid where a pattern
// cannot be used.
func (s *Scanner) Add(src markwatch.Source) error {
	scope, err := crawler.NewScope(&src)
	if err != nil {
		return markwatch.WrapError(markwatch.CodeInvalid, err, "来源 source %s", src.ID)
	}
	form, err := readingForm(&src)
	if err != nil {
		return err
	}
	s.watching.Lock()
	defer s.watching.Unlock()
	s.watches[src.ID] = &watch{source: &src, scope: scope, form: form}
	return nil
}

func (s *Scanner) watch(source string) (*watch, error) {
	s.watching.RLock()
	defer s.watching.RUnlock()
	if w, ok := s.watches[source]; ok {
		return w, nil
	}
	return nil, markwatch.Errorf(markwatch.CodeNotFound, "没有来源 there is no source %q; 已有 there are: %s",
		source, strings.Join(slices.Sorted(maps.Keys(s.watches)), ", "))
}
