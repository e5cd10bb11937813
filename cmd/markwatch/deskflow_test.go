//go:build unix

package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence/pack"
	"github.com/markwatch/markwatch/leads/report"
)

// window is a person at the desk, in a browser window with cookies of its own.
type window struct {
	t    *testing.T
	ctx  context.Context
	base string
}

// startBrowser starts Chromium, or skips the test where there is none.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("the browser test is left out of -short")
	}
	path := ""
	for _, name := range [...]string{os.Getenv("MARKWATCH_CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if p, err := exec.LookPath(name); path == "" && name != "" && err == nil {
			path = p
		}
	}
	if path == "" {
		t.Skip("no Chromium on this machine: the browser test needs one (MARKWATCH_CHROMIUM names another)")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"), chromedp.WSURLReadTimeout(time.Minute))
	alloc, cancel := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return ctx
}

// enterDesk opens a window and logs in by a link.
func enterDesk(t *testing.T, started context.Context, base, token string, fill ...chromedp.Action[chromedp.Void]) *window {
	t.Helper()
	ctx, cancel := chromedp.NewContext(started, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(cancel)
	w := &window{t, ctx, base}
	w.do("log in", append(append([]chromedp.Action[chromedp.Void]{chromedp.EmulateViewport(1280, 900), chromedp.Navigate(base + "/login?token=" + token), chromedp.WaitVisible(chromedp.CSS(".login .button"))}, fill...),
		chromedp.Click(chromedp.CSS(".login .button")), chromedp.WaitVisible(chromedp.CSS("#q")))...)
	return w
}

func (w *window) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, steps...); err != nil {
		w.t.Fatalf("%s: %v; the page says %.1500s", what, err, w.text("main"))
	}
}

// await waits until the page, which changes or is loaded again by itself, is
// there as a whole and says that something is so. It asks seldom: a busy machine has more to do than to answer.
func (w *window) await(what, condition string) {
	w.t.Helper()
	for until := time.Now().Add(patience()); ; time.Sleep(200 * time.Millisecond) {
		// The page may be on its way to the next look at the moment.
		if is, err := chromedp.Run(w.ctx, chromedp.Evaluate[bool](`document.readyState === "complete" && (`+condition+`)`)); err == nil && is {
			return
		}
		if time.Now().After(until) {
			w.t.Fatalf("waited in vain for %s; the page says %.1500s", what, w.text("main"))
		}
	}
}

func (w *window) open(path string) {
	w.t.Helper()
	w.do("open "+path, chromedp.Navigate(w.base+path))
}

// eval runs script that must not fail.
func eval[T any](w *window, script string) T {
	w.t.Helper()
	v, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		w.t.Fatalf("%s: %v", script, err)
	}
	return v
}

// text is what an element says, "" where there is none.
func (w *window) text(selector string) string {
	v, err := chromedp.Run(w.ctx, chromedp.Evaluate[string](fmt.Sprintf(`document.querySelector(%q)?.innerText ?? ""`, selector)))
	if err != nil {
		return err.Error()
	}
	return v
}

// has says whether the page has an element.
func (w *window) has(selector string) bool {
	w.t.Helper()
	return eval[bool](w, fmt.Sprintf(`document.querySelector(%q) !== null`, selector))
}

// submit clicks what sends a form and waits for the page that comes of it.
func (w *window) submit(selector string) {
	w.t.Helper()
	eval[bool](w, `document.body.dataset.before = "yes"; true`)
	w.do("click "+selector, chromedp.Click(chromedp.CSS(selector)), chromedp.WaitReady(chromedp.CSS("body:not([data-before]) main")))
}

// says fails where the page lacks a text.
func (w *window) says(where string, wants ...string) {
	w.t.Helper()
	text := w.text("main")
	for _, want := range wants {
		if !strings.Contains(text, want) {
			w.t.Errorf("%s lacks %q: %.2000s", where, want, text)
		}
	}
}

// download clicks links and returns the files that came, as the browser kept
// them.
func (w *window) download(selector string) []string {
	w.t.Helper()
	dir := w.t.TempDir()
	_, err := chromedp.CallBrowser(w.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: chromedp.FromContext(w.ctx).BrowserContextID, DownloadPath: dir,
	})
	if err != nil {
		w.t.Fatalf("allow downloads: %v", err)
	}
	links := eval[int](w, fmt.Sprintf(`document.querySelectorAll(%q).length`, selector))
	if links == 0 {
		w.t.Fatalf("there is nothing to download at %s", selector)
	}
	var files []string
	for i := range links {
		eval[bool](w, fmt.Sprintf(`document.querySelectorAll(%q)[%d].click(); true`, selector, i))
		eventually(w.t, "a download", func() bool {
			files, err = filepath.Glob(filepath.Join(dir, "*"))
			return err == nil && len(files) == i+1 && !slices.ContainsFunc(files, func(f string) bool { return strings.HasSuffix(f, ".crdownload") })
		})
	}
	return files
}

// fill types texts into fields by their selectors.
func (w *window) fill(fields map[string]string) {
	w.t.Helper()
	for selector, text := range fields {
		w.do("type into "+selector, chromedp.SendKeys(chromedp.CSS(selector), text))
	}
}

// stated is what an investigator finds out of a lead that no page shows, by
// requirement.
var stated = map[string]string{
	"authorisation": "权利人函复未授权", "reason": "与官方价不符", "place": "贵州贵阳", "contradiction": "自称海外直邮而由境内发货", "holder": "某公司", "registration": "991722",
	"price-source": "官网 2026-11-01", "seller": "某店", "price": "见页面", "work-owner": "某社", "capture": "见存档",
}

// confirm takes a lead from its page to its confirmation, with everything that
// it needs.
func (w *window) confirm(id string) {
	w.t.Helper()
	w.open("/leads/" + url.PathEscape(id))
	for _, name := range strings.Fields(eval[string](w, `[...document.querySelectorAll('.lacking input[name^="have."]')].map(x => x.name.slice(5)).join(" ")`)) {
		w.fill(map[string]string{`input[name="have.` + name + `"]`: stated[name]})
	}
	w.submit(".handling form[action$='/checks'] button")
	w.submit(`#decide button[value="confirmed"]`)
	if !w.has(".leadhead .s-confirmed") {
		w.t.Fatalf("%s was not confirmed: %.800s", id, w.text("main"))
	}
}

// TestFromALeadToTheOutcomeOnThePages is the way of leads as people go it in a
// browser, at the real program over a real market: confirmed by one, approved
// by another, sent to three units in batches, whose packages are downloaded and
// hold; receipts and outcomes taken in; reported. A viewer may do nothing of it.
func TestFromALeadToTheOutcomeOnThePages(t *testing.T) {
	started := startBrowser(t)
	m := startSample(t, 250)
	dir := m.config(t)
	write(t, filepath.Join(dir, "units.yaml"), handlingUnits)
	write(t, filepath.Join(dir, "handling.yaml"), handlingDeliveries)
	must(t, "scan", "--config", dir, "--json")
	chosen := map[string]markwatch.Lead{}
	for _, l := range rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json")) {
		for v, one := range l.Verdict.Violations {
			if one.Flagged && one.Score == l.Verdict.Score && chosen[string(v)].ID == "" {
				chosen[string(v)] = l
			}
		}
	}
	shoes, film, parcel := chosen["counterfeit"], chosen["piracy"], chosen["fake-overseas"]
	if shoes.ID == "" || film.ID == "" || parcel.ID == "" {
		t.Fatalf("leads of each violation: %v", chosen)
	}

	_, link := startServe(t, dir)
	base, token, _ := strings.Cut(link, "/login?token=")
	boss := enterDesk(t, started, base, token, chromedp.SendKeys(chromedp.CSS("#user"), "boss"),
		chromedp.SendKeys(chromedp.CSS("#password"), longPassword), chromedp.SendKeys(chromedp.CSS("#again"), longPassword))
	for id, role := range map[string]string{"zhangmin": "investigator", "liqiang": "approver", "wangli": "approver", "kan": "viewer"} {
		must(t, "user", "add", id, "--role", role, "--config", dir)
	}
	enter := func(id string) *window {
		t.Helper()
		out := must(t, "user", "link", id, "--login", "--config", dir)
		_, token, _ := strings.Cut(strings.TrimSpace(out), "/login?token=")
		token, _, _ = strings.Cut(token, "\n")
		return enterDesk(t, started, base, strings.TrimSpace(token))
	}
	zhangmin, liqiang, wangli, viewer := enter("zhangmin"), enter("liqiang"), enter("wangli"), enter("kan")

	// Confirmed by one person, approved by another; four eyes hold on the page.
	zhangmin.confirm(shoes.ID)
	zhangmin.confirm(film.ID)
	zhangmin.says("the page for an investigator", "批准须由审批角色进行")
	liqiang.confirm(parcel.ID)
	liqiang.says("the page of who confirmed", "您确认了此线索,批准须由另一人进行")
	if liqiang.has(`form[action$="/approval"]`) {
		t.Error("who confirmed is offered to approve")
	}
	wangli.open("/batches")
	wangli.says("the page of batches", "只待批准", shoes.Number, film.Number, parcel.Number)
	for _, id := range []string{film.ID, parcel.ID} {
		wangli.open("/leads/" + url.PathEscape(id))
		wangli.submit(`form[action$="/approval"] button`)
		if !wangli.has(".leadhead .s-approved") {
			t.Fatalf("%s was not approved: %.800s", id, wangli.text("main"))
		}
	}
	// The third with others from the search page; one of them waits for nobody.
	wangli.open("/?q=" + url.QueryEscape("status:confirmed"))
	wangli.do("tick", chromedp.Click(chromedp.CSS(`input[name="id"][value="`+shoes.ID+`"]`)))
	wangli.submit(`.bulk button[value="approve"]`)

	// Three batches, made behind the page, which follows by itself.
	viewer.open("/batches")
	viewer.says("the page for a viewer", "某市市场监督管理局", "批准须由审批角色进行")
	if viewer.has(`form[action="/batches"]`) || viewer.has(`.top nav a[href="/receipts"]`) {
		t.Error("a viewer is offered to make batches or to take replies in")
	}
	wangli.open("/batches")
	if n := eval[int](wangli, `document.querySelectorAll('input[name="unit"]:checked').length`); n != 3 {
		t.Fatalf("%d units are ready: %s", n, wangli.text("main"))
	}
	wangli.submit("#make .button.primary")
	wangli.await("three batches", `document.querySelectorAll('[data-run][data-state="done"]').length === 3`)
	numbers := strings.Split(eval[string](wangli, `[...document.querySelectorAll('.scroll .grid tbody a[href^="/batches/"]')].map(a => a.textContent).join("|")`), "|")
	year := time.Now().Year()
	if want := []string{fmt.Sprintf("标移〔%d〕3号", year), fmt.Sprintf("标移〔%d〕2号", year), fmt.Sprintf("标移〔%d〕1号", year)}; !slices.Equal(numbers, want) {
		t.Fatalf("batches %v, want %v", numbers, want)
	}
	var packages []string
	for _, number := range numbers {
		wangli.open("/batches/" + url.PathEscape(number))
		wangli.says("the page of a batch", "letter.pdf", "仍在售")
		packages = append(packages, wangli.download(`.files a[href*="/files/evidence/"]`)...)
	}
	if len(packages) != 3 {
		t.Fatalf("packages %v", packages)
	}
	for _, r := range rows[pack.Report](t, must(t, append([]string{"evidence", "verify", "--json"}, packages...)...)) {
		if !r.Intact || r.Manifest.Shown != "on-sale" {
			t.Errorf("%s: intact %v, shown %q", r.File, r.Intact, r.Manifest.Shown)
		}
	}
	// One was delivered, and is delivered again on purpose alone.
	wangli.open("/batches")
	delivered := eval[string](wangli, `[...document.querySelectorAll('.scroll tbody tr')].find(tr => tr.innerText.includes("某市市场监督管理局")).querySelector("a").getAttribute("href")`)
	wangli.open(delivered)
	wangli.says("the delivered batch", "已送达", "folder:")
	// The page that comes loads itself again when the delivery ends.
	wangli.submit("#deliver button")
	wangli.await("the second delivery's end", `document.querySelectorAll('.batchpage [data-run][data-state="done"]').length === 2 && !document.querySelector('[data-events]')`)
	wangli.open(delivered) // without the word that it was begun
	if n := strings.Count(wangli.text(".batchpage"), "已开始"); n != 1 {
		t.Errorf("a batch that was delivered was delivered %d times: %s", n, wangli.text(".batchpage"))
	}

	// What comes back: a file with a preview, and one by one.
	replies := write(t, filepath.Join(t.TempDir(), "反馈.csv"), fmt.Sprintf("线索编号,签收人,办理结果,办理时间,文书号,罚款\n%s,王某,立案,,立1号,\n%s,王某,,,,\n%s,,行政处罚,,罚2号,5000\n1999-0001,王某,,,,\n",
		shoes.Number, film.Number, shoes.Number))
	zhangmin.open("/receipts")
	zhangmin.do("choose the file", chromedp.SetUploadFiles(chromedp.CSS("#f-outcomes"), []string{replies}))
	zhangmin.submit("#outcomes button")
	if fits, misfits := zhangmin.text("#n-fits"), zhangmin.text("#n-misfits"); fits != "3" || misfits != "1" {
		t.Errorf("the preview: %s fit, %s do not: %s", fits, misfits, zhangmin.text("main"))
	}
	zhangmin.says("the preview", "没有线索 1999-0001")
	zhangmin.submit("#apply .primary")
	zhangmin.says("what came of it", "已导入 3 行,1 行没有对上")
	zhangmin.open("/leads/" + url.PathEscape(parcel.ID))
	zhangmin.fill(map[string]string{"#r-by": "赵某", "#r-number": "回执9"})
	zhangmin.submit(`#receive button`)
	zhangmin.do("choose", chromedp.SetValue(chromedp.CSS("#o-code"), "not-opened"))
	zhangmin.submit(`#report button[value="outcome"]`)
	zhangmin.says("the lead", "赵某", "回执9", "不予立案", "已反馈")

	// The month's figures.
	month := time.Now().In(time.FixedZone("", 8*3600)).Format("2006-01")
	wangli.open("/reports?period=" + month)
	got := eval[string](wangli, `[...document.querySelectorAll(".reportgrid tbody tr")][0].innerText.replaceAll("\t", " ")`)
	all := len(rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json")))
	if want := fmt.Sprintf("合计 %d 3 0 3 3 3 3", all); !strings.HasPrefix(got, want) {
		t.Errorf("the report begins %q, want %q", got, want)
	}
	wangli.says("the report", "某市市场监督管理局", "某省邮政管理局", "5,000", "准确率")
	told := rows[report.Report](t, must(t, "report", "--config", dir, "--month", month, "--json"))[0]
	if told.Total.Sent != 3 || told.Total.Outcomes[markwatch.OutcomePenalty] != 1 || told.Precision.Right != 1 || told.Precision.Wrong != 1 {
		t.Errorf("the command line reports %+v %+v", told.Total, told.Precision)
	}
	if book := wangli.download(`a[href^="/reports/xlsx"]`); !strings.HasSuffix(book[0], month+".xlsx") {
		t.Errorf("the workbook is %s", book)
	}

	// A viewer may look, and do nothing, whatever they ask the desk for.
	for path, code := range map[string]int{"/receipts": 403, "/merge?lead=a&lead=b": 403, delivered: 200, delivered + "/zip": 403, delivered + "/files/list.csv": 403, "/reports?period=" + month: 200} {
		if got := eval[int](viewer, fmt.Sprintf(`fetch(%q).then(r => r.status)`, path)); got != code {
			t.Errorf("a viewer who asks for %s is answered with %d, want %d", path, got, code)
		}
	}
	for _, path := range []string{"/batches", delivered + "/deliver", "/receipts/outcomes/apply", "/leads/" + shoes.ID + "/feedback", "/leads/" + shoes.ID + "/approval", "/leads/" + shoes.ID + "/requests", "/merge"} {
		if got := eval[int](viewer, fmt.Sprintf(`fetch(%q, {method: "POST", body: new URLSearchParams("unit=u-market")}).then(r => r.status)`, path)); got != 403 {
			t.Errorf("a viewer's POST to %s is answered with %d", path, got)
		}
	}
	// Who did what stands in the audit log, on its page.
	boss.open("/audit?what=batch")
	boss.says("the audit log", "wangli", numbers[0])
	boss.open("/audit?what=lead-outcome")
	boss.says("the audit log", "zhangmin")
}
