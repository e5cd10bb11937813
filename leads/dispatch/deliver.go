package dispatch

import (
	"context"
	"errors"
	"fmt"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads/batch"
	"github.com/markwatch/markwatch/leads/delivery"
	"github.com/markwatch/markwatch/store"
)

// Deliver hands a batch over in every way that its unit has. One that fails
// does not keep the others back, and where it was delivered already it is not
// delivered, unless again says that a person wants it once more.
func (o *Office) Deliver(ctx context.Context, kept Record, dir, who string, again bool, watch Watch) error {
	targets, failed := o.cfg.Targets(kept.Unit)
	for i, target := range targets {
		log := Delivery{Batch: kept.Number, Target: target.Name(), Actor: who}
		err := o.cfg.Store.BeginDelivery(ctx, log, again)
		if markwatch.ErrorCode(err) == markwatch.CodeConflict {
			watch(Progress{Stage: StageDeliver, Done: i + 1, Total: len(targets), Batch: kept.Number, Note: err.Error()})
			continue
		}
		if err != nil {
			return err
		}
		answer, err := target.Deliver(ctx, delivery.Parcel{Number: kept.Number, Dir: dir, Manifest: batch.ManifestName, At: kept.At, Zip: batch.Zip})
		log.State, log.Detail = store.DeliveryDone, answer
		if err != nil {
			log.State, log.Detail = store.DeliveryFailed, err.Error()
			failed = errors.Join(failed, fmt.Errorf("%s: %w", target.Name(), err))
		}
		// The log is written even where a signal stopped the delivery.
		if err := o.cfg.Store.EndDelivery(context.WithoutCancel(ctx), log); err != nil {
			return errors.Join(failed, err)
		}
		watch(Progress{Stage: StageDeliver, Done: i + 1, Total: len(targets), Batch: kept.Number, Delivery: &log})
	}
	return failed
}

// Deliveries returns every try to hand a batch over, oldest first.
func (o *Office) Deliveries(ctx context.Context, number string) ([]Delivery, error) {
	return o.cfg.Store.Deliveries(ctx, number)
}

// Ways names the targets of a unit, without secrets.
func (o *Office) Ways(unit string) ([]string, error) {
	targets, err := o.cfg.Targets(unit)
	var names []string
	for _, t := range targets {
		names = append(names, t.Name())
	}
	return names, err
}
