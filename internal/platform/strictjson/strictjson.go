// Package strictjson is the one decoder for JSON that comes from outside. It
// refuses, and names the place of, what encoding/json lets pass: unknown,
// repeated and differently cased keys, lone surrogates, invalid UTF-8 and
// whatever follows the document. It is not an encoder, and it judges the form
// of a document, never what its values mean.
package strictjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
)

// What a document may measure where the caller does not say.
const (
	DefaultBytes = 8 << 20
	DefaultDepth = 128
)

// ErrTooLarge is the kind of the faults of documents that are longer than
// their limit.
var ErrTooLarge = errors.New("too large")

// Limits bound a document. Zero means the default.
type Limits struct {
	// Bytes is the greatest length.
	Bytes int64
	// Depth is how many objects and arrays may stand in each other.
	Depth int
}

// Union is implemented by types that decode themselves from objects of several
// shapes, told apart by their member "type".
type Union interface {
	// Shape returns the structs whose fields are the keys of an object of the
	// named type, or nothing for a name that is not known.
	Shape(name string) []any
}

// Fault says what is wrong with a document, and where.
type Fault struct {
	// Offset counts bytes from 0, Line and Column from 1; Column counts
	// characters.
	Offset, Line, Column int
	// Path leads to the place from the document's root, as in body[3].text; it
	// is empty for the root itself.
	Path string
	// Reason is a sentence without its full stop.
	Reason string

	cause error
}

// Error returns the place and the reason.
func (f *Fault) Error() string {
	if f.Line == 0 {
		return f.Reason
	}
	place := "line " + strconv.Itoa(f.Line) + ", column " + strconv.Itoa(f.Column)
	if f.Path != "" {
		place += ", at " + f.Path
	}
	return place + ": " + f.Reason
}

// Unwrap returns the kind of the fault where it has one.
func (f *Fault) Unwrap() error { return f.cause }

// Decode reads one document of the program's own formats into v.
func Decode(r io.Reader, v any, l Limits) error {
	data, err := read(r, l)
	if err != nil {
		return err
	}
	return unmarshal(data, v, l, false)
}

// Unmarshal is Decode for bytes at hand, within the default limits.
func Unmarshal(data []byte, v any) error {
	if len(data) > DefaultBytes {
		return tooLarge(DefaultBytes)
	}
	return unmarshal(data, v, Limits{}, false)
}

// DecodeForeign reads a document of another program's format into v: keys that
// v does not know are passed over, null stands for anything, and NUL is left
// to the caller. All else is refused as by Decode.
func DecodeForeign(r io.Reader, v any, l Limits) error {
	data, err := read(r, l)
	if err != nil {
		return err
	}
	return unmarshal(data, v, l, true)
}

// UnmarshalForeign is DecodeForeign for bytes at hand, of any length.
func UnmarshalForeign(data []byte, v any) error {
	return unmarshal(data, v, Limits{}, true)
}

func tooLarge(limit int64) error {
	return &Fault{Reason: fmt.Sprintf("the document is longer than %d bytes", limit), cause: ErrTooLarge}
}

func read(r io.Reader, l Limits) ([]byte, error) {
	limit := l.Bytes
	if limit <= 0 {
		limit = DefaultBytes
	}
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read a JSON document: %w", err)
	}
	if int64(len(data)) > limit {
		return nil, tooLarge(limit)
	}
	return data, nil
}

// byteOrderMark opens documents of some other programs.
const byteOrderMark = "\uFEFF"

func unmarshal(data []byte, v any, l Limits, foreign bool) error {
	into := reflect.ValueOf(v)
	if into.Kind() != reflect.Pointer || into.IsNil() {
		return fmt.Errorf("decode into a %T: not a pointer", v)
	}
	if foreign && len(data) >= 3 && string(data[:3]) == byteOrderMark {
		data = data[3:]
	}
	w := newWalk(data, l, foreign)
	if err := w.document(into.Type().Elem()); err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return located(w, into.Type().Elem(), err)
	}
	return nil
}

// located gives a place to an error of encoding/json: that of the first value
// which cannot be decoded even by itself.
func located(done *walk, root reflect.Type, err error) error {
	var known *Fault
	again := newWalk(done.data, Limits{Depth: done.deepest}, done.foreign)
	again.met = func(t reflect.Type, start int) error {
		if cause := json.Unmarshal(again.data[start:again.pos], reflect.New(t).Interface()); cause != nil {
			again.pos = start
			return again.fault(start, cause.Error())
		}
		return nil
	}
	if errors.As(again.document(root), &known) {
		known.cause = err
		return known
	}
	at := 0
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		at = min(int(wrong.Offset), len(done.data))
	}
	fault := done.fault(at, err.Error())
	fault.cause = err
	return fault
}
