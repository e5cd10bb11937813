//go:build unix && !linux

package render

import "syscall"

// dieWithParent has no counterpart here: the reaper and the closed DevTools
// pipe, at whose end Chromium leaves by itself, do the work.
func dieWithParent(*syscall.SysProcAttr) {}
