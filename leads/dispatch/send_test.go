package dispatch_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/batch"
	"github.com/markwatch/markwatch/leads/dispatch"
)

// TestOnlyWhatTwoPeopleLetGoIsSent: of a batch in which one lead may not go
// nothing goes, and no number is lost.
func TestOnlyWhatTwoPeopleLetGoIsSent(t *testing.T) {
	onEngines(t, func(t *testing.T, r *rig) {
		numbers := r.seen(1, 6)
		fresh, confirmed, dismissed, elsewhere, good, better := numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]
		for id, o := range map[string]leads.Order{confirmed: {Act: leads.ActConfirm}, dismissed: {Act: leads.ActDismiss, Reason: "genuine"}} {
			if err := r.take(id, "张敏", o); err != nil {
				t.Fatal(err)
			}
		}
		code(t, "approved by who confirmed", r.take(confirmed, "张敏", leads.Order{Act: leads.ActApprove, Addressee: markwatch.Addressee{Unit: "u-market"}}), markwatch.CodeConflict)
		r.approved("u-culture", elsewhere)
		r.approved("u-market", good, better)
		for _, c := range []struct {
			name  string
			order dispatch.Order
			want  markwatch.Code
		}{
			{"a new one", order("u-market", fresh), markwatch.CodeConflict},
			{"one that a single person confirmed", order("u-market", confirmed), markwatch.CodeConflict},
			{"a dismissed one", order("u-market", dismissed), markwatch.CodeConflict},
			{"one that goes to another unit", order("u-market", elsewhere), markwatch.CodeConflict},
			{"one of two", order("u-market", good, confirmed), markwatch.CodeConflict},
			{"one that there is not", order("u-market", good, "1999-0001"), markwatch.CodeNotFound},
			{"a unit that there is not", order("u-nobody", good), markwatch.CodeNotFound},
			{"none", order("u-market"), markwatch.CodeInvalid},
			{"by nobody", dispatch.Order{Unit: "u-market", Leads: []string{good}}, markwatch.CodeInvalid},
		} {
			_, _, err := r.Send(t.Context(), c.order, unwatched)
			code(t, c.name, err, c.want)
		}
		if made := r.batches(); len(made) > 0 {
			t.Fatalf("batches %v", made)
		}
		if waiting, err := r.Approved(t.Context(), "", nil); err != nil || !slices.Equal(waiting["u-market"], []string{good, better}) || !slices.Equal(waiting["u-culture"], []string{elsewhere}) {
			t.Errorf("what waits: %v, %v", waiting, err)
		}
		mine := func(l *markwatch.Lead) bool { return l.Number == better }
		if waiting, err := r.Approved(t.Context(), "", mine); err != nil || len(waiting) != 1 || !slices.Equal(waiting["u-market"], []string{better}) {
			t.Errorf("what waits within bounds: %v, %v", waiting, err)
		}

		kept, manifest, err := r.Send(t.Context(), order("u-market", good, better), unwatched)
		if err != nil {
			t.Fatal(err)
		}
		if kept.Number != "标移〔2026〕1号" || manifest.Number != kept.Number || kept.Leads != 2 {
			t.Errorf("batch %+v, manifest %+v", kept, manifest)
		}
		for _, n := range []string{good, better} {
			if l := r.lead(n); l.Status != markwatch.LeadSent || l.Handling.Batch != kept.Number || l.Handling.ShownOnSending != "on-sale" {
				t.Errorf("lead %s is %s in batch %q, shown %q", n, l.Status, l.Handling.Batch, l.Handling.ShownOnSending)
			}
		}
		if got := listed(t, r, kept.Number); !slices.Equal(got, []string{good, better}) {
			t.Errorf("the list names %v", got)
		}
		if !slices.Contains(r.audited, "王丽 batch "+kept.Number) {
			t.Errorf("the audit log has %v", r.audited)
		}
		_, _, err = r.Send(t.Context(), order("u-market", good), unwatched)
		code(t, "what was sent already", err, markwatch.CodeConflict)
		if kept, _, err = r.Send(t.Context(), order("u-culture", elsewhere), unwatched); err != nil || kept.Number != "标移〔2026〕2号" {
			t.Errorf("the next batch is %s, %v", kept.Number, err)
		}
	})
}

// listed are the leads that the list of a batch names, as the unit gets it.
func listed(t *testing.T, r *rig, number string) []string {
	t.Helper()
	f, err := r.Open(number, "list.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, row := range rows {
		for _, cell := range row {
			// A spreadsheet is kept from reading it as a date.
			if cell = strings.Trim(cell, "\t'=\""); strings.HasPrefix(cell, "2026-") && len(cell) == len("2026-0001") {
				found = append(found, cell)
			}
		}
	}
	return found
}

// TestABatchThatIsKilled ends the making of a batch dead at each of its steps,
// and has a new process go on: the leads are in one batch, which has the first
// number, is delivered once, and is the same to the byte whenever it is made.
func TestABatchThatIsKilled(t *testing.T) {
	for _, c := range []struct {
		name     string
		at       func(p dispatch.Progress) bool
		numbered bool
	}{
		{"after the first package", func(p dispatch.Progress) bool { return p.Stage == dispatch.StagePack && p.Done == 1 }, false},
		{"before the number", func(p dispatch.Progress) bool { return p.Stage == dispatch.StageNumber }, false},
		{"before the files", func(p dispatch.Progress) bool { return p.Stage == dispatch.StageFiles }, true},
		{"before the delivery", func(p dispatch.Progress) bool { return p.Stage == dispatch.StageDeliver && p.Dir != "" }, true},
		{"after the delivery", func(p dispatch.Progress) bool { return p.Delivery != nil }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEngines(t, func(t *testing.T, r *rig) {
				numbers := r.seen(1, 3)
				r.approved("u-market", numbers...)
				died := false
				var work sync.WaitGroup
				work.Go(func() {
					_, _, err := r.Send(t.Context(), order("u-market", numbers...), func(p dispatch.Progress) {
						if c.at(p) {
							died = true
							runtime.Goexit() // nothing of the work's own goes on
						}
					})
					t.Errorf("it was not killed: %v", err)
				})
				work.Wait()
				if !died {
					t.Fatal("it never came there")
				}
				if made := r.batches(); (len(made) == 1) != c.numbered {
					t.Fatalf("batches %v", made)
				}
				for _, n := range numbers {
					if l := r.lead(n); (l.Status == markwatch.LeadSent) != c.numbered || (l.Handling.Batch != "") != c.numbered {
						t.Errorf("lead %s is %s in batch %q", n, l.Status, l.Handling.Batch)
					}
				}

				r.Office = dispatch.New(r.cfg) // another process
				if !c.numbered {
					if _, _, err := r.Send(t.Context(), order("u-market", numbers...), unwatched); err != nil {
						t.Fatal(err)
					}
				} else {
					_, _, err := r.Send(t.Context(), order("u-market", numbers...), unwatched)
					code(t, "sent once more", err, markwatch.CodeConflict)
				}
				made := r.batches()
				if len(made) != 1 || made[0] != "标移〔2026〕1号" {
					t.Fatalf("batches %v", made)
				}
				kept, err := r.Batch(t.Context(), made[0])
				if err != nil {
					t.Fatal(err)
				}
				dir, _, err := r.Write(t.Context(), kept)
				if err != nil {
					t.Fatal(err)
				}
				if err := r.Deliver(t.Context(), kept, dir, "王丽", false, unwatched); err != nil {
					t.Fatal(err)
				}
				done := 0
				for _, d := range r.deliveries(kept.Number) {
					if d == "folder:out/u-market done" {
						done++
					}
				}
				if done != 1 {
					t.Errorf("it was delivered %d times: %v", done, r.deliveries(kept.Number))
				}
				there := filepath.Join(r.dir, "out", "u-market", kept.Number)
				delivered, err := os.ReadFile(filepath.Join(there, batch.ManifestName))
				if err != nil {
					t.Fatal(err)
				}
				if got := listed(t, r, kept.Number); !slices.Equal(got, numbers) {
					t.Errorf("the list names %v, want %v", got, numbers)
				}
				// Lost on this side, and made anew.
				if err := os.RemoveAll(dir); err != nil {
					t.Fatal(err)
				}
				if _, err := r.Manifest(kept.Number); markwatch.ErrorCode(err) != markwatch.CodeNotFound {
					t.Errorf("the manifest of files that are lost: %v", err)
				}
				if _, _, err := r.Write(t.Context(), kept); err != nil {
					t.Fatal(err)
				}
				if again, err := os.ReadFile(filepath.Join(dir, batch.ManifestName)); err != nil || !bytes.Equal(again, delivered) {
					t.Errorf("made again it is another, %v", err)
				}
			})
		})
	}
}

// TestABatchIsDeliveredOnce: one way that fails keeps no other back and is
// tried again, where it came it comes again on purpose alone.
func TestABatchIsDeliveredOnce(t *testing.T) {
	onEngines(t, func(t *testing.T, r *rig) {
		numbers := r.seen(1, 1)
		r.approved("u-market", numbers...)
		r.ways = []string{"one", "two"}
		came := map[string]int{}
		away := true
		r.delivering = func(_ context.Context, name string) error {
			if away && name == "folder:one/u-market" {
				return errNoWay
			}
			came[name]++
			return nil
		}
		kept, _, err := r.Send(t.Context(), order("u-market", numbers...), unwatched)
		if !errors.Is(err, errNoWay) || kept.Number == "" {
			t.Fatalf("batch %q, %v", kept.Number, err)
		}
		want := []string{"folder:one/u-market begun", "folder:one/u-market failed", "folder:two/u-market begun", "folder:two/u-market done"}
		if got := r.deliveries(kept.Number); !slices.Equal(got, want) {
			t.Errorf("deliveries %v", got)
		}
		dir := filepath.Join(r.dir, "batches", kept.Number)
		deliver := func(again bool) (notes []string) {
			t.Helper()
			if err := r.Deliver(t.Context(), kept, dir, "王丽", again, func(p dispatch.Progress) {
				if p.Note != "" {
					notes = append(notes, p.Note)
				}
			}); err != nil {
				t.Fatal(err)
			}
			return notes
		}
		away = false
		if notes := deliver(false); len(notes) != 1 || !strings.Contains(notes[0], "two/u-market") {
			t.Errorf("people are told %v", notes)
		}
		if notes := deliver(false); len(notes) != 2 {
			t.Errorf("people are told %v", notes)
		}
		if came["folder:one/u-market"] != 1 || came["folder:two/u-market"] != 1 {
			t.Errorf("delivered %v", came)
		}
		deliver(true)
		if came["folder:one/u-market"] != 2 || came["folder:two/u-market"] != 2 {
			t.Errorf("once more on purpose: %v", came)
		}

		// A signal in the middle of a delivery: the log says how it ended.
		ctx, cancel := context.WithCancel(t.Context())
		r.delivering = func(context.Context, string) error { cancel(); return context.Canceled }
		if err := r.Deliver(ctx, kept, dir, "王丽", true, unwatched); !errors.Is(err, context.Canceled) {
			t.Errorf("a delivery that was broken off: %v", err)
		}
		if all := r.deliveries(kept.Number); !slices.Equal(all[len(all)-2:], []string{"folder:one/u-market begun", "folder:one/u-market failed"}) {
			t.Errorf("the log ends %v", all)
		}
		if ways, err := r.Ways("u-market"); err != nil || !slices.Equal(ways, []string{"folder:one/u-market", "folder:two/u-market"}) {
			t.Errorf("ways %v, %v", ways, err)
		}
	})
}

// TestTwoSendTheSameLeads: whoever comes first sends them, and no number is
// lost by the other.
func TestTwoSendTheSameLeads(t *testing.T) {
	onEngines(t, func(t *testing.T, r *rig) {
		numbers := r.seen(1, 4)
		r.approved("u-market", numbers...)
		// Both have packed before either takes a number.
		var packed, work sync.WaitGroup
		packed.Add(2)
		errs := make([]error, 2)
		for i := range errs {
			work.Go(func() {
				_, _, errs[i] = r.Send(t.Context(), order("u-market", numbers[:3]...), func(p dispatch.Progress) {
					if p.Stage == dispatch.StageNumber {
						packed.Done()
						packed.Wait()
					}
				})
			})
		}
		work.Wait()
		if markwatch.ErrorCode(errs[0]) == markwatch.CodeConflict {
			errs[0], errs[1] = errs[1], errs[0]
		}
		if errs[0] != nil {
			t.Errorf("the first: %v", errs[0])
		}
		code(t, "the second", errs[1], markwatch.CodeConflict)
		if _, _, err := r.Send(t.Context(), order("u-market", numbers[3]), unwatched); err != nil {
			t.Error(err)
		}
		if made := r.batches(); !slices.Equal(made, []string{"标移〔2026〕1号", "标移〔2026〕2号"}) {
			t.Errorf("batches %v", made)
		}
	})
}

// TestFilesOfABatchAreThoseOfItsManifest: a name from outside leads nowhere
// else.
func TestFilesOfABatchAreThoseOfItsManifest(t *testing.T) {
	onEngines(t, func(t *testing.T, r *rig) {
		numbers := r.seen(1, 1)
		r.approved("u-market", numbers...)
		kept, manifest, err := r.Send(t.Context(), order("u-market", numbers...), unwatched)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range append(manifest.Files, batch.File{Name: batch.ManifestName}) {
			f, err := r.Open(kept.Number, file.Name)
			if err != nil {
				t.Fatalf("%s: %v", file.Name, err)
			}
			if info, err := f.Stat(); err != nil || file.Bytes != info.Size() && file.Name != batch.ManifestName {
				t.Errorf("%s has %v bytes, %v", file.Name, info.Size(), err)
			}
			f.Close()
		}
		secret := filepath.Join(r.dir, "batches", "secret")
		if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"../secret", secret, "", ".", "list.csv/../../secret", "none"} {
			_, err := r.Open(kept.Number, name)
			code(t, name, err, markwatch.CodeNotFound)
		}
		_, err = r.Open("../"+kept.Number, "../secret")
		code(t, "a number that leads elsewhere", err, markwatch.CodeNotFound)
	})
}
