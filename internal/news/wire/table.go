package wire

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// mostColumns is how many columns a table may have.
const mostColumns = 500

// table reads CSV as RFC 4180 has it, with a comma, a semicolon or a tab
// between the cells. Unlike encoding/csv it bounds a row, so that a quote that
// is never closed does not fill the memory, and knows whether the file was cut
// inside the last one.
type table struct {
	in      *bufio.Reader
	comma   byte
	line    int
	columns []string
	cells   []string
	raw     []byte
	// head is the first row: without it the others say nothing.
	head string
}

func newTable(in *bufio.Reader, line int) (*table, error) {
	t := &table{in: in, line: line}
	head, err := in.Peek(4096)
	if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
		return nil, err
	}
	t.comma = delimiter(string(head))
	if _, err := t.record(); err != nil && err != io.EOF {
		return nil, err
	}
	t.columns = append([]string(nil), t.cells...)
	t.head = string(t.raw)
	named := map[string]bool{}
	for n, name := range t.columns {
		name = strings.TrimSpace(name)
		t.columns[n] = name
		if name != "" && named[name] {
			return nil, &Fault{fmt.Sprintf("line %d", line), fmt.Sprintf("two columns are called %q", name)}
		}
		named[name] = true
	}
	return t, nil
}

// delimiter is what stands most often between the names of the columns.
func delimiter(head string) byte {
	head, _, _ = strings.Cut(head, "\n")
	best, most := byte(','), 0
	for _, c := range []byte{',', ';', '\t'} {
		if n := strings.Count(head, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

func (t *table) next() (row, error) {
	for {
		start := t.line
		ended, err := t.record()
		if err != nil {
			return row{}, err
		}
		if len(t.cells) == 1 && t.cells[0] == "" {
			if !ended {
				return row{}, io.EOF
			}
			continue // a blank line is no row
		}
		r := row{line: start, raw: append([]byte(t.head), t.raw...), cells: make(map[string]any, len(t.columns))}
		for n, cell := range t.cells {
			if n < len(t.columns) {
				r.cells[t.columns[n]] = cell
			}
		}
		switch n := len(t.cells); {
		case n == len(t.columns), n > len(t.columns) && strings.Join(t.cells[len(t.columns):], "") == "":
			return r, nil
		case n < len(t.columns) && !ended:
			r.partial = true
			return r, nil
		}
		return row{}, &Fault{fmt.Sprintf("line %d", start), fmt.Sprintf("the row has %d cells where the head has %d columns", len(t.cells), len(t.columns))}
	}
}

// record reads one row into cells. ended is false when the file ends without a
// line end; after the last row it returns io.EOF.
func (t *table) record() (ended bool, err error) {
	t.cells, t.raw = t.cells[:0], t.raw[:0]
	for {
		cell, last, err := t.cell()
		if err == io.EOF {
			if len(t.raw) == 0 && len(t.cells) == 0 {
				return false, io.EOF
			}
			t.cells = append(t.cells, cell)
			return false, nil
		}
		if err != nil {
			return false, err
		}
		t.cells = append(t.cells, cell)
		if len(t.cells) > mostColumns {
			return false, t.fault("there are more than %d columns", mostColumns)
		}
		if last {
			return true, nil
		}
	}
}

func (t *table) fault(format string, values ...any) error {
	return &Fault{fmt.Sprintf("line %d", t.line), fmt.Sprintf(format, values...)}
}

func (t *table) byte() (byte, error) {
	c, err := t.in.ReadByte()
	if err != nil {
		return 0, err
	}
	if c == '\n' {
		t.line++
	}
	if t.raw = append(t.raw, c); len(t.raw) > mostItem {
		return 0, tooLong(t.line)
	}
	return c, nil
}

// cell reads one cell and what ends it. With io.EOF comes what there was.
func (t *table) cell() (cell string, last bool, err error) {
	start := len(t.raw)
	c, err := t.byte()
	if err == nil && c == '"' {
		return t.quoted()
	}
	for ; err == nil; c, err = t.byte() {
		if c == t.comma || c == '\n' {
			return strings.TrimSuffix(string(t.raw[start:len(t.raw)-1]), endOf(c)), c == '\n', nil
		}
	}
	return string(t.raw[start:]), true, err
}

// endOf is what stands before the byte that ends a line, where the line ends
// with CRLF.
func endOf(c byte) string {
	if c == '\n' {
		return "\r"
	}
	return ""
}

// quoted reads on after an opening quote.
func (t *table) quoted() (cell string, last bool, err error) {
	opened := t.line
	var b strings.Builder
	for {
		c, err := t.byte()
		if err == io.EOF {
			return "", false, &Fault{fmt.Sprintf("line %d", opened), "the quoted cell that begins here does not end: the file was cut off, or a quote stands alone"}
		}
		if err != nil {
			return "", false, err
		}
		if c != '"' {
			b.WriteByte(c)
			continue
		}
		c, err = t.byte()
		if err == nil && c == '"' {
			b.WriteByte('"')
			continue
		}
		if err == nil && c == '\r' {
			c, err = t.byte()
		}
		switch {
		case err == io.EOF:
			return b.String(), true, err
		case err != nil:
			return "", false, err
		case c == t.comma, c == '\n':
			return b.String(), c == '\n', nil
		}
		return "", false, t.fault("a quote inside a quoted cell is not doubled")
	}
}
