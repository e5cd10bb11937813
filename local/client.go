package local

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/markwatch/markwatch"
)

// endTime is how long a command may take to end after it was cancelled.
const endTime = time.Minute

// Call has a command run by the process that holds a data folder, and writes
// what it writes. The error has markwatch.CodeNotFound where no process answers
// there, and CodeUnavailable where it did and went away before the end; then
// the command may have been carried out or not.
func Call(ctx context.Context, dir string, req Request, out, errs io.Writer) (code int, err error) {
	path, done, err := socketPath(dir)
	if err != nil {
		return 0, err
	}
	defer done()
	conn, err := (&net.Dialer{Timeout: requestTime}).DialContext(ctx, "unix", path)
	if err != nil {
		return 0, markwatch.WrapError(markwatch.CodeNotFound, err, "no process answers in %s", dir)
	}
	defer conn.Close()
	body, err := json.Marshal(req)
	if err != nil {
		return 0, fmt.Errorf("writing the request: %w", err)
	}
	if err := (&frames{conn: conn}).write(frameRequest, body); err != nil {
		return 0, markwatch.WrapError(markwatch.CodeUnavailable, err, "asking the process that holds %s", dir)
	}
	stop := context.AfterFunc(ctx, func() {
		_ = conn.SetReadDeadline(time.Now().Add(endTime))
		if half, ok := conn.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
	})
	defer stop()
	for {
		kind, body, err := readFrame(conn)
		if err != nil {
			return 0, markwatch.WrapError(markwatch.CodeUnavailable, err, "the process that holds %s went away", dir)
		}
		switch {
		case kind == frameOut:
			_, err = out.Write(body)
		case kind == frameErr:
			_, err = errs.Write(body)
		case kind == frameExit && len(body) == 1:
			return int(body[0]), nil
		}
		if err != nil {
			return 0, err
		}
	}
}
