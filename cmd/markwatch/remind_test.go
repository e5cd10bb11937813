//go:build unix

package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
	"github.com/markwatch/markwatch/notices"
	"github.com/markwatch/markwatch/store"
)

const dueHook = "notices: [{kind: webhook, url: '${MARKWATCH_TEST_HOOK}', secret: '${MARKWATCH_TEST_HOOK_SECRET}', on: [lead-due]}]"

// take returns what was told since the last call.
func (h *hook) take() []notices.Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	told := h.told
	h.told = nil
	return told
}

// TestRemindersAreSentOnce holds that each deadline is told once before and once
// after it, by whichever process comes first, also after a kill.
func TestRemindersAreSentOnce(t *testing.T) {
	h := startHook(t)
	m := startSample(t, 80)
	dir := m.config(t)
	setting(t, dir, dueHook)
	// A zone in which it is the middle of the day, since serve reminds by day.
	file := filepath.Join(dir, "markwatch.yaml")
	write(t, file, strings.Replace(read(t, file), "Asia/Shanghai", fmt.Sprintf("Etc/GMT%+d", time.Now().UTC().Hour()-12), 1))
	write(t, filepath.Join(dir, "handling.yaml"), "version: 1\nterms:\n  - {status: new, days: 3, remind: 5}\n  - {status: confirmed, days: 3, remind: 5}\n")
	must(t, "scan", "--config", dir)
	all := rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json"))
	zhang := colleague(t, dir, "zhangmin", markwatch.RoleInvestigator)
	remind := func(want string) {
		t.Helper()
		var o outcome
		eventually(t, "an answer", func() bool { // serve that is just starting gives none
			o = program(t, "leads", "due", "--config", dir, "--notify")
			return o.code != exitLocked
		})
		if o.code != exitOK || !strings.Contains(o.err, want) {
			t.Errorf("code %d: %s; want %q", o.code, o.err, want)
		}
	}
	remind(fmt.Sprintf("新提醒 %d 件", len(all)))
	told := h.take()
	if len(told) != 1 || told[0].Kind != notices.LeadDue || !strings.Contains(told[0].Text.ZH, all[0].Number) || told[0].Severity != notices.Info {
		t.Fatalf("told %+v", told)
	}
	remind("新提醒 0 件")
	// One becomes overdue.
	s, err := store.Open(t.Context(), filepath.Join(dir, "data", "markwatch.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.UpdateLead(t.Context(), all[0].ID, func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		l.FirstSeen = l.FirstSeen.AddDate(0, 0, -10)
		l.Handling.Since = l.FirstSeen
		return l, nil, nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	remind("新提醒 1 件")
	if told = h.take(); len(told) != 1 || !strings.Contains(told[0].Text.ZH, "逾期") || told[0].Severity != notices.Warning {
		t.Fatalf("told %+v", told)
	}
	// Another enters a state of its own; serve tells of it, once, whatever ends it.
	must(t, "leads", "act", "confirm", "--config", dir, "--token-file", zhang, all[1].Number)
	for i := range 2 {
		serve, _ := serveAt(t, dir)
		if i == 0 {
			eventually(t, "serve's reminder", func() bool {
				h.mu.Lock()
				defer h.mu.Unlock()
				return len(h.told) > 0
			})
			if told = h.take(); len(told) != 1 || !strings.Contains(told[0].Text.ZH, all[1].Number) {
				t.Fatalf("told %+v", told)
			}
		}
		// Carried out by serve, which also waits until what was told is noted: a
		// kill before that may tell it twice.
		remind("新提醒 0 件")
		if err := serve.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = serve.Wait()
	}
	remind("新提醒 0 件")
	if told = h.take(); len(told) != 0 {
		t.Errorf("told once more: %+v", told)
	}
}

func TestTheMonthsReportIsDue(t *testing.T) {
	a := &app{cfg: &configs.Config{}}
	a.cfg.Deployment.TimeZone = "Asia/Shanghai"
	a.cfg.Handling.Monthly.Unit = 28
	for day, want := range map[string]string{
		"2026-11-22T23:00:00+08:00": "", "2026-11-23T00:00:00+08:00": "5", "2026-11-27T15:59:59Z": "1", "2026-11-27T16:00:00Z": "0", "2026-11-29T00:00:00+08:00": "",
	} {
		at, err := time.Parse(time.RFC3339, day)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if left, ok := a.monthlyLeft(at); ok {
			got = fmt.Sprint(left)
		}
		if got != want {
			t.Errorf("%s: %q days left, want %q", day, got, want)
		}
	}
	// February has no 31st.
	a.cfg.Handling.Monthly.Unit = 31
	if left, ok := a.monthlyLeft(time.Date(2027, 2, 27, 0, 0, 0, 0, time.UTC)); !ok || left != 1 {
		t.Errorf("on 27 February: %d %v", left, ok)
	}
}
