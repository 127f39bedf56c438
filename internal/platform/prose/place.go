package prose

import "fmt"

// place is a position in a document with the nodes around it, the document first.
type place struct {
	pos    int
	levels []level
	// offset is the position in the innermost node.
	offset int
}

// level is a node on the way to a place: the child that the way goes on in, and where
// that begins in the document.
type level struct {
	node         *Node
	index, start int
}

func (n *Node) resolve(pos int) (p place, err error) {
	if pos < 0 || pos > n.Size() {
		return p, fmt.Errorf("%w: there is no position %d in %d", ErrFit, pos, n.Size())
	}
	p.pos = pos
	start, offset := 0, pos
	for {
		index, begin := at(n.Children, offset)
		p.levels = append(p.levels, level{n, index, start + begin})
		rest := offset - begin
		if rest == 0 || n.Children[index].isText() {
			p.offset = offset
			return p, nil
		}
		n = n.Children[index]
		offset, start = rest-1, start+begin+1
	}
}

func (p place) depth() int           { return len(p.levels) - 1 }
func (p place) node(depth int) *Node { return p.levels[depth].node }
func (p place) index(depth int) int  { return p.levels[depth].index }
func (p place) parent() *Node        { return p.node(p.depth()) }

// indexAfter is the child that follows the place.
func (p place) indexAfter(depth int) int {
	if depth == p.depth() && p.within() == 0 {
		return p.index(depth)
	}
	return p.index(depth) + 1
}

// begin is where the content of a node on the way begins.
func (p place) begin(depth int) int {
	if depth == 0 {
		return 0
	}
	return p.levels[depth-1].start + 1
}

func (p place) end(depth int) int { return p.begin(depth) + p.node(depth).Size() }

// within is how far the place is into a text.
func (p place) within() int { return p.pos - p.levels[p.depth()].start }

// after is what follows the place in its innermost node, from it on.
func (p place) after() (*Node, error) {
	parent, index := p.parent(), p.index(p.depth())
	if index == len(parent.Children) {
		return nil, nil
	}
	child := parent.Children[index]
	if within := p.within(); within > 0 {
		return child.cut(within, child.size)
	}
	return child, nil
}

// before is what stands before the place in its innermost node, up to it.
func (p place) before() (*Node, error) {
	index := p.index(p.depth())
	if within := p.within(); within > 0 {
		return p.parent().Children[index].cut(0, within)
	}
	if index == 0 {
		return nil, nil
	}
	return p.parent().Children[index-1], nil
}

// shared is the depth of the innermost node that a position is in too.
func (p place) shared(pos int) int {
	for depth := p.depth(); depth > 0; depth-- {
		if p.begin(depth) <= pos && p.end(depth) >= pos {
			return depth
		}
	}
	return 0
}

// Slice is a piece of a document, with so many nodes cut open at its sides.
type Slice struct {
	Content            []*Node
	OpenStart, OpenEnd int
}

// size is the number of positions that the slice takes where it is put.
func (s Slice) size() int { return sizeOf(s.Content) - s.OpenStart - s.OpenEnd }

// Slice is the piece between two positions.
func (n *Node) Slice(from, to int) (s Slice, err error) {
	if from == to {
		return s, nil
	}
	start, err := n.resolve(from)
	if err != nil {
		return s, err
	}
	end, err := n.resolve(to)
	if err != nil {
		return s, err
	}
	if from > to {
		return s, fmt.Errorf("%w: %d is behind %d", ErrFit, from, to)
	}
	depth := start.shared(to)
	begin := start.begin(depth)
	content, err := cut(start.node(depth).Children, from-begin, to-begin)
	return Slice{content, start.depth() - depth, end.depth() - depth}, err
}

// insert puts nodes at a position of the slice.
func (s Slice) insert(pos int, nodes []*Node) (Slice, error) {
	content, err := insertInto(s.Content, pos+s.OpenStart, nodes)
	return Slice{content, s.OpenStart, s.OpenEnd}, err
}

func insertInto(content []*Node, pos int, nodes []*Node) ([]*Node, error) {
	index, start := at(content, pos)
	if pos < 0 || index == len(content) && pos > start {
		return nil, fmt.Errorf("%w: a gap outside of its slice", ErrFit)
	}
	if start == pos || content[index].isText() {
		before, err := cut(content, 0, pos)
		if err != nil {
			return nil, err
		}
		after, err := cut(content, pos, sizeOf(content))
		return joinAll(before, nodes, after), err
	}
	inner, err := insertInto(content[index].Children, pos-start-1, nodes)
	if err != nil {
		return nil, err
	}
	return replaced(content, index, content[index].with(inner)), nil
}

func replaced(nodes []*Node, index int, n *Node) []*Node {
	all := append([]*Node(nil), nodes...)
	all[index] = n
	return all
}
