// Package local carries a command to the process that holds a data folder,
// over a socket in that folder, and its output and exit code back. Only the
// user whom the process runs as may connect: the socket is closed to others by
// its mode, and on Linux the other end's user is looked at, too.
//
// The client sends one frame with a Request; the server answers with frames of
// standard output and standard error, then one with the exit code. Where the
// client closes its half, or goes away, the command is cancelled.
package local
