package local

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// Request is a command as its process was called.
type Request struct {
	Args []string `json:"args"`
	// Dir is the working folder that relative paths are meant from.
	Dir string `json:"dir"`
	// Terminal says that a person reads the messages.
	Terminal bool `json:"terminal"`
	// Token is the access token of the person who acts; may be empty.
	Token string `json:"token,omitempty"`
}

// The kinds of frame: a byte, the length of what follows as four bytes, the
// highest first, and as many bytes.
const (
	frameRequest = 'r' // JSON of a Request
	frameOut     = 'o'
	frameErr     = 'e'
	frameExit    = 'x' // the exit code, one byte
)

// Bounds of what the other end may send, and of how long it may take to.
const (
	maxFrame    = 1 << 20
	requestTime = 10 * time.Second
	writeTime   = time.Minute
)

func readFrame(r io.Reader) (kind byte, body []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > maxFrame {
		return 0, nil, fmt.Errorf("a frame of %d bytes", n)
	}
	body = make([]byte, n)
	if _, err := io.ReadFull(r, body); err != nil {
		return 0, nil, err
	}
	return head[0], body, nil
}

// frames writes frames from several goroutines.
type frames struct {
	mu   sync.Mutex
	conn net.Conn
}

func (f *frames) write(kind byte, body []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	frame := make([]byte, 5, 5+len(body))
	frame[0] = kind
	binary.BigEndian.PutUint32(frame[1:], uint32(len(body)))
	err := f.conn.SetWriteDeadline(time.Now().Add(writeTime))
	if err == nil {
		_, err = f.conn.Write(append(frame, body...))
	}
	return err
}

// stream is one of the two outputs.
type stream struct {
	frames *frames
	kind   byte
}

// Write implements io.Writer.
func (s stream) Write(p []byte) (n int, err error) {
	for len(p) > 0 {
		part := p[:min(len(p), maxFrame)]
		if err := s.frames.write(s.kind, part); err != nil {
			return n, err
		}
		n, p = n+len(part), p[len(part):]
	}
	return n, nil
}

func readRequest(conn net.Conn) (Request, error) {
	var req Request
	if err := conn.SetReadDeadline(time.Now().Add(requestTime)); err != nil {
		return req, err
	}
	kind, body, err := readFrame(conn)
	if err != nil {
		return req, err
	}
	if kind != frameRequest {
		return req, errors.New("no request")
	}
	if err := json.Unmarshal(body, &req); err != nil {
		return req, err
	}
	return req, conn.SetReadDeadline(time.Time{})
}
