package metrics

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// gaugeTime bounds how long a scrape waits for one gauge.
const gaugeTime = 2 * time.Second

// Gauge registers a gauge that is read at each scrape: markwatch_<name>. One
// that takes longer than two seconds or panics is left out of the scrape; a
// read that hangs is not begun a second time. The error says that the name is
// taken or is none.
func (m *Metrics) Gauge(name, help string, read func() float64) error {
	return m.gauge(name, help, nil, func(context.Context) (map[string]float64, error) {
		return map[string]float64{"": read()}, nil
	})
}

// GaugeBySource is Gauge with a value for each source. Values of sources that
// are told apart no more are added up.
func (m *Metrics) GaugeBySource(name, help string, read func(ctx context.Context) (map[string]float64, error)) error {
	return m.gauge(name, help, []string{"source"}, read)
}

func (m *Metrics) gauge(name, help string, labels []string, read func(ctx context.Context) (map[string]float64, error)) error {
	g := &gauge{
		desc: prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil),
		m:    m, labelled: len(labels) > 0, read: read,
	}
	if err := m.registry.Register(g); err != nil {
		return fmt.Errorf("registering the gauge %s: %w", name, err)
	}
	return nil
}

// gauge is a collector that asks somebody else for its value.
type gauge struct {
	desc     *prometheus.Desc
	m        *Metrics
	labelled bool
	read     func(ctx context.Context) (map[string]float64, error)

	mu   sync.Mutex
	open chan struct{} // closed when the read that is under way has ended; nil where none is
	last map[string]float64
	err  error
}

// Describe is the collector's name, for the registry.
func (g *gauge) Describe(ch chan<- *prometheus.Desc) { ch <- g.desc }

// Collect reads the gauge, or joins the read that another scrape has begun.
func (g *gauge) Collect(ch chan<- prometheus.Metric) {
	values, err := g.values()
	if err != nil {
		g.m.gaugeFailures.Inc()
		return
	}
	if !g.labelled {
		ch <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, values[""])
		return
	}
	sums := map[string]float64{}
	for source, v := range values {
		sums[g.m.sources.value(source)] += v
	}
	for source, v := range sums {
		ch <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, v, source)
	}
}

func (g *gauge) values() (map[string]float64, error) {
	g.mu.Lock()
	open := g.open
	if open == nil {
		open = make(chan struct{})
		g.open = open
		go g.begin(open)
	}
	g.mu.Unlock()
	late := time.NewTimer(gaugeTime)
	defer late.Stop()
	select {
	case <-open:
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.last, g.err
	case <-late.C:
		return nil, context.DeadlineExceeded
	}
}

func (g *gauge) begin(open chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), gaugeTime)
	defer cancel()
	values, err := g.safeRead(ctx)
	g.mu.Lock()
	g.last, g.err, g.open = values, err, nil
	g.mu.Unlock()
	close(open)
}

func (g *gauge) safeRead(ctx context.Context) (values map[string]float64, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return g.read(ctx)
}
