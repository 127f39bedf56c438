package prose

import (
	"errors"
	"fmt"
	"slices"
)

// Node is a node of a document. It is never changed; what changes a document makes
// new nodes, which share what stayed the same.
type Node struct {
	Type *NodeType
	// attrs are the values of the type's attributes, in their order, in canonical JSON.
	attrs []string
	Marks []Mark
	// Children is empty for text.
	Children []*Node
	// Text is that of a text node, and never empty there.
	Text string
	// size counts the positions that the node takes.
	size int
}

// Mark is a mark on a node.
type Mark struct {
	Type  *MarkType
	attrs []string
}

func (m Mark) equal(other Mark) bool {
	return m.Type == other.Type && slices.Equal(m.attrs, other.attrs)
}

func sameMarks(a, b []Mark) bool { return slices.EqualFunc(a, b, Mark.equal) }

// The kinds of errors.
var (
	// ErrForm says that a document or a step is none of the schema.
	ErrForm = errors.New("not of the schema")
	// ErrFit says that a step does not fit the document.
	ErrFit = errors.New("does not fit the document")
)

// units is the length of a text as JavaScript counts it.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r >= 0x10000 {
			n++
		}
	}
	return n
}

// cutUnits is the part of a text between two places. A place within a pair of
// surrogates is none.
func cutUnits(s string, from, to int) (string, error) {
	start, end, at := -1, -1, 0
	for i, r := range s {
		if at == from {
			start = i
		}
		if at == to {
			end = i
			break
		}
		if at++; r >= 0x10000 {
			at++
		}
	}
	if at == from && start < 0 {
		start = len(s)
	}
	if at == to && end < 0 {
		end = len(s)
	}
	if start < 0 || end < start {
		return "", fmt.Errorf("%w: a place within a character", ErrFit)
	}
	return s[start:end], nil
}

func newNode(t *NodeType, attrs []string, marks []Mark, children []*Node) *Node {
	n := &Node{Type: t, attrs: attrs, Marks: marks, Children: children, size: 1}
	if !t.leaf {
		n.size = 2 + sizeOf(children)
	}
	return n
}

func (s *Schema) textNode(text string, marks []Mark) *Node {
	return &Node{Type: s.text, Text: text, Marks: marks, size: units(text)}
}

func (n *Node) isText() bool { return n.Text != "" }

func (n *Node) with(children []*Node) *Node { return newNode(n.Type, n.attrs, n.Marks, children) }

func (n *Node) marked(marks []Mark) *Node {
	other := *n
	other.Marks = marks
	return &other
}

func (n *Node) withText(text string) *Node {
	other := *n
	other.Text, other.size = text, units(text)
	return &other
}

// Size is the number of positions of a document's content.
func (n *Node) Size() int { return sizeOf(n.Children) }

func sizeOf(nodes []*Node) (size int) {
	for _, n := range nodes {
		size += n.size
	}
	return size
}

// Attr is the value of an attribute in canonical JSON; empty for one that the type
// does not have.
func (n *Node) Attr(name string) string {
	for i, a := range n.Type.attrs {
		if a.name == name {
			return n.attrs[i]
		}
	}
	return ""
}

// Attr is as that of a node.
func (m Mark) Attr(name string) string {
	for i, a := range m.Type.attrs {
		if a.name == name {
			return m.attrs[i]
		}
	}
	return ""
}

func (n *Node) sameMarkup(other *Node) bool {
	return n.Type == other.Type && slices.Equal(n.attrs, other.attrs) && sameMarks(n.Marks, other.Marks)
}

// Equal tells whether two documents are the same.
func (n *Node) Equal(other *Node) bool {
	return n == other || n.sameMarkup(other) && n.Text == other.Text && slices.EqualFunc(n.Children, other.Children, (*Node).Equal)
}

// TextContent is all text of a node, without what stands between.
func (n *Node) TextContent() string { return string(n.appendText(nil)) }

func (n *Node) appendText(out []byte) []byte {
	out = append(out, n.Text...)
	for _, child := range n.Children {
		out = child.appendText(out)
	}
	return out
}

// join appends a node, to the text before it where that is set alike.
func join(nodes []*Node, n *Node) []*Node {
	if last := len(nodes) - 1; last >= 0 && n.isText() && nodes[last].isText() && nodes[last].sameMarkup(n) {
		nodes[last] = nodes[last].withText(nodes[last].Text + n.Text)
		return nodes
	}
	return append(nodes, n)
}

func joinAll(lists ...[]*Node) (all []*Node) {
	for _, list := range lists {
		for _, n := range list {
			all = join(all, n)
		}
	}
	return all
}

// cut is the part of nodes between two positions.
func cut(nodes []*Node, from, to int) (part []*Node, err error) {
	at := 0
	for _, n := range nodes {
		end := at + n.size
		if end > from && at < to {
			if at < from || end > to {
				if n, err = n.cut(max(0, from-at), min(n.size, to-at)); err != nil {
					return nil, err
				}
			}
			part = append(part, n)
		}
		at = end
	}
	return part, nil
}

// cut is the part of a node between two positions of its own.
func (n *Node) cut(from, to int) (*Node, error) {
	if n.isText() {
		text, err := cutUnits(n.Text, from, to)
		if err != nil {
			return nil, err
		}
		return n.withText(text), nil
	}
	part, err := cut(n.Children, max(0, from-1), min(sizeOf(n.Children), to-1))
	if err != nil {
		return nil, err
	}
	return n.with(part), nil
}

// at finds the child of nodes that stands at a position, and where it begins.
func at(nodes []*Node, pos int) (index, start int) {
	for index, n := range nodes {
		if start+n.size > pos {
			return index, start
		}
		start += n.size
	}
	return len(nodes), start
}

// checkContent tells whether nodes may stand in a node of a type.
func (t *NodeType) checkContent(nodes []*Node) error {
	if m := t.content.all(nodes); m == nil || !m.end {
		return fmt.Errorf("%w: %s cannot hold what stands in it", ErrForm, t.Name)
	}
	for _, n := range nodes {
		for _, m := range n.Marks {
			if !t.allows(m.Type) {
				return fmt.Errorf("%w: %s cannot hold the mark %s", ErrForm, t.Name, m.Type.Name)
			}
		}
	}
	return nil
}

// checkMarks tells whether marks may stand together, in their order.
func checkMarks(marks []Mark) error {
	var set []Mark
	for _, m := range marks {
		set = m.addTo(set)
	}
	if !sameMarks(set, marks) {
		return fmt.Errorf("%w: marks that do not go together", ErrForm)
	}
	return nil
}

// check tells whether a node, with all that is in it, is of the schema.
func (n *Node) check() error {
	if err := n.Type.checkContent(n.Children); err != nil {
		return err
	}
	if err := checkMarks(n.Marks); err != nil {
		return err
	}
	for _, child := range n.Children {
		if err := child.check(); err != nil {
			return err
		}
	}
	return nil
}

// checkBetween checks the nodes that stand between two positions.
func (n *Node) checkBetween(from, to int) error {
	at := 0
	for _, child := range n.Children {
		end := at + child.size
		if end >= from && at <= to && !child.isText() {
			if err := child.Type.checkContent(child.Children); err != nil {
				return err
			}
			if err := child.checkBetween(from-at-1, to-at-1); err != nil {
				return err
			}
		}
		if end >= from && at <= to {
			if err := checkMarks(child.Marks); err != nil {
				return err
			}
		}
		at = end
	}
	return nil
}

// addTo is a set of marks with one more.
func (m Mark) addTo(set []Mark) []Mark {
	var all []Mark
	placed := false
	for _, other := range set {
		if m.equal(other) {
			return set
		}
		if m.Type.excludes(other.Type) {
			continue
		}
		if other.Type.excludes(m.Type) {
			return set
		}
		if !placed && other.Type.rank > m.Type.rank {
			all, placed = append(all, m), true
		}
		all = append(all, other)
	}
	if !placed {
		all = append(all, m)
	}
	return all
}

func (m Mark) removeFrom(set []Mark) []Mark {
	if at := slices.IndexFunc(set, m.equal); at >= 0 {
		return slices.Delete(slices.Clone(set), at, at+1)
	}
	return set
}
