package wire

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"broadsheet/internal/platform/strictjson"
)

// mostItem is how long one row or one item may be, in bytes.
const mostItem = 4 << 20

// row is one article as it was read.
type row struct {
	// line is where it begins.
	line int
	// raw is all of it, for the hash.
	raw []byte
	// cells are its values by column or key: string, json.Number, bool, nil,
	// []any and map[string]any.
	cells map[string]any
	// partial says that the file ends before the row does.
	partial bool
}

// rows reads the rows of a file until io.EOF.
type rows interface{ next() (row, error) }

// newRows finds out whether the text is JSON Lines, a JSON array or CSV.
func newRows(t io.Reader) (rows, error) {
	in := bufio.NewReaderSize(t, 64<<10)
	line := 1
	for {
		c, err := in.ReadByte()
		if err == io.EOF {
			return nil, &Fault{Reason: "the file is empty"}
		}
		if err != nil {
			return nil, err
		}
		switch c {
		case '\n':
			line++
			continue
		case ' ', '\t', '\r':
			continue
		case '[':
			return &array{in: in, line: line}, nil
		case '<':
			return nil, &Fault{fmt.Sprintf("line %d", line), "this is XML or HTML, not a file of articles"}
		}
		if err := in.UnreadByte(); err != nil {
			return nil, err
		}
		if c == '{' {
			return &lines{in: in, line: line}, nil
		}
		return newTable(in, line)
	}
}

// lines reads JSON Lines: one object a line.
type lines struct {
	in   *bufio.Reader
	line int
	buf  []byte
}

func (l *lines) next() (row, error) {
	for {
		start := l.line
		raw, err := l.read()
		if len(bytes.TrimSpace(raw)) > 0 && (err == nil || err == io.EOF) {
			return object(raw, start)
		}
		if err != nil {
			return row{}, err
		}
	}
}

// read returns the next line. It is good until the line after it is read.
func (l *lines) read() ([]byte, error) {
	l.buf = l.buf[:0]
	for {
		part, err := l.in.ReadSlice('\n')
		l.buf = append(l.buf, part...)
		if len(l.buf) > mostItem {
			return nil, tooLong(l.line)
		}
		if err != bufio.ErrBufferFull {
			l.line++
			return l.buf, err
		}
	}
}

func tooLong(line int) error {
	return &Fault{fmt.Sprintf("line %d", line), fmt.Sprintf("an item is longer than %d MiB", mostItem>>20)}
}

// object decodes one JSON object.
func object(raw []byte, line int) (row, error) {
	r := row{line: line, raw: bytes.Clone(raw)}
	var cells map[string]value
	if err := strictjson.UnmarshalForeign(r.raw, &cells); err != nil {
		return r, misread(err, line)
	}
	r.cells = make(map[string]any, len(cells))
	for key, v := range cells {
		r.cells[key] = v.v
	}
	return r, nil
}

// misread gives a fault in one object its place in the file.
func misread(err error, line int) error {
	f, ok := errors.AsType[*strictjson.Fault](err)
	if !ok {
		return &Fault{fmt.Sprintf("line %d", line), err.Error()}
	}
	place := fmt.Sprintf("line %d, column %d", line+max(f.Line, 1)-1, max(f.Column, 1))
	if f.Path != "" {
		place += ", at " + f.Path
	}
	return &Fault{place, f.Reason}
}

// value is any JSON value, numbers as they were written.
type value struct{ v any }

// UnmarshalJSON decodes a value that was checked before.
func (v *value) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return decoder.Decode(&v.v)
}

// array reads the objects of a JSON array whose opening bracket was read.
type array struct {
	in   *bufio.Reader
	line int
	// began says that there was an object before.
	began, ended bool
	buf          []byte
}

func (a *array) next() (row, error) {
	if a.ended {
		return row{}, io.EOF
	}
	c, err := a.solid()
	if err != nil {
		return row{}, err
	}
	if c == ']' {
		a.ended = true
		return row{}, a.end()
	}
	if a.began {
		if c != ',' {
			return row{}, a.fault("a comma or ] was expected here")
		}
		if c, err = a.solid(); err != nil {
			return row{}, err
		}
	}
	a.began = true
	if c != '{' {
		return row{}, a.fault("an object was expected here")
	}
	start := a.line
	if err := a.element(); err != nil {
		return row{}, err
	}
	return object(a.buf, start)
}

func (a *array) fault(reason string) error { return &Fault{fmt.Sprintf("line %d", a.line), reason} }

// solid reads the next byte that is no space.
func (a *array) solid() (byte, error) {
	for {
		c, err := a.byte()
		if err != nil || c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return c, err
		}
	}
}

func (a *array) byte() (byte, error) {
	c, err := a.in.ReadByte()
	if err == io.EOF {
		return 0, a.fault("the file was cut off: the array does not end")
	}
	if c == '\n' {
		a.line++
	}
	return c, err
}

// element reads an object, whose opening brace was read, up to its end.
func (a *array) element() error {
	a.buf = append(a.buf[:0], '{')
	quoted, escaped := false, false
	for depth := 1; depth > 0; {
		c, err := a.byte()
		if err != nil {
			return err
		}
		if a.buf = append(a.buf, c); len(a.buf) > mostItem {
			return tooLong(a.line)
		}
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = c == '\\', c != '"'
		case c == '"':
			quoted = true
		case c == '{', c == '[':
			depth++
		case c == '}', c == ']':
			depth--
		}
	}
	return nil
}

// end looks that nothing follows the array.
func (a *array) end() error {
	for {
		c, err := a.in.ReadByte()
		if err != nil {
			return err
		}
		if !strings.ContainsRune(" \t\r\n", rune(c)) {
			return a.fault("something follows the end of the array")
		}
		if c == '\n' {
			a.line++
		}
	}
}
