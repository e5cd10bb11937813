package scan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence"
)

// prune ends the archive's present file and drops what may go.
func (r *rig) prune(source string) (dropped int) {
	r.t.Helper()
	check(r.t, r.archive.End(source))
	done, err := r.scanner.Retain(r.t.Context(), r.archive)
	check(r.t, err)
	return done.Dropped
}

func TestCapturesOfInnocentPagesGoAndComeBackWhenTheyAreNeeded(t *testing.T) {
	for name, plain := range map[string]bool{"with validators": false, "known by digest": true} {
		t.Run(name, func(t *testing.T) {
			docs := replicaShop()
			docs.plain = plain
			v, site := visited(t, docs)
			clock := &calendar{now: time.Now()}
			src := source(site.URL)
			src.Revisit, src.Keep.Pages = week, "flagged"
			dir := t.TempDir()
			r := deploy(t, dir, setup{now: clock.Now, lists: func(lists *markwatch.Lists) { // who knows teapots only
				unknowing(lists)
			}}, src)
			r.night("shop")
			r.stop()

			r = deploy(t, dir, setup{now: clock.Now}, src)
			_, err := r.scanner.Rejudge(t.Context(), nil)
			check(t, err)
			clock.add(time.Minute)
			r.night("shop")
			if r.prune("shop") != 0 {
				t.Error("captures of last night went")
			}
			clock.add(2 * day)
			suspect, innocent := r.listings()[replica].Listing, r.listings()[teapot(5)].Listing
			if r.prune("shop") == 0 || !r.readable(suspect.Snapshot) || r.readable(innocent.Snapshot) {
				t.Fatalf("suspect %v, innocent %v", r.readable(suspect.Snapshot), r.readable(innocent.Snapshot))
			}

			// Unchanged without a capture to confirm: a plain record, no fault.
			v.begin()
			sum := r.night("shop")
			if sum.Pages.Failed != 0 || !sum.Complete || len(sum.Warnings) != 0 || sum.Listings.Seen != 2 || sum.Listings.New+sum.Listings.Changed+sum.Listings.Gone != 0 {
				t.Errorf("the night after: %+v", sum)
			}
			if v.count("/item/2") != 1 || sum.Pages.Unchanged != 3 || !plain && v.unchanged != 3 {
				t.Errorf("asked %v, %+v, %d unchanged", v.asked, sum.Pages, v.unchanged)
			}
			clock.add(2 * day)
			r.prune("shop")
			r.stop()

			// The innocent page becomes suspect.
			clock.add(day)
			r = deploy(t, dir, setup{now: clock.Now, lists: func(lists *markwatch.Lists) {
				lists.Rules = append(lists.Rules, markwatch.Rule{
					ID: "teapots", Violation: "teapot", Title: "紫砂壶", Where: `title contains "紫砂壶"`, Score: 0.9, Reason: "紫砂壶",
				})
			}}, src)
			done, err := r.scanner.Rejudge(t.Context(), nil)
			if err != nil || done.LeadsNew != 1 {
				t.Fatalf("judged again: %+v, %v", done, err)
			}
			r.night("shop")
			lead, err := r.store.Lead(t.Context(), innocent.ID)
			if err != nil || !r.readable(lead.Listing.Snapshot) {
				t.Fatalf("the new lead's evidence %q: %v", lead.Listing.Snapshot, err)
			}
			page, err := r.archive.Page(t.Context(), lead.Listing.Snapshot)
			if err != nil || !strings.Contains(string(page.Body), teapot(5)) {
				t.Errorf("page %+v, %v", page, err)
			}
			clock.add(5 * day)
			r.prune("shop")
			if !r.readable(lead.Listing.Snapshot) {
				t.Error("the evidence of a lead was dropped")
			}
		})
	}
}

func TestCapturesStayForTheirDaysAndOriginalsForTheirRevisits(t *testing.T) {
	docs := replicaShop()
	_, site := visited(t, docs)
	clock := &calendar{now: time.Now()}
	src := source(site.URL)
	src.Revisit, src.Keep.Days = markwatch.Revisit{Min: markwatch.Duration(time.Hour), Max: markwatch.Duration(time.Hour)}, 10
	r := deploy(t, t.TempDir(), setup{now: clock.Now, lists: unknowing}, src)
	r.night("shop")
	original := r.listings()[teapot(5)].Listing.Snapshot
	clock.add(9 * day)
	if r.prune("shop") != 0 || !r.readable(original) {
		t.Error("a capture went before its days were over")
	}
	r.night("shop") // confirms it
	clock.add(2 * day)
	r.prune("shop")
	if !r.readable(original) {
		t.Error("the original of a revisit that stays was dropped")
	}
	entries, err := r.archive.Find(t.Context(), site.URL+"/item/2", time.Time{}, clock.Now())
	check(t, err)
	revisits := 0
	for _, e := range entries {
		if e.Type == "revisit" {
			revisits++
			if !r.readable(e.Snapshot()) {
				t.Error("the revisit cannot be read")
			}
		}
	}
	if revisits != 1 {
		t.Errorf("records %+v", entries)
	}
	sum := r.night("shop") // still stands on the original, and says so
	if sum.Pages.Unchanged != 3 || sum.Pages.Failed != 0 {
		t.Errorf("summary %+v", sum)
	}
	entries, err = r.archive.Find(t.Context(), site.URL+"/item/2", clock.Now().Add(-time.Hour), clock.Now())
	if err != nil || len(entries) != 1 || entries[0].Type != "revisit" || entries[0].Refers != original {
		t.Errorf("the newest record: %+v, %v", entries, err)
	}
	clock.add(30 * day)
	r.prune("shop")
	r.prune("shop")
	if r.readable(original) {
		t.Error("the original outlived everything that refers to it")
	}
}

func TestAnOriginalInItsRevisitsFileIsStillConfirmed(t *testing.T) {
	docs := replicaShop()
	_, site := visited(t, docs)
	clock := &calendar{now: time.Now()}
	src := source(site.URL)
	src.Revisit, src.Keep.Days = markwatch.Revisit{Min: markwatch.Duration(time.Hour), Max: markwatch.Duration(time.Hour)}, 10
	r := deploy(t, t.TempDir(), setup{now: clock.Now, lists: unknowing}, src)
	r.night("shop")
	original := r.listings()[teapot(5)].Listing.Snapshot
	clock.add(day / 2)
	r.night("shop")
	clock.add(9*day + 3*day/4) // the original is too old, its revisit is not
	if r.prune("shop"); !r.readable(original) {
		t.Fatal("the original of a revisit that stays was dropped")
	}
	r.night("shop")
	entries, err := r.archive.Find(t.Context(), site.URL+"/item/2", clock.Now().Add(-time.Hour), clock.Now())
	if err != nil || len(entries) != 1 || entries[0].Refers != original {
		t.Errorf("the newest record: %+v, %v", entries, err)
	}
}

func TestACaptureThatIsMissingIsMadeAnewOnce(t *testing.T) {
	docs := replicaShop()
	v, site := visited(t, docs)
	clock := &calendar{now: time.Now()}
	src := source(site.URL)
	src.Revisit, src.Keep.Pages = markwatch.Revisit{Min: markwatch.Duration(time.Hour), Max: markwatch.Duration(time.Hour)}, "flagged"
	r := deploy(t, t.TempDir(), setup{now: clock.Now, lists: unknowing}, src)
	r.night("shop")
	// A process that was killed between dropping captures and noting it.
	check(t, r.archive.End("shop"))
	files, err := r.archive.Files()
	check(t, err)
	clock.add(2 * day)
	for _, f := range files {
		_, err := r.archive.Prune(t.Context(), f.Name, func(evidence.Entry) bool { return false })
		check(t, err)
	}
	v.begin()
	sum := r.night("shop")
	if sum.Pages.Unchanged != 3 || sum.Listings.Seen != 2 || len(sum.Warnings) != 0 || v.begin() != 6 {
		t.Errorf("summary %+v", sum)
	}
	if l := r.listings()[teapot(5)].Listing; !r.readable(l.Snapshot) {
		t.Errorf("the listing stands on %q, which is not there", l.Snapshot)
	}
	clock.add(2 * time.Hour)
	if sum := r.night("shop"); sum.Pages.Unchanged != 3 || v.begin() != 3 {
		t.Errorf("the night after: %+v", sum)
	}
}
