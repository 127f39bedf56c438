package strictjson

import (
	"bytes"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// step is one step of a path: a key, or an index where the key is nil.
type step struct {
	key   []byte
	index int
}

// walk goes over a document once, from its first byte to its last.
type walk struct {
	data    []byte
	pos     int
	foreign bool
	deepest int
	path    []step
	shapes  map[reflect.Type]*shape
	unions  map[string]map[string]reflect.Type
	// met, where set, is called after every value that decodes itself.
	met func(t reflect.Type, start int) error
}

func newWalk(data []byte, l Limits, foreign bool) *walk {
	deepest := l.Depth
	if deepest <= 0 {
		deepest = DefaultDepth
	}
	return &walk{data: data, deepest: deepest, foreign: foreign, shapes: map[reflect.Type]*shape{}}
}

func (w *walk) document(root reflect.Type) error {
	w.space()
	if w.pos == len(w.data) {
		return w.fault(w.pos, "the document is empty")
	}
	if err := w.value(root); err != nil {
		return err
	}
	w.space()
	if w.pos < len(w.data) {
		return w.fault(w.pos, "something follows the end of the document")
	}
	return nil
}

func (w *walk) space() {
	for w.pos < len(w.data) {
		switch w.data[w.pos] {
		case ' ', '\t', '\n', '\r':
			w.pos++
		default:
			return
		}
	}
}

// peek returns the next byte, or 0 at the end.
func (w *walk) peek() byte {
	if w.pos < len(w.data) {
		return w.data[w.pos]
	}
	return 0
}

func (w *walk) value(t reflect.Type) error {
	s, start := w.shape(t), w.pos
	if err := w.typed(s); err != nil {
		return err
	}
	if w.met != nil && s.opaque {
		return w.met(s.of, start)
	}
	return nil
}

func (w *walk) typed(s *shape) error {
	switch c := w.peek(); {
	case c == '{':
		return w.object(s)
	case c == '[':
		return w.array(s)
	case c == '"':
		if s.kind != text && s.kind != anything {
			return w.mismatch(s, "a text")
		}
		_, err := w.string()
		return err
	case c == '-' || '0' <= c && c <= '9':
		return w.number(s)
	case c == 't':
		return w.word("true", s, s.kind == truth, "true")
	case c == 'f':
		return w.word("false", s, s.kind == truth, "false")
	case c == 'n':
		return w.word("null", s, s.nullable || w.foreign, "null")
	}
	if w.pos == len(w.data) {
		return w.fault(w.pos, "the document ends too early")
	}
	return w.fault(w.pos, "a value was expected here")
}

func (w *walk) word(word string, s *shape, fits bool, found string) error {
	if !bytes.HasPrefix(w.data[w.pos:], []byte(word)) {
		return w.fault(w.pos, "a value was expected here")
	}
	if !fits && s.kind != anything {
		return w.mismatch(s, found)
	}
	w.pos += len(word)
	return nil
}

// wanted names the kinds in refusals.
var wanted = [...]string{
	object: "an object", table: "an object", union: "an object", array: "a list",
	text: "a text", number: "a number", integer: "a whole number", truth: "true or false",
}

func (w *walk) mismatch(s *shape, found string) error {
	return w.fault(w.pos, wanted[s.kind]+" was expected here, not "+found)
}

// enter takes the opening bracket, if there may be one more level.
func (w *walk) enter(s *shape, fits bool, found string) error {
	if !fits && s.kind != anything {
		return w.mismatch(s, found)
	}
	if len(w.path) >= w.deepest {
		return w.fault(w.pos, fmt.Sprintf("the document is nested more than %d levels deep", w.deepest))
	}
	w.pos++
	w.space()
	w.path = append(w.path, step{index: -1})
	return nil
}

// more reads what follows a member or an element: a comma and perhaps more, or
// the end.
func (w *walk) more(end byte) (bool, error) {
	w.space()
	switch w.peek() {
	case end:
		w.pos++
		w.path = w.path[:len(w.path)-1]
		return false, nil
	case ',':
		w.pos++
		w.space()
		return true, nil
	}
	if w.pos == len(w.data) {
		return false, w.fault(w.pos, "the document ends too early")
	}
	return false, w.fault(w.pos, fmt.Sprintf("a comma or %q was expected here", end))
}

func (w *walk) array(s *shape) error {
	if err := w.enter(s, s.kind == array, "a list"); err != nil {
		return err
	}
	if w.peek() == ']' {
		_, err := w.more(']')
		return err
	}
	for i := 0; ; i++ {
		w.path[len(w.path)-1] = step{index: i}
		if err := w.value(s.elem); err != nil {
			return err
		}
		if more, err := w.more(']'); !more || err != nil {
			return err
		}
	}
}

func (w *walk) object(s *shape) error {
	start := w.pos
	if err := w.enter(s, s.kind == object || s.kind == table || s.kind == union, "an object"); err != nil {
		return err
	}
	fields := s.fields
	if s.kind == union {
		var err error
		if fields, err = w.variant(s.of, start); err != nil {
			return err
		}
	}
	if w.peek() == '}' {
		_, err := w.more('}')
		return err
	}
	var few [12][]byte
	for seen := (keys{few: few[:0]}); ; {
		elem, err := w.key(s, fields, &seen)
		if err != nil {
			return err
		}
		if err := w.value(elem); err != nil {
			return err
		}
		if more, err := w.more('}'); !more || err != nil {
			return err
		}
	}
}

// key reads a key and its colon, and returns the type of its value.
func (w *walk) key(s *shape, fields map[string]reflect.Type, seen *keys) (reflect.Type, error) {
	w.path[len(w.path)-1] = step{index: -1}
	at := w.pos
	if w.peek() != '"' {
		return nil, w.fault(at, "a key in quotation marks was expected here")
	}
	name, err := w.string()
	if err != nil {
		return nil, err
	}
	if !seen.add(name) {
		return nil, w.fault(at, fmt.Sprintf("the key %q stands here twice", name))
	}
	elem := s.elem
	if fields != nil {
		known := false
		if elem, known = fields[string(name)]; !known {
			if err := w.unknown(at, string(name), fields); err != nil {
				return nil, err
			}
		}
	}
	w.space()
	if w.peek() != ':' {
		return nil, w.fault(w.pos, "a colon was expected here")
	}
	w.pos++
	w.space()
	w.path[len(w.path)-1] = step{key: name}
	return elem, nil
}

// unknown refuses a key that is not of the object. One that differs only in
// case is refused in foreign documents too: encoding/json would take it for
// the field.
func (w *walk) unknown(at int, name string, fields map[string]reflect.Type) error {
	for field := range fields {
		if strings.EqualFold(field, name) {
			return w.fault(at, fmt.Sprintf("the key %q has to be written %q", name, field))
		}
	}
	if w.foreign {
		return nil
	}
	return w.fault(at, fmt.Sprintf("the key %q is not known here", name))
}

// variant finds the fields of the union object that begins at start.
func (w *walk) variant(t reflect.Type, start int) (map[string]reflect.Type, error) {
	name, ok := w.typeName()
	if !ok {
		return nil, w.fault(start, `the object says no "type"`)
	}
	if fields := w.unions[t.String()+" "+name]; fields != nil {
		return fields, nil
	}
	fields, ok := w.unionFields(t, name)
	if !ok {
		return nil, w.fault(start, fmt.Sprintf("the type %q is not known", name))
	}
	if w.unions == nil {
		w.unions = map[string]map[string]reflect.Type{}
	}
	w.unions[t.String()+" "+name] = fields
	return fields, nil
}

// typeName looks ahead for the member "type" of the object whose first key is
// next. Whatever is wrong on the way is found when the object is walked.
func (w *walk) typeName() (string, bool) {
	ahead := newWalk(w.data, Limits{Depth: w.deepest}, true)
	ahead.pos = w.pos
	ahead.path = append(ahead.path, step{index: -1})
	for ahead.peek() == '"' {
		name, err := ahead.string()
		if err != nil {
			return "", false
		}
		ahead.space()
		ahead.pos++
		ahead.space()
		if string(name) == "type" && ahead.peek() == '"' {
			value, err := ahead.string()
			return string(value), err == nil
		}
		if ahead.value(nil) != nil {
			return "", false
		}
		if more, err := ahead.more('}'); !more || err != nil {
			return "", false
		}
	}
	return "", false
}

// keys are those of one object: a list while they are few, then a map.
type keys struct {
	few  [][]byte
	many map[string]bool
}

// add tells whether the key is new.
func (k *keys) add(name []byte) bool {
	if k.many != nil {
		if k.many[string(name)] {
			return false
		}
		k.many[string(name)] = true
		return true
	}
	for _, seen := range k.few {
		if bytes.Equal(seen, name) {
			return false
		}
	}
	k.few = append(k.few, name)
	if len(k.few) == cap(k.few) {
		k.many = make(map[string]bool, 4*len(k.few))
		for _, seen := range k.few {
			k.many[string(seen)] = true
		}
	}
	return true
}

// fault describes what is wrong at an offset.
func (w *walk) fault(offset int, reason string) *Fault {
	before := w.data[:offset]
	line := bytes.LastIndexByte(before, '\n') + 1
	return &Fault{
		Offset: offset,
		Line:   1 + bytes.Count(before, []byte{'\n'}),
		Column: 1 + utf8.RuneCount(before[line:]),
		Path:   w.place(),
		Reason: reason,
	}
}

func (w *walk) place() string {
	var b strings.Builder
	for _, s := range w.path {
		switch {
		case s.key != nil:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.Write(s.key)
		case s.index >= 0:
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		}
	}
	return b.String()
}
