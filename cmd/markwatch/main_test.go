package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// asProgram makes the test binary run as markwatch itself, for the tests that
// need a process to lock, to interrupt or to kill.
const asProgram = "MARKWATCH_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// outcome is what one run of the program gave.
type outcome struct {
	code     int
	out, err string
}

// program runs the program within this process.
func program(t *testing.T, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience())
	defer cancel()
	return programIn(ctx, "", args...)
}

func programIn(ctx context.Context, stdin string, args ...string) outcome {
	var out, errs bytes.Buffer
	code := run(ctx, console{in: strings.NewReader(stdin), out: &out, err: &errs}, args)
	return outcome{code, out.String(), errs.String()}
}

// must is program where nothing may go wrong.
func must(t *testing.T, args ...string) string {
	t.Helper()
	o := program(t, args...)
	if o.code != exitOK {
		t.Fatalf("markwatch %s: code %d\n%s%s", strings.Join(args, " "), o.code, o.out, o.err)
	}
	return o.out
}

// rows decodes one JSON value a line.
func rows[T any](t *testing.T, out string) []T {
	t.Helper()
	var all []T
	dec := json.NewDecoder(strings.NewReader(out))
	for dec.More() {
		var v T
		if err := dec.Decode(&v); err != nil {
			t.Fatalf("%v in\n%s", err, out)
		}
		all = append(all, v)
	}
	return all
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// shared finds the folder of captured and labelled material beside the
// checkout, which is no part of it.
func shared(t *testing.T, parts ...string) string {
	t.Helper()
	name, err := filepath.Abs(filepath.Join(append([]string{"..", "..", "..", "shared"}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(name); err != nil {
		t.Skipf("../shared is absent: %s is needed", filepath.Join(parts...))
	}
	return name
}

func TestEveryCommandExplainsItself(t *testing.T) {
	root := newRoot(console{})
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		examplesHold(t, root, cmd)
		for _, sub := range cmd.Commands() {
			if sub.Name() == "help" || sub.Hidden {
				continue
			}
			if sub.Short == "" || !sub.HasSubCommands() && sub.Example == "" {
				t.Errorf("%s has no short text or no example", sub.CommandPath())
			}
			walk(sub)
		}
	}
	walk(root)
	help := must(t, "--help")
	for _, want := range []string{"markwatch demo", "退出码", "130", "scan", "leads"} {
		if !strings.Contains(help, want) {
			t.Errorf("--help does not mention %q", want)
		}
	}
}

// examplesHold looks whether each example of a command names a command and
// flags that there are.
func examplesHold(t *testing.T, root, cmd *cobra.Command) {
	t.Helper()
	for line := range strings.Lines(cmd.Example) {
		line, _, _ = strings.Cut(line, " #")
		for _, call := range strings.Split(strings.ReplaceAll(line, " | ", "&&"), "&&") {
			words := strings.Fields(call)
			if len(words) == 0 || words[0] != "markwatch" {
				continue
			}
			found, _, err := root.Find(words[1:])
			if err != nil || found == root {
				t.Errorf("%s: there is no command for the example %q", cmd.CommandPath(), call)
				continue
			}
			for _, word := range words {
				name, isFlag := strings.CutPrefix(word, "--")
				name, _, _ = strings.Cut(name, "=")
				if isFlag && found.Flags().Lookup(name) == nil && root.PersistentFlags().Lookup(name) == nil {
					t.Errorf("%s: %s has no flag --%s, which the example %q gives", cmd.CommandPath(), found.CommandPath(), name, call)
				}
			}
		}
	}
}

func TestWrongCallsSayWhatIsRight(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"scann"}, exitInvalid, "scan"},
		{[]string{"scan", "--confg", "x"}, exitInvalid, "--help"},
		{[]string{"scan", "--config", filepath.Join(t.TempDir(), "none")}, exitInvalid, "markwatch init"},
		{[]string{"config", "chek", "x"}, exitInvalid, "check"},
		{[]string{"check", "no-such-file.ndjson"}, exitNotFound, "no-such-file"},
		{[]string{"export", "--format", "xls"}, exitInvalid, "csv"},
		{[]string{"search", "price:<"}, exitInvalid, ""},
		{[]string{"search", "--sort", "best"}, exitInvalid, "score"},
		{[]string{"extract"}, exitInvalid, "extract"},
		{[]string{"extract", "--as", "colour", "-"}, exitInvalid, "price"},
		{[]string{"demo", "--pages", "0"}, exitInvalid, "--pages"},
	} {
		o := program(t, c.args...)
		if o.code != c.code || !strings.Contains(o.err, c.want) {
			t.Errorf("%v: code %d, want %d; message %q, want %q in it", c.args, o.code, c.code, o.err, c.want)
		}
	}
}
