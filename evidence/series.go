package evidence

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
)

// maxCaptures is how many captures a file takes, so that its index is sorted,
// and the file pruned, in some ten megabytes of memory.
const maxCaptures = 100_000

// ready returns the file that takes the next record of a source, and the
// files that ended. a.mu is held.
func (a *Archive) ready(source string) (out *outFile, ended []*outFile, err error) {
	now := a.opts.Now()
	a.clock++
	if out = a.out[source]; out != nil && (out.size >= a.opts.RotateBytes || out.count >= maxCaptures || a.aged(out, now)) {
		ended, err = a.end(func(o *outFile) bool { return o == out })
		if err != nil {
			return nil, ended, err
		}
		out = nil
	}
	if out == nil {
		if out, err = a.begin(source, now.UTC()); err != nil {
			return nil, ended, err
		}
		a.out[source] = out
	}
	out.used = a.clock
	return out, ended, a.parkBut(out)
}

func (a *Archive) aged(out *outFile, now time.Time) bool {
	return a.opts.RotateAge > 0 && now.Sub(out.begun) >= a.opts.RotateAge
}

// begin creates a file. a.mu is held.
func (a *Archive) begin(source string, now time.Time) (*outFile, error) {
	var random [4]byte
	rand.Read(random[:])
	name := "crawl-"
	if source != "" {
		name += safeName(source) + "-"
	}
	name += fmt.Sprintf("%s-%05d-%s.warc.gz", now.Format("20060102T150405Z"), a.serial, hex.EncodeToString(random[:]))
	info := a.compose.buffer()
	defer a.compose.release(info)
	if err := a.compose.info(info, name, now, a.about(source)); err != nil {
		return nil, fmt.Errorf("composing the warcinfo record: %w", err)
	}
	out, err := createFile(a.dir, name, info.Bytes())
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "no archive file can be begun in %s", a.dir)
	}
	a.serial++
	out.source, out.begun = source, now
	a.grown(out.size + out.listed)
	return out, nil
}

// end takes the files that fit out of use. a.mu is held; the caller finishes
// them without it.
func (a *Archive) end(fits func(*outFile) bool) (ended []*outFile, err error) {
	for source, out := range a.out {
		if !fits(out) {
			continue
		}
		err = errors.Join(err, out.park())
		delete(a.out, source)
		ended = append(ended, out)
	}
	if err != nil {
		err = markwatch.WrapError(markwatch.CodeUnavailable, err, "captures cannot be brought to the disk")
	}
	return ended, err
}

// parkBut closes the handles of files least recently used, beyond the limit.
// a.mu is held.
func (a *Archive) parkBut(present *outFile) error {
	var open []*outFile
	for _, out := range a.out {
		if out.file != nil && out != present {
			open = append(open, out)
		}
	}
	excess := len(open) + 1 - a.opts.OpenFiles
	if excess <= 0 {
		return nil
	}
	slices.SortFunc(open, func(x, y *outFile) int {
		if x.used < y.used {
			return -1
		}
		return 1
	})
	for _, out := range open[:excess] {
		if err := out.park(); err != nil {
			return markwatch.WrapError(markwatch.CodeUnavailable, err, "captures cannot be brought to the disk")
		}
	}
	return nil
}

// isOpen says whether this process writes to a file, and whether the file's
// index has kept up.
func (a *Archive) isOpen(file string) (open, indexed bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, out := range a.out {
		if out.name == file {
			return true, !out.noIndex
		}
	}
	return false, false
}

// about collects what the warcinfo record of a source's file says.
func (a *Archive) about(source string) []field {
	fields := []field{{"software", a.opts.Software}}
	add := func(name, value string) {
		if value != "" {
			fields = append(fields, field{name, value})
		}
	}
	add("operator", a.opts.Operator)
	if a.opts.Robots != nil {
		add("robots", a.opts.Robots(source))
	}
	if a.opts.UserAgent != nil {
		add("http-header-user-agent", a.opts.UserAgent(source))
	}
	add("isPartOf", source)
	if a.opts.Describe != nil {
		add("markwatch-configuration", oneLine(a.opts.Describe(source)))
	}
	fields = append(fields,
		field{"format", "WARC File Format 1.1"},
		field{"conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"})
	for i := range fields {
		fields[i].value = strings.ToValidUTF8(headerSafe(fields[i].value), "�")
	}
	return fields
}

// Sync returns when every record written so far is on the disk. Records are
// taken meanwhile.
func (a *Archive) Sync() error {
	type part struct {
		out  *outFile
		file *os.File
		size int64
	}
	a.mu.Lock()
	var parts []part
	for _, out := range a.out {
		if out.file != nil && out.unsaved {
			parts = append(parts, part{out, out.file, out.size})
		}
	}
	a.mu.Unlock()
	var failed error
	for _, p := range parts {
		// A file that was parked or ended meanwhile was brought to the disk then.
		if err := p.file.Sync(); err != nil && !errors.Is(err, os.ErrClosed) {
			failed = errors.Join(failed, err)
			continue
		}
		a.mu.Lock()
		if p.out.size == p.size {
			p.out.unsaved = false
		}
		a.mu.Unlock()
	}
	if failed != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, failed, "captures cannot be brought to the disk")
	}
	return nil
}

// Close brings everything to the disk and ends the present files. Further
// records are refused; Page, Find and Prune still work.
func (a *Archive) Close() error {
	a.mu.Lock()
	a.closed = true
	ended, err := a.end(func(*outFile) bool { return true })
	a.mu.Unlock()
	for _, out := range ended {
		out.finish()
	}
	return err
}

// End ends the present file of a source, so that it can be pruned and copied;
// its next record begins a new one.
func (a *Archive) End(source string) error {
	a.mu.Lock()
	ended, err := a.end(func(out *outFile) bool { return out.source == source })
	a.mu.Unlock()
	for _, out := range ended {
		out.finish()
	}
	return err
}
