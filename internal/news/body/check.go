package body

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"broadsheet/internal/platform/lang"
)

// Problem is something in a body that cannot be kept.
type Problem struct {
	// Block counts from 0; it is -1 for the body as a whole.
	Block int
	Key   Key
	// Place leads from the block to the text or the field.
	Place string
	// Reason follows the place in a sentence: "has a character that …".
	Reason string
}

// Check finds all that a body must not hold. It looks at form alone: nothing
// is a problem for what it says.
func Check(b Body) []Problem {
	c := checker{block: -1}
	if len(b) > MaxBlocks {
		c.add("", "has %d blocks of at most %d", len(b), MaxBlocks)
	}
	size := 0
	seen := make(map[Key]int, len(b))
	for i := range b {
		c.block, c.key = i, b[i].Key
		switch first, twice := seen[c.key]; {
		case !c.key.valid():
			c.add("key", "must be of 1 to %d letters, digits, - or _", MaxKey)
		case twice:
			c.add("key", "is also that of block %d", first+1)
		default:
			seen[c.key] = i
		}
		visit(b[i].Value, func(s *Span) { size += len(s.Text) }, func(n *Node) { size += len(n.Text) })
		c.value(b[i].Value)
	}
	if c.block, c.key = -1, ""; size > MaxBytes {
		c.add("", "has %d bytes of text of at most %d", size, MaxBytes)
	}
	return c.found
}

// valid tells whether a key can stand in an address and in an id.
func (k Key) valid() bool {
	if len(k) == 0 || len(k) > MaxKey {
		return false
	}
	for i := 0; i < len(k); i++ {
		c := k[i]
		if !('a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}

func (k NoteKind) valid() bool {
	return k == EditorsNote || k == Correction || k == Clarification || k == Update
}

// validTag tells whether a text looks like a language tag.
func validTag(tag string) bool {
	if len(tag) < 2 || len(tag) > 35 || tag[0] == '-' || tag[len(tag)-1] == '-' {
		return false
	}
	for i := 0; i < len(tag); i++ {
		c := tag[i]
		if !('a' <= c|0x20 && c|0x20 <= 'z' || i > 1 && ('0' <= c && c <= '9' || c == '-')) {
			return false
		}
	}
	return true
}

type checker struct {
	block int
	key   Key
	found []Problem
}

func (c *checker) add(place, reason string, values ...any) {
	c.found = append(c.found, Problem{c.block, c.key, place, fmt.Sprintf(reason, values...)})
}

func (c *checker) value(v Value) {
	texts(v, c.text)
	switch v := v.(type) {
	case nil:
		c.add("", "holds nothing")
	case Paragraph:
		c.lang(v.Lang)
	case Subhead:
		c.lang(v.Lang)
		if v.Level != 2 && v.Level != 3 {
			c.add("level", "is %d; it can be 2 or 3", v.Level)
		}
	case Quote:
		c.lang(v.Lang)
		c.count("paragraphs", len(v.Paragraphs), MaxItems)
	case PullQuote:
		c.lang(v.Lang)
	case Preformatted:
		c.lang(v.Lang)
	case List:
		c.lang(v.Lang)
		c.list("", &v, 1)
	case KeyPoints:
		c.lang(v.Lang)
		c.line("title", v.Title)
		c.count("points", len(v.Points), MaxItems)
	case Note:
		c.lang(v.Lang)
		c.note(v)
	case Table:
		c.table(v)
	default:
		c.shown(v)
	}
}

// shown checks the blocks that show something which is not text.
func (c *checker) shown(v Value) {
	switch v := v.(type) {
	case Figure:
		c.figure("", v)
	case Gallery:
		c.count("pictures", len(v.Pictures), MaxItems)
		for i, f := range v.Pictures {
			c.figure("pictures["+strconv.Itoa(i)+"].", f)
		}
	case File:
		c.line("label", v.Label)
		if v.Asset <= 0 {
			c.add("asset", "is not chosen")
		}
	case Embed:
		c.line("provider", v.Provider)
		c.line("title", v.Title)
		c.address("url", v.URL)
	case Definition:
		if v.Topic <= 0 {
			c.add("topic", "is not chosen")
		}
	case Post:
		c.post(v)
	case Foreign:
		c.line("origin", v.Origin)
		c.line("name", v.Name)
		c.nodes("tree", v.Tree, 1)
	}
}

func (c *checker) post(v Post) {
	for field, line := range map[string]string{"title": v.Title, "byline": v.Byline} {
		c.line(field, line)
		if pos, r, bad := lang.BidiFault(line); bad {
			c.add(field, "has a direction mark at byte %d that could make it read as another text (%U)", pos, r)
		}
	}
	switch year := v.At.UTC().Year(); {
	case v.At.IsZero():
		c.add("at", "is not said")
	case year < 1 || year > 9998: // a zone must not carry it out of four digits
		c.add("at", "is in the year %d", year)
	}
}

// text checks the spans of one text. There is no limit to its length but the
// body's.
func (c *checker) text(place string, t Text) { c.spans(place, t, false) }

// spans is text; in a note there are no notes.
func (c *checker) spans(place string, t Text, noted bool) {
	for i := range t {
		s := &t[i]
		at := func(field string) string { return place + "[" + strconv.Itoa(i) + "]" + field }
		if pos, r, bad := lang.Control(s.Text); bad {
			c.character(at(".text"), s.Text, pos, r)
		}
		if s.Marks >= Mark<<1 {
			c.add(at(".marks"), "has a mark that is not known")
		}
		if s.Link != (Link{}) {
			c.address(at(".link.href"), s.Link.Href)
			c.line(at(".link.title"), s.Link.Title)
		}
		if s.Lang != (Lang{}) {
			c.langAt(at(".lang"), s.Lang)
		}
		if s.Picture != (Inline{}) {
			c.inline(at(".picture"), s.Picture)
		}
		switch {
		case len(s.Note) == 0:
		case s.Text != "" || s.Break || s.Picture != (Inline{}):
			c.add(at(".note"), "stands with a text, a break or a picture: put the note into a span of its own")
		case noted:
			c.add(at(".note"), "is a note in a note")
		default:
			c.spans(at(".note"), s.Note, true)
		}
	}
}

func (c *checker) inline(place string, p Inline) {
	c.line(place+".alt", p.Alt)
	if p.Asset <= 0 && p.Href == "" {
		c.add(place+".asset", "is not chosen")
	}
	if p.Href != "" {
		c.address(place+".href", p.Href)
	}
}

// character names a place as a person would count it, from 1.
func (c *checker) character(place, s string, pos int, r rune) {
	n := utf8.RuneCountInString(s[:pos]) + 1
	if r == utf8.RuneError {
		c.add(place, "is not valid UTF-8 at character %d", n)
		return
	}
	c.add(place, "has a control character (%U) at character %d", r, n)
}

// line checks a short text.
func (c *checker) line(place, s string) {
	if pos, r, bad := lang.Control(s); bad {
		c.character(place, s, pos, r)
	}
	if n := utf8.RuneCountInString(s); n > MaxLine {
		c.add(place, "has %d characters of at most %d", n, MaxLine)
	}
}

func (c *checker) address(place, href string) {
	switch {
	case len(href) > MaxAddress:
		c.add(place, "has %d bytes of at most %d", len(href), MaxAddress)
	case !Usable(href):
		c.add(place, "must begin with https:, http: or mailto:, or be a path of this site")
	}
}

func (c *checker) lang(l Lang) { c.langAt("lang", l) }

func (c *checker) langAt(place string, l Lang) {
	if l.Tag != "" && !validTag(l.Tag) {
		c.add(place+".tag", "is not the tag of a language")
	}
	if l.Dir != "" && l.Dir != "ltr" && l.Dir != "rtl" {
		c.add(place+".dir", "can be ltr or rtl")
	}
}

func (c *checker) count(place string, n, most int) {
	if n > most {
		c.add(place, "has %d entries of at most %d", n, most)
	}
}

func (c *checker) list(place string, v *List, depth int) {
	c.count(place+"items", len(v.Items), MaxItems)
	if v.Start < 0 || v.Start > 99_999 {
		c.add(place+"start", "is %d; it can be 0 to 99999", v.Start)
	}
	if depth > MaxNesting {
		c.add(place+"items", "has lists in lists of more than %d levels", MaxNesting)
		return
	}
	for i := range v.Items {
		if inner := v.Items[i].List; inner != nil {
			at := place + "items[" + strconv.Itoa(i) + "].list."
			c.langAt(at+"lang", inner.Lang)
			c.list(at, inner, depth+1)
		}
	}
}

func (c *checker) figure(place string, f Figure) {
	c.line(place+"alt", f.Alt)
	if f.Asset <= 0 {
		c.add(place+"asset", "is not chosen")
	}
}

func (c *checker) note(v Note) {
	c.line("title", v.Title)
	c.count("paragraphs", len(v.Paragraphs), MaxItems)
	if !v.Kind.valid() {
		c.add("kind", "%q is not a kind of note", v.Kind)
	}
}

func (c *checker) table(v Table) {
	columns := len(v.Head)
	if columns == 0 && len(v.Rows) > 0 {
		columns = len(v.Rows[0])
	}
	c.count("rows", len(v.Rows), MaxRows)
	if columns == 0 || columns > MaxColumns {
		c.add("head", "has %d columns; a table has 1 to %d", columns, MaxColumns)
	}
	if len(v.Numeric) > columns {
		c.add("numeric", "tells of %d columns of %d", len(v.Numeric), columns)
	}
	for i, row := range v.Rows {
		if len(row) != columns {
			c.add("rows["+strconv.Itoa(i)+"]", "has %d cells where the table has %d columns", len(row), columns)
		}
	}
}

func (c *checker) nodes(place string, tree []Node, depth int) {
	for i := range tree {
		n, at := &tree[i], place+"["+strconv.Itoa(i)+"]"
		if pos, r, bad := lang.Control(n.Text); bad {
			c.character(at+".text", n.Text, pos, r)
		}
		if n.Element == "" {
			if len(n.Attributes)+len(n.Children) > 0 {
				c.add(at, "is a text and can have no attributes and no children")
			}
			continue
		}
		c.node(at, n)
		if len(n.Children) > 0 && depth >= MaxNodes {
			c.add(at, "has elements in elements of more than %d levels", MaxNodes)
			continue
		}
		c.nodes(at+".children", n.Children, depth+1)
	}
}

func (c *checker) node(at string, n *Node) {
	if _, ok := allowed[n.Element]; !ok {
		c.add(at+".element", "%q is not one that can be shown", n.Element)
		return
	}
	if n.Text != "" {
		c.add(at+".text", "belongs into a child of its own")
	}
	for name, value := range n.Attributes {
		if !attributeAllowed(n.Element, name, value) {
			c.add(at+".attributes."+name, "is not an attribute that can be kept")
		}
		c.line(at+".attributes."+name, value)
	}
}
