//go:build unix

package main

import (
	"context"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

func TestSavedSearchesAreDueOnceADay(t *testing.T) {
	china := time.FixedZone("UTC+8", 8*60*60)
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 30, 0, 0, china) }
	for _, c := range []struct {
		name         string
		checked, now time.Time
		want         bool
	}{
		{"never looked through, before the hour", time.Time{}, at(20, 6), false},
		{"never looked through", time.Time{}, at(20, 7), true},
		{"yesterday", at(19, 7), at(20, 7), true},
		{"yesterday, before the hour", at(19, 7), at(20, 3), false},
		{"this morning", at(20, 7).UTC(), at(20, 23), false},
		{"last night, after yesterday's look", at(20, 1), at(20, 9), true},
		{"the process was away for days", at(10, 7), at(20, 15), true},
	} {
		if got := savedDue(markwatch.SavedSearch{CheckedAt: c.checked}, c.now); got != c.want {
			t.Errorf("%s: due %v, want %v", c.name, got, c.want)
		}
	}
}

// TestSavedSearchesTellOfNewHits goes from a search that is saved over a scan
// that brings new hits to the notice.
func TestSavedSearchesTellOfNewHits(t *testing.T) {
	h := startHook(t)
	dir := startSample(t, 80).config(t)
	setting(t, dir, strings.Replace(hookSetting, "grave-lead]", "saved-search]", 1))
	if o := program(t, "saved", "add", "--config", dir, "bad", "price:<"); o.code != exitInvalid {
		t.Errorf("a query that cannot be read is saved: code %d", o.code)
	}
	must(t, "saved", "add", "--config", dir, "--notify", "线索", "lead:true")
	must(t, "saved", "add", "--config", dir, "none", "没有这样的东西")
	must(t, "scan", "--config", dir)
	leads := len(rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json")))

	serve, _ := startServe(t, dir)
	eventually(t, "the jobs of serve", func() bool { return program(t, "scan", "--config", dir).code == exitOK })
	checked := rows[markwatch.SavedSearch](t, must(t, "saved", "check", "--config", dir, "--json"))
	if len(checked) != 2 || checked[1].Fresh+checked[1].Total == 0 || checked[0].Total != 0 {
		t.Errorf("checked %+v", checked)
	}
	eventually(t, "the notice", func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, e := range h.told {
			if e.Kind == "saved-search" {
				return strings.Contains(e.Title.ZH, "线索") && e.Text.ZH != ""
			}
		}
		return false
	})
	if again := rows[markwatch.SavedSearch](t, must(t, "saved", "check", "--config", dir, "--json")); again[1].Fresh != 0 || again[1].Total != leads {
		t.Errorf("checked again: %+v, want none of %d new", again[1], leads)
	}
	if hits := rows[hit](t, must(t, "saved", "hits", "--config", dir, "--json", "线索")); len(hits) != leads {
		t.Errorf("%d new hits since yesterday, want %d", len(hits), leads)
	}
	must(t, "saved", "drop", "--config", dir, "none")
	if list := rows[markwatch.SavedSearch](t, must(t, "saved", "list", "--config", dir, "--json")); len(list) != 1 {
		t.Errorf("after one was dropped: %+v", list)
	}
	if o := program(t, "saved", "drop", "--config", dir, "none"); o.code != exitNotFound {
		t.Errorf("dropped twice: code %d", o.code)
	}
	if err := serve.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := serve.Wait(); err != nil {
		t.Errorf("serve did not end in order: %v", err)
	}
}

// TestSavedSearchesKeepToBounds saves one search for two people, of whom one
// may see a single province.
func TestSavedSearchesKeepToBounds(t *testing.T) {
	dir := startSample(t, 80).config(t)
	must(t, "scan", "--config", dir)
	must(t, "user", "add", "lili", "--region", "福建", "--config", dir)
	err := console{out: io.Discard, err: io.Discard}.with(t.Context(), dir, "saved", func(ctx context.Context, a *app) error {
		totals := map[string]int{}
		for _, s := range []markwatch.SavedSearch{
			{Owner: "lili", Query: "lead:true"}, {Owner: "cli:other", Query: "lead:true"}, {Owner: "cli:other", Query: "lead:true region:福建"},
		} {
			s.Name = "线索 " + s.Query
			kept, err := a.saveSearch(ctx, s)
			if err != nil {
				return err
			}
			totals[s.Owner+" "+s.Query] = kept.Total
		}
		all, province, hers := totals["cli:other lead:true"], totals["cli:other lead:true region:福建"], totals["lili lead:true"]
		if hers != province || hers >= all {
			t.Errorf("she is told of %d, her province has %d of %d", hers, province, all)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
