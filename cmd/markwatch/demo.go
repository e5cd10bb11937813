package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/sample"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/web"
)

// demoPages is the size of the sample market where nothing is said.
const demoPages = 600

func newDemo(c console) *cobra.Command {
	d := demo{console: c}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "在示例市场上跑一遍全过程 run the whole job on a sample market",
		Long: `在本机起一个示例市场(里面埋了已知的违法商品和容易误判的正常商品),采集、比对、打分,然后打开核查台。

Starts a sample market on this machine, with planted violations and innocent
offers that are easily mistaken for them, scans it, scores the result and opens
the desk.`,
		Example: `  markwatch demo
  markwatch demo --once --json --pages 5000
  markwatch demo --data demo-data      # 保留结果 keep what it made`,
		Args: argsBetween(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error { return d.run(cmd.Context()) },
	}
	f := cmd.Flags()
	f.BoolVar(&d.once, "once", false, "打印结果后结束 end after the table")
	f.BoolVar(&d.asJSON, "json", false, "输出 JSON")
	f.IntVar(&d.pages, "pages", demoPages, "示例市场的网页数 pages of the sample market")
	f.StringVar(&d.dir, "data", "", "保留结果的目录,缺省用后即删 folder that keeps the result; a temporary one where absent")
	f.StringVar(&d.listen, "listen", "127.0.0.1:0", "核查台的监听地址 address of the desk")
	return cmd
}

// demoUser is who works at the desk of a demonstration.
const demoUser = "demo"

type demo struct {
	console
	once, asJSON bool
	pages        int
	dir, listen  string
}

// demoResult is what --json prints.
type demoResult struct {
	Planted  int     `json:"planted"`
	Found    int     `json:"found"`
	False    int     `json:"false"`
	Listings int     `json:"listings"`
	Pages    int     `json:"pages"`
	Seconds  float64 `json:"seconds"`
	Data     string  `json:"data"`
}

func (d demo) run(ctx context.Context) (err error) {
	if d.pages < 1 {
		return markwatch.Errorf(markwatch.CodeInvalid, "--pages %d: 至少 at least 1", d.pages)
	}
	if d.dir == "" {
		if d.dir, err = os.MkdirTemp("", "markwatch-demo-"); err != nil {
			return markwatch.WrapError(markwatch.CodeUnavailable, err, "不能建立临时目录 cannot make a temporary folder")
		}
		defer func() { err = errors.Join(err, os.RemoveAll(d.dir)) }()
	}
	market := sample.New(sample.Options{Pages: d.pages})
	base, stop, err := startMarket(ctx, market)
	if err != nil {
		return err
	}
	defer stop()
	if err := market.WriteConfig(d.dir, base); err != nil {
		return err
	}
	d.say("示例市场 sample market: %s", base)
	return d.alone(ctx, d.dir, "demo", func(ctx context.Context, a *app) error {
		if err := d.scanMarket(ctx, a, market); err != nil || d.once {
			return err
		}
		err := a.store.AddUser(ctx, markwatch.User{ID: demoUser, Name: "演示 demo", Role: markwatch.RoleAdministrator})
		if err != nil && markwatch.ErrorCode(err) != markwatch.CodeConflict {
			return err
		}
		return a.serve(ctx, d.listen, false, demoUser)
	})
}

// scanMarket scans the market and prints how well it was understood.
func (d demo) scanMarket(ctx context.Context, a *app, market *sample.Market) error {
	summaries, err := a.scan(ctx, nil)
	if err != nil {
		return err
	}
	flagged := map[string][]markwatch.Violation{}
	for r, err := range a.store.Listings(ctx, store.ListingFilter{}) {
		if err != nil {
			return err
		}
		item := sample.ItemID(r.Listing.URL)
		for v, verdict := range r.Verdict.Violations {
			if verdict.Flagged {
				flagged[item] = append(flagged[item], v)
			}
		}
	}
	score := market.Score(flagged)
	result := demoResult{Planted: score.Planted, Found: score.Found, False: score.False, Data: d.dir}
	for _, s := range summaries {
		result.Listings += s.Listings.Seen
		result.Pages += s.Pages.Total() - s.Pages.Robots
		result.Seconds += s.FinishedAt.Sub(s.StartedAt).Seconds()
	}
	if d.asJSON {
		return d.json(result)
	}
	for _, s := range summaries {
		a.printSummary(s)
	}
	d.table([][]string{
		{"", ""},
		{"埋设的违法 planted violations", fmt.Sprint(score.Planted)},
		{"找到 found", fmt.Sprintf("%d (%s)", score.Found, percent(score.Found, score.Planted))},
		{"正常商品 innocent listings", fmt.Sprint(score.Innocent)},
		{"误报 false alarms", fmt.Sprintf("%d (%s)", score.False, percent(score.False, score.Innocent))},
		{"结果目录 folder of the result", d.dir},
	})
	return incomplete(summaries)
}

func percent(n, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f%%", 100*float64(n)/float64(of))
}

// startMarket serves the market on a free port of the loopback address.
func startMarket(ctx context.Context, market *sample.Market) (base string, stop func(), err error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "示例市场不能监听 the sample market cannot listen")
	}
	server := web.Server(l.Addr().String(), market.Handler())
	served := make(chan struct{})
	go func() {
		defer close(served)
		// It ends with http.ErrServerClosed; a market that is down shows in
		// the scan's coverage.
		_ = server.Serve(l)
	}()
	return "http://" + l.Addr().String(), func() {
		_ = server.Close()
		<-served
	}, nil
}
