package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/leads/dispatch"
	"github.com/markwatch/markwatch/scan/schedule"
	"github.com/markwatch/markwatch/web"
)

// loginTTL is how long a login link of the console can be used, setupTTL that
// of the first start, which an operator may hand on.
const (
	loginTTL = 15 * time.Minute
	setupTTL = 24 * time.Hour
)

func newServe(c console) *cobra.Command {
	var config, listen string
	var noScan bool
	cmd := &cobra.Command{
		Use:   "serve [--config DIR] [--listen ADDRESS]",
		Short: "打开核查台网页,并按计划扫描 open the desk and scan by schedule",
		Long: `打开核查台:检索、核实、处理线索;同时按各来源的 schedule 定时扫描,接着做完被中断的扫描。
首次启动时在此打印一次性链接,用来建立第一位管理员;没有默认密码。--no-scan 只开网页。

Opens the desk, where leads are searched, looked at and decided, scans the
sources by their schedules and goes on with interrupted scans. A one-time link is
printed at the first start, by which the first administrator is made; there is
no default password. --no-scan opens the desk alone.`,
		Example: `  markwatch serve --config watch
  markwatch serve --config watch --listen 127.0.0.1:0   # 任一空闲端口 any free port`,
		Args: argsBetween(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.alone(cmd.Context(), config, "serve", func(ctx context.Context, a *app) error {
				if listen == "" {
					listen = a.cfg.Deployment.Server.Listen
				}
				return a.serve(ctx, listen, !noScan, "")
			})
		},
	}
	configFlag(cmd, &config)
	cmd.Flags().BoolVar(&noScan, "no-scan", false, "只开网页,不扫描 the desk alone")
	cmd.Flags().StringVar(&listen, "listen", "", "监听地址,缺省按配置 address; the configuration's where absent")
	return cmd
}

// serve shows the desk until ctx ends, and scans by schedule meanwhile where
// nights says so. A link is printed that logs enterAs in, where that is not
// empty.
func (a *app) serve(ctx context.Context, listen string, nights bool, enterAs string) error {
	if err := a.ready(ctx); err != nil {
		return err
	}
	if err := a.openArchive(); err != nil {
		return err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "不能监听,换一个端口用 --listen cannot listen; choose another port with --listen")
	}
	feed := func(ctx context.Context) error {
		return together(ctx, a.feeder.Run, a.answerCommands, a.watchSaved)
	}
	if !nights {
		reader, err := a.reader()
		if err != nil {
			return errors.Join(err, l.Close())
		}
		return together(ctx, feed, func(ctx context.Context) error { return a.answer(ctx, l, &operations{scanner: reader}, enterAs) })
	}
	started := make(chan *operations, 1)
	return together(ctx, feed,
		func(ctx context.Context) error {
			return a.watchNights(ctx, func(s *schedule.Schedule, c *crawl) {
				a.crawling.Store(c)
				started <- &operations{scanner: c.Scanner, next: s.Next}
			})
		},
		func(ctx context.Context) error {
			select {
			case ops := <-started:
				return a.answer(ctx, l, ops, enterAs)
			case <-ctx.Done():
				return l.Close()
			}
		},
	)
}

// answer serves the desk on a listener until ctx ends.
func (a *app) answer(ctx context.Context, l net.Listener, ops *operations, enterAs string) error {
	signIn := a.cfg.Deployment.Server.SignIn
	people := accounts.New(a.store, accounts.Options{SignIn: accounts.SignIn{Names: signIn.Names, Create: signIn.Create}})
	office := a.deskOffice()
	if err := a.endRuns(ctx); err != nil {
		return errors.Join(err, l.Close())
	}
	life, end := context.WithCancel(ctx)
	runner := dispatch.NewRunner(life, office, a.log)
	// What runs ends before what it works on is closed.
	defer func() { end(); runner.Wait() }()
	desk, err := a.desk(people, ops, office, runner)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	server := web.Server(l.Addr().String(), desk)
	tls := a.cfg.Deployment.Server.TLS
	scheme := "http://"
	if tls.Cert != "" {
		scheme = "https://"
	}
	served := make(chan error, 1)
	go func() {
		if tls.Cert != "" {
			served <- server.ServeTLS(l, a.cfg.Path(tls.Cert), a.cfg.Path(tls.Key))
			return
		}
		served <- server.Serve(l)
	}()
	err = a.sayEntrance(ctx, people, scheme+l.Addr().String(), enterAs)
	if err != nil {
		return errors.Join(err, server.Close())
	}
	select {
	case <-ctx.Done():
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
		defer cancel()
		err = server.Shutdown(grace)
		if serveErr := <-served; !errors.Is(serveErr, http.ErrServerClosed) {
			err = errors.Join(err, serveErr)
		}
	case err = <-served:
	}
	return err
}

// endRuns tells of the making of batches that an earlier process did not bring
// to its end. Where others may serve the same record, silence tells it.
func (a *app) endRuns(ctx context.Context) error {
	if !a.store.Embedded() {
		return nil
	}
	return a.store.BreakBatchRuns(ctx)
}

// sayEntrance prints how people come in: by a link that makes the first
// administrator where there is nobody yet, by a login link where one is asked
// for, else by their passwords.
func (a *app) sayEntrance(ctx context.Context, people *accounts.Accounts, base, enterAs string) error {
	users, err := people.Users(ctx)
	if err != nil {
		return err
	}
	switch {
	case len(users) == 0:
		token, err := people.NewLink(ctx, "", markwatch.LinkSetup, setupTTL)
		if err != nil {
			return err
		}
		a.say("核查台 desk: %s", base+"/login?token="+token)
		a.say("首次启动:用这个链接建立第一位管理员,只能用一次,%s 内有效;Ctrl-C 结束 first start: the link makes the first administrator, once, within %s; Ctrl-C ends", setupTTL, setupTTL)
	case enterAs != "":
		token, err := people.NewLink(ctx, enterAs, markwatch.LinkLogin, loginTTL)
		if err != nil {
			return err
		}
		a.say("核查台 desk: %s", base+"/login?token="+token)
		a.say("链接只能用一次,%s 内有效;Ctrl-C 结束 the link works once, within %s; Ctrl-C ends", loginTTL, loginTTL)
	default:
		a.say("核查台 desk: %s", base+"/")
		a.say("忘了密码可用 markwatch user link;Ctrl-C 结束 markwatch user link helps where a password is lost; Ctrl-C ends")
	}
	return nil
}
