package sample_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
	"github.com/markwatch/markwatch/sample"
)

func TestConfigIsAccepted(t *testing.T) {
	m := sample.New(sample.Options{})
	dir := t.TempDir()
	if err := m.WriteConfig(dir, "http://127.0.0.1:41327/"); err != nil {
		t.Fatal(err)
	}
	c, err := configs.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Lists.Brands) != len(m.Brands()) || len(c.Lists.Works) != len(m.Works()) || len(c.Lists.Sources) != 1 {
		t.Fatalf("%d brands, %d works, %d sources", len(c.Lists.Brands), len(c.Lists.Works), len(c.Lists.Sources))
	}
	s := c.Lists.Sources[0]
	if s.ID != sample.SourceID || s.Kind != markwatch.KindMarketplace || s.PrivateAddresses != "allow" || s.Politeness.Parallel != 4 || s.Politeness.Delay == nil || *s.Politeness.Delay != 0 || s.Politeness.Robots != "obey" {
		t.Errorf("source %+v", s)
	}
	if diff := cmp.Diff([]string{"127.0.0.1:41327/item/*"}, s.Listing); diff != "" {
		t.Error(diff)
	}
	for _, start := range s.Start {
		if !strings.HasPrefix(start, "http://127.0.0.1:41327/") {
			t.Errorf("start %q", start)
		}
	}
	for _, address := range []string{"", "market", "://"} {
		if err := m.WriteConfig(t.TempDir(), address); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("address %q: %v", address, err)
		}
	}
}

// TestSubjectsAreListed keeps the planted violations and the lists together.
func TestSubjectsAreListed(t *testing.T) {
	m := sample.New(sample.Options{Pages: 5000})
	listed := map[string]bool{"": true}
	for _, b := range m.Brands() {
		listed[b.ID] = true
	}
	for _, w := range m.Works() {
		listed[w.ID] = true
	}
	used := map[string]bool{}
	for _, o := range m.Truth() {
		if !listed[o.Subject] {
			t.Errorf("%s offends %q, which no list has", o.Path, o.Subject)
		}
		if o.Subject == "" && len(o.Violations) > 0 && o.Violations[0] != markwatch.FakeOverseas {
			t.Errorf("%s (%s) offends nothing", o.Path, o.Kind)
		}
		used[o.Subject] = true
	}
	if len(used) < 25 {
		t.Errorf("only %d brands and works are offended", len(used))
	}
}
