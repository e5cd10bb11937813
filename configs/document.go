package configs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxFileSize bounds one file of a folder: about 200,000 brands.
const maxFileSize = 64 << 20

// formatVersion is the newest version of the file formats that is known here.
const formatVersion = 1

// document is one file that was read; it reports problems with their place.
type document struct {
	file   string
	root   *yaml.Node
	report *report
	// unreadable holds the keys whose values could not be decoded; what is
	// missing beneath them is no problem of its own.
	unreadable map[string]bool
}

// readDocument decodes a file into a struct. ok is false where the file does
// not exist; every other failure is a Problem.
func readDocument(fsys fs.FS, name string, rep *report, into any) (doc *document, ok bool) {
	f, err := fsys.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return &document{file: name, report: rep}, false
	}
	var data []byte
	if err == nil {
		defer f.Close()
		data, err = io.ReadAll(io.LimitReader(f, maxFileSize+1))
	}
	if err != nil {
		var pathErr *fs.PathError
		if errors.As(err, &pathErr) {
			err = pathErr.Err
		}
		rep.add(Problem{File: name, Message: fmt.Sprintf("cannot be read: %v", err)})
		return &document{file: name, report: rep}, true
	}
	return parseDocument(name, data, rep, into), true
}

// parseDocument decodes the bytes of a file into a struct.
func parseDocument(name string, data []byte, rep *report, into any) *document {
	doc := &document{file: name, report: rep}
	if len(data) > maxFileSize {
		rep.add(Problem{File: name, Message: fmt.Sprintf("is larger than %d MiB", maxFileSize>>20)})
		return doc
	}
	if line, column, bad := invalidUTF8(data); bad {
		rep.add(Problem{File: name, Line: line, Column: column, Message: "is not UTF-8 text; save the file as UTF-8"})
		return doc
	}
	root, err := parseYAML(data)
	if err != nil {
		line, message := syntaxError(err)
		rep.add(Problem{File: name, Line: line, Message: "broken YAML: " + message})
		return doc
	}
	if root == nil {
		return doc
	}
	doc.root = root
	d := decoder{doc: doc, fields: map[reflect.Type][]field{}}
	v := reflect.ValueOf(into).Elem()
	d.value(root, v, nil)
	if version := v.FieldByName("Version"); version.IsValid() && (version.Int() < 0 || version.Int() > formatVersion) {
		doc.fail((*keyPath)(nil).key("version"), "", "is %d, but this program reads version %d of the format", version.Int(), formatVersion)
	}
	return doc
}

// parseYAML returns the top node of a file with one YAML document, nil for an
// empty file. The YAML reader panics on some malformed input; that is an error
// here.
func parseYAML(data []byte) (root *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			root, err = nil, fmt.Errorf("%v", r)
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var n, next yaml.Node
	if err := dec.Decode(&n); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if err := dec.Decode(&next); err == nil {
		return nil, fmt.Errorf("line %d: a second document begins after ---; a file holds one", next.Line)
	} else if !errors.Is(err, io.EOF) {
		return nil, err
	}
	if n.Kind != yaml.DocumentNode || len(n.Content) == 0 || n.Content[0].ShortTag() == "!!null" {
		return nil, nil
	}
	return n.Content[0], nil
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?((?s).*)$`)

// syntaxError takes the line out of a message of the YAML reader.
func syntaxError(err error) (line int, message string) {
	m := yamlLine.FindStringSubmatch(err.Error())
	line, _ = strconv.Atoi(m[1])
	return line, m[2]
}

// invalidUTF8 finds the first byte that is not UTF-8.
func invalidUTF8(data []byte) (line, column int, bad bool) {
	if utf8.Valid(data) {
		return 0, 0, false
	}
	line, column = 1, 1
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		if r == utf8.RuneError && n == 1 {
			break
		}
		column++
		if r == '\n' {
			line, column = line+1, 1
		}
		data = data[n:]
	}
	return line, column, true
}

// unread reports a value that could not be decoded.
func (doc *document) unread(p *keyPath, format string, args ...any) {
	doc.fail(p, "", format, args...)
	if doc.unreadable == nil {
		doc.unreadable = map[string]bool{}
	}
	doc.unreadable[p.String()] = true
}

// fail reports a problem of the value at p. The sentence begins with the key.
func (doc *document) fail(p *keyPath, nearest, format string, args ...any) {
	for up := p; up != nil && len(doc.unreadable) > 0; up = up.up {
		if doc.unreadable[up.String()] {
			return
		}
	}
	n, _ := p.find(doc.root)
	key := p.String()
	doc.failAt(n, p, nearest, "%s", strings.TrimSpace(key+" "+fmt.Sprintf(format, args...)))
}

// failAt reports a problem at a node; the sentence is whole.
func (doc *document) failAt(n *yaml.Node, p *keyPath, nearest, format string, args ...any) {
	problem := Problem{File: doc.file, Key: p.String(), Message: fmt.Sprintf(format, args...), Nearest: nearest}
	if n != nil {
		problem.Line, problem.Column = n.Line, n.Column
	}
	doc.report.add(problem)
}

// has says whether the file states the key at p.
func (doc *document) has(p *keyPath) bool {
	n, whole := p.find(doc.root)
	return whole && n.ShortTag() != "!!null"
}
