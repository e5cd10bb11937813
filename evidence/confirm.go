package evidence

import (
	"context"
	"net/http"
	"strings"

	"github.com/markwatch/markwatch"
)

// confirm makes sure that what a revisit will refer to is in the folder, and
// is an original where that can be seen. a.references is held.
func (a *Archive) confirm(ctx context.Context, k *kept) error {
	const longest = 8 // revisits of revisits
	for range longest {
		file, id, ok := strings.Cut(k.prior.Snapshot, "#")
		if !ok || id == "" || !isFileName(file) {
			return a.unconfirmed(k)
		}
		if open, _ := a.isOpen(file); open {
			return nil
		}
		e, found, err := a.entry(ctx, file, k.prior.URL, id)
		switch {
		case err != nil && markwatch.ErrorCode(err) != markwatch.CodeNotFound:
			return err
		case !found:
			return a.unconfirmed(k)
		}
		if k.profile == profileNotModified && k.digest == "" {
			k.digest = e.Digest
		}
		if e.Type != "revisit" {
			return nil
		}
		// The original has the revisit's payload; its time is its own.
		prior := markwatch.Capture{Snapshot: e.Refers, URL: e.URL, PayloadDigest: k.digest}
		if file, id, _ := strings.Cut(e.Refers, "#"); isFileName(file) {
			if original, found, err := a.entry(ctx, file, e.URL, id); err == nil && found {
				prior.At = original.At
			}
		}
		k.prior = prior
	}
	return nil
}

// unconfirmed deals with a prior capture that is gone.
func (a *Archive) unconfirmed(k *kept) error {
	if k.status == http.StatusNotModified {
		return markwatch.Errorf(markwatch.CodeNotFound, "the capture %s that a 304 confirms is not in the archive any more: ask again without conditions", k.prior.Snapshot)
	}
	k.plain()
	return nil
}
