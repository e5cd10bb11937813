package meili

import (
	"context"
	"errors"
	"strings"
	"time"

	ms "github.com/meilisearch/meilisearch-go"

	"github.com/markwatch/markwatch"
)

// taskLook is how often a task is asked for.
const taskLook = 20 * time.Millisecond

// taskMost is how long a task may stand in the server's queue.
const taskMost = 30 * time.Minute

// wait waits until every task is done. A task that failed changed nothing; the
// others did, and to do all of it again does no harm.
func (x *Index) wait(ctx context.Context, doing string, tasks ...*ms.TaskInfo) error {
	waiting, cancel := context.WithTimeout(ctx, taskMost)
	defer cancel()
	var failed []error
	for _, t := range tasks {
		done, err := x.server.WaitForTask(waiting, t.TaskUID, taskLook)
		if err != nil {
			return x.fault(ctx, err, doing)
		}
		if done.Status != ms.TaskStatusSucceeded {
			failed = append(failed, markwatch.Errorf(markwatch.CodeUnavailable,
				"Meilisearch: %s: task %d %s: %s (%s)", doing, done.UID, done.Status, clip(done.Error.Message), done.Error.Code))
		}
	}
	return errors.Join(failed...)
}

// fault is the error of a request: of markwatch.CodeUnavailable, since all that
// can be done is to try again or to look after the server. The client's own
// error quotes the answer, which may be long; no error quotes the key, which is
// in the request's header alone.
func (x *Index) fault(ctx context.Context, err error, doing string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var e *ms.Error
	if !errors.As(err, &e) {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "Meilisearch: %s", doing)
	}
	switch {
	case e.APIError.Code == "invalid_api_key" || e.APIError.Code == "missing_authorization_header":
		return markwatch.Errorf(markwatch.CodeUnavailable, "Meilisearch 拒绝了密钥,检查 index.key: %s: Meilisearch refuses the key; see index.key", doing)
	case e.APIError.Code != "":
		return markwatch.Errorf(markwatch.CodeUnavailable, "Meilisearch: %s: %s (%s)", doing, clip(e.APIError.Message), e.APIError.Code)
	case e.OriginError != nil:
		return markwatch.WrapError(markwatch.CodeUnavailable, e.OriginError, "Meilisearch: %s", doing)
	}
	return markwatch.Errorf(markwatch.CodeUnavailable, "Meilisearch: %s: status %d", doing, e.StatusCode)
}

func hasCode(err error, code string) bool {
	var e *ms.Error
	return errors.As(err, &e) && string(e.APIError.Code) == code
}

// maxMessage bounds what of the server's message is told, in bytes.
const maxMessage = 500

func clip(s string) string {
	if len(s) > maxMessage {
		s = strings.ToValidUTF8(s[:maxMessage], "") + "…"
	}
	return s
}
