package body

import (
	"maps"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// deepest is how many conversions may stand in each other; what is deeper
// becomes foreign as a whole.
const deepest = 12

// element takes one element of any kind.
func (c *importer) element(n *html.Node, set Span) {
	if dropped[n.Data] {
		c.losses[n.Data]++
		return
	}
	if c.inline(n, set) {
		return
	}
	if l := langOf(n); l != (Lang{}) {
		defer func(around Lang) { c.lang = around }(c.lang)
		c.flush()
		c.lang = l
	}
	switch n.Data {
	case "h1", "h2", "h3", "h4", "h5", "h6":
		c.subhead(n, set)
	case "hr":
		c.add(Rule{})
	case "pre", "listing", "xmp", "plaintext":
		c.add(Preformatted{Text: c.literal(n, set), Lang: c.lang})
	case "ul", "ol", "menu", "dir":
		c.attempt(n, func() (Value, bool) { return c.listOf(n, set) })
	case "blockquote":
		c.attempt(n, func() (Value, bool) { return c.quoteOf(n, set) })
	case "table":
		c.attempt(n, func() (Value, bool) { return c.tableOf(n, set) })
	case "figure":
		c.attempt(n, func() (Value, bool) { return c.figureOf(n, set) })
	case "aside", "section", "div", "p":
		c.box(n, set)
	case "iframe", "embed", "object":
		c.embed(n, set)
	case "dl", "details", "video", "audio":
		c.foreign(n)
	default:
		c.container(n, set)
	}
}

// attempt adds the block that an element makes, or else the element as a
// foreign one.
func (c *importer) attempt(n *html.Node, make func() (Value, bool)) {
	if !c.succeeds(make) {
		c.foreign(n)
	}
}

// succeeds adds the block that an element makes, if it makes one. What a vain
// attempt counted is counted again by whatever takes its place.
func (c *importer) succeeds(make func() (Value, bool)) bool {
	c.flush()
	before := maps.Clone(c.losses)
	if c.depth < deepest {
		if v, ok := make(); ok {
			if v != nil {
				c.add(v)
			}
			return true
		}
	}
	clear(c.losses)
	maps.Copy(c.losses, before)
	return false
}

func (c *importer) foreign(n *html.Node) {
	c.flush()
	name := c.opts.Name
	if name == "" {
		name = n.Data
	}
	tree := c.tree(n, 1, false)
	if len(tree) > 0 {
		c.add(Foreign{Origin: c.opts.Origin, Name: name, Tree: tree})
	}
}

// container takes an element of which only the content counts. Controls of
// forms are named as lost, their text is kept.
func (c *importer) container(n *html.Node, set Span) {
	switch n.Data {
	case "input", "select", "textarea", "math":
		c.losses[n.Data]++
	}
	if strings.Contains(n.Data, "-") || n.Data == "button" || n.Data == "math" || n.Namespace == "math" {
		c.flow(n, set) // it stands in the line
		return
	}
	c.flush()
	c.flow(n, set)
	c.flush()
}

func (c *importer) subhead(n *html.Node, set Span) {
	c.flush()
	level := 2
	if n.Data > "h2" {
		level = 3
	}
	around, own := c.wrap, c.lang
	c.wrap = func(t Text) Value { return Subhead{Level: level, Text: t, Lang: own} }
	c.flow(n, set)
	c.flush()
	c.wrap = around
}

// box takes the boxes that our own pages have; any other is a container.
func (c *importer) box(n *html.Node, set Span) {
	own := false
	switch {
	case hasClass(n, "key-points"):
		own = c.succeeds(func() (Value, bool) { return c.keyPointsOf(n, set) })
	case hasClass(n, "note") && NoteKind(attr(n, "data-kind")).valid():
		own = c.succeeds(func() (Value, bool) { return c.noteOf(n, set) })
	case hasClass(n, "gallery"):
		own = c.succeeds(func() (Value, bool) { return c.galleryOf(n) })
	case hasClass(n, "table-box"), hasClass(n, "table-frame"):
		c.tableBox(n, set)
		return
	case hasClass(n, "embed"):
		own = c.succeeds(func() (Value, bool) { return c.ownEmbed(n) })
	}
	if !own {
		c.container(n, set)
	}
}

// only returns the texts of a body that holds nothing but paragraphs.
func only(b Body) ([]Text, bool) {
	var all []Text
	for i := range b {
		p, ok := b[i].Value.(Paragraph)
		if !ok {
			return nil, false
		}
		all = append(all, p.Text)
	}
	return all, true
}

// one returns the text of a body as one, its paragraphs set apart.
func one(b Body) (Text, bool) {
	all, ok := only(b)
	var t Text
	for _, more := range all {
		t = apart(t, more)
	}
	return t, ok
}

// literal is the text of an element in which spaces count.
func (c *importer) literal(n *html.Node, set Span) Text {
	var t Text
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if child.Type == html.TextNode {
			set.Text = c.clean(child.Data)
			t = append(t, set)
			continue
		}
		if child.Type != html.ElementNode || dropped[child.Data] {
			continue
		}
		inner := set
		inner.Marks |= markElements[child.Data]
		if href := repaired(attr(child, "href")); child.Data == "a" && href != "" {
			inner.Link = Link{Href: href}
		}
		if child.Data == "br" {
			inner.Text = "\n"
			t = append(t, inner)
		}
		t = append(t, c.literal(child, inner)...)
	}
	return t.joined()
}

func (c *importer) listOf(n *html.Node, set Span) (Value, bool) {
	list, ok := c.list(n, set, 1)
	if !ok || len(list.Items) == 0 {
		return nil, ok
	}
	list.Lang = c.lang
	return *list, true
}

func (c *importer) list(n *html.Node, set Span, depth int) (*List, bool) {
	list := &List{Ordered: n.Data == "ol"}
	if start, err := strconv.Atoi(attr(n, "start")); list.Ordered && err == nil && start > 1 {
		list.Start = start
	}
	if hasAttr(n, "reversed") || list.Start > 99_999 || depth > MaxNesting {
		return nil, false
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if blank(child) {
			continue
		}
		if !c.listChild(list, child, set, depth) {
			return nil, false
		}
	}
	return list, len(list.Items) <= MaxItems
}

// listChild takes an item, or a list that stands between items and belongs to
// the one before it.
func (c *importer) listChild(list *List, n *html.Node, set Span, depth int) bool {
	switch {
	case n.Type == html.ElementNode && n.Data == "li":
		if hasAttr(n, "value") {
			return false
		}
		item, ok := c.item(n, set, depth)
		if ok && (len(item.Text) > 0 || item.List != nil) {
			list.Items = append(list.Items, item)
		}
		return ok
	case n.Type == html.ElementNode && isList(n):
		inner, ok := c.list(n, set, depth+1)
		if !ok || len(inner.Items) == 0 {
			return ok
		}
		if len(list.Items) == 0 {
			list.Items = append(list.Items, Item{})
		}
		return list.Items[len(list.Items)-1].join(inner)
	}
	return false
}

func isList(n *html.Node) bool {
	return n.Data == "ul" || n.Data == "ol" || n.Data == "menu" || n.Data == "dir"
}

// join puts a list under an item, after the one that it has.
func (i *Item) join(list *List) bool {
	switch {
	case len(list.Items) == 0:
	case i.List == nil:
		i.List = list
	case i.List.Ordered != list.Ordered || list.Start > 1:
		return false
	default:
		i.List.Items = append(i.List.Items, list.Items...)
	}
	return true
}

// item takes an item of running text with at most a list after it.
func (c *importer) item(n *html.Node, set Span, depth int) (Item, bool) {
	var item Item
	inner := c.inner()
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		switch {
		case child.Type == html.ElementNode && isList(child):
			list, ok := c.list(child, set, depth+1)
			if !ok || !item.join(list) {
				return item, false
			}
		case item.List != nil && !blank(child):
			return item, false // its order could not be kept
		default:
			inner.node(child, set)
		}
	}
	inner.flush()
	t, ok := one(inner.body)
	item.Text = t
	return item, ok
}

func blank(n *html.Node) bool {
	return n.Type == html.CommentNode || n.Type == html.TextNode && strings.TrimSpace(n.Data) == ""
}
