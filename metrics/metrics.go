package metrics

import (
	"net/http"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// namespace begins the name of every metric of the program's own.
const namespace = "markwatch"

// Bounds of what labels hold and of what a scrape costs.
const (
	maxSources    = 1000 // of a deployment, as label values
	maxViolations = 100  // rule packs bring their own
	maxWords      = 40   // outcomes, results and kinds, which the program names
	maxScrapes    = 4    // at once
	scrapeTime    = 15 * time.Second
)

// Metrics are the program's counters, gauges and histograms. Its methods may
// be called from any goroutine. The zero value is not usable; see New.
type Metrics struct {
	registry *prometheus.Registry

	sources, violations, outcomes, results, kinds *bounded

	requests, unchanged, received, pages, scans *prometheus.CounterVec
	leads, notices, render                      *prometheus.CounterVec
	listings, gaugeFailures                     prometheus.Counter
	requestSeconds                              prometheus.Histogram
}

// New returns Metrics that have counted nothing, with the collectors of the Go
// runtime and of the process.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		sources:  newBounded(maxSources, false), violations: newBounded(maxViolations, true),
		outcomes: newBounded(maxWords, true), results: newBounded(maxWords, true), kinds: newBounded(maxWords, true),

		requests:       counters("requests_total", "HTTP requests by what became of them.", "source", "outcome"),
		unchanged:      counters("requests_unchanged_total", "Requests that were answered with: not changed since.", "source"),
		received:       counters("received_bytes_total", "Bytes of answers, as they came over the wire.", "source"),
		pages:          counters("pages_total", "Pages that were dealt with, by outcome.", "source", "outcome"),
		scans:          counters("scans_total", "Scans that ended.", "source", "result"),
		leads:          counters("leads_total", "Listings that became a lead, or a lead again in another scan.", "violation"),
		notices:        counters("notices_total", "Notices by what they told of and whether they went out.", "kind", "result"),
		render:         counters("render_total", "Pages that a browser drew.", "result"),
		listings:       counter("listings_total", "Listings that were read out of pages."),
		gaugeFailures:  counter("gauge_failures_total", "Gauges that a scrape could not read, or not in time."),
		requestSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: "request_seconds", Help: "Time from a request to the end of its answer.", Buckets: []float64{.01, .03, .1, .3, 1, 3, 10, 30, 100}}),
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: "build_info", Help: "The program's version; always 1."}, []string{"version", "revision", "go"})
	build.WithLabelValues(buildInfo()).Set(1)
	m.registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), build,
		m.requests, m.unchanged, m.received, m.pages, m.scans, m.leads, m.notices, m.render,
		m.listings, m.gaugeFailures, m.requestSeconds,
	)
	return m
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help})
}

// Sources names the deployment's sources. Up to a thousand of them, those of
// earlier calls included, are told apart; the others are "other".
func (m *Metrics) Sources(ids []string) {
	for _, id := range ids {
		m.sources.admit(id)
	}
}

// Request counts one HTTP request: what became of it ("ok", "timeout", …), the
// bytes of its answer as they came over the wire, and how long it took.
// unchanged says that the site answered that nothing changed.
func (m *Metrics) Request(source, outcome string, bytes int64, took time.Duration, unchanged bool) {
	source = m.sources.value(source)
	m.requests.WithLabelValues(source, m.outcomes.value(outcome)).Inc()
	m.received.WithLabelValues(source).Add(float64(max(bytes, 0)))
	m.requestSeconds.Observe(max(took, 0).Seconds())
	if unchanged {
		m.unchanged.WithLabelValues(source).Inc()
	}
}

// Page counts one page by its outcome.
func (m *Metrics) Page(source, outcome string) {
	m.pages.WithLabelValues(m.sources.value(source), m.outcomes.value(outcome)).Inc()
}

// Listings counts listings that were read out of pages.
func (m *Metrics) Listings(n int) { m.listings.Add(float64(max(n, 0))) }

// Lead counts one flagged listing of one violation.
func (m *Metrics) Lead(violation string) {
	m.leads.WithLabelValues(m.violations.value(violation)).Inc()
}

// ScanEnded counts a scan that ended. result is "complete", "incomplete",
// "failed" or "canceled".
func (m *Metrics) ScanEnded(source, result string) {
	m.scans.WithLabelValues(m.sources.value(source), m.results.value(result)).Inc()
}

// Notice counts one attempt to tell people of something.
func (m *Metrics) Notice(kind, result string) {
	m.notices.WithLabelValues(m.kinds.value(kind), m.results.value(result)).Inc()
}

// Render counts one page that a browser drew, or could not.
func (m *Metrics) Render(result string) { m.render.WithLabelValues(m.results.value(result)).Inc() }

// Handler answers scrapes. It does not ask who scrapes.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: maxScrapes, Timeout: scrapeTime,
	})
}

// buildInfo is what the Go toolchain wrote into the program.
func buildInfo() (version, revision, toolchain string) {
	version, revision, toolchain = "unknown", "unknown", "unknown"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version, revision, toolchain
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		version = v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = s.Value
		}
	}
	return version, revision, info.GoVersion
}
