package dispatch_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads/dispatch"
	"github.com/markwatch/markwatch/store"
)

// held makes packages wait at the gate that it returns; began hears of the
// first one.
func (r *rig) held() (began chan string, gate chan struct{}) {
	began, gate = make(chan string, 100), make(chan struct{})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.packing = func(ctx context.Context, number string) error {
		began <- number
		select {
		case <-gate:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return began, gate
}

// within waits for something that is on its way, longer than it takes on any
// machine.
func within[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(2 * time.Minute):
		t.Fatalf("waited in vain for %s", what)
	}
	panic("unreachable")
}

func (r *rig) run(n int) dispatch.Run {
	r.t.Helper()
	runs, err := r.Runs(r.t.Context(), 10)
	if err != nil || len(runs) <= n {
		r.t.Fatalf("runs %v, %v", runs, err)
	}
	return runs[n]
}

// TestOneBatchOfAUnitIsMadeAtATime: whoever asks meanwhile is told, other units
// wait for nobody, and how far each is can be read.
func TestOneBatchOfAUnitIsMadeAtATime(t *testing.T) {
	onEngines(t, func(t *testing.T, r *rig) {
		numbers := r.seen(1, 4)
		r.approved("u-market", numbers[:3]...)
		r.approved("u-culture", numbers[3])
		runner := dispatch.NewRunner(t.Context(), r.Office, nil)
		began, gate := r.held()

		if _, err := runner.Send(t.Context(), order("u-market")); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("nothing to send: %v", err)
		}
		if _, err := runner.Send(t.Context(), order("u-nobody", numbers[0])); markwatch.ErrorCode(err) != markwatch.CodeNotFound {
			t.Errorf("no such unit: %v", err)
		}
		asking, gone := context.WithCancel(t.Context())
		first, err := runner.Send(asking, order("u-market", numbers[:2]...))
		if err != nil {
			t.Fatal(err)
		}
		gone() // who asked went away, which ends nothing
		within(t, "the first package", began)
		if got := r.run(0); got.ID != first.ID || got.State != store.RunRunning || got.Stage != dispatch.StagePack || got.Total != 2 || got.Actor != "王丽" {
			t.Errorf("the run is told as %+v", got)
		}
		// The same runner, and that of another process.
		for _, other := range []*dispatch.Runner{runner, dispatch.NewRunner(t.Context(), dispatch.New(r.cfg), nil)} {
			_, err := other.Send(t.Context(), order("u-market", numbers[2]))
			code(t, "a second batch of the unit", err, markwatch.CodeConflict)
		}
		if _, err := runner.Send(t.Context(), order("u-culture", numbers[3])); err != nil {
			t.Fatal(err)
		}
		within(t, "another unit's package", began)
		close(gate)
		runner.Wait()
		for n := range 2 {
			if got := r.run(n); got.State != store.RunDone || got.Batch == "" || got.EndedAt.IsZero() {
				t.Errorf("at the end %+v", got)
			}
		}
		if made := r.batches(); len(made) != 2 {
			t.Errorf("batches %v", made)
		}
		if r.flushed.Load() == 0 {
			t.Error("the index was not told")
		}
		// What was refused meanwhile goes now.
		if _, err := runner.Send(t.Context(), order("u-market", numbers[2])); err != nil {
			t.Fatal(err)
		}
		runner.Wait()
		if l := r.lead(numbers[2]); l.Status != markwatch.LeadSent {
			t.Errorf("lead %s is %s", l.Number, l.Status)
		}
	})
}

// TestARunEndsWithItsProgram: what was under way is told as broken off, nothing
// was sent, and it can begin again.
func TestARunEndsWithItsProgram(t *testing.T) {
	onEngines(t, func(t *testing.T, r *rig) {
		numbers := r.seen(1, 2)
		r.approved("u-market", numbers...)
		life, end := context.WithCancel(t.Context())
		runner := dispatch.NewRunner(life, r.Office, nil)
		began, _ := r.held()
		if _, err := runner.Send(t.Context(), order("u-market", numbers...)); err != nil {
			t.Fatal(err)
		}
		within(t, "the first package", began)
		end()
		runner.Wait()
		if got := r.run(0); got.State != store.RunFailed || !strings.Contains(got.Note, "可重新开始") || got.Batch != "" {
			t.Errorf("the run is told as %+v", got)
		}
		_, err := runner.Send(t.Context(), order("u-market", numbers...))
		code(t, "a program that ends", err, markwatch.CodeUnavailable)
		if made := r.batches(); len(made) > 0 {
			t.Fatalf("batches %v", made)
		}
		r.packing = nil
		runner = dispatch.NewRunner(t.Context(), r.Office, nil)
		if _, err := runner.Send(t.Context(), order("u-market", numbers...)); err != nil {
			t.Fatal(err)
		}
		runner.Wait()
		if made := r.batches(); !slices.Equal(made, []string{"标移〔2026〕1号"}) || r.run(0).State != store.RunDone {
			t.Errorf("batches %v, the run %+v", made, r.run(0))
		}
	})
}

// TestARunOfAKilledProgram gives no sign of life any more: the program that
// starts next tells it as broken, and the unit is not held up by it.
func TestARunOfAKilledProgram(t *testing.T) {
	onEngines(t, func(t *testing.T, r *rig) {
		numbers := r.seen(1, 1)
		r.approved("u-market", numbers...)
		// What a killed program leaves.
		if _, err := r.store.StartBatchRun(t.Context(), store.BatchRun{Kind: store.RunSend, Unit: "u-market", Actor: "王丽", Stage: dispatch.StagePack, Total: 1}); err != nil {
			t.Fatal(err)
		}
		runner := dispatch.NewRunner(t.Context(), r.Office, nil)
		_, err := runner.Send(t.Context(), order("u-market", numbers...))
		code(t, "while it may be alive", err, markwatch.CodeConflict)
		if err := r.store.BreakBatchRuns(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := r.run(0); got.State != store.RunBroken {
			t.Errorf("the run is told as %+v", got)
		}
		if _, err := runner.Send(t.Context(), order("u-market", numbers...)); err != nil {
			t.Fatal(err)
		}
		runner.Wait()
		if got := r.run(0); got.State != store.RunDone {
			t.Errorf("the run is told as %+v", got)
		}
	})
}

// TestABatchIsMadeAndDeliveredBehindItsPage: what failed is told with why, and
// is made good later.
func TestABatchIsMadeAndDeliveredBehindItsPage(t *testing.T) {
	onEngines(t, func(t *testing.T, r *rig) {
		numbers := r.seen(1, 1)
		r.approved("u-market", numbers...)
		runner := dispatch.NewRunner(t.Context(), r.Office, nil)
		if _, err := runner.Deliver(t.Context(), "标移〔2026〕1号", "王丽", false); markwatch.ErrorCode(err) != markwatch.CodeNotFound {
			t.Errorf("no such batch: %v", err)
		}
		r.delivering = func(context.Context, string) error { return errNoWay }
		if _, err := runner.Send(t.Context(), order("u-market", numbers...)); err != nil {
			t.Fatal(err)
		}
		runner.Wait()
		failed := r.run(0)
		if failed.State != store.RunFailed || failed.Batch == "" || !strings.Contains(failed.Note, errNoWay.Error()) {
			t.Fatalf("the run is told as %+v", failed)
		}
		came := 0
		r.delivering = func(context.Context, string) error { came++; return nil }
		for _, again := range []bool{false, false, true} {
			if _, err := runner.Deliver(t.Context(), failed.Batch, "王丽", again); err != nil {
				t.Fatal(err)
			}
			runner.Wait()
			if got := r.run(0); got.State != store.RunDone || got.Kind != store.RunDeliver || got.Batch != failed.Batch {
				t.Errorf("the run is told as %+v", got)
			}
		}
		if came != 2 {
			t.Errorf("it was delivered %d times, once and once on purpose", came)
		}
		if _, _, err := r.Send(t.Context(), order("u-market", numbers...), unwatched); errors.Is(err, errNoWay) || markwatch.ErrorCode(err) != markwatch.CodeConflict {
			t.Errorf("sent once more: %v", err)
		}
	})
}
