package evidence

import (
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/markwatch/markwatch"
)

// IsRevisit says whether the record confirms an earlier capture instead of
// holding a payload: a revisit of the profile identical-payload-digest or
// server-not-modified, of WARC 1.0 or 1.1.
func (rec *Record) IsRevisit() bool {
	return rec.Type == "revisit" && rec.profile() != ""
}

// profile is profileIdentical, profileNotModified or "".
func (rec *Record) profile() string {
	p := bracketed(rec.Header.Get("WARC-Profile"))
	switch p[strings.LastIndexByte(p, '/')+1:] {
	case "identical-payload-digest", "uri-agnostic-identical-payload-digest":
		return profileIdentical
	case "server-not-modified":
		return profileNotModified
	}
	return ""
}

// RefersTo names the record that this one refers to: the original of a
// revisit, what a conversion or metadata was made from, the page beside which
// a resource was made. Fields that the record does not have are zero.
func (rec *Record) RefersTo() (id, targetURI string, date time.Time) {
	id = rec.Header.Get("WARC-Refers-To")
	if id == "" {
		id = rec.Header.Get("WARC-Concurrent-To")
	}
	if t, err := time.Parse(time.RFC3339Nano, rec.Header.Get("WARC-Refers-To-Date")); err == nil {
		date = t.UTC()
	}
	return bracketed(id), bracketed(rec.Header.Get("WARC-Refers-To-Target-URI")), date
}

// Original returns the record whose payload a revisit confirms. The error is
// of CodeNotFound where it is in none of the files that the record names, the
// revisit's own file and its folder, or where the record was not read from a
// file.
func (rec *Record) Original() (*Record, error) {
	if !rec.IsRevisit() {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "a %s record (%s) has no original", rec.Type, rec.Header.Get("WARC-Profile"))
	}
	if rec.original == nil && rec.originals != nil {
		rec.original = rec.originals.of(rec)
	}
	if rec.original == nil {
		id, uri, date := rec.RefersTo()
		if uri == "" {
			uri = rec.TargetURI
		}
		where := rec.Header.Get(fieldRefersToFile)
		if where != "" {
			where = " in " + where
		}
		return nil, markwatch.Errorf(markwatch.CodeNotFound, "the capture that %s confirms is not at hand: %s of %s, record %s%s",
			rec.ID, uri, date.Format(time.RFC3339), id, where)
	}
	return rec.original, nil
}

// revisitPage makes the page that a revisit record stands for: the original's
// payload under the revisit's own head and date.
func (rec *Record) revisitPage(file string) (*markwatch.Page, error) {
	original, err := rec.Original()
	if err != nil {
		return nil, err
	}
	page, err := original.Page("")
	if err != nil {
		return nil, err
	}
	page.Source = rec.Header.Get(fieldSource)
	page.URL, page.FinalURL = rec.TargetURI, rec.TargetURI
	page.FetchedAt = rec.Date
	page.Snapshot = file + "#" + rec.ID
	head, _ := splitHTTP(rec.Block)
	status, header, err := parseHTTPHead(head)
	if err != nil {
		return page, nil //nolint:nilerr // a revisit may come without a head of its own
	}
	if rec.profile() == profileIdentical {
		page.Status, page.Header = status, header
		return page, nil
	}
	page.Header = refreshed(page.Header, header)
	return page, nil
}

// refreshed is a stored header as a 304 brings it up to date (RFC 9111,
// section 3.2): what describes the stored body itself stays.
func refreshed(stored, fresh http.Header) http.Header {
	out := stored.Clone()
	for name, values := range fresh {
		switch name {
		case "Content-Length", "Content-Encoding", "Content-Range", "Transfer-Encoding", "Content-Type":
			if len(stored[name]) > 0 || name != "Content-Type" {
				continue
			}
		}
		out[name] = values
	}
	return out
}

// originals finds what the revisit records of one file refer to.
type originals struct {
	path string // of the file that the revisits stand in

	mu   sync.Mutex
	read map[string]entries // by file name: indexes that were opened or made
	left int64              // how many bytes of other files without index may still be read
}

// searchedBytes bounds how much of a folder without indexes is read for the
// originals of one file.
const searchedBytes = 1 << 30

func newOriginals(path string) *originals {
	return &originals{path: path, read: map[string]entries{}, left: searchedBytes}
}

// of returns the record that rec refers to in the end, or nil.
func (o *originals) of(rec *Record) *Record {
	const longest = 16 // revisits of revisits
	o.mu.Lock()
	defer o.mu.Unlock()
	for range longest {
		rec = o.step(rec)
		if rec == nil || rec.Type != "revisit" {
			break
		}
	}
	if rec == nil || rec.Type == "revisit" {
		return nil
	}
	return rec
}

// step returns the record that rec refers to itself, or nil.
func (o *originals) step(rec *Record) *Record {
	files := []string{filepath.Base(rec.originalsPath(o))}
	if named := rec.Header.Get(fieldRefersToFile); named != "" {
		if !isFileName(named) {
			return nil
		}
		files[0] = named
	} else {
		files = append(files, o.siblings()...)
	}
	id, _, _ := rec.RefersTo()
	for _, file := range files {
		path := filepath.Join(filepath.Dir(o.path), file)
		if id != "" {
			if offset, ok := offsetOf(path, id); ok {
				if found := recordAt(path, offset, id); found != nil {
					return found
				}
			}
		}
		if e, ok := o.match(rec, file); ok {
			if found := recordAt(path, e.Offset, e.ID); found != nil {
				return found
			}
		}
	}
	return nil
}

// originalsPath is the path of the file that the record was read from.
func (rec *Record) originalsPath(o *originals) string {
	if rec.originals != nil {
		return rec.originals.path
	}
	return o.path
}

// match finds the entry of a file that rec refers to: by record id, else by
// address and time, else by address and payload digest.
func (o *originals) match(rec *Record, file string) (best Entry, ok bool) {
	index := o.index(file)
	if index == nil {
		return Entry{}, false
	}
	id, uri, date := rec.RefersTo()
	if uri == "" {
		uri = rec.TargetURI
	}
	digest := rec.Header.Get("WARC-Payload-Digest")
	found := 0 // how well best fits
	consider := func(e Entry) bool {
		fit := 0
		switch {
		case e.ID == rec.ID || e.IsAside():
		case id != "" && e.ID == id:
			fit = 3
		case rec.profile() == profileIdentical && e.Digest != "" && e.Digest != digest:
		case e.Type == "revisit" || urlKey(e.URL) != urlKey(uri):
		case !date.IsZero() && e.At.Truncate(time.Second).Equal(date.Truncate(time.Second)):
			fit = 2
		case date.IsZero() && digest != "" && e.Digest == digest:
			fit = 1
		}
		if fit > found {
			best, found = e, fit
		}
		return found < 3
	}
	if index.each(urlKey(uri), consider) != nil {
		return Entry{}, false
	}
	if found == 0 && id != "" {
		if index.each("", consider) != nil {
			return Entry{}, false
		}
	}
	return best, found > 0
}

// index returns the entries of a file of the folder, or nil.
func (o *originals) index(file string) entries {
	if index, ok := o.read[file]; ok {
		return index
	}
	path := filepath.Join(filepath.Dir(o.path), file)
	var index entries
	if sorted, err := openSorted(path); err == nil {
		index = sorted
	} else if o.mayRead(path) {
		if list, err := listFile(path); err == nil {
			index = list
		}
	}
	o.read[file] = index
	return index
}
