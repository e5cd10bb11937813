package scan

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
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
	// Dir is the configuration folder, to which archive files are relative.
	Dir string
	// IndexAll feeds every listing to the index, not only leads.
	IndexAll bool
	// Fed is called after a commit that left work for the index.
	Fed func()
	// RetryWait is how long an address waits at the least after its first
	// ordinary fault, and half of the most; both double with each further
	// fault, six times. A second where zero.
	RetryWait time.Duration
	Now       func() time.Time
	Logger    *slog.Logger
}

// Scanner runs scans.
type Scanner struct {
	store    *store.Store
	frontier *frontier.Table
	crawler  *crawler.Crawler
	matchers *matchers.Set
	lists    markwatch.Lists
	watches  map[string]*watch
	dir      string
	indexAll bool
	fed      func()
	now      func() time.Time
	retry    time.Duration
	log      *slog.Logger
	stopped  chan error
}

// watch is one source with its compiled scope.
type watch struct {
	source *markwatch.Source
	scope  *crawler.Scope
}

// New compiles the sources. It returns an error of CodeInvalid where a pattern
// cannot be used.
func New(cfg Config) (*Scanner, error) {
	s := &Scanner{
		store: cfg.Store, frontier: cfg.Frontier, crawler: cfg.Crawler, matchers: cfg.Matchers, lists: cfg.Lists,
		watches: map[string]*watch{}, dir: cfg.Dir, indexAll: cfg.IndexAll, fed: cfg.Fed, now: cfg.Now, log: cfg.Logger,
		retry:   cmp.Or(cfg.RetryWait, time.Second),
		stopped: make(chan error, 1),
	}
	if s.fed == nil {
		s.fed = func() {}
	}
	for i := range cfg.Lists.Sources {
		src := &cfg.Lists.Sources[i]
		scope, err := crawler.NewScope(src)
		if err != nil {
			return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "来源 source %s", src.ID)
		}
		s.watches[src.ID] = &watch{source: src, scope: scope}
	}
	return s, nil
}

func (s *Scanner) watch(source string) (*watch, error) {
	if w, ok := s.watches[source]; ok {
		return w, nil
	}
	return nil, markwatch.Errorf(markwatch.CodeNotFound, "没有来源 there is no source %q; 已有 there are: %s",
		source, strings.Join(slices.Sorted(maps.Keys(s.watches)), ", "))
}

// session fetches the pages of one host, or of one archive file.
type session interface {
	Fetch(ctx context.Context, entry frontier.Entry) (*markwatch.Page, error)
	Close()
}

// webSession fetches from a host on the network.
type webSession struct{ *crawler.Session }

func (w webSession) Fetch(ctx context.Context, entry frontier.Entry) (*markwatch.Page, error) {
	return w.Session.Fetch(ctx, entry.URL)
}

func (s *Scanner) open(src *markwatch.Source, host string) (session, error) {
	if src.Kind == markwatch.KindArchive {
		return newArchiveSession(host), nil
	}
	web, err := s.crawler.Host(src, host)
	if err != nil {
		return nil, err
	}
	return webSession{web}, nil
}
