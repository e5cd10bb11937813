package main

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
	"github.com/markwatch/markwatch/evidence"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/metrics"
	"github.com/markwatch/markwatch/notices"
	"github.com/markwatch/markwatch/store"
)

// app is one open deployment: everything beneath a locked data folder.
type app struct {
	console
	cfg  *configs.Config
	data string
	// known is what listings are held against.
	known    atomic.Pointer[known]
	metrics  *metrics.Metrics
	notices  *notices.Notices
	askAll   bool // pages that are not due are asked for too
	imported []importForm
	// jobs inserts background jobs once they run.
	jobs    atomic.Pointer[river.Client[*sql.Tx]]
	store   *store.Store
	archive *evidence.Archive
	// scanned holds sources whose captures are to be copied to the bucket.
	scanned chan string
	index   index.Index
	feeder  *index.Feeder
	fold    func(string) string
	log     *slog.Logger
	closers []func() error
	// acting is the id of the person by whose token the command works; empty
	// for the operator.
	acting string
	// crawling is the crawl of a process that serves, once it runs.
	crawling atomic.Pointer[crawl]
	// turn is held by the one command that crawls by itself in a process that
	// serves.
	turn chan struct{}
}

// configFlag adds --config to a command that works on a deployment.
func configFlag(cmd *cobra.Command, dir *string) {
	cmd.Flags().StringVar(dir, "config", ".", "配置目录 configuration folder")
}

// open takes a deployment's data folder and opens what is in it. What the
// configuration folder says of lists becomes their newest version where it
// changed.
func (c console) open(ctx context.Context, dir, command string) (*app, error) {
	a, err := c.openStored(ctx, dir, command)
	if err != nil {
		return nil, err
	}
	if err := a.openIndex(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// openStored opens a deployment without its search index.
func (c console) openStored(ctx context.Context, dir, command string) (*app, error) {
	a, err := c.lockedStore(ctx, dir, command)
	if err != nil {
		return nil, err
	}
	if err := a.learn(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// lockedStore takes the data folder and opens the record, whose lists are left
// as they are.
func (c console) lockedStore(ctx context.Context, dir, command string) (_ *app, err error) {
	a, err := c.load(c.path(dir))
	if err != nil {
		return nil, err
	}
	if c.lent != nil {
		a.store = c.lent.app.store
		return a, nil
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	lock, err := lockData(a.data, command, time.Now())
	if err != nil {
		return nil, err
	}
	a.onClose(lock.Close)
	return a, a.openStore(ctx)
}

// load reads a configuration folder and opens nothing.
func (c console) load(dir string) (*app, error) {
	cfg, err := loadConfig(dir)
	if err != nil {
		return nil, err
	}
	a := &app{
		console: c, cfg: cfg, data: cfg.DataDir(), metrics: metrics.New(),
		scanned: make(chan string, len(cfg.Lists.Sources)+1), turn: make(chan struct{}, 1),
	}
	a.log = c.logs.logger(c.err)
	var ids []string
	for _, s := range cfg.Lists.Sources {
		ids = append(ids, s.ID)
	}
	a.metrics.Sources(ids)
	return a, nil
}

// look opens a deployment's record for reading alone, beside a process that
// holds the data folder.
func (c console) look(ctx context.Context, dir string, f func(context.Context, *app) error) (err error) {
	a, err := c.load(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.openReader(ctx); err != nil {
		return err
	}
	return f(ctx, a)
}

// lookOrNew is look where a deployment that never ran has an empty record.
func (c console) lookOrNew(ctx context.Context, dir string, f func(context.Context, *app) error) (err error) {
	a, err := c.load(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	err = a.openReader(ctx)
	if markwatch.ErrorCode(err) == markwatch.CodeNotFound {
		err = a.openEmpty(ctx)
	}
	if err != nil {
		return err
	}
	return f(ctx, a)
}

func (a *app) openReader(ctx context.Context) error {
	s, err := store.OpenReader(ctx, a.dsn(), store.Options{TimeZone: a.cfg.Deployment.Location(), Logger: a.log})
	if err != nil {
		return err
	}
	a.store = s
	a.onClose(s.Close)
	return a.knowStored(ctx)
}

// openEmpty opens a record that holds nothing and goes away with the app.
func (a *app) openEmpty(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "markwatch-empty-")
	if err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "不能建立临时目录 cannot make a temporary folder")
	}
	a.onClose(func() error { return os.RemoveAll(dir) })
	s, err := store.Open(ctx, filepath.Join(dir, "markwatch.db"), store.Options{TimeZone: a.cfg.Deployment.Location(), Logger: a.log})
	if err != nil {
		return err
	}
	a.store = s
	a.onClose(s.Close)
	k, err := newKnown(a.cfg.Lists, nil)
	if err != nil {
		return err
	}
	a.known.Store(k)
	return nil
}

func (a *app) onClose(f func() error) { a.closers = append(a.closers, f) }

// Close closes everything, the last opened first.
func (a *app) Close() error {
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		errs = append(errs, a.closers[i]())
	}
	a.closers = nil
	return errors.Join(errs...)
}

// dsn is where the record of truth is.
func (a *app) dsn() string {
	dsn := a.cfg.Deployment.Engines.Store
	switch {
	case dsn == "":
		return filepath.Join(a.data, "markwatch.db")
	case !strings.Contains(dsn, "://"):
		return a.cfg.Path(dsn)
	default:
		return dsn
	}
}

func (a *app) openStore(ctx context.Context) error {
	s, err := store.Open(ctx, a.dsn(), store.Options{TimeZone: a.cfg.Deployment.Location(), Logger: a.log})
	if err != nil {
		return err
	}
	a.store = s
	a.onClose(s.Close)
	return nil
}

// probe tries the matchers on the offers with a known verdict.
func (a *app) probe() []string {
	return a.known.Load().matchers.Probe(exampleListing, time.Now()).Failed
}

// engineDir is the folder of an embedded engine: the one that engines.<name>
// says, else its own under the data folder.
func (a *app) engineDir(name, configured, own string) (string, error) {
	switch {
	case strings.Contains(configured, "://"):
		return "", markwatch.Errorf(markwatch.CodeInvalid, "engines.%s: 目前只支持目录 only a folder can be used at present, not %s", name, configured)
	case configured == "":
		return filepath.Join(a.data, own), nil
	default:
		return a.cfg.Path(configured), nil
	}
}

// openArchive opens the captures for writing, once.
func (a *app) openArchive() error {
	if a.archive != nil {
		return nil
	}
	dir, err := a.capturesDir()
	if err != nil {
		return err
	}
	opts := a.archiveOptions()
	if opts.Bucket, err = a.bucket(); err != nil {
		return err
	}
	archive, err := evidence.OpenArchive(dir, opts)
	if err != nil {
		return err
	}
	a.archive = archive
	a.onClose(archive.Close)
	return nil
}

// with opens a deployment for one command. Where a process that serves has it
// open, that one carries the command out.
func (c console) with(ctx context.Context, dir, command string, f func(context.Context, *app) error) error {
	if c.lent != nil {
		return c.lent.run(ctx, c, f)
	}
	err := c.alone(ctx, dir, command, f)
	if markwatch.ErrorCode(err) == markwatch.CodeLocked {
		return c.askHolder(ctx, dir, err)
	}
	return err
}

// alone opens a deployment for one command that no other process can carry
// out.
func (c console) alone(ctx context.Context, dir, command string, f func(context.Context, *app) error) (err error) {
	if c.lent != nil {
		return markwatch.Errorf(markwatch.CodeLocked, "已有 serve 在运行 a process serves already")
	}
	a, err := c.open(ctx, dir, command)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return f(ctx, a)
}

// withStore opens a deployment without its search index for one command.
func (c console) withStore(ctx context.Context, dir, command string, f func(context.Context, *app) error) (err error) {
	a, err := c.openStored(ctx, dir, command)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return f(ctx, a)
}

// actor is who stands behind the command line in records and the audit log.
func actor() string {
	u, err := user.Current()
	if err != nil {
		return "cli"
	}
	return "cli:" + u.Username
}

// audit writes down what was looked at or changed from the command line.
func (a *app) audit(ctx context.Context, action, object, detail string) error {
	e := store.AuditEntry{At: time.Now(), Actor: actor(), Action: action, Object: object, Detail: detail}
	if a.acting != "" {
		e.Actor, e.Remote = a.acting, actor()
	}
	return a.store.Audit(ctx, e)
}
