package main

import (
	"context"
	"os"
	"strings"
	"sync"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/index/bleve"
	"github.com/markwatch/markwatch/index/meili"
	"github.com/markwatch/markwatch/matchers/text"
)

// openIndex opens the search index and fills it from the store where it is new
// or of another form. A search server that is away now is fed when it is back.
func (a *app) openIndex(ctx context.Context) error {
	// Making a folder takes longer than many a command that folds nothing.
	folder := sync.OnceValue(func() *text.Folder {
		f, err := text.NewFolder()
		if err != nil {
			panic(err) // the program's own tables, which its tests unpack
		}
		return f
	})
	a.fold = func(s string) string { return folder().Fold(s).String() }
	a.feeder = &index.Feeder{Outbox: outbox{a.store}, Load: a.documents().load, Log: a.log}
	if strings.Contains(a.cfg.Deployment.Engines.Index, "://") {
		return a.openMeili(ctx)
	}
	dir, err := a.engineDir("index", a.cfg.Deployment.Engines.Index, "index")
	if err != nil {
		return err
	}
	idx, err := bleve.Open(bleve.Options{Dir: dir, Fold: a.fold, FoldVersion: text.Version, Renew: true})
	if err != nil {
		return err
	}
	a.use(idx)
	if idx.Fresh() {
		return a.fillFresh(ctx)
	}
	return nil
}

// openMeili uses the search server that the configuration names.
func (a *app) openMeili(ctx context.Context) error {
	key, err := a.cfg.IndexKey(os.LookupEnv)
	if err != nil {
		return err
	}
	idx, err := meili.New(meili.Options{
		URL: a.cfg.Deployment.Engines.Index, Key: key.Reveal(), Name: a.cfg.Deployment.Index.Name,
		Fold: a.fold, FoldVersion: text.Version, Log: a.log,
	})
	if err != nil {
		return err
	}
	a.use(idx)
	a.feeder.Prepare = func(ctx context.Context) error {
		if err := idx.Prepare(ctx); err != nil {
			return err
		}
		if idx.Fresh() {
			return a.fillFresh(ctx)
		}
		return nil
	}
	return a.feedNow(ctx)
}

func (a *app) use(idx index.Index) {
	a.index, a.feeder.Index = idx, idx
	a.onClose(idx.Close)
}

// feedNow tells the index of everything that it has yet to be told. An index
// that is out of reach delays searching and nothing else: it is said, and no
// error.
func (a *app) feedNow(ctx context.Context) error {
	err := a.feeder.Flush(ctx)
	if markwatch.ErrorCode(err) != markwatch.CodeUnavailable || ctx.Err() != nil {
		return err
	}
	a.say("⚠ 检索索引暂时不可用,恢复后自动补上 the search index is out of reach and is told as soon as it is back: %v", err)
	return nil
}

// fillFresh rebuilds an index that is new or of an older form, where there is
// something to put in.
func (a *app) fillFresh(ctx context.Context) error {
	for _, err := range a.store.AllIndexDocs(ctx, a.indexesAll()) {
		if err != nil {
			return err
		}
		return a.reindex(ctx)
	}
	return nil
}
