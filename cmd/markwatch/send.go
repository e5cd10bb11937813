package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/configs"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/batch"
	"github.com/markwatch/markwatch/leads/delivery"
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
	f.BoolVar(&s.pictures, "screenshots", false, "复查时截图(需要浏览器)take pictures when fetching again (needs a browser)")
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
	byUnit := map[string][]string{}
	for lead, err := range a.store.Leads(ctx, store.LeadFilter{Status: []markwatch.LeadStatus{markwatch.LeadApproved}, Unit: s.unit}) {
		if err != nil {
			return err
		}
		if !s.who.sees(&lead) {
			continue
		}
		byUnit[lead.Handling.Addressee.Unit] = append(byUnit[lead.Handling.Addressee.Unit], lead.Number)
	}
	var failed error
	made := 0
	for _, unit := range a.cfg.Lists.Units.Units {
		numbers := byUnit[unit.ID]
		if len(numbers) == 0 {
			continue
		}
		slices.Sort(numbers)
		made++
		if err := a.sendTo(ctx, unit, numbers, s); err != nil {
			a.say("%s: %v", unit.ID, err)
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

// sendTo makes one unit's batch. Packages are made first, since they take
// long; one that no batch came to name harms nobody. Then one transaction takes
// the number, and the files follow from what it kept, now or the next time.
func (a *app) sendTo(ctx context.Context, unit markwatch.Unit, numbers []string, s sending) error {
	who := s.who.name()
	h := a.handler()
	if err := h.countRight(ctx); err != nil {
		return err
	}
	packages, err := a.packages(ctx, h, numbers, s, who)
	if err != nil {
		return err
	}
	kept, err := a.store.CreateBatch(ctx, store.NewBatch{
		Code: a.cfg.Handling.Sender.Code, Unit: unit.ID, At: h.now.Truncate(time.Second), Leads: numbers,
		Number: func(year, serial int) string { return batch.Number(a.cfg.Handling.Sender.Code, year, serial) },
		Apply: func(number string, old []markwatch.Lead) ([]markwatch.Lead, [][]markwatch.LeadEvent, error) {
			next, events := make([]markwatch.Lead, len(old)), make([][]markwatch.LeadEvent, len(old))
			for i, l := range old {
				made := packages[l.ID]
				var err error
				next[i], events[i], err = leads.Take(l, leads.Order{
					Act: leads.ActSend, Batch: number, Package: filepath.Base(made.path), PackageHash: made.sum, Shown: made.shown,
				}, who, h.now)
				if err != nil {
					return nil, nil, err
				}
				if made.path == "" {
					next[i].Handling.Package = ""
				}
			}
			return next, events, nil
		},
		Freeze: func(number string, sent []markwatch.Lead) (any, []any, error) {
			rows := make([]any, len(sent))
			for i, l := range sent {
				rows[i] = h.row(l, packages[l.ID].parts)
			}
			return a.newBatch(number, unit, sent, who, h.now), rows, nil
		},
	})
	if err != nil {
		return err
	}
	if err := a.audit(ctx, "batch", kept.Number, fmt.Sprintf("%s %d", unit.ID, kept.Leads)); err != nil {
		return err
	}
	dir, manifest, err := a.writeBatch(ctx, kept)
	if err != nil {
		return fmt.Errorf("批次 %s 已编号,文件未生成,可用 leads batch %s 重做 / batch %s has its number, its files can be made with leads batch: %w", kept.Number, kept.Number, kept.Number, err)
	}
	if s.asJSON {
		if err := a.json(manifest); err != nil {
			return err
		}
	}
	a.say("%s → %s:%d 条线索 leads,%s", kept.Number, unit.Name, kept.Leads, dir)
	return a.deliverAll(ctx, kept, dir, who, false)
}

// madePackage is a lead's package with what the second fetch showed.
type madePackage struct {
	path, sum, shown string
	parts            []markwatch.Lead
}

func (a *app) packages(ctx context.Context, h *handler, numbers []string, s sending, who string) (map[string]madePackage, error) {
	made := map[string]madePackage{}
	var p *packer
	var again *rechecker
	var err error
	if !s.noPackages {
		if p, err = a.packer(who); err != nil {
			return nil, err
		}
	}
	if !s.noRecheck {
		if again, err = a.rechecker(ctx, s.pictures); err != nil {
			return nil, err
		}
	}
	for _, number := range numbers {
		lead, err := a.store.Lead(ctx, number)
		if err != nil {
			return nil, err
		}
		one := madePackage{}
		if one.parts, err = h.parts(ctx, lead); err != nil {
			return nil, err
		}
		var shown second
		if again != nil {
			shown = again.again(ctx, &lead)
			one.shown = shown.note
			a.say("%s %s", number, shown.note)
		}
		if p != nil {
			if one.path, one.sum, err = p.make(ctx, h.row(lead, one.parts), shown); err != nil {
				return nil, fmt.Errorf("线索 %s 的证据包 the package of lead %s: %w", number, number, err)
			}
		}
		made[lead.ID] = one
	}
	return made, nil
}

func (a *app) newBatch(number string, unit markwatch.Unit, sent []markwatch.Lead, who string, now time.Time) batch.Batch {
	sender := a.cfg.Handling.Sender
	b := batch.Batch{
		Format: batch.Format, Number: number, Unit: unit.ID, Name: unit.Name, To: unit.Contact, Sender: batch.Sender{Name: sender.Name, Contact: sender.Contact, Phone: sender.Phone},
		At: now.UTC().Truncate(time.Second), By: who, Fields: unit.Fields, Formats: unit.Formats, Leads: len(sent),
	}
	if len(b.Formats) == 0 {
		b.Formats = []string{"xlsx", "csv"}
	}
	for _, l := range sent {
		for _, id := range l.Handling.Addressee.Copies {
			if u, err := a.unit(id); err == nil && !slices.Contains(b.Copies, u.Name) {
				b.Copies = append(b.Copies, u.Name)
			}
		}
	}
	slices.Sort(b.Copies)
	return b
}

// writeBatch makes the files of a batch of what the record kept of it; where
// they are there already, it compares them.
func (a *app) writeBatch(ctx context.Context, kept store.BatchRecord) (dir string, m batch.Manifest, err error) {
	var b batch.Batch
	if err := json.Unmarshal(kept.Document, &b); err != nil {
		return "", m, fmt.Errorf("reading batch %s: %w", kept.Number, err)
	}
	rows := func() iter.Seq2[*leads.Row, error] {
		return func(yield func(*leads.Row, error) bool) {
			for doc, err := range a.store.BatchLeads(ctx, kept.Number) {
				var r leads.Row
				if err == nil {
					err = json.Unmarshal(doc, &r)
				}
				if !yield(&r, err) || err != nil {
					return
				}
			}
		}
	}
	var packages []string
	for r, err := range rows() {
		if err != nil {
			return "", m, err
		}
		if r.Handling.Package != "" {
			packages = append(packages, filepath.Join(a.data, "packages", filepath.Base(r.Handling.Package)))
		}
	}
	dir = filepath.Join(a.data, "batches", b.Number)
	m, err = batch.Write(dir, b, rows, packages)
	return dir, m, err
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
				for _, number := range args {
					kept, err := a.store.Batch(ctx, number)
					if err != nil {
						return err
					}
					dir, _, err := a.writeBatch(ctx, kept)
					if err != nil {
						return err
					}
					a.say("%s %s", number, dir)
					if err := a.deliverAll(ctx, kept, dir, who.name(), again); err != nil {
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

// deliverAll hands a batch over in every way that its unit has. One that fails
// does not keep the others back.
func (a *app) deliverAll(ctx context.Context, kept store.BatchRecord, dir, who string, again bool) error {
	var failed error
	for _, way := range a.cfg.Handling.Deliveries {
		if way.Unit != kept.Unit {
			continue
		}
		target, err := a.target(way)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		log := store.Delivery{Batch: kept.Number, Target: target.Name(), Actor: who}
		err = a.store.BeginDelivery(ctx, log, again)
		if markwatch.ErrorCode(err) == markwatch.CodeConflict {
			a.say("%v", err)
			continue
		}
		if err != nil {
			return err
		}
		answer, err := target.Deliver(ctx, delivery.Parcel{Number: kept.Number, Dir: dir, Manifest: batch.ManifestName, At: kept.At, Zip: batch.Zip})
		log.State, log.Detail = store.DeliveryDone, answer
		if err != nil {
			log.State, log.Detail = store.DeliveryFailed, err.Error()
			failed = errors.Join(failed, fmt.Errorf("%s: %w", target.Name(), err))
		}
		// The log is written even where a signal stopped the delivery.
		if err := a.store.EndDelivery(context.WithoutCancel(ctx), log); err != nil {
			return errors.Join(failed, err)
		}
		a.say("%s %s %s", kept.Number, log.Target, log.State)
	}
	return failed
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
		return delivery.Folder{Path: a.cfg.Path(d.Path)}, nil
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
