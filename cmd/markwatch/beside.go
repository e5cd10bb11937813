package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/local"
)

// answered is the exit code of a command that another process carried out, and
// told all about.
type answered int

// Error implements error.
func (a answered) Error() string { return fmt.Sprintf("ended with code %d", int(a)) }

// askHolder has the process that holds the data folder carry out this command.
// Where it does not answer (it does not serve, or is just starting), the error
// stays what it was.
func (c console) askHolder(ctx context.Context, dir string, locked error) error {
	cfg, err := loadConfig(dir)
	if err != nil {
		return err
	}
	wd, err := os.Getwd()
	if err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "不能确定当前目录 cannot tell the working folder")
	}
	code, err := local.Call(ctx, cfg.DataDir(), local.Request{Args: c.args, Dir: wd, Terminal: c.terminal(), Token: c.token}, c.out, c.err)
	switch {
	case markwatch.ErrorCode(err) == markwatch.CodeNotFound:
		return locked
	case err != nil:
		return err
	case code != exitOK:
		return answered(code)
	}
	return nil
}

// lent is what a command has of the process that carries it out for another.
type lent struct {
	app      *app
	dir      string // relative paths are meant from here
	terminal bool
	token    string // of the person who acts
}

// path is a file that the command names, as this process finds it.
func (c console) path(name string) string {
	if c.lent == nil || name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(c.lent.dir, name)
}

// run carries a command out on the deployment that is open.
func (l *lent) run(ctx context.Context, c console, f func(context.Context, *app) error) (err error) {
	a := l.app.lend(c)
	defer func() { err = errors.Join(err, a.Close()) }()
	return f(ctx, a)
}

// lend is an open deployment for one command: with the command's console, a
// configuration that it may change for itself, and nothing to close but what it
// opens.
func (a *app) lend(c console) *app {
	cfg := *a.cfg
	cfg.Lists.Sources = slices.Clone(cfg.Lists.Sources)
	b := &app{
		console: c, cfg: &cfg, data: a.data, metrics: a.metrics,
		store: a.store, archive: a.archive, index: a.index, feeder: a.feeder, fold: a.fold, log: a.log, turn: a.turn,
		scanned: a.scanned,
	}
	b.known.Store(a.known.Load())
	if jobs := a.jobs.Load(); jobs != nil {
		b.notices = a.notices // which is there since before the jobs were
		b.jobs.Store(jobs)
	}
	b.crawling.Store(a.crawling.Load())
	return b
}

// answerCommands carries out, until ctx ends, the commands that are given
// beside this process. Without a socket they end with code 5, as they would
// beside any other process; the desk is not kept from opening by that.
func (a *app) answerCommands(ctx context.Context) error {
	err := local.Serve(ctx, a.data, a.log, func(ctx context.Context, req local.Request, out, errs io.Writer) int {
		return run(ctx, console{in: eof{}, out: out, err: errs, lent: &lent{a, req.Dir, req.Terminal, req.Token}}, req.Args)
	})
	if err != nil && ctx.Err() == nil {
		a.say("⚠ 其他命令不能与本进程同时使用 other commands cannot be used beside this process: %v", err)
	}
	return nil
}

// eof is the standard input of a command from elsewhere.
type eof struct{}

// Read implements io.Reader.
func (eof) Read([]byte) (int, error) { return 0, io.EOF }

// scanBeside scans sources in the crawl of the process that serves, which also
// judges again, keeps house and sends notices. Sources that the crawl does not
// know, such as files that are imported, are made known to it; one that it knew
// in another form is what it was afterwards.
func (a *app) scanBeside(ctx context.Context, c *crawl, sources []string) ([]markwatch.ScanSummary, error) {
	if a.askAll {
		return nil, markwatch.Errorf(markwatch.CodeConflict, "serve 运行时不能用 --ask-all,请先停止它 --ask-all cannot be used beside serve; stop it first")
	}
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for _, s := range a.imported {
		if err := c.Add(s.read); err != nil {
			return nil, err
		}
		if s.known {
			defer func() { err := c.Add(s.was); a.logged(ctx, "taking a source back to its form", err) }()
		}
	}
	return a.beginAndWait(ctx, c, sources)
}

// importForm is a source in the form in which it reads the files of an import.
type importForm struct {
	read, was markwatch.Source
	known     bool
}

func (a *app) logged(ctx context.Context, doing string, err error) {
	if err != nil {
		a.log.ErrorContext(ctx, doing, "error", err)
	}
}
