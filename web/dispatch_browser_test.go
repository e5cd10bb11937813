package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/store"
)

// busyDesk is a desk with a batch that was sent, another under way, leads that
// are held back, replies, a request and a case.
func busyDesk(t *testing.T) *bench {
	t.Helper()
	b := listed(t, append(market(), twins()...)...).operate(nights())
	b.crew()
	b.sent("demo-1001")
	c := b.login()
	c.expect(http.StatusSeeOther, "POST", "/leads/demo-1001/feedback", url.Values{"do": {"receive"}, "by": {"王某"}, "at": {"2026-11-20"}})
	c.expect(http.StatusSeeOther, "POST", "/leads/demo-1001/feedback", url.Values{"do": {"outcome"}, "code": {"case-opened"}, "document": {"闽市监立〔2026〕1号"}, "amount": {"238800"}})
	c.expect(http.StatusSeeOther, "POST", "/leads/demo-1001/requests", url.Values{"platform": {"示例商城有限公司"}})
	c.expect(http.StatusSeeOther, "POST", "/leads/demo-1002", url.Values{"status": {"confirmed"}})
	c.expect(http.StatusSeeOther, "POST", "/leads/t-2", url.Values{"status": {"confirmed"}})
	c.expect(http.StatusSeeOther, "POST", "/merge", url.Values{"lead": {"t-1", "t-3"}, "whole": {"t-1"}, "reason": {"同一微信号"}})
	_, body := c.handIn("/receipts/complaints", "12315.csv", "工单编号,热线,登记时间,网址,店铺,地区,内容\n1235202611150001,12315,2026-11-15,,,福建莆田,主播推荐的鞋与专柜差别很大,没有链接\n", nil)
	c.expect(http.StatusOK, "POST", "/receipts/complaints/apply", url.Values{"key": {keyOf(t, body)}})
	b.approved("demo-1004")
	if _, err := b.store.StartBatchRun(t.Context(), store.BatchRun{Kind: store.RunSend, Unit: "gy-scjg", Actor: "zhangmin", Stage: "pack", Done: 3, Total: 12, Note: "仍在售,与采集时相同"}); err != nil {
		t.Fatal(err)
	}
	b.reindex()
	return b
}

// replies is a file of which one row fits, one is known and two do not fit.
const replies = "线索编号,签收人,办理结果,文书号,罚没金额\n%[1]s,,行政处罚,闽市监罚〔2026〕7号,50000\n%[1]s,王某,,,\n1999-0001,王某,,,\n,王某,,,\n"

// testDispatchPages looks at the pages of a lead's later life.
func testDispatchPages(t *testing.T, ctx context.Context) {
	b := busyDesk(t)
	sent, err := b.store.Lead(t.Context(), "demo-1001")
	if err != nil {
		t.Fatal(err)
	}
	w := watch(t, ctx)
	enter(t, ctx, b)
	batch := "/batches/" + url.PathEscape("标移〔2026〕1号")
	for _, l := range looks() {
		if l.name == "narrow-light" && os.Getenv("MARKWATCH_SCREENSHOTS") == "" {
			continue // the same pages are looked at as narrow in English, whose words are longer
		}
		for _, p := range []struct{ name, path string }{
			{"batches", "/batches"}, {"batch", batch}, {"receipts", "/receipts"}, {"merge", "/merge?lead=demo-1002&lead=t-2"}, {"reports", "/reports?period=2026-11"}, {"due", "/due"},
			{"lead-sent", "/leads/demo-1001"}, {"lead-case", "/leads/t-1"}, {"search-bulk", "/"},
		} {
			lookAt(t, ctx, b, l, p.name, p.path)
		}
		lookAt(t, ctx, b, l, "intake-before", "/receipts")
		file := write(t, "反馈.csv", fmt.Sprintf(replies, sent.Number))
		err := chromedp.Do(ctx, chromedp.SetUploadFiles(chromedp.CSS("#f-outcomes"), []string{file}), chromedp.Click(chromedp.CSS("#outcomes button")), chromedp.WaitVisible(chromedp.CSS("#n-misfits")))
		if err != nil {
			t.Fatalf("%s: hand in a file: %v", l.name, err)
		}
		if overflow := value(t, ctx, chromedp.Evaluate[string](widerThanPage)); overflow != "" {
			t.Errorf("%s intake is wider than the window: %s", l.name, overflow)
		}
		shoot(t, ctx, "intake-"+l.name)
	}
	w.quiet(t, b.server.URL)
}

// testLiveBatch makes a batch by the page, which shows by itself when it is
// done.
func testLiveBatch(t *testing.T, ctx context.Context) {
	b := newBench(t, market()...)
	b.approved("demo-1001")
	started, err := b.store.StartBatchRun(t.Context(), store.BatchRun{Kind: store.RunSend, Unit: "gy-scjg", Actor: "x", Stage: "pack", Done: 1, Total: 5})
	if err != nil {
		t.Fatal(err)
	}
	w := watch(t, ctx)
	enter(t, ctx, b)
	run := `[data-run="` + numbered(started.ID) + `"]`
	err = chromedp.Do(ctx, look{width: 1280}.set(), chromedp.Navigate(b.server.URL+"/batches"), chromedp.WaitReady(chromedp.CSS(run+` progress[value="1"]`)),
		chromedp.WaitReady(chromedp.CSS(`body[data-live]`)))
	if err != nil {
		t.Fatal(err)
	}
	started.Done, started.Note = 4, "页面已不存在"
	if err := b.store.UpdateBatchRun(t.Context(), started); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.WaitReady(chromedp.CSS(run+` progress[value="4"]`))); err != nil {
		t.Fatalf("the page does not follow: %v", err)
	}
	started.State = store.RunDone
	if err := b.store.UpdateBatchRun(t.Context(), started); err != nil {
		t.Fatal(err)
	}
	err = chromedp.Do(ctx, chromedp.WaitReady(chromedp.CSS(run+`[data-state="done"]`)),
		chromedp.Click(chromedp.CSS("#make .button.primary")), chromedp.WaitReady(chromedp.CSS(`a[href^="/batches/"]`)))
	if err != nil {
		t.Fatalf("the page does not show the end: %v", err)
	}
	b.runner.Wait()
	w.quiet(t, b.server.URL)
	if l, err := b.store.Lead(t.Context(), "demo-1001"); err != nil || l.Status != markwatch.LeadSent || leads.Routed(&l) == "" {
		t.Errorf("the lead is %s, %v", l.Status, err)
	}
}

func numbered(id int64) string { return strconv.FormatInt(id, 10) }

func write(t *testing.T, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
