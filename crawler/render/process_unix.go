//go:build unix

package render

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// ownGroup puts the browser in a process group of its own, so that all of it
// can be ended at once and a Ctrl-C at the terminal reaches only markwatch.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(cmd.SysProcAttr)
	cmd.Cancel = func() error { return killGroup(cmd.Process.Pid) }
}

// killGroup ends the process group of a browser. A group that is gone is no error.
func killGroup(pid int) error {
	if err := syscall.Kill(-pid, syscall.SIGKILL); err != nil && err != syscall.ESRCH { //nolint:errorlint // Kill returns a bare Errno
		return os.NewSyscallError("kill", err)
	}
	return nil
}

// reaperScript waits for the end of its input. An end without the word "done"
// means that markwatch was killed: the browser's group goes, and its folder.
const reaperScript = `read -r word
if [ "$word" != done ]; then
	kill -9 -- "-$1" 2>/dev/null
	for i in 1 2 3 4 5; do rm -rf -- "$2" 2>/dev/null && break; sleep 0.2; done
fi`

// startReaper starts a shell that outlives a killed markwatch by as long as it
// takes to end the browser and remove its folder. The function that it returns
// dismisses the shell.
func startReaper(pid int, dir string) (dismiss func(), err error) {
	cmd := exec.Command("/bin/sh", "-c", reaperScript, "sh", strconv.Itoa(pid), dir) //nolint:noctx // it must outlive every context
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Env = []string{"PATH=/usr/bin:/bin"}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() {
		_, _ = in.Write([]byte("done\n")) // a shell that is gone needs no dismissal
		in.Close()
		_ = cmd.Wait()
	}, nil
}
