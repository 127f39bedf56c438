package body

import "broadsheet/internal/news/ref"

// value lays a value into what it became. Its texts have both; all else is that
// of the new one, and what differs in it stands in the step's fields.
func (c *comparer) value(old, new Value, step *Step) Value {
	switch n := new.(type) {
	case Paragraph:
		n.Text = c.text(old.(Paragraph).Text, n.Text)
		return n
	case Subhead:
		n.Text = c.text(old.(Subhead).Text, n.Text)
		return n
	case Preformatted:
		n.Text = c.text(old.(Preformatted).Text, n.Text)
		return n
	case Quote:
		o := old.(Quote)
		n.Paragraphs, n.Attribution = c.texts(o.Paragraphs, n.Paragraphs), c.text(o.Attribution, n.Attribution)
		return n
	case PullQuote:
		o := old.(PullQuote)
		n.Text, n.Attribution = c.text(o.Text, n.Text), c.text(o.Attribution, n.Attribution)
		return n
	case List:
		o := old.(List)
		return *c.list(&o, &n)
	case Figure:
		return c.figure(old.(Figure), n, step)
	case Table:
		return c.table(old.(Table), n)
	case KeyPoints:
		o := old.(KeyPoints)
		c.field(step, "title", o.Title, n.Title)
		n.Points = c.texts(o.Points, n.Points)
		return n
	case Note:
		o := old.(Note)
		c.field(step, "title", o.Title, n.Title)
		n.Paragraphs = c.texts(o.Paragraphs, n.Paragraphs)
		return n
	case Embed:
		o := old.(Embed)
		c.field(step, "title", o.Title, n.Title)
		c.field(step, "provider", o.Provider, n.Provider)
		return n
	case File:
		c.field(step, "label", old.(File).Label, n.Label)
		return n
	case Post:
		o := old.(Post)
		c.field(step, "title", o.Title, n.Title)
		c.field(step, "byline", o.Byline, n.Byline)
		if !o.At.Equal(n.At) {
			c.field(step, "time", o.At.UTC().Format(minutes), n.At.UTC().Format(minutes))
		}
		return n
	case Gallery:
		return c.gallery(old.(Gallery), n, step)
	}
	return new
}

// minutes is how a comparison writes the time of a post.
const minutes = "2006-01-02 15:04 UTC"

// field notes a line that differs.
func (c *comparer) field(step *Step, name, old, new string) {
	if old != new {
		step.Fields = append(step.Fields, Field{name, edits(c.text(T(old), T(new)))})
	}
}

func (c *comparer) figure(old, new Figure, step *Step) Figure {
	new.Caption = c.text(old.Caption, new.Caption)
	c.field(step, "alt", old.Alt, new.Alt)
	return new
}

// texts lays one list of texts into another.
func (c *comparer) texts(old, new []Text) []Text {
	m := matcher{old: textUnits(old, Text.String), new: textUnits(new, Text.String), fits: anything}
	var all []Text
	for _, at := range weaveInside(m.pairs(), len(old)) {
		switch {
		case at.old < 0:
			all = append(all, c.paint(new[at.new], wasAdded))
		case at.new < 0:
			all = append(all, c.paint(old[at.old], wasRemoved))
		default:
			all = append(all, c.text(old[at.old], new[at.new]))
		}
	}
	return all
}

func anything(int, int) bool { return true }

func (c *comparer) list(old, new *List) *List {
	merged := *new
	merged.Items = nil
	words := func(i Item) string { return string(plainList(nil, &List{Items: []Item{i}}, 0)) }
	m := matcher{old: textUnits(old.Items, words), new: textUnits(new.Items, words), fits: anything}
	for _, at := range weaveInside(m.pairs(), len(old.Items)) {
		switch {
		case at.old < 0:
			merged.Items = append(merged.Items, c.paintItem(new.Items[at.new], wasAdded, 0))
		case at.new < 0:
			merged.Items = append(merged.Items, c.paintItem(old.Items[at.old], wasRemoved, 0))
		default:
			merged.Items = append(merged.Items, c.item(old.Items[at.old], new.Items[at.new]))
		}
	}
	return &merged
}

func (c *comparer) item(old, new Item) Item {
	merged := Item{Text: c.text(old.Text, new.Text)}
	switch {
	case old.List != nil && new.List != nil:
		merged.List = c.list(old.List, new.List)
	case old.List != nil:
		merged.List = c.paintList(old.List, wasRemoved, 0)
	case new.List != nil:
		merged.List = c.paintList(new.List, wasAdded, 0)
	}
	return merged
}

func (c *comparer) paintItem(i Item, mark Marks, depth int) Item {
	i.Text = c.paint(i.Text, mark)
	if i.List != nil {
		i.List = c.paintList(i.List, mark, depth+1)
	}
	return i
}

func (c *comparer) paintList(l *List, mark Marks, depth int) *List {
	painted := *l
	painted.Items = nil
	for _, item := range l.Items {
		if depth <= MaxNesting {
			painted.Items = append(painted.Items, c.paintItem(item, mark, depth))
		}
	}
	return &painted
}

// table lays a table into one of as many columns.
func (c *comparer) table(old, new Table) Table {
	merged := new
	merged.Caption, merged.Source = c.text(old.Caption, new.Caption), c.text(old.Source, new.Source)
	merged.Head, merged.Rows = c.row(old.Head, new.Head), nil
	words := func(row []Text) string { return string(plainRow(nil, row)) }
	m := matcher{old: textUnits(old.Rows, words), new: textUnits(new.Rows, words), fits: anything}
	if old.Labelled && new.Labelled {
		label(m.old, old.Rows)
		label(m.new, new.Rows)
	}
	for _, at := range weaveInside(m.pairs(), len(old.Rows)) {
		switch {
		case at.old < 0:
			merged.Rows = append(merged.Rows, c.row(nil, new.Rows[at.new]))
		case at.new < 0:
			merged.Rows = append(merged.Rows, c.row(old.Rows[at.old], nil))
		default:
			merged.Rows = append(merged.Rows, c.row(old.Rows[at.old], new.Rows[at.new]))
		}
	}
	return merged
}

// label takes the header of a row for its key.
func label(rows []unit, cells [][]Text) {
	for i := range rows {
		if len(cells[i]) > 0 {
			rows[i].key = Key(cells[i][0].String())
		}
	}
}

// row compares the cells of a row, column by column.
func (c *comparer) row(old, new []Text) []Text {
	var merged []Text
	for i := range max(len(old), len(new)) {
		var was, is Text
		if i < len(old) {
			was = old[i]
		}
		if i < len(new) {
			is = new[i]
		}
		merged = append(merged, c.text(was, is))
	}
	return merged
}

// gallery compares the pictures of a gallery, each found by its picture.
func (c *comparer) gallery(old, new Gallery, step *Step) Gallery {
	places := map[ref.Asset][]int{}
	for o, f := range old.Pictures {
		places[f.Asset] = append(places[f.Asset], o)
	}
	from := make([]int, len(new.Pictures))
	for n, f := range new.Pictures {
		from[n] = -1
		if list := places[f.Asset]; len(list) > 0 {
			from[n], places[f.Asset] = list[0], list[1:]
		}
	}
	for _, at := range weaveInside(from, len(old.Pictures)) {
		inner := Step{Fate: Kept}
		switch {
		case at.old < 0:
			inner.Fate, inner.New = Added, Block{Value: new.Pictures[at.new]}
		case at.new < 0:
			inner.Fate, inner.Old = Removed, Block{Value: old.Pictures[at.old]}
		default:
			was, is := old.Pictures[at.old], new.Pictures[at.new]
			inner.Old, inner.New = Block{Value: was}, Block{Value: is}
			before := c.edited
			c.edited = false
			inner.merged = c.figure(was, is, &inner)
			if c.edited {
				inner.Fate = Changed
			}
			c.edited = c.edited || before
		}
		if at.old < 0 || at.new < 0 {
			c.edited = true
			c.count(captionOf(inner.Old), wasRemoved)
			c.count(captionOf(inner.New), wasAdded)
		}
		step.Inner = append(step.Inner, inner)
	}
	return new
}

func captionOf(b Block) Text {
	f, _ := b.Value.(Figure)
	return f.Caption
}
