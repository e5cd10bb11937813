package configs

import (
	"net"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zone names must be known on machines without a zone database
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
}

// Server is the web server's address (host:port) and certificate.
type Server struct {
	Listen string `yaml:"listen"`
	TLS    TLS    `yaml:"tls"`
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
}

// Notice sends word of what happened. An empty URL sends nothing.
type Notice struct {
	Kind string   `yaml:"kind"`
	URL  string   `yaml:"url"`
	On   []string `yaml:"on"`
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
		Server:    Server{Listen: "127.0.0.1:8080"},
		Crawl:     Crawl{Hosts: 64},
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
	if d.Threshold == nil {
		d.Threshold = def.Threshold
	} else if _, ok := d.Threshold["default"]; !ok {
		d.Threshold["default"] = defaultThreshold
	}

	c.oneOf(top.key("index").key("scope"), d.Index.Scope, "flagged", "all")
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
	crawl := top.key("crawl")
	if d.Crawl.Hosts < 1 || d.Crawl.Hosts > 10_000 {
		c.fail(crawl.key("hosts"), "", "must be between 1 and 10000, not %d", d.Crawl.Hosts)
	}
	c.headerValue(crawl.key("user_agent"), d.Crawl.UserAgent)
	c.headerValue(crawl.key("contact"), d.Crawl.Contact)
	c.optionalURL(top.key("timestamps").key("authority"), d.Timestamps.Authority, "http", "https")
	for i, n := range d.Notices {
		p := top.key("notices").at(i)
		if c.required(p.key("kind"), n.Kind) {
			c.oneOf(p.key("kind"), n.Kind, "webhook", "email", "wecom", "dingtalk", "feishu")
		}
		c.optionalURL(p.key("url"), n.URL, "http", "https", "mailto")
		for j, on := range n.On {
			c.oneOf(p.key("on").at(j), on, "scan-failed", "source-blocked", "grave-lead")
		}
	}
	return d
}

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

func (c checker) listen(p *keyPath, address string) {
	_, port, err := net.SplitHostPort(address)
	if n, portErr := strconv.Atoi(port); err != nil || portErr != nil || n < 0 || n > 65535 {
		c.fail(p, "", "is %q, which is no address such as 127.0.0.1:8080", address)
	}
}
