package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/web"
)

// crawl is the operator's side of a deployment, whose state a test sets.
type crawl struct {
	mu      sync.Mutex
	open    []markwatch.ScanProgress
	done    []markwatch.ScanSummary // newest first
	sources []markwatch.SourceStatus
	faults  []web.PageFault
	reads   int
	// ahead is how much later than now it is.
	ahead time.Duration
}

func (c *crawl) set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

func (c *crawl) Progress(context.Context) ([]markwatch.ScanProgress, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
	return append([]markwatch.ScanProgress(nil), c.open...), nil
}

func (c *crawl) Sources(context.Context) ([]markwatch.SourceStatus, error) { return c.sources, nil }

func (c *crawl) LastScans(_ context.Context, limit int) ([]markwatch.ScanSummary, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]markwatch.ScanSummary(nil), c.done[:min(limit, len(c.done))]...), nil
}

func (c *crawl) SourceScans(_ context.Context, source string, limit int) ([]markwatch.ScanSummary, error) {
	var out []markwatch.ScanSummary
	for _, s := range c.done {
		if s.Source == source && len(out) < limit {
			out = append(out, s)
		}
	}
	return out, nil
}

func (c *crawl) Scan(_ context.Context, id string) (markwatch.ScanSummary, error) {
	for _, s := range c.done {
		if s.Scan == id {
			return s, nil
		}
	}
	return markwatch.ScanSummary{}, markwatch.Errorf(markwatch.CodeNotFound, "there is no scan %s", id)
}

func (c *crawl) ScanFaults(_ context.Context, _ string, limit int) ([]web.PageFault, error) {
	return c.faults[:min(limit, len(c.faults))], nil
}

// nights are thirty scans of the sample market, of which the newest was
// blocked half-way.
func nights() *crawl {
	c := &crawl{}
	for i := range 30 {
		at := now.AddDate(0, 0, -i).Add(-7 * time.Hour)
		s := markwatch.ScanSummary{
			Scan: fmt.Sprintf("sample-market-%02d", 30-i), Source: "sample-market", StartedAt: at, FinishedAt: at.Add(83 * time.Minute), Complete: true,
			Pages:    markwatch.PageCounts{Fetched: 1200 + 13*(i%5), Unchanged: 5100 - 40*(i%3), NotDue: 2200, Failed: i % 4, Robots: 12, Empty: 3},
			Listings: markwatch.ListingCounts{Seen: 8200 + 70*(i%7), Carried: 2100, New: 120, Changed: 340, Gone: 25}, Leads: markwatch.LeadCounts{New: 14, Updated: 310},
			Names:      &markwatch.NameCoverage{Total: 1240, Covered: 410, Oldest: at.AddDate(0, 0, -2)},
			Violations: map[markwatch.Violation]int{markwatch.Counterfeit: 210, markwatch.FakeOverseas: 66, markwatch.Piracy: 31},
			Fields:     map[string]float64{"title": 1, "price": 0.97 - 0.01*float64(i%3), "seller.name": 0.88, "ships_from": 0.41}, Warnings: []string{},
		}
		if i == 0 {
			s.Pages = markwatch.PageCounts{Fetched: 700, Unchanged: 1900, NotDue: 2200, Failed: 41, Undecodable: 6, Robots: 12, Empty: 9, Blocked: 1300, Left: 2400}
			s.Complete, s.Listings.Seen, s.Resumed = false, 3100, true
			s.Warnings = []string{"1300 个网页被拦截 pages were blocked", "只读到 3100 件商品,预期至少 8000 件 fewer listings than expected"}
		}
		c.done = append(c.done, s)
	}
	c.faults = []web.PageFault{
		{URL: "https://market.example/item/9?a=1", Outcome: web.FaultDead, Reason: "the worker died 3 times over this page"},
		{URL: "https://market.example/search?q=%E8%80%90%E5%85%8B&page=3", Outcome: "blocked", Reason: "captcha"},
		{URL: "https://market.example/item/77", Outcome: "failed", Reason: "http-502"},
		{URL: "https://cdn.example/x", Outcome: "failed", Reason: "dns: lookup cdn.example: no such host"},
		{URL: "https://market.example/item/78", Outcome: web.FaultLeft, Reason: "beyond the limit of pages"},
	}
	last := c.done[0]
	c.open = []markwatch.ScanProgress{
		{
			Scan: "second-hand-7", Source: "second-hand", StartedAt: now.Add(-25 * time.Minute), Queued: 5300,
			Pages:    markwatch.PageCounts{Fetched: 1204, Unchanged: 340, NotDue: 90, Blocked: 3, Failed: 12},
			Listings: markwatch.ListingCounts{Seen: 1890}, Leads: markwatch.LeadCounts{New: 12},
		},
		{Scan: "forum-3", Source: "forum", StartedAt: now.Add(-4 * time.Minute), Queued: 210},
	}
	c.sources = []markwatch.SourceStatus{
		{ID: "second-hand", Name: "旧物集市", Kind: markwatch.KindMarketplace, Health: markwatch.HealthGood, Schedule: "30 3 * * *", Next: now.Add(18 * time.Hour), Running: &c.open[0], Last: &c.done[3]},
		{ID: "forum", Name: "资源论坛", Kind: markwatch.KindSite, Health: markwatch.HealthNew, Schedule: "0 4 * * 1-5", Next: now.Add(67 * time.Hour), Running: &c.open[1]},
		{ID: "sample-market", Name: "示例商城", Kind: markwatch.KindMarketplace, Health: markwatch.HealthBlocked, Schedule: "0 2 * * *", Next: now.Add(17 * time.Hour), Last: &last, Names: last.Names},
		{ID: "handed-over", Name: "平台移交数据", Kind: markwatch.KindTable, Health: markwatch.HealthBroken, LastError: "tables/11月.xlsx: 没有这个文件 no such file"},
		{ID: "sitemap", Kind: markwatch.KindFeed, Health: markwatch.HealthDegraded, Schedule: "5 4 1,15 */2 *", Next: now.Add(300 * time.Hour), Last: &c.done[1], Names: &markwatch.NameCoverage{Total: 40, Covered: 38}},
	}
	return c
}

// operate gives a bench the operator's pages.
func (b *bench) operate(c *crawl) *bench {
	b.t.Helper()
	cfg := b.config()
	cfg.Progress, cfg.Sources, cfg.ScanDetail, cfg.Trend, cfg.Scans = c, c, c, c, c
	cfg.Now = func() time.Time {
		c.mu.Lock()
		defer c.mu.Unlock()
		return now.Add(c.ahead)
	}
	h, err := web.New(cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	b.server.Config.Handler = h
	return b
}

func TestOperatorsPages(t *testing.T) {
	b := newBench(t).operate(nights())
	c := b.login()
	_, body := c.get("/scans")
	has(t, body, `2 个扫描正在进行`, `data-scan="second-hand-7"`, `<b data-f="queued">5,300</b>`, `data-f="blocked">3</b>`, `25 分钟`,
		`<noscript><meta http-equiv="refresh"`, `src="/static/live.js?`, `href="/scans/sample-market-30"`, `未访问 2,400`, `被拦截 1,300`)
	if strings.Index(body, `data-scan="forum-3"`) < strings.Index(body, `data-scan="second-hand-7"`) {
		t.Error("the scan that began first does not stand first")
	}

	_, body = c.get("/scans/sample-market-30")
	has(t, body, `示例商城`, `不完整`, `中断后接着做完`, `65%`, `<b>410</b> / 1,240`, `等得最久的上次搜于 <time`, `>2026-11-19 02:30</time>`,
		`<th scope="row">其中沿用上次读数</th><td class="n">2,100</td>`, `仿冒`, `>41%<`, `商品数,与前几次比`, `class="dot now"`, `只读到 3100 件商品`,
		`要求验证码`, `服务器回答 502`, `域名查不到`, `lookup cdn.example: no such host`, `已搁置`, `多次使采集进程崩溃`, `页数上限已到`)
	if strings.Contains(body, `href="https://market.example`) {
		t.Error("an address that was not seen is a link")
	}
	_, body = c.get("/scans/sample-market-30?lang=en")
	has(t, body, `asks for a captcha`, `set aside`, `resumed after an interruption`)
	if res, _ := c.get("/scans/none"); res.StatusCode != http.StatusNotFound {
		t.Errorf("a scan that does not exist answers %d", res.StatusCode)
	}

	_, body = c.get("/sources?lang=zh")
	has(t, body, `每天 02:00`, `每周一至周五 04:00`, `<code><bdi>5 4 1,15 */2 *</bdi></code>`, `没有定时`, `2026-11-22 02:30`, `没有这个文件`,
		`href="/scans/sample-market-30#h-warnings">⚠ 2 条警告`, `class="spark"`, `有名称从未搜过`, `1,649 / 排队 5,300`, `交易平台`)
	order := []string{"平台移交数据", "示例商城", "sitemap", "资源论坛", "旧物集市"}
	for i := 1; i < len(order); i++ {
		if strings.Index(body, order[i-1]) > strings.Index(body, order[i]) {
			t.Errorf("%s stands after %s, though it is in more trouble", order[i-1], order[i])
		}
	}
	if n := len(b.audits(web.AuditLeadView)); n != 0 {
		t.Errorf("the operator's pages left %d lead views in the audit log", n)
	}
}

func TestOperatorsPagesAreLeftOutWhereNobodyAnswers(t *testing.T) {
	b := newBench(t, market()...)
	c := b.login()
	for _, path := range [...]string{"/sources", "/scans/x", "/scans/events", "/metrics"} {
		if res, _ := c.get(path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %d", path, res.StatusCode)
		}
	}
	_, body := c.get("/scans")
	for _, part := range [...]string{`href="/sources"`, `href="/scans/`, "live.js", "data-events"} {
		if strings.Contains(body, part) {
			t.Errorf("the scans page holds %s", part)
		}
	}
}

func TestHostileSourcesAndReasons(t *testing.T) {
	c := &crawl{}
	one := markwatch.ScanSummary{Scan: "one", StartedAt: now, FinishedAt: now, Fields: map[string]float64{}, Violations: map[markwatch.Violation]int{}}
	for _, s := range append(naughty(t), ownHostile[:]...) {
		one.Source = s
		one.Warnings, one.Fields[s], one.Violations[markwatch.Violation(s)] = append(one.Warnings, s), 0.5, 3
		c.done = append(c.done, markwatch.ScanSummary{Scan: s, Source: s, StartedAt: now, FinishedAt: now, Warnings: []string{s}})
		c.open = append(c.open, markwatch.ScanProgress{Scan: s, Source: s, StartedAt: now})
		c.faults = append([]web.PageFault{{URL: s, Outcome: s, Reason: s}, {URL: s, Outcome: "failed", Reason: "dns: " + s}}, c.faults...)
		c.sources = append(c.sources, markwatch.SourceStatus{
			ID: s, Name: s, Kind: markwatch.SourceKind(s), Schedule: s, Health: markwatch.SourceHealth(s), Last: &c.done[len(c.done)-1], LastError: s,
			Running: &markwatch.ScanProgress{Scan: s, Source: s},
		})
	}
	c.faults = c.faults[:min(200, len(c.faults))]
	c.done = append(c.done, one)
	b := newBench(t).operate(c)
	user := b.login()
	for _, path := range [...]string{"/scans", "/scans/finished", "/scans/one", "/sources"} {
		res, body := user.get(path)
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s answers %d", path, res.StatusCode)
		}
		harmless(t, path, body)
	}
	event := user.listen(1)[0]
	if e := parsed(t, event); len(e.Scans) != len(c.open) || strings.Contains(event, "<") {
		t.Errorf("the event holds %d scans of %d", len(e.Scans), len(c.open))
	}
}

func TestMetricsAnswerAllowedPeersAlone(t *testing.T) {
	cfg := newBench(t).config()
	cfg.Searcher, cfg.Leads = nobody{}, nobody{}
	cfg.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "markwatch_pages_total 1") })
	for _, test := range []struct {
		allow, peer string
		want        int
	}{
		{"10.1.0.0/16", "10.1.2.3:4000", 200},
		{"10.1.0.0/16", "[::ffff:10.1.2.3]:4000", 200},
		{"::ffff:10.1.0.0/112", "10.1.2.3:4000", 200},
		{"::ffff:10.1.0.0/112", "[::ffff:10.1.2.3]:4000", 200},
		{"fe80::/10", "[fe80::1%eth0]:4000", 200},
		{"::1/128", "[::1]:4000", 200},
		{"10.1.0.0/16", "10.2.2.3:4000", 403},
		{"10.1.0.0/16", "[::ffff:10.2.2.3]:4000", 403},
		{"::/0", "10.1.2.3:4000", 403},
		{"0.0.0.0/0", "[2001:db8::1]:4000", 403},
		{"10.1.0.0/16", "@", 403},
		{"10.1.0.0/16", "", 403},
		{"", "127.0.0.1:4000", 403},
	} {
		cfg.MetricsAllow = nil
		if test.allow != "" {
			cfg.MetricsAllow = []netip.Prefix{netip.MustParsePrefix(test.allow)}
		}
		h, err := web.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		for _, header := range [...]string{"", "X-Forwarded-For", "X-Real-Ip", "Forwarded"} {
			req := httptest.NewRequest(http.MethodGet, "/metrics", nil)
			req.RemoteAddr = test.peer
			if header != "" {
				req.Header.Set(header, "10.1.2.3")
			}
			res := httptest.NewRecorder()
			h.ServeHTTP(res, req)
			if res.Code != test.want || strings.Contains(res.Body.String(), "pages_total") != (test.want == 200) {
				t.Errorf("%s asked by %s with %q answers %d", test.allow, test.peer, header, res.Code)
			}
		}
	}
}
