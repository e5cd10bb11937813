package configs

import (
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zone names must be known on machines without a zone database

	"github.com/markwatch/markwatch"
)

// Deployment is the content of markwatch.yaml.
type Deployment struct {
	// Version is the version of the format.
	Version int `yaml:"version"`
	// Data is the folder of everything embedded; see Config.DataDir.
	Data    string  `yaml:"data"`
	Engines Engines `yaml:"engines"`
	Index   Index   `yaml:"index"`
	// TimeZone is an IANA name; schedules and numbers of leads go by it.
	TimeZone string `yaml:"time_zone"`
	// Threshold holds the score from which a violation is flagged. "default",
	// for the violations that are not named, is always there.
	Threshold  map[string]float64 `yaml:"threshold"`
	Server     Server             `yaml:"server"`
	Crawl      Crawl              `yaml:"crawl"`
	Timestamps Timestamps         `yaml:"timestamps"`
	Archive    Archive            `yaml:"archive"`
	Notices    []Notice           `yaml:"notices"`
}

// Engines says where things are kept; empty is embedded, under Data.
type Engines struct {
	Store   string `yaml:"store"`   // file path or postgres://…
	Index   string `yaml:"index"`   // file path or http://…
	Archive string `yaml:"archive"` // folder or s3://…
	Browser string `yaml:"browser"` // auto, none, a program's path or ws://…
}

// Index says what the search index holds.
type Index struct {
	// Scope is "flagged" (leads) or "all" (every listing).
	Scope string `yaml:"scope"`
	// Name begins the name of the index on a search server that several
	// deployments share; empty is the server's own choice.
	Name string `yaml:"name"`
	// Key is the server's API key: ${NAME} or empty, KeyFile a path; one of
	// them at most.
	Key     Secret `yaml:"key"`
	KeyFile string `yaml:"key_file"`
}

// Server is the web server's address (host:port) and certificate.
type Server struct {
	Listen string `yaml:"listen"`
	// URL is the address under which people reach the desk, for the links of
	// notices; empty where nobody outside this machine does.
	URL string `yaml:"url"`
	TLS TLS    `yaml:"tls"`
	// Proxies are the networks or addresses of reverse proxies before the desk,
	// whose word for the client's address and protocol is believed; see
	// Networks.
	Proxies []string `yaml:"proxies"`
	Metrics Metrics  `yaml:"metrics"`
	SignIn  SignIn   `yaml:"sign_in"`
}

// Metrics says who may read /metrics.
type Metrics struct {
	// Allow holds networks (CIDR) or single addresses; see Prefixes.
	Allow []string `yaml:"allow"`
}

// Prefixes are the networks that may read the metrics.
func (m Metrics) Prefixes() []netip.Prefix { return Networks(m.Allow) }

// Networks reads networks and addresses that were validated at load.
func Networks(list []string) []netip.Prefix {
	var networks []netip.Prefix
	for _, s := range list {
		if p, err := parseNetwork(s); err == nil {
			networks = append(networks, p)
		}
	}
	return networks
}

// parseNetwork reads a network, or an address as the network of itself.
func parseNetwork(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil && addr.Zone() == "" {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	return netip.ParsePrefix(s)
}

// TLS holds paths of PEM files; both or none.
type TLS struct {
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
}

// Crawl is how the crawler shows itself to sites.
type Crawl struct {
	UserAgent string `yaml:"user_agent"`
	Contact   string `yaml:"contact"`
	// Hosts is how many hosts are worked on at once on one machine.
	Hosts int `yaml:"hosts"`
}

// Timestamps names an RFC 3161 authority; empty is none.
type Timestamps struct {
	Authority string `yaml:"authority"`
	// Clock names sources of time (ntp://, http://, https://) that this
	// machine's clock is held against for evidence packages, the first that
	// answers; empty leaves the clock unmeasured.
	Clock []string `yaml:"clock"`
}

// Archive bounds the captures.
type Archive struct {
	// Quota is what the captures may take on disk; zero is no bound.
	Quota markwatch.Bytes `yaml:"quota"`
	// Warn is the share of the quota from which the operator is warned.
	Warn float64 `yaml:"warn"`
	// Rotate is the size from which a new file is begun.
	Rotate markwatch.Bytes `yaml:"rotate"`
}

// Location is the time zone; UTC where the name is not known, which Load
// does not let happen.
func (d Deployment) Location() *time.Location {
	loc, err := time.LoadLocation(d.TimeZone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// defaultThreshold is the score from which a listing is flagged.
const defaultThreshold = 0.5

func defaultDeployment() Deployment {
	return Deployment{
		Version:   formatVersion,
		Data:      "data",
		Engines:   Engines{Browser: "auto"},
		Index:     Index{Scope: "flagged"},
		TimeZone:  "Asia/Shanghai",
		Threshold: map[string]float64{"default": defaultThreshold},
		Server:    Server{Listen: "127.0.0.1:8080", Metrics: Metrics{Allow: []string{"127.0.0.0/8", "::1/128"}}},
		Crawl:     Crawl{Hosts: 64},
		Archive:   Archive{Warn: 0.8, Rotate: 1 << 30},
	}
}

// deployment validates markwatch.yaml. What the file leaves empty was filled
// by defaultDeployment, or is filled here where the file states it as empty.
func (l *loader) deployment(f loaded[Deployment], violations []string) Deployment {
	c, d, top := checker{f.doc}, f.content, (*keyPath)(nil)
	def := defaultDeployment()
	fill(&d.Version, def.Version)
	fill(&d.Data, def.Data)
	fill(&d.Engines.Browser, def.Engines.Browser)
	fill(&d.Index.Scope, def.Index.Scope)
	fill(&d.TimeZone, def.TimeZone)
	fill(&d.Server.Listen, def.Server.Listen)
	if !c.doc.has(top.key("crawl").key("hosts")) {
		d.Crawl.Hosts = def.Crawl.Hosts
	}
	fill(&d.Archive.Warn, def.Archive.Warn)
	fill(&d.Archive.Rotate, def.Archive.Rotate)
	if d.Threshold == nil {
		d.Threshold = def.Threshold
	} else if _, ok := d.Threshold["default"]; !ok {
		d.Threshold["default"] = defaultThreshold
	}

	c.oneOf(top.key("index").key("scope"), d.Index.Scope, "flagged", "all")
	c.secret(top.key("index").key("key"), d.Index.Key, d.Index.KeyFile)
	if !indexName.MatchString(d.Index.Name) {
		c.fail(top.key("index").key("name"), "", "is %q, which has more than letters, digits, - and _", d.Index.Name)
	}
	if _, err := time.LoadLocation(d.TimeZone); err != nil || d.TimeZone == "Local" {
		c.fail(top.key("time_zone"), similar(d.TimeZone, commonZones), "is %q, which is no IANA time zone", d.TimeZone)
	}
	for name, value := range d.Threshold {
		p := top.key("threshold").key(name)
		if name != "default" {
			c.oneOfKeys(p, name, append([]string{"default"}, violations...))
		}
		if value <= 0 || value > 1 {
			c.fail(p, "", "must be above 0 and at most 1, not %v", value)
		}
	}
	c.engines(top.key("engines"), d.Engines)
	c.listen(top.key("server").key("listen"), d.Server.Listen)
	if tls := d.Server.TLS; (tls.Cert == "") != (tls.Key == "") {
		c.fail(top.key("server").key("tls"), "", "needs both cert and key, or neither")
	}
	c.optionalURL(top.key("server").key("url"), d.Server.URL, "http", "https")
	c.signIn(top.key("server").key("sign_in"), &d.Server.SignIn, d.Server.URL)
	c.networks(top.key("server").key("metrics").key("allow"), d.Server.Metrics.Allow)
	c.networks(top.key("server").key("proxies"), d.Server.Proxies)
	crawl := top.key("crawl")
	if d.Crawl.Hosts < 1 || d.Crawl.Hosts > 10_000 {
		c.fail(crawl.key("hosts"), "", "must be between 1 and 10000, not %d", d.Crawl.Hosts)
	}
	c.headerValue(crawl.key("user_agent"), d.Crawl.UserAgent)
	c.headerValue(crawl.key("contact"), d.Crawl.Contact)
	c.optionalURL(top.key("timestamps").key("authority"), d.Timestamps.Authority, "http", "https")
	for i, source := range d.Timestamps.Clock {
		if p := top.key("timestamps").key("clock").at(i); c.required(p, source) {
			c.optionalURL(p, source, "ntp", "http", "https")
		}
	}
	c.archive(top.key("archive"), d.Archive)
	for i := range d.Notices {
		c.notice(top.key("notices").at(i), &d.Notices[i])
	}
	return d
}

// indexName is what a search server takes as the name of an index.
var indexName = regexp.MustCompile(`^[A-Za-z0-9_-]{0,100}$`)

// commonZones are suggested for a misspelt time zone.
var commonZones = []string{"Asia/Shanghai", "Asia/Urumqi", "Asia/Hong_Kong", "Asia/Macau", "Asia/Taipei", "UTC"}

// engines checks the scheme of what is an address; a path is taken as it is.
func (c checker) engines(p *keyPath, e Engines) {
	for _, engine := range []struct {
		key, value string
		schemes    []string
	}{
		{"store", e.Store, []string{"postgres", "postgresql"}},
		{"index", e.Index, []string{"http", "https"}},
		{"archive", e.Archive, []string{"s3"}},
		{"browser", e.Browser, []string{"ws", "wss", "http", "https"}},
	} {
		if strings.Contains(engine.value, "://") {
			c.optionalURL(p.key(engine.key), engine.value, engine.schemes...)
		}
	}
}

// leastRotate keeps a slip of the unit from making a file for every page.
const leastRotate = 1 << 20

func (c checker) archive(p *keyPath, a Archive) {
	if a.Warn < 0 || a.Warn > 1 {
		c.fail(p.key("warn"), "", "must be above 0 and at most 1, not %v", a.Warn)
	}
	if a.Rotate < leastRotate {
		c.fail(p.key("rotate"), "", "must be at least 1MiB")
	} else if a.Quota > 0 && a.Quota < a.Rotate {
		c.fail(p.key("quota"), "", "is less than rotate, the size of one file")
	}
}

func (c checker) networks(list *keyPath, values []string) {
	for i, value := range values {
		p := list.at(i)
		if c.required(p, value) {
			if _, err := parseNetwork(value); err != nil {
				c.fail(p, "", "is %q, which is no network such as 10.0.0.0/8 and no address", value)
			}
		}
	}
}

func (c checker) listen(p *keyPath, address string) {
	_, port, err := net.SplitHostPort(address)
	if n, portErr := strconv.Atoi(port); err != nil || portErr != nil || n < 0 || n > 65535 {
		c.fail(p, "", "is %q, which is no address such as 127.0.0.1:8080", address)
	}
}
