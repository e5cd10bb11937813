package main

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence"
	"github.com/markwatch/markwatch/scan"
)

// archiveFile is the path of the file of an archive source (an officer's own
// captures, an old night) in which a capture stands; "" where none has its name.
func (a *app) archiveFile(snapshot string) string {
	file, _, _ := strings.Cut(snapshot, "#")
	for _, s := range a.cfg.Lists.Sources {
		if s.Kind != markwatch.KindArchive {
			continue
		}
		paths, err := scan.Files(a.cfg.Dir, s.Start)
		if err != nil {
			continue // the file went away; the capture is not found
		}
		for _, path := range paths {
			if filepath.Base(path) == file {
				return path
			}
		}
	}
	return ""
}

// archiveOf is where a capture is kept: among the crawl's own, else beside the
// file that it came in with.
func (p *packer) archiveOf(ctx context.Context, snapshot string) (*evidence.Archive, error) {
	path := p.app.archiveFile(snapshot)
	if path == "" {
		return p.archive, nil
	}
	if _, err := p.archive.Page(ctx, snapshot); markwatch.ErrorCode(err) != markwatch.CodeNotFound {
		return p.archive, nil // what is wrong with it, Describe tells
	}
	dir := filepath.Dir(path)
	if p.elsewhere[dir] == nil {
		found, err := evidence.OpenArchive(dir, evidence.ArchiveOptions{ReadOnly: true, Software: "markwatch/" + version()})
		if err != nil {
			return nil, err
		}
		p.elsewhere[dir] = found
	}
	return p.elsewhere[dir], nil
}
