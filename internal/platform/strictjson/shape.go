package strictjson

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
)

// kind is what a value has to be.
type kind uint8

const (
	anything kind = iota
	object        // with known keys
	table         // an object with keys at will
	array
	text
	number
	integer
	truth
	union
)

// shape is what a Go type asks of a JSON value.
type shape struct {
	kind     kind
	nullable bool
	// opaque types decode themselves.
	opaque bool
	// elem is the type of an array's or a table's values.
	elem   reflect.Type
	fields map[string]reflect.Type
	of     reflect.Type
}

var (
	unmarshaler     = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	unionType       = reflect.TypeFor[Union]()
	numberType      = reflect.TypeFor[json.Number]()
	freeShape       = &shape{nullable: true}
)

// shape returns what t asks. Each walk keeps its own: types are few, and a
// table shared by all would have to be locked.
func (w *walk) shape(t reflect.Type) *shape {
	if t == nil {
		return freeShape
	}
	if s := w.shapes[t]; s != nil {
		return s
	}
	s := shapeOf(t)
	w.shapes[t] = s
	return s
}

func shapeOf(t reflect.Type) *shape {
	s := &shape{of: t}
	for t.Kind() == reflect.Pointer {
		s.nullable = true
		t = t.Elem()
	}
	s.of = t
	pointer := reflect.PointerTo(t)
	switch {
	case pointer.Implements(unionType):
		s.kind, s.opaque = union, true
	case pointer.Implements(unmarshaler):
		s.opaque = true
		s.known(t)
	case pointer.Implements(textUnmarshaler):
		s.kind, s.opaque = text, true
	case t == numberType:
		s.kind = number
	default:
		s.plain(t)
	}
	return s
}

// known lets a list that decodes itself still have its elements looked at.
func (s *shape) known(t reflect.Type) {
	s.nullable = true
	if t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8 {
		s.kind, s.elem = array, t.Elem()
	}
}

func (s *shape) plain(t reflect.Type) {
	switch t.Kind() {
	case reflect.Struct:
		s.kind, s.fields = object, map[string]reflect.Type{}
		addFields(s.fields, t)
	case reflect.Map:
		s.kind, s.elem, s.nullable = table, t.Elem(), true
	case reflect.Slice:
		s.kind, s.elem, s.nullable = array, t.Elem(), true
		if t.Elem().Kind() == reflect.Uint8 {
			s.kind = text
		}
	case reflect.Array:
		s.kind, s.elem = array, t.Elem()
	case reflect.String:
		s.kind = text
	case reflect.Bool:
		s.kind = truth
	case reflect.Float32, reflect.Float64:
		s.kind = number
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		s.kind = integer
	default:
		s.nullable = true
	}
}

// addFields adds the keys of a struct, those of embedded structs last, so that
// the outer ones win as they do in encoding/json.
func addFields(fields map[string]reflect.Type, t reflect.Type) {
	var embedded []reflect.Type
	for f := range t.Fields() {
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == "-" && options == "" {
			continue
		}
		if inner := structOf(f.Type); f.Anonymous && tag == "" && inner != nil {
			embedded = append(embedded, inner)
			continue
		}
		if !f.IsExported() {
			continue
		}
		if tag == "" {
			tag = f.Name
		}
		fields[tag] = f.Type
		if strings.Contains(","+options+",", ",string,") {
			fields[tag] = nil
		}
	}
	for _, inner := range embedded {
		more := map[string]reflect.Type{}
		addFields(more, inner)
		for name, typ := range more {
			if _, taken := fields[name]; !taken {
				fields[name] = typ
			}
		}
	}
}

func structOf(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	return t
}

// unionFields are the keys of a union's object whose "type" is name.
func (w *walk) unionFields(t reflect.Type, name string) (map[string]reflect.Type, bool) {
	structs := reflect.New(t).Interface().(Union).Shape(name)
	if len(structs) == 0 {
		return nil, false
	}
	fields := map[string]reflect.Type{}
	for _, s := range structs {
		addFields(fields, reflect.TypeOf(s))
	}
	return fields, true
}
