package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/markwatch/markwatch/metrics"
)

// scrape reads the handler's answer as Prometheus does.
func scrape(t *testing.T, m *metrics.Metrics) map[string]*dto.MetricFamily {
	t.Helper()
	rec := httptest.NewRecorder()
	m.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if rec.Code != http.StatusOK {
		t.Fatalf("the scrape answers %d: %s", rec.Code, rec.Body)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(rec.Body)
	if err != nil {
		t.Fatal(err)
	}
	return families
}

// value is the sample with the labels "a=b,c=d"; ok is false where there is none.
func value(families map[string]*dto.MetricFamily, name, labels string) (v float64, ok bool) {
	for _, m := range families[name].GetMetric() {
		var pairs []string
		for _, p := range m.GetLabel() {
			pairs = append(pairs, p.GetName()+"="+p.GetValue())
		}
		if strings.Join(pairs, ",") == labels {
			return m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount()), true
		}
	}
	return 0, false
}

func use(t *testing.T, m *metrics.Metrics) {
	t.Helper()
	m.Sources([]string{"shop", "site"})
	m.Request("shop", "ok", 1000, 20*time.Millisecond, false)
	m.Request("shop", "ok", 200, 10*time.Millisecond, true)
	m.Request("nobody", "timeout", -1, -time.Second, false)
	m.Page("shop", "fetched")
	m.Page("site", "not_due")
	m.Listings(20)
	m.Lead("counterfeit")
	m.ScanEnded("site", "complete")
	m.Notice("scan-failed", "sent")
	m.Render("ok")
	for _, err := range []error{
		m.Gauge("index_lag_seconds", "Age of the oldest change that the index does not know of.", func() float64 { return 1.5 }),
		m.Gauge("index_queue", "Changes that the index does not know of.", func() float64 { return 7 }),
		m.Gauge("captures_bytes", "What the captures take on disk.", func() float64 { return 5e9 }),
		m.Gauge("capture_quota_bytes", "What the captures may take on disk.", func() float64 { return 1e12 }),
		m.GaugeBySource("frontier_queued", "Addresses that wait.", func(context.Context) (map[string]float64, error) {
			return map[string]float64{"shop": 3, "gone": 4, "gone-too": 5}, nil
		}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestAScrapeSaysWhatWasCounted(t *testing.T) {
	m := metrics.New()
	use(t, m)
	families := scrape(t, m)
	for _, c := range []struct {
		name, labels string
		want         float64
	}{
		{"markwatch_requests_total", "outcome=ok,source=shop", 2},
		{"markwatch_requests_total", "outcome=timeout,source=other", 1},
		{"markwatch_requests_unchanged_total", "source=shop", 1},
		{"markwatch_received_bytes_total", "source=shop", 1200},
		{"markwatch_received_bytes_total", "source=other", 0},
		{"markwatch_request_seconds", "", 3},
		{"markwatch_pages_total", "outcome=fetched,source=shop", 1},
		{"markwatch_pages_total", "outcome=not_due,source=site", 1},
		{"markwatch_listings_total", "", 20},
		{"markwatch_leads_total", "violation=counterfeit", 1},
		{"markwatch_scans_total", "result=complete,source=site", 1},
		{"markwatch_notices_total", "kind=scan-failed,result=sent", 1},
		{"markwatch_render_total", "result=ok", 1},
		{"markwatch_index_lag_seconds", "", 1.5},
		{"markwatch_index_queue", "", 7},
		{"markwatch_captures_bytes", "", 5e9},
		{"markwatch_capture_quota_bytes", "", 1e12},
		{"markwatch_frontier_queued", "source=shop", 3},
		{"markwatch_frontier_queued", "source=other", 9},
		{"markwatch_gauge_failures_total", "", 0},
	} {
		if got, ok := value(families, c.name, c.labels); !ok || got != c.want {
			t.Errorf("%s{%s} is %v (there: %v), want %v", c.name, c.labels, got, ok, c.want)
		}
	}
	for _, name := range []string{"markwatch_build_info", "go_goroutines", "process_resident_memory_bytes"} {
		if families[name] == nil {
			t.Errorf("no %s", name)
		}
	}
}

// TestNamesAreWhatPrometheusAsksFor reads the scrape back into a gatherer, so
// that the lint sees what a server sees.
func TestNamesAreWhatPrometheusAsksFor(t *testing.T) {
	m := metrics.New()
	use(t, m)
	families := scrape(t, m)
	problems, err := testutil.GatherAndLint(prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		var list []*dto.MetricFamily
		for name, f := range families {
			if strings.HasPrefix(name, "markwatch_") {
				list = append(list, f)
			}
		}
		return list, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// TestLabelsAreBounded: neither thousands of sources nor hostile words make a
// scrape grow without end.
func TestLabelsAreBounded(t *testing.T) {
	m := metrics.New()
	var ids []string
	for i := range 5000 {
		ids = append(ids, fmt.Sprintf("s%04d", i))
	}
	m.Sources(ids)
	for i, id := range ids {
		m.Page(id, "fetched")
		m.Lead(fmt.Sprintf("violation-%d", i))
		m.Notice(fmt.Sprintf("kind-%d", i), "sent")
	}
	m.Page("https://evil.example/?a=b", "\xff\xfe")
	m.Page("never-configured", strings.Repeat("x", 10_000))
	m.Lead("https://evil.example/")
	m.Render("")
	families := scrape(t, m)
	for name, most := range map[string]int{"markwatch_pages_total": 1002, "markwatch_leads_total": 101, "markwatch_notices_total": 41, "markwatch_render_total": 1} {
		if n := len(families[name].GetMetric()); n == 0 || n > most {
			t.Errorf("%s has %d series, want 1 to %d", name, n, most)
		}
	}
	if got, _ := value(families, "markwatch_pages_total", "outcome=fetched,source=other"); got != 4000 {
		t.Errorf("%v pages are those of others, want 4000", got)
	}
	if got, ok := value(families, "markwatch_leads_total", "violation=other"); !ok || got != 4901 {
		t.Errorf("%v leads are of other violations, want 4901", got)
	}
}

// TestABrokenGaugeCostsNoScrape: one that hangs, panics or fails is left out,
// and one that hangs is asked once.
func TestABrokenGaugeCostsNoScrape(t *testing.T) {
	m := metrics.New()
	hang := make(chan struct{})
	defer close(hang)
	var asked atomic.Int32
	for _, err := range []error{
		m.Gauge("hangs", "Hangs.", func() float64 { asked.Add(1); <-hang; return 1 }),
		m.Gauge("panics", "Panics.", func() float64 { panic("out of order") }),
		m.GaugeBySource("fails", "Fails.", func(context.Context) (map[string]float64, error) { return nil, errors.New("away") }),
		m.Gauge("works", "Works.", func() float64 { return 1 }),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			rec := httptest.NewRecorder()
			m.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
			body, _ := io.ReadAll(rec.Body)
			if text := string(body); rec.Code != http.StatusOK || !strings.Contains(text, "markwatch_works 1") ||
				strings.Contains(text, "markwatch_hangs ") || strings.Contains(text, "markwatch_panics ") || strings.Contains(text, "markwatch_fails{") {
				t.Errorf("%d: %s", rec.Code, text)
			}
		})
	}
	wg.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("a gauge that hangs was asked %d times", n)
	}
	if got, _ := value(scrape(t, m), "markwatch_gauge_failures_total", ""); got < 6 {
		t.Errorf("%v failures are counted", got)
	}
}

func TestAGaugeWithATakenNameIsRefused(t *testing.T) {
	m := metrics.New()
	zero := func() float64 { return 0 }
	if err := m.Gauge("listings_total", "Taken.", zero); err == nil {
		t.Error("a name that is taken is taken again")
	}
	if err := m.Gauge("no\xff name", "None.", zero); err == nil {
		t.Error("a name that is none is taken")
	}
}

func BenchmarkRequest(b *testing.B) {
	m := metrics.New()
	m.Sources([]string{"shop"})
	b.ReportAllocs()
	for b.Loop() {
		m.Request("shop", "ok", 1000, time.Millisecond, false)
	}
}
