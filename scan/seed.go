package scan

import (
	"context"
	"database/sql"
	"slices"
	"time"

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
	scanID, err = s.begin(ctx, source)
	if err == nil {
		s.log.InfoContext(ctx, "a scan runs", "scan", scanID, "source", source)
	}
	if err != nil && ctx.Err() == nil && markwatch.ErrorCode(err) != markwatch.CodeNotFound {
		// Who looks at the sources in the morning reads why there was no scan.
		noted := s.store.Tx(ctx, func(tx *sql.Tx) error { return s.store.SetSourceError(ctx, tx, source, err.Error(), s.now()) })
		if noted != nil {
			s.log.ErrorContext(ctx, "noting why a scan did not begin", "source", source, "error", noted)
		}
	}
	return scanID, err
}

func (s *Scanner) begin(ctx context.Context, source string) (scanID string, err error) {
	w, err := s.watch(source)
	if err != nil {
		return "", err
	}
	seed, err := s.plan(ctx, w)
	if err != nil {
		return "", err
	}
	started := s.now()
	scanID, open, err := s.store.OpenScan(ctx, source)
	if err != nil {
		return "", err
	}
	if open {
		var sum markwatch.ScanSummary
		if sum, err = s.store.Scan(ctx, scanID); err == nil {
			started = sum.StartedAt
			err = s.store.ResumeScan(ctx, scanID)
		}
	} else {
		scanID, err = s.store.StartScan(ctx, source, started)
	}
	if err != nil {
		return "", err
	}
	if s.probe != nil {
		for _, failed := range s.probe() {
			if err := s.warn(ctx, scanID, "已知答案的样例判断有误 an offer with a known verdict came out otherwise: "+failed); err != nil {
				return "", err
			}
		}
	}
	err = s.store.Tx(ctx, func(tx *sql.Tx) error {
		return s.frontier.Begin(ctx, tx, scanID, source, w.budget(started))
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

// budget is what one scan may take.
func (w *watch) budget(started time.Time) frontier.Budget {
	b := frontier.Budget{Pages: w.source.Limits.Pages, Bytes: int64(w.source.Limits.Traffic)}
	if w.source.Limits.Time > 0 {
		b.Deadline = started.Add(time.Duration(w.source.Limits.Time))
	}
	return b
}

// seeding is what a source's start addresses are given to.
type seeding struct {
	add  func([]frontier.Link) error
	warn func(string) error
}

// plan checks a source's start and returns what puts it into the frontier.
func (s *Scanner) plan(ctx context.Context, w *watch) (func(context.Context, seeding) error, error) {
	switch w.source.Kind {
	case markwatch.KindArchive:
		files, err := Files(s.dir, w.source.Start)
		return func(ctx context.Context, to seeding) error { return seedArchive(ctx, files, to) }, err
	case markwatch.KindTable:
		files, err := Files(s.dir, w.source.Start)
		return func(ctx context.Context, to seeding) error { return s.seedTables(ctx, w, files, to) }, err
	default:
		seeds, err := crawler.Seeds(w.source, s.known.Load().lists)
		if err != nil {
			return nil, err
		}
		asked, err := s.store.NamesAsked(ctx, w.source.ID)
		if err != nil {
			return nil, err
		}
		seeds = turn(seeds, asked, w.source.Limits.Pages)
		return func(_ context.Context, to seeding) error { return seedWeb(seeds, to) }, nil
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

func (s *Scanner) warn(ctx context.Context, scanID, text string) error {
	s.log.Warn(text, "scan", scanID)
	return s.store.Tx(ctx, func(tx *sql.Tx) error { return s.store.WarnScan(ctx, tx, scanID, text) })
}
