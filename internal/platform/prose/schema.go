// Package prose is ProseMirror's document model and steps: a schema, documents of
// it, and the changes that editors send, with the behaviour of the JavaScript
// modules prosemirror-model and prosemirror-transform, so that a server can say what
// a document is after a step and refuse one that does not fit. Positions count UTF-16
// code units, as JavaScript does. It knows nothing of what a document is about, keeps
// nothing, and makes no HTML.
package prose

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"broadsheet/internal/platform/strictjson"
)

// Schema says which documents there are.
type Schema struct {
	nodes map[string]*NodeType
	marks map[string]*MarkType
	// Top is the type of whole documents.
	Top  *NodeType
	text *NodeType
}

// NodeType is a kind of node.
type NodeType struct {
	Name   string
	groups []string
	attrs  []attribute
	// inline nodes stand in a line of text; a leaf has no content; an atom is entered
	// by no selection and takes no marks within.
	inline, leaf, atom bool
	// all allows every mark; marks are those that are allowed otherwise.
	all   bool
	marks []*MarkType
	// content says what may stand in it.
	content *match
}

// MarkType is a kind of mark.
type MarkType struct {
	Name string
	// rank is the order of marks on one node.
	rank     int
	attrs    []attribute
	excluded []*MarkType
}

// attribute is a name with its default, in canonical JSON.
type attribute struct {
	name  string
	value string
}

// spec is a schema as JSON: https://prosemirror.net/docs/ref/#model.SchemaSpec, with
// nodes and marks in order, and without what concerns editors alone.
type spec struct {
	Top   string            `json:"top"`
	Nodes ordered[nodeSpec] `json:"nodes"`
	Marks ordered[markSpec] `json:"marks"`
}

type nodeSpec struct {
	Content string                   `json:"content"`
	Group   string                   `json:"group"`
	Marks   *string                  `json:"marks"`
	Inline  bool                     `json:"inline"`
	Atom    bool                     `json:"atom"`
	Attrs   ordered[json.RawMessage] `json:"attrs"`
}

type markSpec struct {
	Excludes *string                  `json:"excludes"`
	Attrs    ordered[json.RawMessage] `json:"attrs"`
}

// ordered is an object whose members keep their order.
type ordered[T any] []member[T]

type member[T any] struct {
	name  string
	value T
}

// UnmarshalJSON reads an object.
func (o *ordered[T]) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var m member[T]
		m.name, _ = name.(string)
		if err := d.Decode(&m.value); err != nil {
			return err
		}
		*o = append(*o, m)
	}
	return nil
}

// NewSchema reads a schema: {"top": "doc", "nodes": {…}, "marks": {…}}, as
// ProseMirror's own but that attributes are an object of defaults. Members that it
// does not know are an editor's.
func NewSchema(text []byte) (*Schema, error) {
	var from spec
	if err := json.Unmarshal(text, &from); err != nil {
		return nil, fmt.Errorf("read a schema: %w", err)
	}
	s := &Schema{nodes: map[string]*NodeType{}, marks: map[string]*MarkType{}}
	if err := s.addMarks(from.Marks); err != nil {
		return nil, err
	}
	for _, m := range from.Nodes {
		attrs, err := attributes(m.value.Attrs)
		if err != nil {
			return nil, fmt.Errorf("node %s: %w", m.name, err)
		}
		s.nodes[m.name] = &NodeType{Name: m.name, groups: strings.Fields(m.value.Group), attrs: attrs,
			inline: m.value.Inline || m.name == "text", leaf: m.value.Content == "", atom: m.value.Atom || m.value.Content == ""}
	}
	s.Top, s.text = s.nodes[from.Top], s.nodes["text"]
	if s.Top == nil || s.text == nil {
		return nil, fmt.Errorf("the schema has no node %q or no text", from.Top)
	}
	names := make([]string, len(from.Nodes))
	for n, m := range from.Nodes {
		names[n] = m.name
	}
	for _, m := range from.Nodes {
		if err := s.link(m, names); err != nil {
			return nil, fmt.Errorf("node %s: %w", m.name, err)
		}
	}
	return s, nil
}

func (s *Schema) addMarks(from ordered[markSpec]) error {
	for rank, m := range from {
		attrs, err := attributes(m.value.Attrs)
		if err != nil {
			return fmt.Errorf("mark %s: %w", m.name, err)
		}
		s.marks[m.name] = &MarkType{Name: m.name, rank: rank, attrs: attrs}
	}
	for _, m := range from {
		t := s.marks[m.name]
		switch {
		case m.value.Excludes == nil:
			t.excluded = []*MarkType{t}
		default:
			var err error
			if t.excluded, err = s.marksNamed(*m.value.Excludes); err != nil {
				return fmt.Errorf("mark %s: %w", m.name, err)
			}
		}
	}
	return nil
}

func (s *Schema) marksNamed(names string) (all []*MarkType, err error) {
	for _, name := range strings.Fields(names) {
		t := s.marks[name]
		if t == nil {
			return nil, fmt.Errorf("there is no mark %q", name)
		}
		all = append(all, t)
	}
	return all, nil
}

// link sets what of a node's type points at others.
func (s *Schema) link(m member[nodeSpec], names []string) (err error) {
	t := s.nodes[m.name]
	if t.content, err = s.compile(m.value.Content, names); err != nil {
		return err
	}
	switch {
	case m.value.Marks == nil:
		t.all = t.holdsInline()
	case *m.value.Marks == "_":
		t.all = true
	default:
		t.marks, err = s.marksNamed(*m.value.Marks)
	}
	return err
}

// holdsInline tells whether what may stand in a node is inline.
func (t *NodeType) holdsInline() bool { return len(t.content.next) > 0 && t.content.next[0].of.inline }

// allows tells whether a node may have children with a mark.
func (t *NodeType) allows(m *MarkType) bool { return t.all || slices.Contains(t.marks, m) }

func (t *NodeType) compatible(other *NodeType) bool {
	return t == other || t.content.compatible(other.content)
}

func (t *MarkType) excludes(other *MarkType) bool { return slices.Contains(t.excluded, other) }

func attributes(from ordered[json.RawMessage]) (all []attribute, err error) {
	for _, m := range from {
		value, err := canonical(m.value)
		if err != nil {
			return nil, fmt.Errorf("attribute %s: %w", m.name, err)
		}
		all = append(all, attribute{name: m.name, value: value})
	}
	return all, nil
}

// canonical is a JSON value in the one spelling by which values are compared: without
// spaces, members in the order of their names.
func canonical(value []byte) (string, error) {
	var v any
	if err := strictjson.Unmarshal(value, &v); err != nil {
		return "", err
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}
