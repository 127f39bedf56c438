package body

import (
	"strings"

	"golang.org/x/net/html"
)

// quoteOf makes a quote of a blockquote that holds paragraphs alone, with at
// most a line at its end that says whose it is.
func (c *importer) quoteOf(n *html.Node, set Span) (Value, bool) {
	inner := c.inner()
	var who Text
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if child.Type == html.ElementNode && (child.Data == "footer" || child.Data == "cite") && lastOf(child) {
			inner.flush()
			t, ok := one(c.within(child, set))
			if !ok {
				return nil, false
			}
			who = t
			continue
		}
		inner.node(child, set)
	}
	inner.flush()
	all, ok := only(inner.body)
	if !ok || len(all) == 0 && len(who) > 0 {
		return nil, false
	}
	if len(all) == 0 {
		return nil, true
	}
	l := inner.body[0].Value.(Paragraph).Lang
	if hasClass(n, "pull-quote") || n.Parent != nil && hasClass(n.Parent, "wp-block-pullquote") {
		t, _ := one(inner.body)
		return PullQuote{Text: t, Attribution: who, Lang: l}, true
	}
	return Quote{Paragraphs: all, Attribution: who, Lang: l}, true
}

// lastOf tells whether nothing is shown after n in its parent.
func lastOf(n *html.Node) bool {
	for next := n.NextSibling; next != nil; next = next.NextSibling {
		if !blank(next) {
			return false
		}
	}
	return true
}

func (c *importer) keyPointsOf(n *html.Node, set Span) (Value, bool) {
	k := KeyPoints{Lang: c.lang}
	for i, block := range c.within(n, set) {
		switch v := block.Value.(type) {
		case Subhead:
			if i > 0 {
				return nil, false
			}
			k.Title = v.Text.String()
		case List:
			if len(k.Points) > 0 {
				return nil, false
			}
			for _, item := range v.Items {
				if item.List != nil {
					return nil, false
				}
				k.Points = append(k.Points, item.Text)
			}
		default:
			return nil, false
		}
	}
	for _, own := range ownWords {
		if k.Title == own.keyPoints {
			k.Title = ""
		}
	}
	return k, len(k.Points) > 0
}

func (c *importer) noteOf(n *html.Node, set Span) (Value, bool) {
	note := Note{Kind: NoteKind(attr(n, "data-kind")), Lang: c.lang}
	rest := c.within(n, set)
	if len(rest) > 0 {
		if title, ok := rest[0].Value.(Subhead); ok {
			note.Title, rest = title.Text.String(), rest[1:]
		}
	}
	all, ok := only(rest)
	note.Paragraphs = all
	return note, ok
}

// ownEmbed makes an embed of its card: before the link stands the provider, in a
// card of one line after it.
func (c *importer) ownEmbed(n *html.Node) (Value, bool) {
	link := first(n, "a")
	if link == nil || repaired(attr(link, "href")) == "" {
		return nil, false
	}
	e := Embed{URL: repaired(attr(link, "href")), Title: c.line(textOf(link))}
	if e.Title == e.URL {
		e.Title = ""
	}
	for child := range n.Descendants() {
		if child == link && n.Data != "p" {
			break
		}
		if child.Type == html.ElementNode && hasClass(child, "hint") {
			e.Provider = c.line(textOf(child))
		}
	}
	return e, true
}

// embed takes what another site would show in a frame, and what stands in for
// it in its absence.
func (c *importer) embed(n *html.Node, set Span) {
	address := attr(n, "src")
	if n.Data == "object" {
		address = attr(n, "data")
	}
	if href := repaired(c.clean(address)); href != "" {
		c.add(Embed{Provider: Provider(href), URL: href, Title: c.line(attr(n, "title"))})
	} else {
		c.losses[n.Data]++
	}
	if n.Data == "object" {
		c.flush()
		c.flow(n, set)
		c.flush()
	}
}

// figureOf makes of a figure the block that it captions.
func (c *importer) figureOf(n *html.Node, set Span) (Value, bool) {
	if hasClass(n, "wp-block-gallery") {
		if g, ok := c.galleryOf(n); ok {
			return g, true
		}
	}
	inner := c.inner()
	var caption Text
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if child.Type == html.ElementNode && child.Data == "figcaption" && len(caption) == 0 {
			t, ok := one(c.within(child, set))
			if !ok {
				return nil, false
			}
			caption = t
			continue
		}
		inner.node(child, set)
	}
	inner.flush()
	if len(inner.body) != 1 {
		return nil, len(inner.body) == 0 && len(caption) == 0
	}
	return captioned(inner.body[0].Value, caption)
}

// captioned gives a block the caption of its figure, if it can have one.
func captioned(v Value, caption Text) (Value, bool) {
	switch v := v.(type) {
	case Figure:
		v.Caption = caption
		return v, true
	case Table:
		if len(v.Caption) == 0 {
			v.Caption = caption
			return v, true
		}
	case Embed:
		if len(caption) == 0 {
			return v, true
		}
		if v.Title == "" && plainText(caption) {
			v.Title = caption.String()
			return v, true
		}
	case Quote, PullQuote, Preformatted, List, Gallery:
		return v, len(caption) == 0
	}
	return nil, false
}

// plainText tells whether a text is nothing but one run.
func plainText(t Text) bool {
	return len(t) == 1 && alike(t[0], Span{})
}

// galleryOf makes a gallery of pictures that are all ours.
func (c *importer) galleryOf(n *html.Node) (Value, bool) {
	var g Gallery
	for _, block := range c.within(n, Span{}) {
		switch v := block.Value.(type) {
		case Figure:
			g.Pictures = append(g.Pictures, v)
		case List:
			figures, ok := listed(v)
			if !ok {
				return nil, false
			}
			g.Pictures = append(g.Pictures, figures...)
		default:
			return nil, false
		}
	}
	return g, len(g.Pictures) > 0
}

func listed(v List) ([]Figure, bool) {
	var all []Figure
	for _, item := range v.Items {
		figures := picturesOnly(item.Text)
		if len(figures) == 0 || item.List != nil {
			return nil, false
		}
		all = append(all, figures...)
	}
	return all, true
}

// first returns the first element of a name under n.
func first(n *html.Node, name string) *html.Node {
	for child := range n.Descendants() {
		if child.Type == html.ElementNode && child.Data == name {
			return child
		}
	}
	return nil
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for child := range n.Descendants() {
		if child.Type == html.TextNode {
			b.WriteString(child.Data)
		}
	}
	return b.String()
}
