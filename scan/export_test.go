package scan

import (
	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/frontier"
)

// ReadPage reads a page of a source as a scan does, and tells what it gave.
func (s *Scanner) ReadPage(page *markwatch.Page, depth int) (outcome markwatch.PageOutcome, links []frontier.Link, listings []markwatch.Listing) {
	w := s.watches[page.Source]
	e := w.read(frontier.Entry{Scan: "scan", Source: page.Source, URL: page.URL, Depth: depth}, page)
	return e.outcome, e.links, e.listings
}
