package main

import (
	"context"
	"time"

	"github.com/markwatch/markwatch/scan"
)

const (
	// upkeepEvery is how often what is kept is gone through.
	upkeepEvery = 24 * time.Hour
	// visitsKept is how long an address is remembered that nothing leads to
	// any more.
	visitsKept = 400 * 24 * time.Hour
	// faultsKept is how long it is told which addresses a scan did not see.
	faultsKept = 90 * 24 * time.Hour
	// pricesKept is how long an offer's last price may tell of the market.
	pricesKept = 400 * 24 * time.Hour
)

// keepHouse drops what need not be kept, now and once a day until ctx ends.
func (a *app) keepHouse(ctx context.Context, s *scan.Scanner) error {
	tick := time.NewTicker(upkeepEvery)
	defer tick.Stop()
	for {
		if err := a.upkeep(ctx, s); err != nil && ctx.Err() == nil {
			// What could not be dropped today is dropped tomorrow.
			a.log.ErrorContext(ctx, "dropping what need not be kept", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// upkeep drops captures and remembered addresses whose time is over.
func (a *app) upkeep(ctx context.Context, s *scan.Scanner) error {
	done, err := s.Retain(ctx, a.archive)
	if done.Dropped > 0 {
		a.say("按各来源的保存规则清理了 %d 份网页存档,腾出 %d MiB captures dropped as their sources say, space freed", done.Dropped, done.Freed>>20)
	}
	if err != nil {
		return err
	}
	now := time.Now()
	if _, err := a.store.DropVisits(ctx, now.Add(-visitsKept)); err != nil {
		return err
	}
	if err := a.store.DropFaults(ctx, now.Add(-faultsKept)); err != nil {
		return err
	}
	if err := a.store.ForgetPrices(ctx, now.Add(-pricesKept)); err != nil {
		return err
	}
	if err := a.store.ForgetReminders(ctx, now.Add(-remindersKept)); err != nil {
		return err
	}
	return a.mirror(ctx)
}
