package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/canonical"
	"github.com/markwatch/markwatch/evidence"
)

func newEvidence(c console) *cobra.Command {
	return group("evidence", "查看网页存档 look at captures", newEvidenceShow(c), newEvidencePack(c), newEvidenceVerify(c), newEvidenceStamp(c))
}

func newEvidenceShow(c console) *cobra.Command {
	var config, since, until, body string
	var asJSON, all bool
	cmd := &cobra.Command{
		Use:   "show [--config DIR] URL|SNAPSHOT",
		Short: "按网址或存档编号查看网页存档 captures of an address, or one by its snapshot",
		Long: `列出一个网址的存档,并核对最近一份(或按编号指定的一份)的摘要、来源 IP、跳转与 TLS 证书;serve 运行时也可用。

Lists the captures of an address and checks the newest (or the one that a
snapshot names): digests, IP address, redirects, TLS certificates. Works while
serve runs.`,
		Example: `  markwatch evidence show --config watch https://shop.example/item/1.html
  markwatch evidence show --config watch --body page https://shop.example/item/1.html > page.html
  markwatch evidence show --config watch 'crawl-….warc.gz#urn:uuid:…' --json`,
		Args: argsBetween(1, 1, "网址或存档编号 an address or a snapshot"),
		RunE: func(cmd *cobra.Command, args []string) error {
			from, err := day(since)
			if err != nil {
				return err
			}
			to, err := day(until)
			if err != nil {
				return err
			}
			if body != "" && body != "page" {
				return markwatch.Errorf(markwatch.CodeInvalid, "--body %q: 可用 use page", body)
			}
			a, err := c.load(config)
			if err != nil {
				return err
			}
			dir, err := a.capturesDir()
			if err != nil {
				return err
			}
			bucket, err := a.bucket()
			if err != nil {
				return err
			}
			archive, err := evidence.OpenArchive(dir, evidence.ArchiveOptions{ReadOnly: true, Bucket: bucket})
			if err != nil {
				return err
			}
			a.onClose(archive.Close)
			defer func() { _ = a.Close() }() // nothing was written
			return a.showCapture(cmd.Context(), archive, args[0], from, to, showOptions{asJSON: asJSON, all: all, body: body != ""})
		},
	}
	configFlag(cmd, &config)
	f := cmd.Flags()
	f.StringVar(&since, "since", "", "自某日起 from a day, 2026-11-01")
	f.StringVar(&until, "until", "", "到某日前 before a day")
	f.StringVar(&body, "body", "", "page:输出网页内容本身 write the page itself")
	f.BoolVar(&asJSON, "json", false, "输出 JSON")
	f.BoolVar(&all, "all", false, "逐份核对 check every capture, not the newest alone")
	return cmd
}

// day reads a date as people write it; empty is none.
func day(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, s, time.Local)
	if err != nil {
		return t, markwatch.WrapError(markwatch.CodeInvalid, err, "日期 %q 应如 2026-11-01 is no date", s)
	}
	return t, nil
}

// snapshotMark stands in every snapshot, between its file and its record.
const snapshotMark = "#urn:uuid:"

type showOptions struct{ asJSON, all, body bool }

func (a *app) showCapture(ctx context.Context, archive *evidence.Archive, what string, from, to time.Time, opts showOptions) error {
	snapshots := []string{what}
	if !strings.Contains(what, snapshotMark) {
		found, err := a.findCaptures(ctx, archive, what, from, to, opts)
		if err != nil {
			return err
		}
		snapshots = found
	}
	if opts.body {
		newest := snapshots[len(snapshots)-1]
		page, err := archive.Page(ctx, newest)
		if markwatch.ErrorCode(err) == markwatch.CodeNotFound {
			if d, described := archive.Describe(ctx, newest); described == nil && !d.Intact {
				return markwatch.Errorf(markwatch.CodeUnavailable, "存档与其摘要不符 the capture does not hold: %s", strings.Join(d.Faults, "; "))
			}
		}
		if err != nil {
			return err
		}
		_, err = a.out.Write(page.Body)
		return err
	}
	if !opts.all {
		snapshots = snapshots[len(snapshots)-1:]
	}
	broken := 0
	for _, snapshot := range snapshots {
		d, err := archive.Describe(ctx, snapshot)
		if err != nil {
			return err
		}
		if !d.Intact {
			broken++
		}
		if opts.asJSON {
			if err := a.json(d); err != nil {
				return err
			}
			continue
		}
		a.printCapture(d)
	}
	if broken > 0 {
		return markwatch.Errorf(markwatch.CodeUnavailable, "%d 份存档与其摘要不符 captures do not hold", broken)
	}
	return nil
}

// findCaptures lists an address's captures and returns their snapshots, newest
// last.
func (a *app) findCaptures(ctx context.Context, archive *evidence.Archive, url string, from, to time.Time, opts showOptions) ([]string, error) {
	entries, err := archive.Find(ctx, url, from, to)
	if key, keyErr := canonical.URL(url); err == nil && len(entries) == 0 && keyErr == nil && key != url {
		entries, err = archive.Find(ctx, key, from, to)
	}
	switch {
	case err != nil && len(entries) == 0:
		return nil, err
	case err != nil:
		// A file that cannot be read takes nothing from what others hold.
		a.say("⚠ 有存档文件读不出 some captures cannot be read: %v", err)
	case len(entries) == 0:
		return nil, markwatch.Errorf(markwatch.CodeNotFound, "没有这个网址的存档 there is no capture of %s", url)
	}
	rows := [][]string{{"时间 at", "种类 type", "状态 status", "来源 source", "存档 snapshot"}}
	var snapshots []string
	for _, e := range entries {
		rows = append(rows, []string{e.At.In(a.cfg.Deployment.Location()).Format(time.DateTime), e.Type, fmt.Sprint(e.Status), e.Source, e.Snapshot()})
		snapshots = append(snapshots, e.Snapshot())
	}
	if !opts.asJSON && !opts.body {
		a.table(rows)
	}
	return snapshots, nil
}

func (a *app) printCapture(d evidence.Description) {
	rows := [][]string{
		{"", ""},
		{"存档 snapshot", d.Snapshot},
		{"网址 url", printable(d.URL, 0)},
		{"时间 at", d.At.Format(time.RFC3339Nano)},
		{"来源 source", d.Source},
		{"IP", d.IP},
		{"状态 status", fmt.Sprint(d.Status)},
		{"内容 body", fmt.Sprintf("%d B %s", d.BodyBytes, printable(d.ContentType, 60))},
		{"摘要 digest", d.PayloadDigest},
		{"协议 protocol", strings.TrimSpace(strings.Join([]string{d.Protocol, d.TLSVersion, d.CipherSuite}, " "))},
	}
	for _, c := range d.Certificates {
		rows = append(rows, []string{"证书 certificate", printable(fmt.Sprintf("%s, %s 签发 issued by %s, 有效至 until %s, SHA-256 %s",
			c.Subject, c.NotBefore.Format(time.DateOnly), c.Issuer, c.NotAfter.Format(time.DateOnly), c.SHA256), 0)})
	}
	for _, via := range d.Redirects {
		rows = append(rows, []string{"跳转自 via", printable(via.URL, 0)})
	}
	verdict := "相符 intact"
	if !d.Intact {
		verdict = "不符 does not hold: " + strings.Join(d.Faults, "; ")
	}
	a.table(append(rows, []string{"核对 check", verdict}))
}
