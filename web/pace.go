package web

import "time"

// How long a scan must be watched before anything is said of its speed.
const (
	paceWindow  = time.Minute
	ratedAfter  = 2 * time.Second
	restAfter   = 30 * time.Second
	restPages   = 20
	longestRest = 24 * time.Hour
)

// pace is what was observed of one scan within the last paceWindow.
type pace struct {
	points []pacePoint
}

type pacePoint struct {
	at           time.Time
	done, queued int
}

// tempo is how fast a scan goes.
type tempo struct {
	// Rate is in pages a second; -1 where the scan was not watched for long.
	Rate float64
	// Rest is how long the queue lasts at the rate at which it shrinks; zero
	// where nothing honest can be said.
	Rest time.Duration
	// Growing is set where addresses are found faster than they are dealt with,
	// or as fast.
	Growing bool
}

// observe notes where a scan stands and returns how fast it goes. The rest is
// counted by how the queue shrinks and not by the pages done, since a crawl
// finds addresses as it goes.
func (p *pace) observe(at time.Time, done, queued int) tempo {
	if n := len(p.points); n > 0 && (at.Before(p.points[n-1].at) || done < p.points[n-1].done) {
		p.points = nil // the clock was set back, or the counts begin anew
	}
	// Several readings within a second add nothing.
	if n := len(p.points); n < 2 || at.Sub(p.points[n-2].at) >= time.Second {
		p.points = append(p.points, pacePoint{})
	}
	p.points[len(p.points)-1] = pacePoint{at, done, queued}
	for len(p.points) > 2 && at.Sub(p.points[1].at) >= paceWindow {
		p.points = p.points[1:]
	}
	first := p.points[0]
	span := at.Sub(first.at)
	t := tempo{Rate: -1}
	if span < ratedAfter {
		return t
	}
	t.Rate = float64(done-first.done) / span.Seconds()
	if queued == 0 || span < restAfter || done-first.done < restPages {
		return t
	}
	fell := first.queued - queued
	if t.Growing = fell <= 0; t.Growing {
		return t
	}
	if rest := time.Duration(float64(queued) / float64(fell) * float64(span)); rest > 0 && rest <= longestRest {
		t.Rest = rest
	}
	return t
}
