//go:build unix

package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/store"
)

// benchLeads is how many leads BenchmarkSend sends in one batch: 10,000 where
// MARKWATCH_BENCH_LEADS does not say otherwise.
func benchLeads(b *testing.B) int {
	n, err := strconv.Atoi(os.Getenv("MARKWATCH_BENCH_LEADS"))
	if err != nil {
		return 10_000
	}
	return n
}

// benchPage is an item page of about 20 kB.
func benchPage(n int) string {
	return fmt.Sprintf(`<html><head><title>高仿跑鞋 %d</title><script type="application/ld+json">{"@type":"Product","name":"高仿跑鞋 %d","sku":"S%d","offers":{"price":"199","priceCurrency":"CNY"}}</script></head><body>%s</body></html>`,
		n, n, n, strings.Repeat(fmt.Sprintf("<p>原单 %d 支持专柜验货</p>", n*7919), 400))
}

// BenchmarkSend makes one batch by the whole of `leads send`, in a process of
// its own, packages included: without fetching pages again, and with it. It
// reports the time, the peak of resident memory and the size of the packages.
func BenchmarkSend(b *testing.B) {
	for _, again := range []bool{false, true} {
		b.Run(map[bool]string{false: "packages", true: "fetched again"}[again], func(b *testing.B) {
			n := benchLeads(b)
			for range b.N {
				b.StopTimer()
				dir, token := approvedLeads(b, n)
				exe, err := os.Executable()
				if err != nil {
					b.Fatal(err)
				}
				args := []string{"leads", "send", "--config", dir, "--token-file", token, "--screenshots=false"}
				if !again {
					args = append(args, "--no-recheck")
				}
				cmd := exec.CommandContext(b.Context(), exe, args...)
				cmd.Env = append(os.Environ(), asProgram+"=1")
				b.StartTimer()
				out, err := cmd.CombinedOutput()
				b.StopTimer()
				if err != nil {
					b.Fatalf("%v: %.2000s", err, out)
				}
				packages, err := filepath.Glob(filepath.Join(dir, "data", "batches", "*", "evidence", "*.zip"))
				if err != nil || len(packages) != n {
					b.Fatalf("%d packages, %v", len(packages), err)
				}
				usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
				if ok {
					b.ReportMetric(float64(usage.Maxrss)/1024, "MiB-peak")
				}
				b.ReportMetric((cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), "CPU-s")
			}
		})
	}
}

// approvedLeads makes a deployment in which a unit has n approved leads with
// their captures, and the token of who may send them.
func approvedLeads(b *testing.B, n int) (dir, token string) {
	b.Helper()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/item/"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, benchPage(i))
	}))
	b.Cleanup(site.Close)
	dir = b.TempDir()
	for name, content := range map[string]string{
		"markwatch.yaml":     "version: 1\ndata: ./data\n",
		"units.yaml":         "version: 1\nunits:\n  - {id: u, name: 某局, authority: market, formats: [xlsx, csv, ndjson]}\nroutes:\n  - {violation: counterfeit, to: {unit: u}}\n",
		"gates.yaml":         "version: 1\ngates: []\n",
		"sources/bench.yaml": "sources:\n  - {id: bench, kind: site, start: ['" + site.URL + "/'], private_addresses: allow, politeness: {delay: 0s}}\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	token = filepath.Join(b.TempDir(), "token")
	err := console{in: eof{}, out: io.Discard, err: io.Discard, logs: &logging{}}.alone(b.Context(), dir, "bench", func(ctx context.Context, a *app) error {
		if err := a.openArchive(); err != nil {
			return err
		}
		now := time.Now()
		scan, err := a.store.StartScan(ctx, "bench", now)
		if err != nil {
			return err
		}
		for first := 0; first < n; first += 500 {
			if err := a.store.Tx(ctx, func(tx *sql.Tx) error {
				for i := first; i < min(n, first+500); i++ {
					address := fmt.Sprintf("%s/item/%d", site.URL, i)
					body := benchPage(i)
					kept, err := a.archive.Record(ctx, &markwatch.Exchange{Source: "bench", URL: address, IP: "127.0.0.1", At: now, Protocol: "http/1.1",
						Request:  []byte("GET /item HTTP/1.1\r\nHost: bench\r\n\r\n"),
						Response: []byte("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)})
					if err != nil {
						return err
					}
					l := markwatch.Listing{ID: markwatch.ListingID("", "", address), Source: "bench", URL: address, Title: fmt.Sprintf("高仿跑鞋 %d", i), Sales: int64(i % 50),
						Price: &markwatch.Money{Amount: decimal.NewFromInt(199), Currency: markwatch.CNY}, Seller: &markwatch.Seller{Name: fmt.Sprintf("店%d", i/10), ID: fmt.Sprint(i / 10)},
						Platform: "bench", FetchedAt: now.UTC(), Snapshot: kept.Snapshot}
					v := markwatch.Verdict{ID: l.ID, Score: 0.9, Flagged: true, At: now.UTC(), Violations: map[markwatch.Violation]markwatch.ViolationVerdict{markwatch.Counterfeit: {Score: 0.9, Flagged: true}},
						Findings: []markwatch.Finding{{Matcher: "bench", Rule: "bench", Version: 1, Violation: markwatch.Counterfeit, Score: 0.9, Reason: markwatch.Text{ZH: "高仿", EN: "copy"}}}}
					if _, err := a.store.PutListing(ctx, tx, scan, l, v, store.PutOptions{At: now}); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				return err
			}
		}
		var ids []string
		for l, err := range a.store.Leads(ctx, store.LeadFilter{}) {
			if err != nil {
				return err
			}
			ids = append(ids, l.ID)
		}
		for first := 0; first < len(ids); first += 500 {
			if _, err := a.store.UpdateLeads(ctx, ids[first:min(len(ids), first+500)], func(old []markwatch.Lead) ([]markwatch.Lead, [][]markwatch.LeadEvent, error) {
				for i := range old {
					old[i].Status = markwatch.LeadApproved
					old[i].Handling = markwatch.Handling{ConfirmedBy: "zhangmin", ApprovedBy: "liqiang", ApprovedAt: now, Addressee: markwatch.Addressee{Unit: "u"}}
				}
				return old, make([][]markwatch.LeadEvent, len(old)), nil
			}); err != nil {
				return err
			}
		}
		people := accounts.New(a.store, accounts.Options{})
		u := markwatch.User{ID: "liqiang", Role: markwatch.RoleApprover}
		if err := people.Add(ctx, u, ""); err != nil {
			return err
		}
		secret, _, err := people.NewToken(ctx, u, "bench", []accounts.Permission{accounts.Approve}, 0)
		if err != nil {
			return err
		}
		return os.WriteFile(token, []byte(secret), 0o600)
	})
	if err != nil {
		b.Fatal(err)
	}
	return dir, token
}
