package notices

import (
	"context"
	"sync"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// JobKind is the kind of the jobs, for River.
const JobKind = "notice"

// NoticeArgs is the job that tells one channel of one event.
type NoticeArgs struct {
	// Channel is a channel's id.
	Channel string `json:"channel" river:"unique"`
	// ID is the event's.
	ID    string `json:"id" river:"unique"`
	Event Event  `json:"event"`
}

// Kind names the job to River.
func (NoticeArgs) Kind() string { return JobKind }

// attempts of a notice: River waits n⁴ seconds after the nth, which makes 17
// hours in all. What a day could not deliver, the morning's list of sources says.
const attempts = 13

// InsertOpts makes the job unique in every state, so that two processes that
// see the same thing tell of it once.
func (NoticeArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{
		Queue: river.QueueDefault, MaxAttempts: attempts,
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: rivertype.JobStates()},
	}
}

// Worker returns the worker of the jobs.
func (n *Notices) Worker() river.Worker[NoticeArgs] { return &worker{n: n} }

type worker struct {
	river.WorkerDefaults[NoticeArgs]
	n *Notices
}

// Timeout is longer than any one answer may take.
func (w *worker) Timeout(*river.Job[NoticeArgs]) time.Duration { return 4 * answerTime }

// Work tells the channel, or waits its turn.
func (w *worker) Work(ctx context.Context, job *river.Job[NoticeArgs]) error {
	n, kind := w.n, job.Args.Event.Kind
	c, ok := n.channel(job.Args.Channel)
	if !ok {
		return river.JobCancel(markwatch.Errorf(markwatch.CodeNotFound, "the channel %s is not configured any more", job.Args.Channel))
	}
	if wait := n.turn(c); wait > 0 {
		n.observe(kind, "waiting")
		return river.JobSnooze(wait)
	}
	if err := n.deliver(ctx, c, job.Args.Event.bounded()); err != nil {
		n.observe(kind, "failed")
		n.log.Warn("notices: not delivered", "channel", c.ID(), "event", job.Args.ID, "attempt", job.Attempt, "err", err)
		return err
	}
	n.observe(kind, "sent")
	return nil
}

// perMinute is how many messages a robot takes in a minute before it answers
// with errors; 0 is no limit.
func perMinute(f Format) int {
	switch f {
	case WeCom, DingTalk:
		return 20
	case Feishu:
		return 100
	}
	return 0
}

// turn counts a message to the channel, or says how long it has to wait.
func (n *Notices) turn(c Channel) time.Duration {
	limit := perMinute(c.Format)
	if limit == 0 {
		return 0
	}
	n.mu.Lock()
	id := c.ID()
	r := n.rates[id]
	if r == nil {
		r = &rate{}
		n.rates[id] = r
	}
	n.mu.Unlock()
	return r.turn(n.now(), limit)
}

// rate counts the messages of the last minute.
type rate struct {
	mu   sync.Mutex
	sent []time.Time
}

func (r *rate) turn(now time.Time, limit int) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.sent) > 0 && now.Sub(r.sent[0]) >= time.Minute {
		r.sent = r.sent[1:]
	}
	if len(r.sent) >= limit {
		return max(time.Minute-now.Sub(r.sent[0]), time.Second)
	}
	r.sent = append(r.sent, now)
	return 0
}
