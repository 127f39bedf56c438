package prose

import (
	"fmt"
	"slices"
)

// Diff returns steps that make one document of another, in their order. What stands
// at the top of both, child by child of one type and key, is changed where it
// differs, so that what others write elsewhere stays where it is; where the children
// are others, those between the first and the last that differ are replaced.
func Diff(old, now *Node) ([]Step, error) {
	var steps []Step
	for i, a := range old.Type.attrs {
		if old.attrs[i] != now.attrs[i] {
			steps = append(steps, SetDocAttr{a.name, now.attrs[i]})
		}
	}
	if slices.EqualFunc(old.Children, now.Children, sameName) {
		steps = append(steps, childSteps(old, now)...)
	} else {
		steps = append(steps, blockStep(old, now))
	}
	doc := old
	for _, s := range steps {
		var err error
		if doc, err = s.Apply(doc); err != nil {
			return nil, fmt.Errorf("make one document of another: %w", err)
		}
	}
	if !doc.Equal(now) {
		return []Step{Replace{From: 0, To: old.Size(), Slice: Slice{Content: now.Children}}}, nil
	}
	return steps, nil
}

func sameName(a, b *Node) bool { return a.Type == b.Type && a.Attr("key") == b.Attr("key") }

// childSteps changes the children that differ, the last first, so that positions stay
// what they are.
func childSteps(old, now *Node) (steps []Step) {
	pos := old.Size()
	for n := len(old.Children) - 1; n >= 0; n-- {
		a, b := old.Children[n], now.Children[n]
		pos -= a.size
		if !a.Equal(b) {
			steps = append(steps, nodeSteps(a, b, pos)...)
		}
	}
	return steps
}

// nodeSteps makes one node of another of its type, which stands at a position.
func nodeSteps(a, b *Node, pos int) (steps []Step) {
	whole := []Step{Replace{From: pos, To: pos + a.size, Slice: Slice{Content: []*Node{b}}}}
	if !sameMarks(a.Marks, b.Marks) {
		return whole
	}
	for i, attr := range a.Type.attrs {
		if a.attrs[i] != b.attrs[i] {
			steps = append(steps, SetAttr{pos, attr.name, b.attrs[i]})
		}
	}
	if slices.EqualFunc(a.Children, b.Children, (*Node).Equal) {
		return steps
	}
	if !textOnly(a) || !textOnly(b) {
		return append(steps, spanStep(a, b, pos+1))
	}
	return append(steps, textStep(a, b, pos+1))
}

func textOnly(n *Node) bool {
	return !slices.ContainsFunc(n.Children, func(c *Node) bool { return !c.isText() })
}

// spanStep replaces the children between the first and the last that differ.
func spanStep(a, b *Node, pos int) Step {
	first, afterA, afterB := 0, len(a.Children), len(b.Children)
	for first < afterA && first < afterB && a.Children[first].Equal(b.Children[first]) {
		first++
	}
	for afterA > first && afterB > first && a.Children[afterA-1].Equal(b.Children[afterB-1]) {
		afterA--
		afterB--
	}
	from := pos + sizeOf(a.Children[:first])
	return Replace{From: from, To: from + sizeOf(a.Children[first:afterA]), Slice: Slice{Content: b.Children[first:afterB]}}
}

// blockStep is spanStep for whole documents.
func blockStep(old, now *Node) Step { return spanStep(old, now, 0) }

// textStep replaces the characters between the first and the last that differ, in
// lines of nothing but text.
func textStep(a, b *Node, pos int) Step {
	start := commonStart(a.Children, b.Children)
	end := min(commonEnd(a.Children, b.Children), a.Size()-start, b.Size()-start)
	part, err := cut(b.Children, start, b.Size()-end)
	if err != nil {
		return spanStep(a, b, pos) // within a character: cannot be, as places are those of runes
	}
	return Replace{From: pos + start, To: pos + a.Size() - end, Slice: Slice{Content: part}}
}

// letter is a character with the marks on it.
type letter struct {
	r     rune
	marks []Mark
}

func letters(nodes []*Node) (all []letter) {
	for _, n := range nodes {
		for _, r := range n.Text {
			all = append(all, letter{r, n.Marks})
		}
	}
	return all
}

func (l letter) equal(other letter) bool { return l.r == other.r && sameMarks(l.marks, other.marks) }

func (l letter) units() int {
	if l.r >= 0x10000 {
		return 2
	}
	return 1
}

func commonStart(a, b []*Node) (size int) {
	x, y := letters(a), letters(b)
	for n := 0; n < len(x) && n < len(y) && x[n].equal(y[n]); n++ {
		size += x[n].units()
	}
	return size
}

func commonEnd(a, b []*Node) (size int) {
	x, y := letters(a), letters(b)
	for n := 1; n <= len(x) && n <= len(y) && x[len(x)-n].equal(y[len(y)-n]); n++ {
		size += x[len(x)-n].units()
	}
	return size
}
