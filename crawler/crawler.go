package crawler

import (
	"cmp"
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/markwatch/markwatch"
)

// Defaults of what a source or a Config leaves open.
const (
	DefaultMaxBody  = markwatch.Bytes(8 << 20)
	DefaultTimeout  = 30 * time.Second
	DefaultDelay    = time.Second
	DefaultParallel = 2
	// MaxRedirects is how many redirects of one address are followed.
	MaxRedirects = 10
	// product is the name by which robots.txt addresses us.
	product = "markwatch"
)

// Recorder keeps an exchange as evidence before anything is parsed: every hop
// of a redirect chain and robots.txt too. It returns where, and what the
// payload was. It is called from several goroutines and must not keep the bytes.
type Recorder interface {
	Record(ctx context.Context, ex *markwatch.Exchange) (markwatch.Capture, error)
}

// Config is what all sources have in common. Its zero value works and records
// nothing.
type Config struct {
	// UserAgent is sent where a source sets none; empty names the product and
	// Contact, an address at which the site's people reach the operator.
	UserAgent, Contact string
	// Recorder may be nil.
	Recorder Recorder
	// Observe is told of every hop, from several goroutines; nil for nobody.
	Observe func(Observation)
	// Now stamps pages and exchanges; nil is time.Now. Delays are kept by the
	// machine's own clock.
	Now    func() time.Time
	Logger *slog.Logger
	// MaxBody bounds a body, both as received and as decoded, where the source
	// sets no limits.bytes.
	MaxBody markwatch.Bytes
	// Timeout bounds one hop from connecting to the last byte; waiting for the
	// host's delay does not count.
	Timeout time.Duration
	// RetryWait is how long a host that cannot be connected to is left alone,
	// since without its robots.txt nothing may be asked for; 5 s where zero.
	RetryWait time.Duration
	// Resolver and TLS are those of the machine where nil.
	Resolver *net.Resolver
	TLS      *tls.Config
}

// Crawler holds what outlives a session: the pace of every host, robots.txt
// files, the cookies of each source. It is safe for concurrent use.
type Crawler struct {
	cfg    Config
	now    func() time.Time
	log    *slog.Logger
	clock  clock
	public func(netip.Addr) bool
	paces  *paces
	robots *robotsCache

	mu   sync.Mutex
	jars map[string]*jar
}

// New returns a Crawler. Negative limits are errors with CodeInvalid.
func New(cfg Config) (*Crawler, error) {
	if cfg.MaxBody < 0 || cfg.Timeout < 0 || cfg.RetryWait < 0 {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "the crawler's limits must not be negative")
	}
	if cfg.MaxBody == 0 {
		cfg.MaxBody = DefaultMaxBody
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = DefaultTimeout
	}
	cfg.RetryWait = cmp.Or(cfg.RetryWait, defaultRetryWait)
	if cfg.UserAgent == "" {
		cfg.UserAgent = product + "/1.0"
		if cfg.Contact != "" {
			cfg.UserAgent += " (+" + cfg.Contact + ")"
		}
	}
	if !headerValue(cfg.UserAgent) {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "user agent %q cannot be sent in a header", cfg.UserAgent)
	}
	c := &Crawler{cfg: cfg, now: cfg.Now, log: cfg.Logger, public: newGuard().public, jars: map[string]*jar{}}
	if c.now == nil {
		c.now = time.Now
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.setClock(systemClock())
	return c, nil
}

// setClock starts pacing and caching anew by another clock.
func (c *Crawler) setClock(k clock) {
	c.clock = k
	c.paces = &paces{clock: k, hosts: map[string]*pace{}}
	c.robots = &robotsCache{clock: k, entries: map[robotsKey]*robotsEntry{}}
}

func (c *Crawler) resolver() *net.Resolver {
	if c.cfg.Resolver != nil {
		return c.cfg.Resolver
	}
	return net.DefaultResolver
}
