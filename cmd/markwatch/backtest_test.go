package main

import (
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
)

func flaggedFor(score float64, violations ...markwatch.Violation) markwatch.Verdict {
	v := markwatch.Verdict{Score: score, Violations: map[markwatch.Violation]markwatch.ViolationVerdict{}}
	for _, name := range violations {
		v.Violations[name] = markwatch.ViolationVerdict{Score: score, Flagged: true}
		v.Flagged = true
	}
	return v
}

func TestCompareVerdicts(t *testing.T) {
	l := markwatch.Listing{ID: "x", Title: "商品"}
	for name, c := range map[string]struct {
		was, would markwatch.Verdict
		want       string
	}{
		"neither":  {flaggedFor(0.1), flaggedFor(0.2), ""},
		"the same": {flaggedFor(0.9, "tobacco"), flaggedFor(0.6, "tobacco"), ""},
		"new":      {flaggedFor(0.1), flaggedFor(0.8, "tobacco"), "new"},
		"vanished": {flaggedFor(0.8, "tobacco"), flaggedFor(0.1), "vanished"},
		"another":  {flaggedFor(0.8, "tobacco"), flaggedFor(0.8, "medicine"), "other"},
		"one more": {flaggedFor(0.8, "tobacco"), flaggedFor(0.8, "tobacco", "medicine"), "other"},
	} {
		got := ""
		if change := compareVerdicts(l, c.was, c.would); change != nil {
			got = change.Change
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestBlacklistTables(t *testing.T) {
	sellers, err := readSellersCSV(strings.NewReader("\ufeffplatform,id,name,accounts,reason,since\nmall,7,一家店,wechat:abc;phone:13800000000,'=售假,2026-01-31\n"))
	if err != nil || len(sellers) != 1 {
		t.Fatal(sellers, err)
	}
	s := sellers[0]
	if s.ID != "7" || len(s.Accounts) != 2 || s.Accounts[1].Kind != "phone" || s.Reason != "=售假" || s.Since.Day() != 31 {
		t.Errorf("read %+v", s)
	}
	for text, want := range map[string]string{
		"platform,nick\nmall,7\n":          "there is no column nick",
		"name\n只有名字\n":                     "nothing recognises the seller",
		"platform,id,since\nmall,7,昨天\n":   "is not a date",
		"platform,id,accounts\nmall,7,abc": "kind:value",
	} {
		if _, err := readSellersCSV(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
