package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence"
)

// capturesDir is the folder of the captures.
func (a *app) capturesDir() (string, error) {
	return a.engineDir("archive", a.cfg.Deployment.Engines.Archive, "captures")
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
