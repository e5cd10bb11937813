package local

import (
	"fmt"
	"net"
	"os"
	"syscall"
)

// sameUser refuses the other end of a connection where another user runs it.
func sameUser(conn net.Conn) error {
	unix, ok := conn.(*net.UnixConn)
	if !ok {
		return fmt.Errorf("the connection is no local one: %T", conn)
	}
	raw, err := unix.SyscallConn()
	if err != nil {
		return fmt.Errorf("looking who connects: %w", err)
	}
	var peer *syscall.Ucred
	var peerErr error
	if err := raw.Control(func(fd uintptr) {
		peer, peerErr = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); err != nil {
		return fmt.Errorf("looking who connects: %w", err)
	}
	if peerErr != nil {
		return fmt.Errorf("looking who connects: %w", peerErr)
	}
	if int(peer.Uid) != os.Geteuid() {
		return fmt.Errorf("user %d connects, which is not the user of this process", peer.Uid)
	}
	return nil
}
