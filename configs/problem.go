package configs

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/markwatch/markwatch"
)

// Problem is one mistake in a configuration file.
type Problem struct {
	// File is the path within the folder, with slashes.
	File string `json:"file"`
	// Line and Column count from 1; 0 where there is no such place.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
	// Key is the path of the value: brands[3].products[0].price.currency.
	Key     string `json:"key,omitempty"`
	Message string `json:"message"`
	// Nearest is the right key or value that was probably meant.
	Nearest string `json:"nearest,omitempty"`
}

// Error is the problem on one line, in the form that editors jump to:
//
//	brands.yaml:12:5: unknown key "catagories", did you mean "categories"?
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		b.WriteString(":" + strconv.Itoa(p.Line))
		if p.Column > 0 {
			b.WriteString(":" + strconv.Itoa(p.Column))
		}
	}
	b.WriteString(": " + p.Message)
	if p.Nearest != "" {
		b.WriteString(", did you mean " + strconv.Quote(p.Nearest) + "?")
	}
	return b.String()
}

// Problems is every mistake of a folder, ordered by file, line and column. It
// has the code markwatch.CodeInvalid for markwatch.ErrorCode.
type Problems []Problem

// Error is one line a problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// As lets errors.As find a *markwatch.Error in Problems.
func (ps Problems) As(target any) bool {
	e, ok := target.(**markwatch.Error)
	if ok {
		*e = markwatch.Errorf(markwatch.CodeInvalid, "%s", ps.Error())
	}
	return ok
}

// maxProblems bounds what is listed of one file; a file with more of them is
// not what it is taken for.
const maxProblems = 1000

// report collects the problems of one load.
type report struct {
	problems Problems
	// seen holds file and key of what was reported, so that a value which
	// could not be read is not called missing as well.
	seen   map[[2]string]bool
	counts map[string]int
}

func newReport() *report {
	return &report{seen: map[[2]string]bool{}, counts: map[string]int{}}
}

func (r *report) add(p Problem) {
	if p.Key != "" {
		id := [2]string{p.File, p.Key}
		if r.seen[id] {
			return
		}
		r.seen[id] = true
	}
	r.counts[p.File]++
	switch n := r.counts[p.File]; {
	case n < maxProblems:
		r.problems = append(r.problems, p)
	case n == maxProblems:
		r.problems = append(r.problems, Problem{
			File: p.File, Line: p.Line, Column: p.Column,
			Message: fmt.Sprintf("more than %d problems, the rest is not listed", maxProblems-1),
		})
	}
}

// err returns the sorted problems, or nil where there are none.
func (r *report) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r.problems
}
