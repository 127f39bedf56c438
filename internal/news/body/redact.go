package body

import (
	"strings"

	"broadsheet/internal/news/ref"
)

// Removal says what must go from a body. All its functions are set.
type Removal struct {
	// Cuts finds what must go from a text: spans of bytes in their order, none
	// within another.
	Cuts func(text string) []Cut
	// Address tells whether an address must go.
	Address func(href string) bool
	// Asset tells whether a picture or a file must go.
	Asset func(ref.Asset) bool
	// Mark stands where something was.
	Mark string
}

// Cut is a span of bytes of a text.
type Cut struct{ From, To int }

// Replace returns the text with the mark in the place of each cut.
func Replace(text string, cuts []Cut, mark string) string {
	if len(cuts) == 0 {
		return text
	}
	var out strings.Builder
	at := 0
	for _, cut := range cuts {
		out.WriteString(text[at:cut.From])
		out.WriteString(mark)
		at = cut.To
	}
	out.WriteString(text[at:])
	return out.String()
}

// Redact returns the body without what must go, and in how many places it
// stood. A text is looked at as a whole, whatever its marks and links; a link
// whose address must go becomes its text; a picture, a file or an embed becomes
// a paragraph with the mark, under the same key. What a definition says is its
// topic's. b is not changed.
func Redact(b Body, what Removal) (Body, int) {
	r := redactor{Removal: what}
	var clean Body
	for i := range b {
		key := b[i].Key
		if len(r.Cuts(string(key))) > 0 {
			key = ""
			r.found++
		}
		for n, value := range r.value(b[i].Value) {
			if n > 0 {
				key = ""
			}
			clean = append(clean, Block{key, value})
		}
	}
	if r.found == 0 {
		return b, 0
	}
	return Assign(clean, Counter("r")), r.found
}

// redactor counts what it takes out.
type redactor struct {
	Removal
	found int
}

// line is a short text without what must go.
func (r *redactor) line(s string) string {
	if s == "" {
		return s
	}
	cuts := r.Cuts(s)
	r.found += len(cuts)
	return Replace(s, cuts, r.Mark)
}

func (r *redactor) address(href string) bool {
	gone := href != "" && r.Address(href)
	if gone {
		r.found++
	}
	return gone
}

func (r *redactor) asset(id ref.Asset) bool {
	gone := id != 0 && r.Asset(id)
	if gone {
		r.found++
	}
	return gone
}

// marked is what stands where a whole block was.
func (r *redactor) marked() Value { return Paragraph{Text: T(r.Mark)} }

// value returns what becomes of a block: one value, or two where something of
// a gallery went.
func (r *redactor) value(v Value) []Value {
	switch v := v.(type) {
	case Paragraph:
		v.Text = r.text(v.Text)
		return []Value{v}
	case Subhead:
		v.Text = r.text(v.Text)
		return []Value{v}
	case Preformatted:
		v.Text = r.text(v.Text)
		return []Value{v}
	case Quote:
		v.Paragraphs, v.Attribution = r.texts(v.Paragraphs), r.text(v.Attribution)
		return []Value{v}
	case PullQuote:
		v.Text, v.Attribution = r.text(v.Text), r.text(v.Attribution)
		return []Value{v}
	case List:
		return []Value{r.list(v)}
	case KeyPoints:
		v.Title, v.Points = r.line(v.Title), r.texts(v.Points)
		return []Value{v}
	case Note:
		v.Title, v.Paragraphs = r.line(v.Title), r.texts(v.Paragraphs)
		return []Value{v}
	case Table:
		return []Value{r.table(v)}
	}
	return r.shown(v)
}

// shown is value for the blocks that show something which is not text.
func (r *redactor) shown(v Value) []Value {
	switch v := v.(type) {
	case Figure:
		if r.asset(v.Asset) {
			return []Value{r.marked()}
		}
		return []Value{r.figure(v)}
	case Gallery:
		return r.gallery(v)
	case File:
		if r.asset(v.Asset) {
			return []Value{r.marked()}
		}
		v.Label = r.line(v.Label)
		return []Value{v}
	case Embed:
		if r.address(v.URL) {
			return []Value{r.marked()}
		}
		v.Provider, v.Title = r.line(v.Provider), r.line(v.Title)
		return []Value{v}
	case Post:
		v.Title, v.Byline = r.line(v.Title), r.line(v.Byline)
		return []Value{v}
	case Foreign:
		v.Origin, v.Name = r.line(v.Origin), r.line(v.Name)
		v.Tree = r.tree(v.Tree)
		return []Value{v}
	}
	return []Value{v}
}

func (r *redactor) figure(f Figure) Figure {
	f.Caption, f.Alt = r.text(f.Caption), r.line(f.Alt)
	return f
}

func (r *redactor) gallery(v Gallery) []Value {
	var left []Figure
	for _, f := range v.Pictures {
		if !r.asset(f.Asset) {
			left = append(left, r.figure(f))
		}
	}
	switch {
	case len(left) == len(v.Pictures):
		return []Value{Gallery{left}}
	case len(left) == 0:
		return []Value{r.marked()}
	}
	return []Value{Gallery{left}, r.marked()}
}

func (r *redactor) list(v List) List {
	items := make([]Item, len(v.Items))
	for i, item := range v.Items {
		items[i].Text = r.text(item.Text)
		if item.List != nil {
			inner := r.list(*item.List)
			items[i].List = &inner
		}
	}
	v.Items = items
	return v
}

func (r *redactor) table(v Table) Table {
	v.Caption, v.Head, v.Source = r.text(v.Caption), r.texts(v.Head), r.text(v.Source)
	rows := make([][]Text, len(v.Rows))
	for i, row := range v.Rows {
		rows[i] = r.texts(row)
	}
	v.Rows = rows
	return v
}

func (r *redactor) texts(all []Text) []Text {
	clean := make([]Text, len(all))
	for i, t := range all {
		clean[i] = r.text(t)
	}
	return clean
}

// text is a running text without what must go. It is read as readers do, over
// the borders of its spans.
func (r *redactor) text(t Text) Text {
	clean := make(Text, len(t))
	for i, s := range t {
		clean[i] = r.span(s)
	}
	cuts := r.Cuts(clean.String())
	r.found += len(cuts)
	return clean.without(cuts, r.Mark)
}

// span is a span without the addresses and pictures that must go.
func (r *redactor) span(s Span) Span {
	if s.Link != (Link{}) && r.address(s.Link.Href) {
		s.Link = Link{}
	}
	s.Link.Title = r.line(s.Link.Title)
	if s.Break { // its text is not shown, and not looked at with the others
		s.Text = r.line(s.Text)
	}
	if len(s.Note) > 0 { // its own text is not shown
		s.Note, s.Text = r.text(s.Note), r.line(s.Text)
	}
	if s.Picture == (Inline{}) {
		return s
	}
	if r.asset(s.Picture.Asset) || r.address(s.Picture.Href) {
		return Span{Text: r.Mark, Marks: s.Marks, Link: s.Link, Lang: s.Lang, Note: s.Note}
	}
	s.Picture.Alt = r.line(s.Picture.Alt)
	if s.Text != "" { // not shown, and not looked at above
		s.Text = r.line(s.Text)
	}
	return s
}

// without returns the text with the mark in the place of each cut. The mark is
// set as the first character that it stands for.
func (t Text) without(cuts []Cut, mark string) Text {
	if len(cuts) == 0 {
		return t
	}
	var clean Text
	start := 0
	for _, s := range t {
		switch {
		case s.Break:
			if !inside(cuts, start) {
				clean = append(clean, s)
			}
			start++
		case s.single():
			clean = append(clean, s)
		default:
			end := start + len(s.Text)
			if s.Text = piece(s.Text, start, cuts, mark); s.Text != "" {
				clean = append(clean, s)
			}
			start = end
		}
	}
	return clean
}

func inside(cuts []Cut, at int) bool {
	for _, cut := range cuts {
		if cut.From <= at && at < cut.To {
			return true
		}
	}
	return false
}

// piece is one run of a text, which begins at start, after the cuts.
func piece(text string, start int, cuts []Cut, mark string) string {
	var out strings.Builder
	end, at := start+len(text), start
	for _, cut := range cuts {
		if cut.To <= at || cut.From >= end {
			continue
		}
		if cut.From >= at {
			out.WriteString(text[at-start : cut.From-start])
			out.WriteString(mark)
		}
		at = min(end, cut.To)
	}
	out.WriteString(text[at-start:])
	return out.String()
}

// tree is a foreign tree without what must go: attributes, pictures, and what
// its texts say together, over the borders of elements within a line.
func (r *redactor) tree(tree []Node) []Node {
	clean := r.nodes(tree)
	f := flat{}
	f.add(clean)
	cuts := r.Cuts(f.text.String())
	r.found += len(cuts)
	for i, n := range f.nodes {
		n.Text = piece(n.Text, f.starts[i], cuts, r.Mark)
	}
	return clean
}

// nodes copies a tree without the attributes and pictures that must go.
func (r *redactor) nodes(tree []Node) []Node {
	clean := make([]Node, len(tree))
	for i, n := range tree {
		if r.asset(n.Asset) {
			clean[i] = Node{Text: r.Mark}
			continue
		}
		n.Attributes = r.attributes(n.Attributes)
		if n.Children != nil {
			n.Children = r.nodes(n.Children)
		}
		clean[i] = n
	}
	return clean
}

func (r *redactor) attributes(all map[string]string) map[string]string {
	if all == nil {
		return nil
	}
	clean := make(map[string]string, len(all))
	for name, value := range all {
		if addresses[name] {
			if !r.address(value) {
				clean[name] = value
			}
			continue
		}
		clean[name] = r.line(value)
	}
	return clean
}

// flat is a tree's text as one, and where each node's part of it begins.
type flat struct {
	text   strings.Builder
	nodes  []*Node
	starts []int
}

func (f *flat) add(tree []Node) {
	for i := range tree {
		n := &tree[i]
		if n.Text != "" {
			f.nodes, f.starts = append(f.nodes, n), append(f.starts, f.text.Len())
			f.text.WriteString(n.Text)
		}
		if n.Element == "" {
			continue
		}
		if !flows[n.Element] {
			f.text.WriteByte('\n')
		}
		f.add(n.Children)
		if !flows[n.Element] {
			f.text.WriteByte('\n')
		}
	}
}
