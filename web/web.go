package web

import (
	"context"
	"iter"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/leads/dispatch"
)

// Searcher answers queries. *index.SyntaxError is shown at its character.
type Searcher interface {
	Search(ctx context.Context, q index.Query) (index.Result, error)
}

// LeadStore reads and changes leads. A lead that does not exist is an error
// of CodeNotFound.
type LeadStore interface {
	// Lead finds a lead by the id of its listing or by its number.
	Lead(ctx context.Context, idOrNumber string) (markwatch.Lead, error)
	// UpdateLead calls change with the lead as stored and keeps what it
	// returns, lead and events in one transaction.
	UpdateLead(ctx context.Context, id string,
		change func(markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error)) (markwatch.Lead, error)
	// LeadEvents returns a lead's history, oldest first.
	LeadEvents(ctx context.Context, id string) ([]markwatch.LeadEvent, error)
	// LeadsOf streams the leads that are in one of some states.
	LeadsOf(ctx context.Context, states ...markwatch.LeadStatus) iter.Seq2[markwatch.Lead, error]
}

// ListingReader reads listings that are no lead, for an index that holds
// every listing.
type ListingReader interface {
	Listing(ctx context.Context, id string) (markwatch.Listing, markwatch.Verdict, error)
}

// PricePoint is the price that one scan saw.
type PricePoint struct {
	At    time.Time
	Price markwatch.Money
}

// HistoryReader reads what an offer cost on earlier days, oldest first.
type HistoryReader interface {
	PriceHistory(ctx context.Context, id string) ([]PricePoint, error)
}

// PageReader reads a captured page back by Listing.Snapshot.
type PageReader interface {
	Page(ctx context.Context, snapshot string) (*markwatch.Page, error)
}

// ScreenshotReader finds the picture of a listing's page as a browser showed it.
type ScreenshotReader interface {
	HasScreenshot(ctx context.Context, l markwatch.Listing) (bool, error)
	// Screenshot returns a PNG; CodeNotFound where there is none.
	Screenshot(ctx context.Context, l markwatch.Listing) ([]byte, error)
}

// Finder yields the ids of all hits of a query in its order.
type Finder interface {
	All(ctx context.Context, q index.Query) iter.Seq2[string, error]
}

// ScanReader returns the newest coverage records, newest first.
type ScanReader interface {
	LastScans(ctx context.Context, limit int) ([]markwatch.ScanSummary, error)
}

// Subject is what a page says of a protected brand or work.
type Subject struct {
	Name markwatch.Text
	// Official is the official or licensed price, where it is known.
	Official *markwatch.Money
	// Floor is the lowest genuine price as a fraction of the official one.
	Floor *decimal.Decimal
}

// AuditReader reads the audit log, newest first.
type AuditReader interface {
	AuditLog(ctx context.Context, f markwatch.AuditFilter) ([]markwatch.AuditEntry, error)
}

// Config is what the desk is made of. Searcher, Leads, Accounts and Audit are
// required; a page part whose reader is nil is left out.
type Config struct {
	Searcher Searcher
	Leads    LeadStore
	Listings ListingReader
	History  HistoryReader
	Pages    PageReader
	Scans    ScanReader
	// Screenshots are shown on the lead page, Finder feeds exports.
	Screenshots ScreenshotReader
	Finder      Finder
	// Progress, Sources, ScanDetail and Trend are the operator's pages.
	Progress   ProgressReader
	Sources    SourceReader
	ScanDetail ScanDetailReader
	Trend      TrendReader
	// Metrics answers /metrics to peers within MetricsAllow, to nobody where
	// that is empty. The peer is who the connection comes from; no forwarded
	// header is believed, so a proxy on an allowed address answers for those
	// whom it lets through.
	Metrics      http.Handler
	MetricsAllow []netip.Prefix
	// Audit keeps an entry for good. What cannot be audited is not shown or
	// done: its error answers the request.
	Audit func(ctx context.Context, e markwatch.AuditEntry) error
	// AuditLog is the page of the audit log.
	AuditLog AuditReader
	// Subject describes a brand or work by its id.
	Subject func(id string) (Subject, bool)
	// SourceName is the name that people gave to a source.
	SourceName func(id string) string
	// Health is asked by /healthz; nil is always healthy.
	Health func(ctx context.Context) error
	// Accounts knows who may work here.
	Accounts *accounts.Accounts
	// SignIn is a provider at which people may log in too; nil is none.
	SignIn SignIn
	// UnitsOf are the ids of the units that are competent for a listing and the
	// lead that it became, if it did, by which people are bounded; nil is none.
	UnitsOf func(l markwatch.Listing, v markwatch.Verdict, lead *markwatch.Lead) []string
	// Saved are the pages of saved searches.
	Saved SavedSearches
	// Handling is the part of the lead page about where a lead goes.
	Handling Handling
	// Dispatch sends leads and takes in what comes back, Runner makes and
	// delivers batches behind the requests; both or neither.
	Dispatch *dispatch.Office
	Runner   *dispatch.Runner
	// Reports are the pages of figures and of what is due.
	Reports Reports
	// Units are all there are, to choose from.
	Units func() []markwatch.Unit
	// Lists are the pages of brands, works and rules; CheckLists says of changed
	// lists what config check would, Rules tries a rule on past nights.
	Lists      ListStore
	CheckLists func(ctx context.Context, l markwatch.Lists) error
	Rules      RuleTrier
	// Blacklist are the sellers known for earlier violations, for the API.
	Blacklist Blacklist
	// Extractor tries extraction on an address.
	Extractor Extractor
	// Proxies are the networks of reverse proxies whose word for the client's
	// address and protocol is believed.
	Proxies []netip.Prefix
	// PublicURL is the address by which people reach the desk, where that is
	// not the Host that arrives here.
	PublicURL string
	// Location is the zone in which times are shown; Asia/Shanghai where nil.
	Location *time.Location
	Now      func() time.Time
	Logger   *slog.Logger
}

// New returns the handler of the desk. It is to be served by Server, which
// ends its streams at a shutdown.
func New(cfg Config) (http.Handler, error) {
	switch {
	case cfg.Searcher == nil:
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "web: a Searcher is required")
	case cfg.Leads == nil:
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "web: a LeadStore is required")
	case cfg.Accounts == nil:
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "web: Accounts is required")
	case cfg.Audit == nil:
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "web: Audit is required")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Location == nil {
		cfg.Location = time.FixedZone("UTC+8", 8*60*60)
	}
	if cfg.Subject == nil {
		cfg.Subject = func(string) (Subject, bool) { return Subject{}, false }
	}
	if cfg.SourceName == nil {
		cfg.SourceName = func(string) string { return "" }
	}
	if cfg.UnitsOf == nil {
		cfg.UnitsOf = func(markwatch.Listing, markwatch.Verdict, *markwatch.Lead) []string { return nil }
	}
	if cfg.Units == nil {
		cfg.Units = func() []markwatch.Unit { return nil }
	}
	d, err := newDesk(cfg)
	if err != nil {
		return nil, err
	}
	routes, err := d.routes()
	if err != nil {
		return nil, err
	}
	return &handler{Handler: routes, live: d.live}, nil
}

// handler is the desk with the streams that a shutdown must end.
type handler struct {
	http.Handler
	live *live
}
