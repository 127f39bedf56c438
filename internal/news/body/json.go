package body

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"broadsheet/internal/platform/strictjson"
)

// head is what every block says of itself in JSON, before its value's fields.
type head struct {
	Key  Key    `json:"key"`
	Type string `json:"type"`
}

// form is how one kind of value is read.
type form struct {
	zero Value
	read func([]byte) (Value, error)
}

func formOf[V Value]() form {
	var zero V
	return form{zero, func(data []byte) (Value, error) {
		var v V
		err := json.Unmarshal(data, &v)
		return v, err
	}}
}

// forms are the kinds of blocks by their names.
var forms = func() map[string]form {
	all := map[string]form{}
	for _, f := range []form{
		formOf[Paragraph](), formOf[Subhead](), formOf[Quote](), formOf[PullQuote](), formOf[List](),
		formOf[Figure](), formOf[Table](), formOf[KeyPoints](), formOf[Preformatted](), formOf[Rule](),
		formOf[Embed](), formOf[Gallery](), formOf[File](), formOf[Note](), formOf[Definition](),
		formOf[Post](), formOf[Foreign](),
	} {
		all[f.zero.kind()] = f
	}
	return all
}()

// Kinds lists the types of blocks by their names in JSON.
func Kinds() []string { return slices.Sorted(maps.Keys(forms)) }

// Shape tells the strict decoder which keys a block of a type has.
func (Block) Shape(name string) []any {
	f, ok := forms[name]
	if !ok {
		return nil
	}
	return []any{head{}, f.zero}
}

// MarshalJSON writes the key, the type and the fields of the value, in that
// order.
func (b Block) MarshalJSON() ([]byte, error) {
	if b.Value == nil {
		return nil, fmt.Errorf("block %q holds nothing", b.Key)
	}
	first, err := encoded(head{b.Key, b.Kind()})
	if err != nil {
		return nil, err
	}
	rest, err := encoded(b.Value)
	if err != nil || string(rest) == "{}" {
		return first, err
	}
	first[len(first)-1] = ','
	return append(first, rest[1:]...), nil
}

// encoded is v as JSON, with <, > and & as they are.
func encoded(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

// UnmarshalJSON reads a block that was checked before, or is our own.
func (b *Block) UnmarshalJSON(data []byte) error {
	var h head
	if err := json.Unmarshal(data, &h); err != nil {
		return err
	}
	f, ok := forms[h.Type]
	if !ok {
		return fmt.Errorf("the type %q is not known", h.Type)
	}
	value, err := f.read(data)
	*b = Block{h.Key, value}
	return err
}

// MarshalJSON writes a body without blocks as an empty list.
func (b Body) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('[')
	for i, block := range b {
		if i > 0 {
			out.WriteByte(',')
		}
		text, err := block.MarshalJSON()
		if err != nil {
			return nil, err
		}
		out.Write(text)
	}
	out.WriteByte(']')
	return out.Bytes(), nil
}

// Fault says what is wrong with a body's JSON, and in which block.
type Fault struct {
	// Block counts from 0; it is -1 when the fault is in no block.
	Block int
	Key   Key
	// Path leads from the block to the place.
	Path string
	// Reason is a sentence without its full stop.
	Reason string

	cause error
}

// Error names the block, the place and the reason.
func (f *Fault) Error() string {
	place := "body"
	if f.Block >= 0 {
		place = "block " + strconv.Itoa(f.Block+1)
	}
	if f.Key != "" {
		place += fmt.Sprintf(" (%s)", f.Key)
	}
	if f.Path != "" {
		place += ", " + f.Path
	}
	return place + ": " + f.Reason
}

// Unwrap returns the fault of the document.
func (f *Fault) Unwrap() error { return f.cause }

// Decode reads a body from JSON of outside. What it returns has the right form
// and may still hold what Check finds.
func Decode(data []byte) (Body, error) {
	var b Body
	err := strictjson.Decode(bytes.NewReader(data), &b, strictjson.Limits{Bytes: MaxBytes, Depth: maxDocument})
	if err != nil {
		return nil, placed(data, err)
	}
	if b == nil {
		return nil, &Fault{Block: -1, Reason: "a list of blocks was expected, not null"}
	}
	return b, nil
}

// placed turns a place in the document into one in the body.
func placed(data []byte, err error) error {
	known, ok := errors.AsType[*strictjson.Fault](err)
	if !ok {
		return err
	}
	f := &Fault{Block: -1, Path: known.Path, Reason: known.Reason, cause: err}
	index, rest, ok := strings.Cut(strings.TrimPrefix(known.Path, "["), "]")
	n, bad := strconv.Atoi(index)
	if !ok || bad != nil {
		return f
	}
	f.Block, f.Path = n, strings.TrimPrefix(rest, ".")
	var heads []struct {
		Key Key `json:"key"`
	}
	if json.Unmarshal(data, &heads) == nil && n < len(heads) {
		f.Key = heads[n].Key
	}
	return f
}

// Encode writes a body as JSON: equal bodies give equal bytes.
func Encode(b Body) ([]byte, error) {
	text, err := b.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("encode a body: %w", err)
	}
	return text, nil
}
