package evidence

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
)

// pruneTemp ends the name of the file that will take a pruned file's place.
const pruneTemp = ".pruned" + tempSuffix

// Prune rewrites a file with only the captures that keep returns true for, and
// returns how many bytes that freed. Beside them stay: the request and
// metadata of a kept capture, resources that were made of it, the warcinfo
// record and certificate chains while anything stays, and, also if keep refuses
// it, every original that a revisit refers to which stays in this file or stands
// in another one, and in this file the page that a kept resource was made of. A
// file of which nothing stays is removed. keep may be asked more than once of a
// capture.
//
// The new file takes the old one's place in one step, so that a kill at any
// instant leaves the one or the other whole. Snapshots of what stays hold.
// The error is of CodeConflict for a file that this process writes to, or
// prunes already, of CodeNotFound where there is no such file, and of
// CodeInvalid for one that does not give every record a gzip member of its own.
func (a *Archive) Prune(ctx context.Context, file string, keep func(Entry) bool) (freed int64, err error) {
	if !isFileName(file) || !isWARC(file) {
		return 0, markwatch.Errorf(markwatch.CodeNotFound, "%q is no file of captures", file)
	}
	if err := a.claim(file); err != nil {
		return 0, err
	}
	defer a.unclaim(file)
	outside, err := a.referenced(ctx, file, file)
	if err != nil {
		return 0, fmt.Errorf("looking for what refers to %s: %w", file, err)
	}
	path := filepath.Join(a.dir, file)
	plan, err := newPlan(ctx, path)
	if err != nil {
		return 0, err
	}
	const patient = 2 // tries beside running captures; the next one holds revisits up
	for try := 0; ; try++ {
		plan.decide(keep, outside)
		freed, late, err := a.carryOut(ctx, path, plan, try >= patient)
		if err != nil || len(late) == 0 {
			return freed, err
		}
		for id := range late {
			outside[file+"#"+id] = true
		}
	}
}

// claim takes a file that no record goes into any more.
func (a *Archive) claim(file string) error {
	a.mu.Lock()
	now := a.opts.Now()
	ended, err := a.end(func(out *outFile) bool { return out.name == file && a.aged(out, now) })
	if err == nil {
		for _, out := range a.out {
			if out.name == file {
				err = markwatch.Errorf(markwatch.CodeConflict, "%s is still written to", file)
			}
		}
		if a.pruning[file] != nil {
			err = markwatch.Errorf(markwatch.CodeConflict, "%s is being pruned already", file)
		}
	}
	if err == nil {
		a.pruning[file] = map[string]bool{}
	}
	a.mu.Unlock()
	for _, out := range ended {
		out.finish()
	}
	return err
}

func (a *Archive) unclaim(file string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.pruning, file)
	a.usage.known = false
}

// referenced returns the snapshots that revisits refer to, in one file or, for
// "", in all, leaving the revisits of one file out.
func (a *Archive) referenced(ctx context.Context, in, without string) (map[string]bool, error) {
	files, err := warcFiles(a.dir)
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "the archive folder cannot be read")
	}
	set := map[string]bool{}
	for _, file := range files {
		if file == without {
			continue
		}
		index, err := a.index(ctx, file)
		if err != nil {
			if markwatch.ErrorCode(err) == markwatch.CodeNotFound {
				continue
			}
			return nil, err
		}
		if sorted, ok := index.(*sortedIndex); ok && (len(sorted.meta.Refers) == 0 || in != "" && !slices.Contains(sorted.meta.Refers, in)) {
			continue
		}
		err = a.every(ctx, file, func(e Entry) {
			if e.Type == "revisit" && (in == "" || strings.HasPrefix(e.Refers, in+"#")) {
				set[e.Refers] = true
			}
		})
		if err != nil && markwatch.ErrorCode(err) != markwatch.CodeNotFound {
			return nil, err
		}
	}
	return set, nil
}

// carryOut writes the planned file and puts it into its place, unless a
// revisit came to refer to a record that the plan drops: those are returned.
// With alone no revisit is written meanwhile.
func (a *Archive) carryOut(ctx context.Context, path string, p *plan, alone bool) (freed int64, late map[string]bool, err error) {
	if alone {
		a.references.Lock()
		defer a.references.Unlock()
		if late := a.late(p); len(late) > 0 {
			return 0, late, nil
		}
	}
	if p.dropped == 0 {
		return 0, nil, nil
	}
	temp := path + pruneTemp
	if p.stays() {
		if err := a.writePruned(ctx, path, temp, p); err != nil {
			return 0, nil, errors.Join(err, removeMissing(temp))
		}
	}
	if !alone {
		a.references.Lock()
		defer a.references.Unlock()
		if late := a.late(p); len(late) > 0 {
			return 0, late, removeMissing(temp)
		}
	}
	a.reached("decided")
	if !p.stays() {
		err = os.Remove(path)
	} else {
		err = os.Rename(temp, path)
	}
	if err != nil {
		return 0, nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "%s cannot be replaced by what stays of it", p.file)
	}
	a.reached("replaced")
	if err := syncFolder(a.dir); err != nil {
		return 0, nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "the archive folder cannot be brought to the disk")
	}
	size, list := p.moved()
	if p.stays() {
		// What cannot be written now is made when it is needed.
		_ = writeIndex(path, size, list)
	} else if err := errors.Join(removeMissing(path+offsetSuffix), removeMissing(path+entrySuffix)); err != nil {
		return p.size, nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "the indexes of %s cannot be removed", p.file)
	}
	a.reached("indexed")
	return p.size - size, nil, nil
}

// late returns the records that the plan drops and a new revisit refers to.
func (a *Archive) late(p *plan) map[string]bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	late := map[string]bool{}
	for id := range a.pruning[p.file] {
		if _, here := p.place[id]; here && !p.kept[id] {
			late[id] = true
		}
	}
	return late
}

// writePruned copies what stays to temp and brings it to the disk.
func (a *Archive) writePruned(ctx context.Context, path, temp string, p *plan) (err error) {
	fail := func(err error) error {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "what stays of %s cannot be written", p.file)
	}
	in, err := os.Open(path)
	if err != nil {
		return fail(err)
	}
	defer in.Close()
	out, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return fail(err)
	}
	w := bufio.NewWriterSize(out, 256<<10)
	for _, s := range p.spans {
		if !s.keep {
			continue
		}
		if err := ctx.Err(); err != nil {
			return errors.Join(markwatch.WrapError(markwatch.CodeCanceled, err, "pruning stopped"), out.Close())
		}
		if _, err := io.Copy(w, io.NewSectionReader(in, s.start, s.end-s.start)); err != nil {
			return errors.Join(fail(err), out.Close())
		}
		a.reached("copied")
	}
	if err := errors.Join(w.Flush(), out.Sync(), out.Close()); err != nil {
		return fail(err)
	}
	a.reached("written")
	return nil
}

// reached lets tests stop the process between two steps.
func (a *Archive) reached(step string) {
	if a.step != nil {
		a.step(step)
	}
}

func removeMissing(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// syncFolder brings the names of a folder to the disk, where the system can.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, os.ErrInvalid) {
		return err
	}
	return nil
}
