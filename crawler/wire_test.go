package crawler

import (
	"net"
	"testing"
)

// TestDetachLeavesTheNextExchangeAlone is the order of events that a pool of
// connections brings about: the next request takes the connection before the
// last one has let go of it.
func TestDetachLeavesTheNextExchangeAlone(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	c := &wireConn{Conn: near, ip: "192.0.2.1"}
	first, second := &tap{limit: 100}, &tap{limit: 100}
	c.attach(first)
	c.attach(second)
	c.expect(first, 10)
	c.detach(first)
	go func() { _, _ = far.Write([]byte("HTTP/1.1 200 OK")) }()
	buf := make([]byte, 64)
	if _, err := c.Read(buf); err != nil {
		t.Fatal(err)
	}
	if string(second.response) != "HTTP/1.1 200 OK" || len(first.response) != 0 {
		t.Errorf("first %q, second %q", first.response, second.response)
	}
	c.detach(second)
	if c.tap != nil {
		t.Error("the tap is still attached")
	}
}

// slowReturn is a connection whose far end answers before Write comes back.
type slowReturn struct {
	net.Conn
	wrote func()
}

func (s slowReturn) Write(p []byte) (int, error) {
	s.wrote()
	return len(p), nil
}

// TestRequestIsKeptBeforeItsAnswer is what a busy machine brings about: the
// exchange is over while its sender still waits to run.
func TestRequestIsKeptBeforeItsAnswer(t *testing.T) {
	x := &tap{limit: 100}
	c := &wireConn{}
	c.Conn = slowReturn{wrote: func() { c.detach(x) }}
	c.attach(x)
	if _, err := c.Write([]byte("GET / HTTP/1.1")); err != nil || string(x.request) != "GET / HTTP/1.1" {
		t.Errorf("kept %q, %v", x.request, err)
	}
}
