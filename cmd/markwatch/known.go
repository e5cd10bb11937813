package main

import (
	"context"
	"fmt"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
	"github.com/markwatch/markwatch/leads/routing"
	"github.com/markwatch/markwatch/matchers"
	"github.com/markwatch/markwatch/regions"
	"github.com/markwatch/markwatch/scan"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/web"
)

// followEvery is how often a running process looks for lists that somebody
// changed, on the desk or on another machine.
const followEvery = 5 * time.Second

// known is what a process works with: the lists that hold, in the versions
// that verdicts cite, and what is made of them. It is never changed; a newer
// one takes its place.
type known struct {
	lists    markwatch.Lists
	versions markwatch.Versions
	// matchers are nil where nothing is judged.
	matchers *matchers.Set
	// sellers marks the blacklist and the confirmed leads that the matchers
	// know.
	sellers  string
	subjects map[string]web.Subject
	names    subjectNames
	// brands and works are found by their ids, units by router.
	brands  map[string]*markwatch.Brand
	works   map[string]*markwatch.Work
	regions *regions.Table
	router  *routing.Router
	// units is the version of the units that router has: never older than
	// that of versions.
	units int
}

func newKnown(lists markwatch.Lists, versions markwatch.Versions) (*known, error) {
	table, err := regions.New()
	if err != nil {
		return nil, err
	}
	router, err := routing.New(table, lists.Units)
	if err != nil {
		return nil, err
	}
	k := &known{
		lists: lists, versions: versions, subjects: newSubjects(lists), names: newSubjectNames(lists), regions: table, router: router,
		brands: map[string]*markwatch.Brand{}, works: map[string]*markwatch.Work{}, units: versions[markwatch.ListUnits],
	}
	for i := range lists.Brands {
		k.brands[lists.Brands[i].ID] = &lists.Brands[i]
	}
	for i := range lists.Works {
		k.works[lists.Works[i].ID] = &lists.Works[i]
	}
	return k, nil
}

// lists are those that hold, with the sources that this process works on:
// those of its folder, or of what it imports.
func (a *app) lists() markwatch.Lists {
	lists := a.known.Load().lists
	lists.Sources = a.cfg.Lists.Sources
	return lists
}

// learn takes what changed in the configuration folder and works with the lists
// that hold. Nothing is judged by them before ready.
func (a *app) learn(ctx context.Context) error {
	taken, err := a.takeLists(ctx, false)
	if err != nil {
		return err
	}
	for _, c := range taken.Conflicts {
		a.say("⚠ %s 在配置目录与核查台都改过,沿用核查台的;要用目录的,运行 markwatch config apply changed in the folder and on the desk, the desk's stays; markwatch config apply puts the folder's in", c)
	}
	taken.Lists.Sources, taken.Lists.Probes = a.cfg.Lists.Sources, a.cfg.Lists.Probes
	k, err := newKnown(taken.Lists, taken.Versions)
	if err != nil {
		return disagreeing(err)
	}
	a.known.Store(k)
	return nil
}

// ready makes the matchers of the lists that hold, where they were not made
// yet: most commands judge nothing, and making them takes longer than what such
// a command does.
func (a *app) ready(ctx context.Context) error {
	k := a.known.Load()
	if k.matchers != nil {
		return nil
	}
	k, err := a.compiled(ctx, k.lists, k.versions)
	if err != nil {
		return disagreeing(err)
	}
	a.known.Store(k)
	return nil
}

func disagreeing(err error) error {
	return fmt.Errorf("目录与核查台的改动不能合在一起,可用 markwatch config apply 以目录为准 the folder's changes and the desk's do not go together, markwatch config apply lets the folder's hold: %w", err)
}

// compiled is a known with matchers. The sources are those that the process
// began with.
func (a *app) compiled(ctx context.Context, lists markwatch.Lists, versions markwatch.Versions) (*known, error) {
	lists.Sources = a.cfg.Lists.Sources
	lists.Probes = a.cfg.Lists.Probes
	// The mark is read first: what changes meanwhile is seen the next time.
	mark, err := a.knownSellersMark(ctx)
	if err != nil {
		return nil, err
	}
	sellers, err := a.knownSellers(ctx)
	if err != nil {
		return nil, err
	}
	set, err := compileWith(&configs.Config{Deployment: a.cfg.Deployment, Lists: lists, Rates: a.cfg.Rates, Dir: a.cfg.Dir}, versions, sellers)
	if err != nil {
		return nil, err
	}
	k, err := newKnown(lists, versions)
	if err != nil {
		return nil, err
	}
	k.sellers = mark
	k.matchers = set.Cite(set.Probe(exampleListing, time.Now()))
	return k, nil
}

// takeLists brings the folder's lists into the record and returns those that
// hold there.
func (a *app) takeLists(ctx context.Context, replace bool) (store.Taken, error) {
	process, err := a.processName()
	if err != nil {
		return store.Taken{}, err
	}
	return a.store.TakeLists(ctx, store.Take{Process: process, Folder: a.cfg.Lists, Replace: replace, Actor: actor(), At: time.Now()})
}

// knowStored works with the lists that hold in the record and judges nothing.
// Sources are the folder's, where their files are.
func (a *app) knowStored(ctx context.Context) error {
	lists, versions, err := a.store.Lists(ctx)
	if err != nil {
		return err
	}
	lists.Sources = a.cfg.Lists.Sources
	k, err := newKnown(lists, versions)
	if err != nil {
		return err
	}
	a.known.Store(k)
	return nil
}

// followLists judges what is stored by the lists that hold, now and whenever
// they change, until ctx ends. Pages that come in are judged by them from then
// on.
func (a *app) followLists(ctx context.Context, s *scan.Scanner) error {
	if err := a.rejudge(ctx, s); err != nil {
		return err
	}
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	// A page that was under way when the lists changed is judged by the old
	// ones and written after the first round.
	rounds := 0
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		changed, err := a.relearn(ctx, s)
		if err != nil && ctx.Err() == nil {
			// The lists that held go on holding.
			a.log.ErrorContext(ctx, "taking lists that were changed", "error", err)
		}
		if changed {
			rounds = 2
		}
		if rounds == 0 || ctx.Err() != nil {
			continue
		}
		rounds--
		if err := a.rejudge(ctx, s); err != nil {
			return err
		}
	}
}

// relearn takes the newest lists of the record, and the sellers on the
// blacklist or behind confirmed leads, where they are others than those that
// are known.
func (a *app) relearn(ctx context.Context, s *scan.Scanner) (changed bool, err error) {
	versions, err := a.store.ListVersions(ctx)
	if err != nil {
		return false, err
	}
	sellers, err := a.knownSellersMark(ctx)
	if err != nil {
		return false, err
	}
	was := a.known.Load()
	if same(versions, was.versions) && sellers == was.sellers {
		return false, nil
	}
	lists, versions, err := a.store.Lists(ctx)
	if err != nil {
		return false, err
	}
	k, err := a.compiled(ctx, lists, versions)
	if err != nil {
		return false, err
	}
	a.known.Store(k)
	s.Learn(k.matchers, k.lists)
	if same(versions, was.versions) {
		a.say("黑名单或已确认的线索有变化,已启用 the blacklist or the confirmed leads changed, which holds from now on")
		return true, nil
	}
	a.say("名单或规则有新版本,已启用 lists or rules have new versions, which hold from now on: %s", versions)
	return true, nil
}

// currentUnits takes the newest units of the record, which routes are made of,
// without waiting for the other lists that may have changed with them: the index
// is told of every lead as soon as they change, and must not be told by the old
// ones.
func (a *app) currentUnits(ctx context.Context) error {
	versions, err := a.store.ListVersions(ctx)
	if err != nil {
		return err
	}
	k := a.known.Load()
	if k == nil || k.units >= versions[markwatch.ListUnits] {
		return nil
	}
	lists, versions, err := a.store.Lists(ctx)
	if err != nil {
		return err
	}
	router, err := routing.New(k.regions, lists.Units)
	if err != nil {
		return err
	}
	next := *k
	next.router, next.units, next.lists.Units = router, versions[markwatch.ListUnits], lists.Units
	if !a.known.CompareAndSwap(k, &next) {
		return a.currentUnits(ctx) // newer lists came meanwhile
	}
	return nil
}

// same says that two sets of versions agree in the lists that processes share.
func same(a, b markwatch.Versions) bool {
	for _, kind := range markwatch.ListKinds() {
		if kind != markwatch.ListSources && a[kind] != b[kind] {
			return false
		}
	}
	return true
}
