package prose

import "fmt"

// replace is the document with a slice in the place of what stands between two
// positions.
func (n *Node) replace(from, to int, s Slice) (*Node, error) {
	if from > to {
		return nil, fmt.Errorf("%w: %d is behind %d", ErrFit, from, to)
	}
	start, err := n.resolve(from)
	if err != nil {
		return nil, err
	}
	end, err := n.resolve(to)
	if err != nil {
		return nil, err
	}
	if s.OpenStart > start.depth() {
		return nil, fmt.Errorf("%w: the new text is deeper than its place", ErrFit)
	}
	if start.depth()-s.OpenStart != end.depth()-s.OpenEnd {
		return nil, fmt.Errorf("%w: the new text is open to other depths than its place", ErrFit)
	}
	return replaceOuter(start, end, s, 0)
}

func replaceOuter(from, to place, s Slice, depth int) (*Node, error) {
	index, node := from.index(depth), from.node(depth)
	switch {
	case index == to.index(depth) && depth < from.depth()-s.OpenStart:
		inner, err := replaceOuter(from, to, s, depth+1)
		if err != nil {
			return nil, err
		}
		return node.with(replaced(node.Children, index, inner)), nil
	case sizeOf(s.Content) == 0:
		return closed(node)(replaceTwoWay(from, to, depth))
	case s.OpenStart == 0 && s.OpenEnd == 0 && from.depth() == depth && to.depth() == depth:
		parent := from.parent()
		before, err := cut(parent.Children, 0, from.offset)
		if err != nil {
			return nil, err
		}
		after, err := cut(parent.Children, to.offset, parent.Size())
		return closed(parent)(joinAll(before, s.Content, after), err)
	}
	start, end, err := s.along(from)
	if err != nil {
		return nil, err
	}
	return closed(node)(replaceThreeWay(from, start, end, to, depth))
}

// along resolves both sides of a slice, as if it stood at a place.
func (s Slice) along(at place) (start, end place, err error) {
	extra := at.depth() - s.OpenStart
	node := at.node(extra).with(s.Content)
	for depth := extra - 1; depth >= 0; depth-- {
		node = at.node(depth).with([]*Node{node})
	}
	if start, err = node.resolve(s.OpenStart + extra); err != nil {
		return start, end, err
	}
	end, err = node.resolve(node.Size() - s.OpenEnd - extra)
	return start, end, err
}

// closed makes a node of content that was joined, if it may have it.
func closed(n *Node) func([]*Node, error) (*Node, error) {
	return func(content []*Node, err error) (*Node, error) {
		if err != nil {
			return nil, err
		}
		if err := n.Type.checkContent(content); err != nil {
			return nil, err
		}
		return n.with(content), nil
	}
}

// joinable is the node that two places are to be joined in, at a depth.
func joinable(before, after place, depth int) (*Node, error) {
	if depth > before.depth() || depth > after.depth() {
		return nil, fmt.Errorf("%w: nothing to join with", ErrFit)
	}
	node := before.node(depth)
	return node, mayJoin(node, after.node(depth))
}

func mayJoin(node, other *Node) error {
	if !other.Type.compatible(node.Type) {
		return fmt.Errorf("%w: %s cannot be joined with %s", ErrFit, other.Type.Name, node.Type.Name)
	}
	return nil
}

// gathered collects the children of a node that stand between places.
type gathered struct {
	nodes []*Node
	err   error
}

func (g *gathered) add(n *Node, err error) {
	if g.err == nil {
		g.err = err
	}
	if n != nil && g.err == nil {
		g.nodes = join(g.nodes, n)
	}
}

// between adds what stands between two places at a depth; nil is the node's own side.
func (g *gathered) between(start, end *place, depth int) {
	var node *Node
	first, last := 0, 0
	if end != nil {
		node, last = end.node(depth), end.index(depth)
	} else {
		node = start.node(depth)
		last = len(node.Children)
	}
	if start != nil {
		first = start.index(depth)
		switch {
		case start.depth() > depth:
			first++
		case start.within() > 0:
			g.add(start.after())
			first++
		}
	}
	for n := first; n < last; n++ {
		g.add(node.Children[n], nil)
	}
	if end != nil && end.depth() == depth && end.within() > 0 {
		g.add(end.before())
	}
}

func replaceThreeWay(from, start, end, to place, depth int) ([]*Node, error) {
	var openStart, openEnd *Node
	var err error
	if from.depth() > depth {
		if openStart, err = joinable(from, start, depth+1); err != nil {
			return nil, err
		}
	}
	if to.depth() > depth {
		if openEnd, err = joinable(end, to, depth+1); err != nil {
			return nil, err
		}
	}
	var g gathered
	g.between(nil, &from, depth)
	if openStart != nil && openEnd != nil && start.index(depth) == end.index(depth) {
		if err := mayJoin(openStart, openEnd); err != nil {
			return nil, err
		}
		g.add(closed(openStart)(replaceThreeWay(from, start, end, to, depth+1)))
	} else {
		if openStart != nil {
			g.add(closed(openStart)(replaceTwoWay(from, start, depth+1)))
		}
		g.between(&start, &end, depth)
		if openEnd != nil {
			g.add(closed(openEnd)(replaceTwoWay(end, to, depth+1)))
		}
	}
	g.between(&to, nil, depth)
	return g.nodes, g.err
}

func replaceTwoWay(from, to place, depth int) ([]*Node, error) {
	var g gathered
	g.between(nil, &from, depth)
	if from.depth() > depth {
		node, err := joinable(from, to, depth+1)
		if err != nil {
			return nil, err
		}
		g.add(closed(node)(replaceTwoWay(from, to, depth+1)))
	}
	g.between(&to, nil, depth)
	return g.nodes, g.err
}
