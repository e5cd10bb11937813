package scan

import (
	"context"

	"github.com/markwatch/markwatch"
)

// Resume takes up every scan that an ended process left open. Where other
// processes share the database, theirs go on undisturbed: only what they have
// not put into the frontier yet is put there.
func (s *Scanner) Resume(ctx context.Context) error {
	open, err := s.store.OpenScans(ctx)
	if err != nil {
		return err
	}
	for _, id := range open {
		sum, err := s.store.Scan(ctx, id)
		if err != nil {
			return err
		}
		if _, err := s.watch(sum.Source); err != nil {
			s.log.WarnContext(ctx, "an open scan's source is no longer configured", "scan", id, "source", sum.Source)
			continue
		}
		if !s.store.Embedded() {
			if err := s.frontier.Wake(ctx, id); err != nil {
				return err
			}
			continue
		}
		if _, err := s.Begin(ctx, sum.Source); err != nil && markwatch.ErrorCode(err) != markwatch.CodeUnavailable {
			return err
		}
	}
	return nil
}

// BeginNew opens a scan of a source, as a tick of its schedule does. Where one
// is open, the error is of CodeConflict.
func (s *Scanner) BeginNew(ctx context.Context, source string) (scanID string, err error) {
	if id, open, err := s.store.OpenScan(ctx, source); err != nil || open {
		if open {
			err = markwatch.Errorf(markwatch.CodeConflict, "扫描 %s 还没有结束 scan %s is still open", id, id)
		}
		return "", err
	}
	return s.Begin(ctx, source)
}
