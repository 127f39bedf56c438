package body

import (
	"fmt"

	"github.com/yuin/goldmark/ast"
	notes "github.com/yuin/goldmark/extension/ast"
)

// collect reads what the footnotes say, wherever in the text that stands, and
// takes it out of the tree.
func (m *markdown) collect(root ast.Node) {
	list := noteList(root)
	if list == nil {
		return
	}
	m.notes, m.noting = map[int]Text{}, true
	for child := list.FirstChild(); child != nil; child = child.NextSibling() {
		note, ok := child.(*notes.Footnote)
		if !ok {
			continue
		}
		if note.Index < 0 {
			m.faults = append(m.faults, fmt.Errorf("nothing in the text refers to the note [^%s]", note.Ref))
			continue
		}
		var t Text
		for _, more := range m.flat(note) {
			t = apart(t, more)
		}
		if t.Empty() {
			m.faults = append(m.faults, fmt.Errorf("the note [^%s] says nothing", note.Ref))
		}
		m.notes[note.Index] = t
	}
	m.noting = false
	list.Parent().RemoveChild(list.Parent(), list)
}

// noteList finds the list of all notes, of which there is at most one.
func noteList(root ast.Node) (list ast.Node) {
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // it gives no error of its own
		if n.Kind() == notes.KindFootnoteList {
			list = n
			return ast.WalkStop, nil
		}
		return ast.WalkContinue, nil
	})
	return list
}

// note puts the mark of a note into a text. A note has no notes.
func (m *markdown) note(n *notes.FootnoteLink, t *Text) {
	if m.noting {
		m.faults = append(m.faults, fmt.Errorf("a note refers to note %d, and a note has no notes", n.Index))
		return
	}
	if said := m.notes[n.Index]; len(said) > 0 {
		*t = append(*t, Span{Note: said})
	}
}
