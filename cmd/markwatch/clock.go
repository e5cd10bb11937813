package main

import (
	"context"
	"net/http"
	"time"

	"github.com/markwatch/markwatch/evidence/clock"
	"github.com/markwatch/markwatch/evidence/pack"
)

// measureClock holds this machine's clock against the configured sources of
// time. Where none answers, how far it is off is unknown, and packages say so.
func (a *app) measureClock(ctx context.Context) pack.Clock {
	c := pack.Clock{Zone: a.cfg.Deployment.TimeZone}
	sources := a.cfg.Deployment.Timestamps.Clock
	m, err := clock.Measure(ctx, sources, time.Now, &http.Client{})
	if err != nil {
		c.Unknown = err.Error()
		if len(sources) > 0 {
			a.say("⚠ 没有核对时钟 the clock was not checked: %v", err)
		}
		return c
	}
	c.Checked, c.At = m.Source, m.At
	c.Offset, c.Margin = m.Ahead.Round(time.Millisecond).String(), m.Margin.Round(time.Millisecond).String()
	return c
}

// clockNote is what a draft says of the clock.
func (p *packer) clockNote(moment func(time.Time) string) string {
	if p.clock.Checked == "" {
		return "本机时钟偏差未知(未核对),(由执法人员填写)"
	}
	return moment(p.clock.At) + "对照 " + p.clock.Checked + ",本机时钟偏差 " + p.clock.Offset + "(正为快,误差 ±" + p.clock.Margin + ")"
}
