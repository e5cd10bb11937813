package scan

import (
	"context"
	"database/sql"
	"slices"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler"
	"github.com/markwatch/markwatch/crawler/canonical"
	"github.com/markwatch/markwatch/crawler/frontier"
)

// seedBatch is how many start addresses go into one transaction.
const seedBatch = 500

// Begin opens a scan of a source, or takes up the one that an interruption
// left open, and puts its start addresses into the frontier. Addresses that
// are there already stay as they are, so that a kill in the middle of seeding
// loses and repeats nothing. Where the start itself is wrong (no such archive
// file, a start address that cannot be expanded), no scan is opened.
func (s *Scanner) Begin(ctx context.Context, source string) (scanID string, err error) {
	w, err := s.watch(source)
	if err != nil {
		return "", err
	}
	seed, err := s.plan(w)
	if err != nil {
		return "", err
	}
	scanID, open, err := s.store.OpenScan(ctx, source)
	if err != nil {
		return "", err
	}
	if open {
		err = s.store.ResumeScan(ctx, scanID)
	} else {
		scanID, err = s.store.StartScan(ctx, source, s.now())
	}
	if err != nil {
		return "", err
	}
	err = s.store.Tx(ctx, func(tx *sql.Tx) error {
		return s.frontier.Begin(ctx, tx, scanID, source, w.source.Limits.Pages)
	})
	if err != nil {
		return "", err
	}
	err = seed(ctx, seeding{
		add: func(links []frontier.Link) error {
			return s.store.Tx(ctx, func(tx *sql.Tx) error {
				_, err := s.frontier.Add(ctx, tx, scanID, source, links)
				return err
			})
		},
		warn: func(text string) error { return s.warn(ctx, scanID, text) },
	})
	if err != nil {
		return "", err
	}
	err = s.store.Tx(ctx, func(tx *sql.Tx) error { return s.frontier.Seeded(ctx, tx, scanID) })
	if err != nil {
		return "", err
	}
	return scanID, s.frontier.Wake(ctx, scanID)
}

// seeding is what a source's start addresses are given to.
type seeding struct {
	add  func([]frontier.Link) error
	warn func(string) error
}

// plan checks a source's start and returns what puts it into the frontier.
func (s *Scanner) plan(w *watch) (func(context.Context, seeding) error, error) {
	switch w.source.Kind {
	case markwatch.KindArchive:
		files, err := ArchiveFiles(s.dir, w.source.Start)
		return func(ctx context.Context, to seeding) error { return seedArchive(ctx, files, to) }, err
	case markwatch.KindMarketplace, markwatch.KindSite:
		seeds, err := crawler.Seeds(w.source, s.lists)
		return func(_ context.Context, to seeding) error { return seedWeb(seeds, to) }, err
	default:
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "来源 source %s: 不能采集的种类 this kind cannot be scanned: %s", w.source.ID, w.source.Kind)
	}
}

func seedWeb(seeds []crawler.Seed, to seeding) error {
	links := make([]frontier.Link, 0, len(seeds))
	for _, seed := range seeds {
		links = append(links, frontier.Link{URL: seed.URL, Key: canonical.Key(seed.URL), Host: canonical.Host(seed.URL), Name: seed.Name})
	}
	for batch := range slices.Chunk(links, seedBatch) {
		if err := to.add(batch); err != nil {
			return err
		}
	}
	return nil
}

func seedArchive(ctx context.Context, files []string, to seeding) error {
	for _, file := range files {
		var damage []string
		err := archiveLinks(ctx, file, seedBatch, func(err error) { damage = append(damage, err.Error()) }, to.add)
		for _, text := range damage {
			if err := to.warn("WARC 损坏,已跳过 damaged, passed over: " + text); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Scanner) warn(ctx context.Context, scanID, text string) error {
	s.log.Warn(text, "scan", scanID)
	return s.store.Tx(ctx, func(tx *sql.Tx) error { return s.store.WarnScan(ctx, tx, scanID, text) })
}
