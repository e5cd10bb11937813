package notices

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/markwatch/markwatch"
)

// Kind is what happened.
type Kind string

// The kinds of event that a channel's "on" names.
const (
	ScanFinished   Kind = "scan-finished"
	ScanFailed     Kind = "scan-failed"
	SourceBlocked  Kind = "source-blocked"
	SourceDegraded Kind = "source-degraded"
	GraveLead      Kind = "grave-lead"
	DiskQuota      Kind = "disk-quota"
	SavedSearch    Kind = "saved-search"
	LeadDue        Kind = "lead-due"   // leads that are due soon, or overdue
	ReportDue      Kind = "report-due" // the month's figures
)

// Kinds returns every kind of event.
func Kinds() []Kind {
	return []Kind{ScanFinished, ScanFailed, SourceBlocked, SourceDegraded, GraveLead, DiskQuota, SavedSearch, LeadDue, ReportDue}
}

// Severity says how soon somebody should look.
type Severity string

// The severities; empty is Info.
const (
	Info    Severity = "info"
	Warning Severity = "warning"
	Grave   Severity = "grave"
)

// Event is one thing that happened. Texts may hold what was crawled.
type Event struct {
	// ID is the same wherever the same thing is told of again. Where it is
	// empty it follows from kind, source and scan, and from the time where
	// there is no scan; so that a scan of a source tells of each kind once,
	// its grave leads in one summary.
	ID         string    `json:"id"`
	Kind       Kind      `json:"kind"`
	Severity   Severity  `json:"severity"`
	At         time.Time `json:"at"`
	Source     string    `json:"source,omitempty"`
	SourceName string    `json:"source_name,omitempty"`
	Scan       string    `json:"scan,omitempty"`
	// Title is one line, Text any number of them.
	Title markwatch.Text `json:"title"`
	Text  markwatch.Text `json:"text"`
	// Link is an address of the desk, or a path on it; any other is left out.
	Link  string `json:"link,omitempty"`
	Facts []Fact `json:"facts,omitempty"`
}

// Fact is one line of a notice's table.
type Fact struct {
	Name  markwatch.Text `json:"name"`
	Value string         `json:"value"`
}

// Bounds of an event, in bytes of UTF-8. They are far above what any format
// shows; they keep a crawled text from filling the database.
const (
	maxTitle = 512
	maxText  = 16 << 10
	maxName  = 128
	maxValue = 1 << 10
	maxFacts = 40
)

// bounded is the event as it is stored: identified, without characters that
// show as something else than they are, and not beyond its bounds.
func (e Event) bounded() Event {
	if e.ID == "" {
		e.ID = string(e.Kind) + "/" + e.Source + "/" + e.Scan
		if e.Scan == "" {
			e.ID += e.At.UTC().Format(time.RFC3339)
		}
	}
	if len(e.ID) > maxName || clean(e.ID) != e.ID {
		sum := sha256.Sum256([]byte(e.ID))
		e.ID = hex.EncodeToString(sum[:])
	}
	if e.Severity == "" {
		e.Severity = Info
	}
	e.At = e.At.UTC()
	e.Source, e.SourceName, e.Scan = line(e.Source, maxName), line(e.SourceName, maxTitle), line(e.Scan, maxName)
	e.Title = markwatch.Text{ZH: line(e.Title.ZH, maxTitle), EN: line(e.Title.EN, maxTitle)}
	e.Text = markwatch.Text{ZH: text(e.Text.ZH, maxText), EN: text(e.Text.EN, maxText)}
	if len(e.Link) > maxValue || clean(e.Link) != e.Link {
		e.Link = ""
	}
	facts := make([]Fact, 0, min(len(e.Facts), maxFacts))
	for _, f := range e.Facts[:min(len(e.Facts), maxFacts)] {
		facts = append(facts, Fact{
			Name:  markwatch.Text{ZH: line(f.Name.ZH, maxName), EN: line(f.Name.EN, maxName)},
			Value: line(f.Value, maxValue),
		})
	}
	e.Facts = facts
	return e
}

// clean leaves out what is no text: broken UTF-8, controls but for line
// breaks, and marks that hide or turn round what stands beside them.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\r', r == '\u2028', r == '\u2029', r == '\v', r == '\f', r == '\u0085':
			return '\n'
		case r == '\t':
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs):
			return -1
		}
		return r
	}, s)
}

// text is clean text of at most limit bytes. What lies far beyond them is not
// looked at.
func text(s string, limit int) string { return cut(clean(head(s, limit)), limit) }

// line is text on one line.
func line(s string, limit int) string {
	return cut(strings.Join(strings.Fields(clean(head(s, limit))), " "), limit)
}

// head is as much of a text as can be left of it after cleaning, and more.
func head(s string, limit int) string {
	if room := 4*limit + utf8.UTFMax; len(s) > room {
		return s[:back(s, room)]
	}
	return s
}

// back is the border of a character at or before i.
func back(s string, i int) int {
	for j := i; j > 0 && i-j < utf8.UTFMax; j-- {
		if utf8.RuneStart(s[j]) {
			return j
		}
	}
	return i
}

// cut bounds a text in bytes, at the border of a character, and shows that it
// did so where there is room for it.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	const mark = "…"
	if limit < len(mark) {
		return ""
	}
	return s[:back(s, limit-len(mark))] + mark
}
