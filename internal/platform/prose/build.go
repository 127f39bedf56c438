package prose

import (
	"encoding/json"
	"fmt"
)

// Build makes a node of a type with its defaults and the attributes that are given. It
// does not check what stands in it, and panics when the schema has no such type or
// attribute: that is a fault of the program.
func (s *Schema) Build(name string, given map[string]any, children ...*Node) *Node {
	t := s.nodes[name]
	if t == nil {
		panic("prose: there is no node " + name)
	}
	return newNode(t, built(t.attrs, given, name), nil, children)
}

// Text makes a text node; nil of an empty text.
func (s *Schema) Text(text string, marks ...Mark) *Node {
	if text == "" {
		return nil
	}
	return s.textNode(text, marks)
}

// Mark makes a mark, as Build makes a node.
func (s *Schema) Mark(name string, given map[string]any) Mark {
	t := s.marks[name]
	if t == nil {
		panic("prose: there is no mark " + name)
	}
	return Mark{t, built(t.attrs, given, name)}
}

// Marked is an inline node with marks, which stand in the schema's order.
func (n *Node) Marked(marks ...Mark) *Node {
	if len(marks) == 0 {
		return n
	}
	return n.marked(marks)
}

// Joined are nodes with texts that are set alike made one.
func Joined(nodes []*Node) []*Node { return joinAll(nodes) }

// Check tells whether a document is of the schema.
func (n *Node) Check() error { return n.check() }

func built(attrs []attribute, given map[string]any, of string) []string {
	raw := make(map[string]json.RawMessage, len(given))
	for name, value := range given {
		text, err := json.Marshal(value)
		if err != nil {
			panic(fmt.Sprintf("prose: attribute %s of %s: %v", name, of, err))
		}
		raw[name] = text
	}
	all, err := values(attrs, raw, of)
	if err != nil {
		panic("prose: " + err.Error())
	}
	return all
}
