package body

import (
	"strings"

	"golang.org/x/net/html"
)

// tableOf makes a table of one whose rows are equally long, whose cells span
// nothing and whose headers are the first row, the first column or both.
func (c *importer) tableOf(n *html.Node, set Span) (Value, bool) {
	var t Table
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		ok := true
		switch {
		case blank(child), child.Data == "colgroup":
		case child.Data == "caption":
			t.Caption, ok = one(c.within(child, set))
		case child.Data == "thead", child.Data == "tbody", child.Data == "tfoot":
			ok = c.rows(&t, child, set)
		default:
			ok = false
		}
		if !ok {
			return nil, false
		}
	}
	return t, t.regular()
}

func (c *importer) rows(t *Table, n *html.Node, set Span) bool {
	for row := n.FirstChild; row != nil; row = row.NextSibling {
		if blank(row) {
			continue
		}
		if row.Data != "tr" || !c.row(t, row, set) {
			return false
		}
	}
	return true
}

func (c *importer) row(t *Table, n *html.Node, set Span) bool {
	var cells []Text
	headers, labelled := 0, false
	for cell := n.FirstChild; cell != nil; cell = cell.NextSibling {
		if blank(cell) {
			continue
		}
		if cell.Data != "td" && cell.Data != "th" || spans(cell) {
			return false
		}
		if cell.Data == "th" {
			headers++
			labelled = labelled || len(cells) == 0
		}
		content, ok := one(c.within(cell, set))
		if !ok {
			return false
		}
		if hasClass(cell, "number") {
			t.setNumeric(len(cells))
		}
		cells = append(cells, content)
	}
	return t.accept(cells, headers, labelled)
}

func spans(cell *html.Node) bool {
	for _, name := range []string{"colspan", "rowspan"} {
		if v := strings.TrimSpace(attr(cell, name)); v != "" && v != "1" {
			return true
		}
	}
	return false
}

// accept puts a row into the table, if its headers stand where ours can.
func (t *Table) accept(cells []Text, headers int, labelled bool) bool {
	start := len(t.Head) == 0 && len(t.Rows) == 0
	switch {
	case len(cells) == 0:
		return true
	case start && headers == len(cells) && headers > 1:
		t.Head = cells
		return true
	case headers > 1 || headers == 1 && !labelled:
		return false
	case len(t.Rows) == 0:
		t.Labelled = labelled
	case t.Labelled != labelled:
		return false
	}
	t.Rows = append(t.Rows, cells)
	return true
}

// regular tells whether a table is one that Check accepts, and finds its
// columns of numbers.
func (t *Table) regular() bool {
	columns := len(t.Head)
	if columns == 0 && len(t.Rows) > 0 {
		columns = len(t.Rows[0])
	}
	if columns == 0 || columns > MaxColumns || len(t.Rows) > MaxRows {
		return false
	}
	for _, row := range t.Rows {
		if len(row) != columns {
			return false
		}
	}
	for i := range columns {
		if t.allNumbers(i) {
			t.setNumeric(i)
		}
	}
	return true
}

// tableBox takes the box that our pages put around a table and its source.
func (c *importer) tableBox(n *html.Node, set Span) {
	inner := c.within(n, set)
	if len(inner) == 2 {
		t, isTable := inner[0].Value.(Table)
		p, isText := inner[1].Value.(Paragraph)
		if isTable && isText {
			t.Source = withoutWord(p.Text)
			inner = Body{{Value: t}}
		}
	}
	c.flush()
	c.body = append(c.body, inner...)
}

// withoutWord takes the word from a source that the renderer says itself.
func withoutWord(t Text) Text {
	for _, own := range ownWords {
		if rest, ok := strings.CutPrefix(t[0].Text, own.source+" "); ok {
			t[0].Text = rest
			return t.joined()
		}
	}
	return t
}
