package body

import "strconv"

// visit calls span for every span of a value, those of notes too, and node for
// every node of its foreign tree.
func visit(v Value, span func(*Span), node func(*Node)) {
	texts(v, func(_ string, t Text) { visitSpans(t, span) })
	if foreign, ok := v.(Foreign); ok {
		visitNodes(foreign.Tree, node)
	}
}

func visitSpans(t Text, span func(*Span)) {
	for i := range t {
		span(&t[i])
		visitSpans(t[i].Note, span)
	}
}

func visitNodes(tree []Node, node func(*Node)) {
	for i := range tree {
		node(&tree[i])
		visitNodes(tree[i].Children, node)
	}
}

// texts calls f for every text of a value, with its place. Those of notes are
// in their spans.
func texts(v Value, f func(place string, t Text)) {
	many := func(name string, all []Text) {
		for i, t := range all {
			f(name+"["+strconv.Itoa(i)+"]", t)
		}
	}
	switch v := v.(type) {
	case Paragraph:
		f("text", v.Text)
	case Subhead:
		f("text", v.Text)
	case Preformatted:
		f("text", v.Text)
	case Quote:
		many("paragraphs", v.Paragraphs)
		f("attribution", v.Attribution)
	case PullQuote:
		f("text", v.Text)
		f("attribution", v.Attribution)
	case List:
		listTexts("items", &v, f)
	case Figure:
		f("caption", v.Caption)
	case Gallery:
		for i, p := range v.Pictures {
			f("pictures["+strconv.Itoa(i)+"].caption", p.Caption)
		}
	case Table:
		f("caption", v.Caption)
		many("head", v.Head)
		for i, row := range v.Rows {
			many("rows["+strconv.Itoa(i)+"]", row)
		}
		f("source", v.Source)
	case KeyPoints:
		many("points", v.Points)
	case Note:
		many("paragraphs", v.Paragraphs)
	}
}

func listTexts(place string, v *List, f func(string, Text)) {
	for i := range v.Items {
		at := place + "[" + strconv.Itoa(i) + "]"
		f(at+".text", v.Items[i].Text)
		if v.Items[i].List != nil {
			listTexts(at+".list.items", v.Items[i].List, f)
		}
	}
}
