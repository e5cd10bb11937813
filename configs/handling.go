package configs

import (
	"strings"

	"github.com/markwatch/markwatch"
)

// Handling is the content of handling.yaml: who sends, by when, and how
// batches reach their units.
type Handling struct {
	Version int    `yaml:"version"`
	Sender  Sender `yaml:"sender"`
	// Terms are the deadlines, Calendar the days off.
	Terms      []markwatch.StateTerm `yaml:"terms"`
	Calendar   Calendar              `yaml:"calendar"`
	Amounts    Amounts               `yaml:"amounts"`
	Monthly    Monthly               `yaml:"monthly"`
	Signing    Signing               `yaml:"signing"`
	Deliveries []Delivery            `yaml:"deliveries"`
}

// Sender is the unit that sends leads.
type Sender struct {
	Name string `yaml:"name"`
	// Code stands in numbers of batches (发文机关代字): 筑标移〔2026〕12号.
	Code    string `yaml:"code"`
	Contact string `yaml:"contact"`
	Phone   string `yaml:"phone"`
	// Environment is told in records of extraction: network, machine.
	Environment string `yaml:"environment"`
}

// Calendar holds the public days off and the weekend days worked on instead.
type Calendar struct {
	Off []markwatch.Date `yaml:"off"`
	On  []markwatch.Date `yaml:"on"`
}

// Amounts say how amounts are estimated.
type Amounts struct {
	// DisplayedShare is the share of displayed sales that is taken for real at
	// least; the whole of them is the upper bound.
	DisplayedShare float64 `yaml:"displayed_share"`
}

// Monthly holds the days of the month by which figures must be reported.
type Monthly struct {
	Unit int `yaml:"unit"`
	City int `yaml:"city"`
}

// Signing names the private key (PKCS #8 PEM, Ed25519 or SM2) that evidence
// packages are signed with; empty makes a key of the deployment's own.
type Signing struct {
	KeyFile string `yaml:"key_file"`
}

// Delivery is one way by which a unit gets its batches.
type Delivery struct {
	Unit string `yaml:"unit"`
	// Kind is folder, s3, sftp or webhook.
	Kind string `yaml:"kind"`
	// Path is the folder, on this machine or on the server; the prefix of keys
	// in a bucket.
	Path string `yaml:"path"`
	// URL is the address of an S3 service or a webhook.
	URL    Secret `yaml:"url"`
	Bucket string `yaml:"bucket"`
	Region string `yaml:"region"`
	// Host is an SFTP server with its port; HostKey its public key as in
	// known_hosts.
	Host    string `yaml:"host"`
	HostKey string `yaml:"host_key"`
	User    string `yaml:"user"`
	// Secret is ${NAME}, SecretFile a path: the password, the secret key of a
	// bucket, or what webhooks are signed with. KeyFile is an SSH private key.
	Secret     Secret `yaml:"secret"`
	SecretFile string `yaml:"secret_file"`
	KeyFile    string `yaml:"key_file"`
}

type (
	gatesFile struct {
		Version int              `yaml:"version"`
		Gates   []markwatch.Gate `yaml:"gates"`
	}
	thresholdsFile struct {
		Version    int                        `yaml:"version"`
		Thresholds []markwatch.CrimeThreshold `yaml:"thresholds"`
	}
)

// requirements are the keys of what a gate may ask for.
func requirements() []string {
	var keys []string
	for _, r := range markwatch.Requirements() {
		keys = append(keys, r.Key)
	}
	return keys
}

var leadStatuses = words([]markwatch.LeadStatus{markwatch.LeadNew, markwatch.LeadReview, markwatch.LeadConfirmed, markwatch.LeadApproved,
	markwatch.LeadSent, markwatch.LeadReceived, markwatch.LeadOutcome})

func defaultHandling() Handling {
	return Handling{Version: formatVersion, Sender: Sender{Code: "标移"}, Amounts: Amounts{DisplayedShare: 0.3}, Monthly: Monthly{Unit: 28, City: 29}}
}

// handling validates handling.yaml.
func (l *loader) handling(f loaded[Handling], unitIDs []string) Handling {
	c, h, top := checker{f.doc}, f.content, (*keyPath)(nil)
	def := defaultHandling()
	fill(&h.Version, def.Version)
	fill(&h.Sender.Code, def.Sender.Code)
	fill(&h.Amounts.DisplayedShare, def.Amounts.DisplayedShare)
	fill(&h.Monthly.Unit, def.Monthly.Unit)
	fill(&h.Monthly.City, def.Monthly.City)
	if strings.ContainsAny(h.Sender.Code, "〔〕/\\\n\r\t") {
		c.fail(top.key("sender").key("code"), "", "must hold neither 〔〕 nor slashes")
	}
	c.unit(top.key("amounts").key("displayed_share"), h.Amounts.DisplayedShare)
	for _, m := range []struct {
		key string
		day int
	}{{"unit", h.Monthly.Unit}, {"city", h.Monthly.City}} {
		if m.day < 1 || m.day > 31 {
			c.fail(top.key("monthly").key(m.key), "", "must be a day of the month, not %d", m.day)
		}
	}
	for i := range h.Terms {
		term, p := &h.Terms[i], top.key("terms").at(i)
		if c.required(p.key("status"), string(term.Status)) {
			c.oneOf(p.key("status"), string(term.Status), leadStatuses...)
		}
		fill(&term.Count, "calendar")
		c.oneOf(p.key("count"), term.Count, "calendar", "working")
		if term.Days < 1 || term.Days > 3660 {
			c.fail(p.key("days"), "", "must be between 1 and 3660, not %d", term.Days)
		}
		c.notNegative(p.key("remind"), int64(term.Remind))
	}
	for i := range h.Deliveries {
		c.delivery(top.key("deliveries").at(i), &h.Deliveries[i], unitIDs)
	}
	return h
}

func (c checker) delivery(p *keyPath, d *Delivery, unitIDs []string) {
	if c.required(p.key("unit"), d.Unit) {
		c.oneOf(p.key("unit"), d.Unit, unitIDs...)
	}
	if !c.required(p.key("kind"), d.Kind) {
		return
	}
	c.oneOf(p.key("kind"), d.Kind, "folder", "s3", "sftp", "webhook")
	c.secret(p.key("secret"), d.Secret, d.SecretFile)
	secret := d.Secret != "" || d.SecretFile != ""
	switch d.Kind {
	case "folder":
		c.required(p.key("path"), d.Path)
	case "s3":
		c.noticeURL(p.key("url"), d.URL, "http", "https")
		c.required(p.key("url"), string(d.URL))
		c.required(p.key("bucket"), d.Bucket)
	case "sftp":
		c.required(p.key("host"), d.Host)
		c.required(p.key("user"), d.User)
		c.required(p.key("host_key"), d.HostKey)
		if !secret && d.KeyFile == "" {
			c.fail(p.key("key_file"), "", "is missing; an SFTP server asks for a key or a secret")
		}
	case "webhook":
		c.noticeURL(p.key("url"), d.URL, "http", "https")
		c.required(p.key("url"), string(d.URL))
		if !secret {
			c.fail(p.key("secret_file"), "", "is missing; what a webhook gets is signed")
		}
	}
}

// gates validates gates.yaml.
func (l *loader) gates(f loaded[gatesFile], violations []string) []markwatch.Gate {
	c, seen := checker{f.doc}, map[markwatch.Violation]bool{}
	for i, g := range f.content.Gates {
		p := (*keyPath)(nil).key("gates").at(i)
		c.oneOf(p.key("violation"), string(g.Violation), violations...)
		if seen[g.Violation] {
			c.fail(p.key("violation"), "", "is %q, which has a gate already", g.Violation)
		}
		seen[g.Violation] = true
		for j, need := range g.Needs {
			if at := p.key("needs").at(j); c.required(at, need) {
				c.oneOf(at, need, requirements()...)
			}
		}
	}
	return f.content.Gates
}

// thresholds validates thresholds.yaml.
func (l *loader) thresholds(f loaded[thresholdsFile], violations []string) []markwatch.CrimeThreshold {
	c, known := checker{f.doc}, ids{}
	for i, t := range f.content.Thresholds {
		p := (*keyPath)(nil).key("thresholds").at(i)
		known.check(c, p.key("id"), t.ID, looseID)
		if c.required(p.key("violation"), string(t.Violation)) {
			c.oneOf(p.key("violation"), string(t.Violation), violations...)
		}
		c.required(p.key("crime"), t.Crime)
		c.required(p.key("basis"), t.Basis)
		if !t.Amount.IsPositive() {
			c.fail(p.key("amount"), "", "must be above 0, in yuan")
		}
		if t.Since.IsZero() {
			c.fail(p.key("since"), "", "is missing; thresholds are dated")
		}
		if !t.Until.IsZero() && t.Until.Before(t.Since.Time) {
			c.fail(p.key("until"), "", "is before since")
		}
	}
	return f.content.Thresholds
}

// DeliverySecret is what a delivery's secret stands for.
func (c *Config) DeliverySecret(d Delivery, lookup func(name string) (value string, ok bool)) (url, secret Secret, err error) {
	rep := newReport()
	r := resolver{c, rep, lookup}
	p := (*keyPath)(nil).key("deliveries")
	url, secret = r.expand(p.key("url"), d.URL), r.either(p, "secret", d.Secret, d.SecretFile)
	for i := range rep.problems {
		rep.problems[i].File = "handling.yaml"
	}
	return url, secret, rep.err()
}
