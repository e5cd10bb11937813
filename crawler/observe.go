package crawler

import (
	"errors"
	"time"

	"github.com/markwatch/markwatch"
)

// Observation is what became of one hop, for metrics: each request of a
// redirect chain, each robots.txt, and each address that was refused before
// anything was sent.
type Observation struct {
	Source string
	// Host is host:port.
	Host string
	// Outcome and Reason are those of the hop alone, as in FetchError; a
	// redirect that was answered as such counts as fetched, without a reason.
	Outcome markwatch.PageOutcome
	Reason  string
	// Status is 0 where no answer came.
	Status int
	// Bytes of the answer came off the wire, headers and codings included.
	Bytes int64
	// Took is the time from when the host's pace let the request go to the last
	// byte of its answer.
	Took time.Duration
	// Conditional is set where validators went out, Unchanged where the server
	// confirmed them.
	Conditional, Unchanged bool
	// Robots is set where the hop asked for robots.txt, which is no page.
	Robots bool
}

// observe completes what is known of a hop, counts its bytes and tells.
func (t *transport) observe(o Observation, a *answer, err error) {
	t.received.Add(o.Bytes)
	tell := t.crawler.cfg.Observe
	if tell == nil {
		return
	}
	o.Source, o.Outcome = t.source, markwatch.PageFetched
	fe := (*FetchError)(nil)
	switch {
	case err != nil:
		if !errors.As(err, &fe) {
			fe = failed(ReasonConnect, true, err)
		}
	case a != nil:
		o.Status, o.Unchanged = a.status, a.unchanged()
		if o.Unchanged {
			o.Outcome = markwatch.PageUnchanged
		}
		fe = judge(a, 0)
	}
	if fe != nil {
		o.Outcome, o.Reason = fe.Outcome, fe.Reason
	}
	tell(o)
}

// Traffic is how many bytes the session has received, those of robots.txt and
// of answers that became no page included.
func (s *Session) Traffic() int64 { return s.transport.received.Load() }
