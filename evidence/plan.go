package evidence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/markwatch/markwatch"
)

// span is one stretch of a WARC file that stays or goes as a whole: a gzip
// member with its record, or damage between members.
type span struct {
	start, end int64
	kind       spanKind
	id         string // of a capture
	beside     string // id of the record that it belongs to, of this file
	entry      *Entry // nil where the index leaves the record out
	keep       bool
}

// spanKind is what decides on a span beside its entry.
type spanKind byte

const (
	ofOthers spanKind = iota // stays with the record it belongs to
	ofCapture
	ofFile // stays while anything does
)

// plan says what of a file stays.
type plan struct {
	file    string
	size    int64
	spans   []span
	place   map[string]int  // of spans, by id
	kept    map[string]bool // ids of captures
	dropped int             // spans that go
}

// newPlan reads a file into spans. The error is of CodeInvalid for a file
// whose records cannot be taken apart.
func newPlan(ctx context.Context, path string) (*plan, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeNotFound, err, "there is no file of captures to prune")
	}
	r, err := OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	p := &plan{file: filepath.Base(path), size: info.Size(), place: map[string]int{}}
	for {
		if err := ctx.Err(); err != nil {
			return nil, markwatch.WrapError(markwatch.CodeCanceled, err, "pruning stopped")
		}
		rec, err := r.Next()
		var damage *FormatError
		s := span{}
		switch {
		case errors.Is(err, io.EOF):
			for i := range p.spans {
				p.spans[i].end = p.size
				if i+1 < len(p.spans) {
					p.spans[i].end = p.spans[i+1].start
				}
			}
			return p, nil
		case errors.As(err, &damage):
			// Damage is nobody's: it may be part of what stays.
			s.start, s.kind = damage.Offset, ofFile
		case err != nil:
			return nil, fmt.Errorf("reading %s to prune it: %w", p.file, err)
		default:
			s = spanOf(rec, p.file)
		}
		if n := len(p.spans); n > 0 && p.spans[n-1].start >= s.start {
			return nil, markwatch.Errorf(markwatch.CodeInvalid, "%s cannot be pruned: not every record has a gzip member of its own", p.file)
		}
		if s.id != "" {
			p.place[s.id] = len(p.spans)
		}
		p.spans = append(p.spans, s)
	}
}

// spanOf is the span of a record.
func spanOf(rec *Record, file string) span {
	s := span{start: rec.Offset, beside: strings.Clone(besideOf(rec, file))}
	if e, ok := rec.entry(file, 0); ok {
		s.id, s.entry = e.ID, &e
	}
	switch {
	case rec.Type == "warcinfo" || s.entry != nil && s.entry.IsAside():
		s.kind = ofFile
	case rec.Type == "response" || rec.Type == "revisit":
		s.kind = ofCapture
	}
	return s
}

// besideOf is the id of the record that rec stays with, of the same file.
func besideOf(rec *Record, file string) string {
	if rec.Type == "revisit" || rec.Type == "response" {
		return ""
	}
	if other := rec.Header.Get(fieldRefersToFile); other != "" && other != file {
		return ""
	}
	id, _, _ := rec.RefersTo()
	return id
}

// decide marks what stays: what keep wants, what outside names by snapshot,
// and what belongs to that.
func (p *plan) decide(keep func(Entry) bool, outside map[string]bool) {
	p.kept, p.dropped = map[string]bool{}, 0
	for i := range p.spans {
		s := &p.spans[i]
		s.keep = false
		if e := s.entry; e != nil && s.kind != ofFile && (outside[e.Snapshot()] || keep(*e)) {
			s.keep = true
		}
	}
	for i := range p.spans {
		if p.spans[i].keep {
			p.keepOriginals(&p.spans[i])
		}
	}
	any := false
	for _, s := range p.spans {
		if s.keep {
			p.kept[s.id], any = true, true
		}
	}
	for i := range p.spans {
		s := &p.spans[i]
		if !s.keep && any {
			s.keep = s.kind == ofFile || s.kind == ofOthers && p.kept[s.beside]
		}
		if !s.keep {
			p.dropped++
		}
	}
}

// keepOriginals keeps what a kept revisit, or a kept document that was made of
// a page, refers to within the file.
func (p *plan) keepOriginals(s *span) {
	for s.entry != nil && s.entry.Refers != "" {
		file, id, _ := strings.Cut(s.entry.Refers, "#")
		i, ok := p.place[id]
		if file != p.file || !ok || p.spans[i].keep {
			return
		}
		s = &p.spans[i]
		s.keep = true
	}
}

// stays says whether anything but the file's frame is kept.
func (p *plan) stays() bool { return len(p.kept) > 0 }

// moved is the size of the new file and its entries at their new places.
func (p *plan) moved() (size int64, list entryList) {
	for _, s := range p.spans {
		if !s.keep {
			continue
		}
		if s.entry != nil {
			e := *s.entry
			e.Offset, e.Length = size, s.end-s.start
			list = append(list, e)
		}
		size += s.end - s.start
	}
	return size, list
}
