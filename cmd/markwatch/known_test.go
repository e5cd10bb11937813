package main

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

// Lists that are changed while serve runs hold without a restart, and what was
// seen before is judged by them without a request to the market.
func TestServeTakesListsThatChangeWhileItRuns(t *testing.T) {
	t.Parallel() // it mostly waits
	m := startSample(t, 60)
	dir := m.config(t)
	must(t, "scan", "--config", dir)
	s, err := store.Open(t.Context(), filepath.Join(dir, "data", "markwatch.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	lists, _, err := s.Lists(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// leads counts listings that are flagged as pirated.
	leads := func() (n int) {
		t.Helper()
		for r, err := range s.AllIndexDocs(t.Context(), false) {
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict.Violations[markwatch.Piracy].Flagged {
				n++
			}
		}
		return n
	}
	put := func(works []markwatch.Work) {
		t.Helper()
		_, err := s.EditLists(t.Context(), "张敏", time.Now(), func(l *markwatch.Lists) error { l.Works = works; return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	all := leads()
	if all == 0 {
		t.Fatal("nothing was found to begin with")
	}
	asked := m.requests()
	cmd, ended := start(t, "serve", "--config", dir, "--listen", "127.0.0.1:0")
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(said(cmd))
		}
	})
	put(nil)
	eventually(t, "leads of works that are protected no more to be judged again", func() bool { time.Sleep(100 * time.Millisecond); return leads() < all })
	put(slices.Clone(lists.Works))
	eventually(t, "the leads to come back", func() bool { time.Sleep(100 * time.Millisecond); return leads() == all })
	stop(t, cmd, ended)
	if n := m.requests() - asked; n != 0 {
		t.Errorf("the market was asked %d times", n)
	}
}

// A seller who is put on the blacklist while serve runs counts without a
// restart, also for what was seen before.
func TestServeTakesTheBlacklistThatChangesWhileItRuns(t *testing.T) {
	t.Parallel() // it mostly waits
	m := startSample(t, 60)
	dir := m.config(t)
	must(t, "scan", "--config", dir)
	s, err := store.Open(t.Context(), filepath.Join(dir, "data", "markwatch.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var id string
	var seller markwatch.KnownSeller
	for r, err := range s.Listings(t.Context(), store.ListingFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if l := r.Listing; r.Verdict.Flagged && l.Seller != nil && l.Seller.Name != "" {
			id, seller = l.ID, markwatch.KnownSeller{Platform: l.Platform, ID: l.Seller.ID, Name: l.Seller.Name, Reason: "多次售假"}
		}
	}
	if id == "" {
		t.Fatal("no lead names its seller")
	}
	// told says whether the lead's verdict speaks of the blacklist.
	told := func() bool {
		t.Helper()
		for r, err := range s.Listings(t.Context(), store.ListingFilter{}) {
			if err != nil {
				t.Fatal(err)
			}
			if r.Listing.ID == id {
				return slices.ContainsFunc(r.Verdict.Findings, func(f markwatch.Finding) bool { return f.Rule == "blacklisted" })
			}
		}
		return false
	}
	cmd, ended := start(t, "serve", "--config", dir, "--listen", "127.0.0.1:0")
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(said(cmd))
		}
	})
	if told() {
		t.Fatal("the seller is known to begin with")
	}
	if err := s.PutBlacklist(t.Context(), []markwatch.KnownSeller{seller}, "张敏"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the lead to be judged by the new blacklist", func() bool { time.Sleep(100 * time.Millisecond); return told() })
	entries, err := s.Blacklist(t.Context())
	if err != nil || len(entries) != 1 {
		t.Fatal(entries, err)
	}
	if err := s.RemoveBlacklist(t.Context(), entries[0].Key); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the lead to be judged without it", func() bool { time.Sleep(100 * time.Millisecond); return !told() })
	stop(t, cmd, ended)
}
