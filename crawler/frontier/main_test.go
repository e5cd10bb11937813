package frontier_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// roleVariable holds what a child process of a test does, and for it a text.
const roleVariable = "MARKWATCH_TEST_FRONTIER_CHILD"

// TestMain makes the test binary do its part, where it is a child.
func TestMain(m *testing.M) {
	role, arg, _ := strings.Cut(os.Getenv(roleVariable), " ")
	var err error
	switch role {
	case "kill":
		err = crawlUntilKilled(arg)
	case "million":
		err = million(arg)
	case "share":
		err = shareHosts(arg)
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, role, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// child is this very binary in another role.
func child(tb testing.TB, role, arg string) *exec.Cmd {
	cmd := exec.CommandContext(context.WithoutCancel(tb.Context()), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), roleVariable+"="+role+" "+arg)
	cmd.Stderr = os.Stderr
	return cmd
}
