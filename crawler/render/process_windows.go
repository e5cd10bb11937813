package render

import (
	"errors"
	"os"
	"os/exec"
)

// ownGroup leaves the browser in the console's group: Windows ends the
// children of a browser with their job.
func ownGroup(*exec.Cmd) {}

func killGroup(pid int) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return nil //nolint:nilerr // gone already
	}
	if err := p.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

func startReaper(int, string) (func(), error) { return func() {}, nil }
