package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence"
	"github.com/markwatch/markwatch/evidence/s3"
)

// capturesDir is the folder of the captures; where engines.archive names a
// bucket, of those of this machine.
func (a *app) capturesDir() (string, error) {
	configured := a.cfg.Deployment.Engines.Archive
	if inBucket(configured) {
		configured = ""
	}
	return a.engineDir("archive", configured, "captures")
}

// inBucket says that engines.archive names a bucket.
func inBucket(archive string) bool { return strings.Contains(archive, "://") }

// bucket is where the machines keep copies of their captures; nil for none.
func (a *app) bucket() (evidence.Bucket, error) {
	address := a.cfg.Deployment.Engines.Archive
	if !inBucket(address) {
		return nil, nil
	}
	return s3.Open(address)
}

// mirror copies the captures of ended files to the bucket, where there is one,
// and first ends the present files of the sources.
func (a *app) mirror(ctx context.Context, sources ...string) error {
	if !inBucket(a.cfg.Deployment.Engines.Archive) {
		return nil
	}
	for _, source := range sources {
		if err := a.archive.End(source); err != nil {
			return err
		}
	}
	done, err := a.archive.Mirror(ctx)
	if done.Copied > 0 {
		a.say("已把 %d 个存档文件(%s)复制到证据桶 files of captures copied to the bucket", done.Copied, mebibytes(done.Bytes))
	}
	return err
}

// keepMirror copies the captures of each scan that ends, until ctx ends. What
// a bucket that cannot be used did not take is copied after the next scan, or
// with the daily upkeep.
func (a *app) keepMirror(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case source := <-a.scanned:
			if err := a.mirror(ctx, source); err != nil && ctx.Err() == nil {
				a.log.ErrorContext(ctx, "copying captures to the bucket", "source", source, "error", err)
			}
		}
	}
}

// toMirror notes that a source's captures can be copied; where the list is
// full the daily upkeep copies them.
func (a *app) toMirror(source string) {
	select {
	case a.scanned <- source:
	default:
	}
}

// archiveOptions say how captures are kept and what their files tell of the
// source that they come from.
func (a *app) archiveOptions() evidence.ArchiveOptions {
	d := a.cfg.Deployment
	quota := int64(d.Archive.Quota)
	return evidence.ArchiveOptions{
		Software: "markwatch/" + version(), Operator: d.Crawl.Contact, RotateBytes: int64(d.Archive.Rotate),
		UserAgent: func(source string) string {
			if s := a.source(source); s != nil && s.Request.UserAgent != "" {
				return s.Request.UserAgent
			}
			return d.Crawl.UserAgent
		},
		Robots: func(source string) string {
			s := a.source(source)
			if s == nil || s.Politeness.Robots != "ignore" {
				return "obey"
			}
			return "ignore: " + s.Politeness.RobotsReason
		},
		Describe:   a.describeSource,
		QuotaBytes: quota, WarnBytes: int64(d.Archive.Warn * float64(quota)), Warn: a.warnQuota,
		Now: time.Now,
	}
}

// describeSource is a source's configuration without what nobody else may
// read: what is sent with its requests may hold passwords.
func (a *app) describeSource(id string) []byte {
	s := a.source(id)
	if s == nil {
		return nil
	}
	told := *s
	told.Request = markwatch.Request{UserAgent: s.Request.UserAgent, HTTP: s.Request.HTTP}
	b, err := json.Marshal(told)
	if err != nil {
		return nil // a file without the description is better than none
	}
	return b
}

func (a *app) source(id string) *markwatch.Source {
	for i := range a.cfg.Lists.Sources {
		if a.cfg.Lists.Sources[i].ID == id {
			return &a.cfg.Lists.Sources[i]
		}
	}
	return nil
}

// warnQuota tells that the captures are about to fill their quota.
func (a *app) warnQuota(used, _, quota int64) {
	a.say("⚠ 网页存档已占 %s,上限 %s:清理、缩短 keep.days 或提高 archive.quota captures are about to fill their quota: free space, shorten keep.days or raise archive.quota",
		mebibytes(used), mebibytes(quota))
	a.quotaWarned(used, quota)
}

func mebibytes(n int64) string { return fmt.Sprintf("%d MiB", n>>20) }
