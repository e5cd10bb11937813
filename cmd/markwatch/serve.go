package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/web"
)

// loginTTL is how long the login link of the console can be used.
const loginTTL = 15 * time.Minute

func newServe(c console) *cobra.Command {
	var config, listen string
	cmd := &cobra.Command{
		Use:   "serve [--config DIR] [--listen ADDRESS]",
		Short: "打开核查台网页 open the investigators' desk",
		Long: `打开核查台:检索、核实、处理线索。启动时在此打印一次性登录链接;没有默认密码。

Opens the desk, where leads are searched, looked at and decided. A one-time
login link is printed at start; there is no default password.`,
		Example: `  markwatch serve --config watch
  markwatch serve --config watch --listen 127.0.0.1:0   # 任一空闲端口 any free port`,
		Args: argsBetween(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), config, "serve", func(ctx context.Context, a *app) error {
				if listen == "" {
					listen = a.cfg.Deployment.Server.Listen
				}
				if err := a.openArchive(); err != nil {
					return err
				}
				return a.serve(ctx, listen, nil)
			})
		},
	}
	configFlag(cmd, &config)
	cmd.Flags().StringVar(&listen, "listen", "", "监听地址,缺省按配置 address; the configuration's where absent")
	return cmd
}

// serve shows the desk until ctx ends. ready, where it is not nil, is told the
// login link instead of the console.
func (a *app) serve(ctx context.Context, listen string, ready func(link string)) error {
	auth := &web.Auth{Now: time.Now}
	desk, err := a.desk(auth)
	if err != nil {
		return err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "不能监听,换一个端口用 --listen cannot listen; choose another port with --listen")
	}
	tls := a.cfg.Deployment.Server.TLS
	scheme := "http://"
	if tls.Cert != "" {
		scheme = "https://"
	}
	link := scheme + l.Addr().String() + "/login?token=" + auth.OneTimeToken(actor(), loginTTL)
	if ready == nil {
		ready = func(link string) {
			a.say("核查台 desk: %s", link)
			a.say("链接只能用一次,%s 内有效;Ctrl-C 结束 the link works once, within %s; Ctrl-C ends", loginTTL, loginTTL)
		}
	}
	server := web.Server(listen, desk)
	feeding, endFeeding := context.WithCancel(context.WithoutCancel(ctx))
	fed := make(chan error, 1)
	go func() { fed <- a.feeder.Run(feeding) }()
	served := make(chan error, 1)
	go func() {
		if tls.Cert != "" {
			served <- server.ServeTLS(l, a.cfg.Path(tls.Cert), a.cfg.Path(tls.Key))
			return
		}
		served <- server.Serve(l)
	}()
	ready(link)
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
	endFeeding()
	return errors.Join(err, <-fed)
}
