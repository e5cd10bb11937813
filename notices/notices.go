package notices

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/riverqueue/river"
)

// Options of Notices.
type Options struct {
	Channels []Channel
	// Desk is the address under which people reach the desk; notices have no
	// links where it is empty.
	Desk string
	// Location is the zone of the times in notices; UTC where nil.
	Location *time.Location
	// RootCAs are those that servers are trusted by; the system's where nil.
	RootCAs *x509.CertPool
	// Observe is told of each attempt: "sent", "failed" or "waiting"; may be nil.
	Observe func(kind Kind, result string)
	// Now is the clock; time.Now where nil.
	Now func() time.Time
	// Logger gets what was not delivered; nothing is logged where nil.
	Logger *slog.Logger
}

// Notices tells channels of events. Its methods may be called from any
// goroutine.
type Notices struct {
	desk    *url.URL
	zone    *time.Location
	roots   *x509.CertPool
	observe func(Kind, string)
	now     func() time.Time
	log     *slog.Logger
	http    *http.Client

	mu       sync.RWMutex
	channels []Channel // an e-mail channel has one address
	rates    map[string]*rate
}

// New returns Notices. The error has markwatch.CodeInvalid and quotes no
// address where a channel cannot be used.
func New(opts Options) (*Notices, error) {
	n := &Notices{zone: opts.Location, roots: opts.RootCAs, observe: opts.Observe, now: opts.Now, log: opts.Logger, rates: map[string]*rate{}}
	if opts.Desk != "" {
		desk, err := url.Parse(opts.Desk)
		if err != nil || desk.Scheme != "http" && desk.Scheme != "https" || desk.Host == "" || desk.User != nil {
			return nil, markwatch.Errorf(markwatch.CodeInvalid, "the desk's address must begin with http:// or https://")
		}
		n.desk = desk
	}
	if n.zone == nil {
		n.zone = time.UTC
	}
	if n.observe == nil {
		n.observe = func(Kind, string) {}
	}
	if n.now == nil {
		n.now = time.Now
	}
	if n.log == nil {
		n.log = slog.New(slog.DiscardHandler)
	}
	n.http = newHTTP(&tls.Config{RootCAs: n.roots, MinVersion: tls.VersionTLS12})
	return n, n.Reload(opts.Channels)
}

// Reload replaces the channels. What is on its way to one that is gone is
// given up. Where one cannot be used nothing changes.
func (n *Notices) Reload(channels []Channel) error {
	var single []Channel
	for _, c := range channels {
		if err := c.check(); err != nil {
			return err
		}
		if c.Format != Email {
			single = append(single, c)
			continue
		}
		// A letter of its own for each address: one that is refused costs the
		// others nothing, and is the only one to be tried again.
		for _, to := range c.To {
			each := c
			each.To = []string{to}
			single = append(single, each)
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.channels = single
	return nil
}

// Channels returns the channels as they are spoken to, an e-mail channel once
// for each address.
func (n *Notices) Channels() []Channel {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.channels
}

// Tells says whether any channel is told of a kind of event.
func (n *Notices) Tells(kind Kind) bool {
	return slices.ContainsFunc(n.Channels(), func(c Channel) bool { return c.tells(kind) })
}

func (n *Notices) channel(id string) (Channel, bool) {
	for _, c := range n.Channels() {
		if c.ID() == id {
			return c, true
		}
	}
	return Channel{}, false
}

// SendTx inserts a job for each channel that is told of the event's kind, in a
// transaction. An event whose id was sent before, within the day for which
// River remembers, is not told again.
func (n *Notices) SendTx(ctx context.Context, client *river.Client[*sql.Tx], tx *sql.Tx, e Event) error {
	jobs := n.jobs(e)
	if len(jobs) == 0 {
		return nil
	}
	_, err := client.InsertManyTx(ctx, tx, jobs)
	return wrapInsert(err, e.Kind)
}

// Send is SendTx in a transaction of its own.
func (n *Notices) Send(ctx context.Context, client *river.Client[*sql.Tx], e Event) error {
	jobs := n.jobs(e)
	if len(jobs) == 0 {
		return nil
	}
	_, err := client.InsertMany(ctx, jobs)
	return wrapInsert(err, e.Kind)
}

// jobs are those of an event. Two channels that are one lead to one job.
func (n *Notices) jobs(e Event) []river.InsertManyParams {
	e = e.bounded()
	var jobs []river.InsertManyParams
	seen := map[string]bool{}
	for _, c := range n.Channels() {
		if id := c.ID(); c.tells(e.Kind) && !seen[id] {
			seen[id] = true
			jobs = append(jobs, river.InsertManyParams{Args: NoticeArgs{Channel: id, ID: e.ID, Event: e}})
		}
	}
	return jobs
}

func wrapInsert(err error, kind Kind) error {
	if err == nil {
		return nil
	}
	return markwatch.WrapError(markwatch.ErrorCode(err), err, "sending notices of %s", kind)
}

// Deliver tells one channel of an event now, whatever the channel is told of
// otherwise: to try a channel out. The error names no secret; it has
// markwatch.CodeNotFound where there is no such channel and CodeUnavailable
// where the notice was not taken.
func (n *Notices) Deliver(ctx context.Context, channel string, e Event) error {
	c, ok := n.channel(channel)
	if !ok {
		return markwatch.Errorf(markwatch.CodeNotFound, "there is no notice channel %s", channel)
	}
	return n.deliver(ctx, c, e.bounded())
}

// deliver speaks to the channel, and keeps its secrets out of the error.
func (n *Notices) deliver(ctx context.Context, c Channel, e Event) error {
	err := senders()[c.Format](ctx, n, c, e)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return markwatch.Errorf(markwatch.CodeUnavailable, "%s: %s", c.ID(), text(c.hide(err.Error()), maxValue))
}

// sender speaks one format.
type sender func(ctx context.Context, n *Notices, c Channel, e Event) error

// senders holds the formats, a line each.
func senders() map[Format]sender {
	return map[Format]sender{
		Webhook:  sendWebhook,
		Email:    sendMail,
		WeCom:    sendWeCom,
		DingTalk: sendDingTalk,
		Feishu:   sendFeishu,
	}
}
