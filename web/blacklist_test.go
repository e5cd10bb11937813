package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/markwatch/markwatch/web"
)

// Sellers are put on the blacklist one by one and by a table, found, and taken
// off; who may only look sees the list and no form.
func TestTheBlacklistIsKeptOnItsPage(t *testing.T) {
	b, _ := administered(t, nil)
	c := b.login()
	if _, body := c.get("/sellers"); !strings.Contains(body, `href="/blacklist"`) {
		t.Error("the page of sellers does not lead to the blacklist")
	}
	_, lead := c.get("/leads/demo-1001")
	form := regexp.MustCompile(`href="(/blacklist\?[^"#]*name=[^"#]+)`).FindStringSubmatch(lead)
	if form == nil {
		t.Fatal("a lead does not lead to the blacklist")
	}
	if _, body := c.get(strings.ReplaceAll(form[1], "&amp;", "&")); !strings.Contains(body, `name="name" type="text" value="鞋坊小李"`) {
		t.Error("the form does not hold the lead's seller")
	}
	if _, lead := b.loginAs("viewer").get("/leads/demo-1001"); strings.Contains(lead, "/blacklist?") {
		t.Error("a viewer is offered to blacklist a seller")
	}
	put := url.Values{"platform": {"taobao"}, "id": {"88"}, "name": {"鞋坊<b>小李"}, "accounts": {"wechat:abc"}, "reason": {"屡次售假"}, "since": {"2026-11-01"}}
	if res, _ := c.post("/blacklist", put); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("putting one on the list: %d", res.StatusCode)
	}
	for wrong, form := range map[string]url.Values{
		"认不出卖家":        {"name": {"只有名字"}},
		"wechat:abc":   {"platform": {"a"}, "id": {"b"}, "accounts": {"abc"}},
		"value=\"昨天\"": {"platform": {"a"}, "id": {"b"}, "since": {"昨天"}},
	} {
		if res, body := c.post("/blacklist", form); res.StatusCode != http.StatusBadRequest || !strings.Contains(body, wrong) {
			t.Errorf("%v: %d, the page does not say %q", form, res.StatusCode, wrong)
		}
	}

	table := "platform,id,name,since\ntaobao,88,鞋坊小李二店,\njd,9,新店,\n,,只有名字,\n"
	res, body := c.upload("/blacklist/import", "卖家.csv", table, false)
	key := regexp.MustCompile(`name="key" value="(\w+)"`).FindStringSubmatch(body)
	if res.StatusCode != http.StatusOK || key == nil || !strings.Contains(body, "第 4 行") || !strings.Contains(body, "新店") || !strings.Contains(body, "鞋坊小李二店") {
		t.Fatalf("the preview: %d %s", res.StatusCode, body)
	}
	if _, body := c.get("/blacklist"); strings.Contains(body, "新店") || !strings.Contains(body, "鞋坊&lt;b&gt;小李") || !strings.Contains(body, "屡次售假") || !strings.Contains(body, "2026-11-01") {
		t.Error("a preview changed the list, or what was put there is not shown")
	}
	if res, _ := c.post("/blacklist/apply", url.Values{"key": {key[1]}}); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("applying: %d", res.StatusCode)
	}
	if res, _ := c.post("/blacklist/apply", url.Values{"key": {key[1]}}); res.StatusCode != http.StatusConflict {
		t.Errorf("applying twice: %d", res.StatusCode)
	}
	if _, body := c.get("/blacklist?q=新店"); !strings.Contains(body, "新店") || strings.Contains(body, "二店") {
		t.Error("the list is not searched")
	}
	if _, body := c.get("/blacklist/export/csv"); !strings.Contains(body, "鞋坊小李二店") || !strings.Contains(body, "新店") {
		t.Errorf("exported %q", body)
	}

	viewer := b.loginAs("viewer")
	if _, body := viewer.get("/blacklist"); !strings.Contains(body, "新店") || strings.Contains(body, "/drop") || strings.Contains(body, `id="add"`) {
		t.Error("a viewer does not see the list, or is offered to change it")
	}
	drop := regexp.MustCompile(`action="(/blacklist/entries/\w+/drop)"`)
	_, body = c.get("/blacklist?q=新店")
	if res, _ := viewer.post(drop.FindStringSubmatch(body)[1], nil); res.StatusCode != http.StatusForbidden {
		t.Errorf("a viewer takes a seller off: %d", res.StatusCode)
	}
	if res, _ := c.post(drop.FindStringSubmatch(body)[1], nil); res.StatusCode != http.StatusSeeOther {
		t.Errorf("taking off: %d", res.StatusCode)
	}
	if _, body := c.get("/blacklist"); strings.Contains(body, "新店") {
		t.Error("who was taken off is still there")
	}
	var details []string
	for _, e := range b.audits(web.AuditListChange) {
		details = append(details, e.Detail)
	}
	if got := strings.Join(details, ","); got != "save,preview of an import,import,drop" {
		t.Errorf("the audit log says %s", got)
	}
}
