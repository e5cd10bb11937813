package web

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/markwatch/markwatch/leads/dispatch"
)

// runLine is the work on a batch as pages show it and their script reads it.
type runLine struct {
	ID    int64  `json:"id"`
	Unit  string `json:"unit"`
	State string `json:"state"`
	// Words say what it is at or how it ended.
	Words string `json:"words"`
	Note  string `json:"note"`
	Done  int    `json:"done"`
	Total int    `json:"total"`
	Batch string `json:"batch"`
	URL   string `json:"url"`
	// By is who began it.
	By      string    `json:"-"`
	Started time.Time `json:"-"`
}

func running(run dispatch.Run) bool { return run.State == "running" }

// runs are the newest that concern units within the person's bounds.
func (d *desk) runs(r *http.Request) ([]dispatch.Run, error) {
	all, err := d.cfg.Dispatch.Runs(r.Context(), runsLooked)
	if err != nil {
		return nil, err
	}
	p := personOf(r)
	var out []dispatch.Run
	for _, run := range all {
		ok := ofUnit(p, run.Unit)
		// Which regions a batch is about is known of the batch alone.
		if ok && len(p.Regions) > 0 && run.Actor != p.ID {
			ok = false
			if run.Batch != "" {
				if ok, err = d.sees(r, dispatch.Record{Number: run.Batch, Unit: run.Unit}); err != nil {
					return nil, err
				}
			}
		}
		if ok {
			out = append(out, run)
		}
	}
	return out, nil
}

func (d *desk) runLine(l lang, run dispatch.Run) runLine {
	line := runLine{ID: run.ID, Unit: d.unitName(run.Unit), State: run.State, Done: run.Done, Total: run.Total, Batch: run.Batch, By: run.Actor, Started: run.StartedAt}
	line.Note, _ = clip(half(l, run.Note), quoteText)
	if run.Batch != "" {
		line.URL = batchURL(run.Batch)
	}
	if running(run) {
		line.Words = d.cat.word(l, "run.stage", run.Stage)
	} else {
		line.Words = d.cat.word(l, "run", run.State)
	}
	return line
}

// batchEvents streams the work on batches, as scanEvents does that of scans.
func (d *desk) batchEvents(w http.ResponseWriter, r *http.Request) {
	p, ok := d.watching(w, r)
	if !ok {
		return
	}
	if !d.dispatching() {
		http.NotFound(w, r)
		return
	}
	d.events(w, withPerson(r, p), d.runsEvent)
}

func (d *desk) runsEvent(r *http.Request, l lang) ([]byte, bool) {
	runs, err := d.runs(r)
	if err != nil {
		return nil, false
	}
	lines := make([]runLine, 0, runsShown)
	for _, run := range runs[:min(len(runs), runsShown)] {
		lines = append(lines, d.runLine(l, run))
	}
	b, err := json.Marshal(map[string][]runLine{"runs": lines})
	if err != nil {
		d.cfg.Logger.ErrorContext(r.Context(), "write the work on batches", "error", err)
		return nil, false
	}
	// JSON has no line ends of its own, so that one data line holds it.
	return append(append([]byte("data: "), b...), '\n', '\n'), true
}
