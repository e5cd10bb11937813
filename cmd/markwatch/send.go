package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/configs"
	"github.com/markwatch/markwatch/leads/delivery"
	"github.com/markwatch/markwatch/leads/dispatch"
	"github.com/markwatch/markwatch/store"
)

func newLeadsSend(c console) *cobra.Command {
	var s sending
	var by identity
	cmd := &cobra.Command{
		Use:   "send [--config DIR] [--unit UNIT]",
		Short: "把已批准的线索按单位成批移送 make a batch of approved leads for each unit",
		Long: `为每个单位取下一个编号,固定线索内容,生成清单(XLSX、CSV、NDJSON)、移送函(DOCX、PDF)与证据包,放在
数据目录的 batches 下,并按 handling.yaml 送达。移送前重新访问页面,写明仍在售、有变化或已下架。

Takes the next number for each unit, fixes what the leads say, and makes lists, letter and evidence
packages in the folder batches; then delivers them as handling.yaml says. Pages are fetched again first.`,
		Example: `  markwatch leads send --config watch --token-file liqiang.token
  markwatch leads send --config watch --unit samr-guiyang --no-recheck`,
		Args: argsBetween(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.asPerson(cmd.Context(), s.config, "leads send", &by, accounts.Approve, func(ctx context.Context, a *app, who acting) error {
				s.who = who
				return a.send(ctx, s)
			})
		},
	}
	configFlag(cmd, &s.config)
	identityFlags(cmd, &by)
	f := cmd.Flags()
	f.StringVar(&s.unit, "unit", "", "只移送给此单位 this unit only")
	f.BoolVar(&s.noRecheck, "no-recheck", false, "不重新访问页面 do not fetch the pages again")
	f.BoolVar(&s.noPackages, "no-packages", false, "不制作证据包 make no evidence packages")
	f.BoolVar(&s.pictures, "screenshots", true, "复查时截图(本机有浏览器时)take pictures when fetching again, where there is a browser")
	f.BoolVar(&s.asJSON, "json", false, "每批一行 JSON a batch a line")
	return cmd
}

type sending struct {
	config, unit                            string
	who                                     acting
	noRecheck, noPackages, pictures, asJSON bool
}

// send makes and delivers a batch for each unit that has approved leads.
func (a *app) send(ctx context.Context, s sending) error {
	if s.unit != "" {
		if _, err := a.unit(s.unit); err != nil {
			return err
		}
	}
	office := a.ownOffice()
	byUnit, err := office.Approved(ctx, s.unit, s.who.sees)
	if err != nil {
		return err
	}
	var failed error
	made := 0
	for _, unit := range a.known.Load().lists.Units.Units {
		numbers := byUnit[unit.ID]
		if len(numbers) == 0 {
			continue
		}
		made++
		order := dispatch.Order{Unit: unit.ID, Leads: numbers, By: s.who.name(), Recheck: !s.noRecheck, Packages: !s.noPackages, Pictures: s.pictures}
		kept, manifest, err := office.Send(ctx, order, a.watching(unit))
		if s.asJSON && manifest.Number != "" {
			err = errors.Join(a.json(manifest), err)
		}
		if err != nil {
			a.say("%s: %v", cmp.Or(kept.Number, unit.ID), err)
			failed = errors.Join(failed, err)
		}
		delete(byUnit, unit.ID)
	}
	for id, numbers := range byUnit {
		a.say("⚠ 单位 %s 已不在 units.yaml 中,%d 条线索未移送 the unit is not configured any more; its leads were not sent", id, len(numbers))
	}
	if made == 0 && failed == nil {
		a.say("没有已批准的线索可移送 there is no approved lead to send")
	}
	return errors.Join(failed, a.feeder.Flush(ctx))
}

func newLeadsBatch(c console) *cobra.Command {
	var config string
	var by identity
	var again, asJSON bool
	cmd := &cobra.Command{
		Use:   "batch [--config DIR] [NUMBER…]",
		Short: "列出批次,或重新生成并送达 list batches, or make and deliver them again",
		Long: `不写编号:列出批次及其送达情况。写编号:重新生成文件(内容逐字节相同)并送达尚未送达之处;
已送达的不会再送,除非 --again。

Without numbers lists batches and their deliveries. With numbers makes their files, the same to the byte, and
delivers them where they were not delivered; --again delivers once more.`,
		Example: "  markwatch leads batch --config watch 标移〔2026〕1号",
		RunE: func(cmd *cobra.Command, args []string) error {
			as := c.asAnybody
			if again {
				as = c.asPerson
			}
			return as(cmd.Context(), config, "leads batch", &by, accounts.Approve, func(ctx context.Context, a *app, who acting) error {
				if len(args) == 0 {
					return a.listBatches(ctx, asJSON)
				}
				office := a.ownOffice()
				for _, number := range args {
					kept, err := office.Batch(ctx, number)
					if err != nil {
						return err
					}
					dir, _, err := office.Write(ctx, kept)
					if err != nil {
						return err
					}
					a.say("%s %s", number, dir)
					if err := office.Deliver(ctx, kept, dir, who.name(), again, a.watching(markwatch.Unit{})); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	configFlag(cmd, &config)
	identityFlags(cmd, &by)
	cmd.Flags().BoolVar(&again, "again", false, "已送达的也再送一次 deliver once more")
	cmd.Flags().BoolVar(&asJSON, "json", false, "每批一行 JSON a batch a line")
	return cmd
}

func (a *app) listBatches(ctx context.Context, asJSON bool) error {
	batches, err := a.store.Batches(ctx, "")
	if err != nil {
		return err
	}
	var rows [][]string
	for _, b := range batches {
		log, err := a.store.Deliveries(ctx, b.Number)
		if err != nil {
			return err
		}
		if asJSON {
			if err := a.json(struct {
				Batch      json.RawMessage  `json:"batch"`
				Deliveries []store.Delivery `json:"deliveries"`
			}{b.Document, log}); err != nil {
				return err
			}
			continue
		}
		told := "未送达 not delivered"
		if len(log) > 0 {
			last := log[len(log)-1]
			told = last.State + " " + last.Target
		}
		rows = append(rows, []string{b.Number, b.Unit, b.At.In(a.cfg.Deployment.Location()).Format(time.DateTime), fmt.Sprint(b.Leads), printable(told, 60)})
	}
	a.table(rows)
	return nil
}

// hookWait bounds a webhook's answer.
const hookWait = 2 * time.Minute

func (a *app) target(d configs.Delivery) (delivery.Target, error) {
	address, secret, err := a.cfg.DeliverySecret(d, os.LookupEnv)
	if err != nil {
		return nil, err
	}
	switch d.Kind {
	case "folder":
		return delivery.Folder{Path: a.cfg.Path(d.Path), As: d.Path}, nil
	case "s3":
		return delivery.S3{URL: address.Reveal(), Bucket: d.Bucket, Region: d.Region, Prefix: strings.Trim(d.Path, "/"), AccessKey: d.User, SecretKey: secret.Reveal()}, nil
	case "sftp":
		t := delivery.SFTP{Host: d.Host, User: d.User, Path: d.Path, HostKey: d.HostKey, Password: secret.Reveal()}
		if d.KeyFile != "" {
			if t.Key, err = os.ReadFile(a.cfg.Path(d.KeyFile)); err != nil {
				return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "不能读取 SSH 私钥 cannot read the SSH key")
			}
		}
		return t, nil
	case "webhook":
		return delivery.Webhook{URL: address.Reveal(), Secret: secret.Reveal(), Client: &http.Client{Timeout: hookWait}, Now: time.Now}, nil
	}
	return nil, markwatch.Errorf(markwatch.CodeInvalid, "没有送达方式 %q / there is no such way of delivery", d.Kind)
}
