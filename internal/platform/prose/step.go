package prose

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Step is one change of a document:
// https://prosemirror.net/docs/ref/#transform.Step
type Step interface {
	// Apply is the document after the step. An error is ErrFit or ErrForm.
	Apply(doc *Node) (*Node, error)
	// Map says where positions are after the step.
	Map() StepMap
	json.Marshaler
}

type (
	// Replace puts a slice in the place of what stands between two positions.
	Replace struct {
		From, To int
		Slice    Slice
		// Structure says that nothing but the ends of nodes may be taken away.
		Structure bool
	}
	// ReplaceAround puts a slice around what stands in a gap, and both in the place of
	// what stands between two positions.
	ReplaceAround struct {
		From, To, GapFrom, GapTo, Insert int
		Slice                            Slice
		Structure                        bool
	}
	// AddMark and RemoveMark change a mark of inline nodes.
	AddMark struct {
		From, To int
		Mark     Mark
	}
	// RemoveMark takes a mark away.
	RemoveMark struct {
		From, To int
		Mark     Mark
	}
	// AddNodeMark and RemoveNodeMark change a mark of the node at a position.
	AddNodeMark struct {
		Pos  int
		Mark Mark
	}
	// RemoveNodeMark takes a mark of a node away.
	RemoveNodeMark struct {
		Pos  int
		Mark Mark
	}
	// SetAttr sets an attribute of the node at a position, SetDocAttr one of the
	// document; the value is canonical JSON.
	SetAttr struct {
		Pos         int
		Attr, Value string
	}
	// SetDocAttr sets an attribute of the document.
	SetDocAttr struct{ Attr, Value string }
)

// Apply is that of Step.
func (s Replace) Apply(doc *Node) (*Node, error) {
	if s.Structure {
		if err := nothingBetween(doc, s.From, s.To); err != nil {
			return nil, err
		}
	}
	return put(doc, s.From, s.To, s.Slice)
}

// put replaces, and checks what came in.
func put(doc *Node, from, to int, slice Slice) (*Node, error) {
	after, err := doc.replace(from, to, slice)
	if err != nil {
		return nil, err
	}
	return after, after.checkBetween(from, from+slice.size())
}

// Apply is that of Step.
func (s ReplaceAround) Apply(doc *Node) (*Node, error) {
	if s.From > s.GapFrom || s.GapFrom > s.GapTo || s.GapTo > s.To {
		return nil, fmt.Errorf("%w: the gap is not within", ErrFit)
	}
	if s.Structure {
		if err := errors.Join(nothingBetween(doc, s.From, s.GapFrom), nothingBetween(doc, s.GapTo, s.To)); err != nil {
			return nil, err
		}
	}
	gap, err := doc.Slice(s.GapFrom, s.GapTo)
	if err != nil {
		return nil, err
	}
	if gap.OpenStart > 0 || gap.OpenEnd > 0 {
		return nil, fmt.Errorf("%w: the gap is not flat", ErrFit)
	}
	filled, err := s.Slice.insert(s.Insert, gap.Content)
	if err != nil {
		return nil, err
	}
	return put(doc, s.From, s.To, filled)
}

// nothingBetween tells whether only ends and beginnings of nodes stand between two
// positions.
func nothingBetween(doc *Node, from, to int) error {
	at, err := doc.resolve(from)
	if err != nil {
		return err
	}
	left, depth := to-from, at.depth()
	for left > 0 && depth > 0 && at.indexAfter(depth) == len(at.node(depth).Children) {
		depth--
		left--
	}
	if left <= 0 {
		return nil
	}
	next := child(at.node(depth), at.indexAfter(depth))
	for ; left > 0; left-- {
		if next == nil || next.Type.leaf {
			return fmt.Errorf("%w: content would be lost", ErrFit)
		}
		next = child(next, 0)
	}
	return nil
}

func child(n *Node, index int) *Node {
	if index < len(n.Children) {
		return n.Children[index]
	}
	return nil
}

// Apply is that of Step.
func (s AddMark) Apply(doc *Node) (*Node, error) {
	return remark(doc, s.From, s.To, func(n, parent *Node) *Node {
		if !n.Type.atom || !parent.Type.allows(s.Mark.Type) {
			return n
		}
		return n.marked(s.Mark.addTo(n.Marks))
	})
}

// Apply is that of Step.
func (s RemoveMark) Apply(doc *Node) (*Node, error) {
	return remark(doc, s.From, s.To, func(n, _ *Node) *Node { return n.marked(s.Mark.removeFrom(n.Marks)) })
}

// remark changes the inline nodes between two positions.
func remark(doc *Node, from, to int, change func(n, parent *Node) *Node) (*Node, error) {
	slice, err := doc.Slice(from, to)
	if err != nil {
		return nil, err
	}
	at, err := doc.resolve(from)
	if err != nil {
		return nil, err
	}
	slice.Content = changed(slice.Content, at.node(at.shared(to)), change)
	return put(doc, from, to, slice)
}

func changed(nodes []*Node, parent *Node, change func(n, parent *Node) *Node) (all []*Node) {
	for _, n := range nodes {
		if len(n.Children) > 0 {
			n = n.with(changed(n.Children, n, change))
		}
		if n.Type.inline {
			n = change(n, parent)
		}
		all = join(all, n)
	}
	return all
}

// Apply is that of Step.
func (s AddNodeMark) Apply(doc *Node) (*Node, error) {
	return renode(doc, s.Pos, func(n *Node) (*Node, error) { return n.marked(s.Mark.addTo(n.Marks)), nil })
}

// Apply is that of Step.
func (s RemoveNodeMark) Apply(doc *Node) (*Node, error) {
	return renode(doc, s.Pos, func(n *Node) (*Node, error) { return n.marked(s.Mark.removeFrom(n.Marks)), nil })
}

// Apply is that of Step.
func (s SetAttr) Apply(doc *Node) (*Node, error) {
	return renode(doc, s.Pos, func(n *Node) (*Node, error) { return n.set(s.Attr, s.Value) })
}

// Apply is that of Step.
func (s SetDocAttr) Apply(doc *Node) (*Node, error) { return doc.set(s.Attr, s.Value) }

// set is a node with another value of an attribute.
func (n *Node) set(name, value string) (*Node, error) {
	for i, a := range n.Type.attrs {
		if a.name == name {
			other := *n
			other.attrs = append([]string(nil), n.attrs...)
			other.attrs[i] = value
			return &other, nil
		}
	}
	return nil, fmt.Errorf("%w: %s has no attribute %.60q", ErrForm, n.Type.Name, name)
}

// renode changes the node at a position, and not what is in it.
func renode(doc *Node, pos int, change func(*Node) (*Node, error)) (*Node, error) {
	at, err := doc.resolve(pos)
	if err != nil {
		return nil, err
	}
	index := at.index(at.depth())
	old := child(at.parent(), index)
	if old == nil || old.isText() {
		return nil, fmt.Errorf("%w: no node stands at %d", ErrFit, pos)
	}
	n, err := change(old)
	if err != nil {
		return nil, err
	}
	if err := checkMarks(n.Marks); err != nil {
		return nil, err
	}
	for depth := at.depth(); depth >= 0; depth-- {
		parent := at.node(depth)
		content := replaced(parent.Children, at.index(depth), n)
		if depth == at.depth() {
			if err := parent.Type.checkContent(content); err != nil {
				return nil, err
			}
		}
		n = parent.with(content)
	}
	return n, nil
}

// stepJSON is any step.
type stepJSON struct {
	StepType  string          `json:"stepType"`
	From      int             `json:"from"`
	To        int             `json:"to"`
	GapFrom   int             `json:"gapFrom"`
	GapTo     int             `json:"gapTo"`
	Insert    int             `json:"insert"`
	Slice     *sliceJSON      `json:"slice"`
	Structure bool            `json:"structure"`
	Mark      *markJSON       `json:"mark"`
	Pos       int             `json:"pos"`
	Attr      string          `json:"attr"`
	Value     json.RawMessage `json:"value"`
}

// ParseStep reads a step. Whether it fits a document is seen when it is applied.
func (s *Schema) ParseStep(text []byte) (Step, error) {
	var from stepJSON
	if err := decode(text, &from); err != nil {
		return nil, err
	}
	slice, err := s.slice(from.Slice)
	if err != nil {
		return nil, err
	}
	switch from.StepType {
	case "replace":
		return Replace{from.From, from.To, slice, from.Structure}, nil
	case "replaceAround":
		return ReplaceAround{from.From, from.To, from.GapFrom, from.GapTo, from.Insert, slice, from.Structure}, nil
	case "attr", "docAttr":
		value, err := canonical(from.Value)
		if err != nil {
			return nil, fmt.Errorf("%w: attribute %.60q: %w", ErrForm, from.Attr, err)
		}
		if from.StepType == "docAttr" {
			return SetDocAttr{from.Attr, value}, nil
		}
		return SetAttr{from.Pos, from.Attr, value}, nil
	}
	if from.Mark == nil {
		return nil, fmt.Errorf("%w: there is no step %.60q", ErrForm, from.StepType)
	}
	mark, err := s.mark(*from.Mark)
	if err != nil {
		return nil, err
	}
	switch from.StepType {
	case "addMark":
		return AddMark{from.From, from.To, mark}, nil
	case "removeMark":
		return RemoveMark{from.From, from.To, mark}, nil
	case "addNodeMark":
		return AddNodeMark{from.Pos, mark}, nil
	case "removeNodeMark":
		return RemoveNodeMark{from.Pos, mark}, nil
	}
	return nil, fmt.Errorf("%w: there is no step %.60q", ErrForm, from.StepType)
}

func (s *Schema) slice(from *sliceJSON) (slice Slice, err error) {
	if from == nil {
		return slice, nil
	}
	slice.OpenStart, slice.OpenEnd = from.OpenStart, from.OpenEnd
	if slice.Content, err = s.nodesOf(from.Content, 0); err != nil {
		return slice, err
	}
	if from.OpenStart < 0 || from.OpenEnd < 0 || from.OpenStart > deep(slice.Content, true) || from.OpenEnd > deep(slice.Content, false) {
		return slice, fmt.Errorf("%w: a slice is open deeper than it is", ErrForm)
	}
	return slice, nil
}

// deep is how many nodes stand in each other at a side of nodes.
func deep(nodes []*Node, start bool) (depth int) {
	for len(nodes) > 0 {
		n := nodes[len(nodes)-1]
		if start {
			n = nodes[0]
		}
		if n.Type.leaf {
			break
		}
		depth++
		nodes = n.Children
	}
	return depth
}
