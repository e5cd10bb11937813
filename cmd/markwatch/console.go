package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mattn/go-runewidth"
	"golang.org/x/term"
)

// console is where a command reads and writes: results go to out, progress
// and messages to err, so that a program can read the one without the other.
type console struct {
	in  io.Reader
	out io.Writer
	err io.Writer
	// logs says what is logged to err, and how.
	logs *logging
	// args are what the program was called with.
	args []string
	// token is the access token of the person who acts; empty where the command
	// needs none.
	token string
	// lent is set where the command runs in a process that serves, for another.
	lent *lent
}

// terminal says whether messages are read by a person at a terminal.
func (c console) terminal() bool {
	if c.lent != nil {
		return c.lent.terminal
	}
	f, ok := c.err.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// say writes one line of message.
func (c console) say(format string, args ...any) {
	fmt.Fprintf(c.err, format+"\n", args...)
}

// json writes one value as one line.
func (c console) json(v any) error {
	enc := json.NewEncoder(c.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// table writes rows in columns. Chinese characters are two cells wide.
func (c console) table(rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], runewidth.StringWidth(cell))
		}
	}
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			b.WriteString(cell)
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-runewidth.StringWidth(cell)+2))
			}
		}
		fmt.Fprintln(c.out, b.String())
	}
}

// printable makes text from a page safe for a terminal: control characters,
// which could rewrite what stands on the screen, become spaces.
func printable(s string, width int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, s)
	if width <= 0 {
		return s
	}
	return runewidth.Truncate(s, width, "…")
}
