package markwatch

// Source is a place to watch. Zero values mean the defaults that configs
// fills in at load.
type Source struct {
	ID   string     `json:"id" yaml:"id"`
	Name string     `json:"name,omitempty" yaml:"name,omitempty"`
	Kind SourceKind `json:"kind" yaml:"kind"`
	// Start holds addresses (for an archive or table: file paths or globs,
	// relative to the configuration folder). {brand}, {work} and {keyword}
	// expand from the lists, {page:a-b} counts.
	Start    []string `json:"start" yaml:"start"`
	Keywords []string `json:"keywords,omitempty" yaml:"keywords,omitempty"`
	// Allow, Deny and Listing are patterns host/path with * wildcards.
	Allow   []string `json:"allow,omitempty" yaml:"allow,omitempty"`
	Deny    []string `json:"deny,omitempty" yaml:"deny,omitempty"`
	Listing []string `json:"listing,omitempty" yaml:"listing,omitempty"`
	// Schedule is a cron line in the deployment's time zone.
	Schedule         string            `json:"schedule,omitempty" yaml:"schedule,omitempty"`
	Limits           Limits            `json:"limits,omitzero" yaml:"limits,omitempty"`
	Politeness       Politeness        `json:"politeness,omitzero" yaml:"politeness,omitempty"`
	Revisit          Revisit           `json:"revisit,omitzero" yaml:"revisit,omitempty"`
	CatchUp          string            `json:"catch_up,omitempty" yaml:"catch_up,omitempty"`
	Keep             Keep              `json:"keep,omitzero" yaml:"keep,omitempty"`
	Pictures         string            `json:"pictures,omitempty" yaml:"pictures,omitempty"`
	Request          Request           `json:"request,omitzero" yaml:"request,omitempty"`
	Render           string            `json:"render,omitempty" yaml:"render,omitempty"`
	PrivateAddresses string            `json:"private_addresses,omitempty" yaml:"private_addresses,omitempty"`
	Region           string            `json:"region,omitempty" yaml:"region,omitempty"`
	Platform         Platform          `json:"platform,omitzero" yaml:"platform,omitempty"`
	Fields           map[string]string `json:"fields,omitempty" yaml:"fields,omitempty"`
	JSON             JSONPaths         `json:"json,omitzero" yaml:"json,omitempty"`
	Columns          map[string]string `json:"columns,omitempty" yaml:"columns,omitempty"`
	Expect           Expect            `json:"expect,omitzero" yaml:"expect,omitempty"`
}

// SourceKind is the kind of a source.
type SourceKind string

// The kinds of source.
const (
	KindMarketplace SourceKind = "marketplace"
	KindSite        SourceKind = "site"
	KindFeed        SourceKind = "feed"
	KindArchive     SourceKind = "archive"
	KindTable       SourceKind = "table"
)

// Limits bound one scan of a source; zero is the default of the kind.
type Limits struct {
	Pages int `json:"pages,omitempty" yaml:"pages,omitempty"`
	Depth int `json:"depth,omitempty" yaml:"depth,omitempty"`
	// Bytes bounds one page, Traffic what a whole scan takes off the wire.
	Bytes   Bytes    `json:"bytes,omitempty" yaml:"bytes,omitempty"`
	Traffic Bytes    `json:"traffic,omitempty" yaml:"traffic,omitempty"`
	Time    Duration `json:"time,omitempty" yaml:"time,omitempty"`
}

// Politeness bounds what is asked of one host.
type Politeness struct {
	// Delay between two requests; nil is the default, 0s is none.
	Delay    *Duration `json:"delay,omitempty" yaml:"delay,omitempty"`
	Parallel int       `json:"parallel,omitempty" yaml:"parallel,omitempty"`
	// Robots is obey or ignore; ignoring needs RobotsReason.
	Robots       string `json:"robots,omitempty" yaml:"robots,omitempty"`
	RobotsReason string `json:"robots_reason,omitempty" yaml:"robots_reason,omitempty"`
}

// Revisit bounds how often an unchanged offer is asked for again.
type Revisit struct {
	Min Duration `json:"min,omitempty" yaml:"min,omitempty"`
	Max Duration `json:"max,omitempty" yaml:"max,omitempty"`
}

// Keep says which captures stay, and for how many days.
type Keep struct {
	Pages string `json:"pages,omitempty" yaml:"pages,omitempty"`
	Days  int    `json:"days,omitempty" yaml:"days,omitempty"`
}

// Request holds what is sent with every request.
type Request struct {
	Headers   map[string]string `json:"headers,omitempty" yaml:"headers,omitempty"`
	Cookies   string            `json:"cookies,omitempty" yaml:"cookies,omitempty"`
	Proxy     string            `json:"proxy,omitempty" yaml:"proxy,omitempty"`
	UserAgent string            `json:"user_agent,omitempty" yaml:"user_agent,omitempty"`
	// HTTP is the protocol: "1.1", whose exchanges are kept as they were on the
	// wire, or "2" where the server speaks it.
	HTTP string `json:"http,omitempty" yaml:"http,omitempty"`
}

// Platform is who runs the source; it decides the competent unit.
type Platform struct {
	ID       string `json:"id,omitempty" yaml:"id,omitempty"`
	Name     string `json:"name,omitempty" yaml:"name,omitempty"`
	Operator string `json:"operator,omitempty" yaml:"operator,omitempty"`
	// Kind is platform, own-site or other.
	Kind string `json:"kind,omitempty" yaml:"kind,omitempty"`
}

// JSONPaths are paths into a feed's JSON answer.
type JSONPaths struct {
	Items  string            `json:"items,omitempty" yaml:"items,omitempty"`
	Fields map[string]string `json:"fields,omitempty" yaml:"fields,omitempty"`
}

// Expect is what a healthy scan of the source brings at least.
type Expect struct {
	Listings int                `json:"listings,omitempty" yaml:"listings,omitempty"`
	Coverage map[string]float64 `json:"coverage,omitempty" yaml:"coverage,omitempty"`
}
