package body

import (
	"strings"

	"golang.org/x/net/html"
)

// renamed are the elements that have a newer name.
var renamed = map[string]string{
	"h1": "h2", "strike": "s", "tt": "code", "acronym": "abbr", "dir": "ul", "menu": "ul", "listing": "pre",
	"xmp": "pre", "plaintext": "pre", "center": "div", "font": "span", "big": "span", "hgroup": "div",
	"fieldset": "div", "legend": "p", "search": "div",
}

// structure are the elements between whose children spaces mean nothing.
var structure = map[string]bool{
	"table": true, "thead": true, "tbody": true, "tfoot": true, "tr": true, "colgroup": true,
	"ul": true, "ol": true, "dl": true,
}

// children is the sanitised tree of what stands in an element.
func (c *importer) children(n *html.Node, depth int, spaces bool) []Node {
	var all []Node
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		switch child.Type {
		case html.TextNode:
			if s := c.treeText(child, spaces); s != "" {
				all = append(all, Node{Text: s})
			}
		case html.CommentNode:
			c.comment(child.Data)
		case html.ElementNode:
			all = append(all, c.tree(child, depth, spaces)...)
		}
	}
	return all
}

// treeText collapses the spaces of a text, where they do.
func (c *importer) treeText(n *html.Node, spaces bool) string {
	s := c.clean(n.Data)
	if spaces {
		return s
	}
	if n.Parent != nil && structure[n.Parent.Data] && strings.TrimSpace(s) == "" {
		return ""
	}
	words := strings.FieldsFunc(s, isSpace)
	if len(words) == 0 {
		return " "
	}
	text := strings.Join(words, " ")
	if isSpace(rune(s[0])) {
		text = " " + text
	}
	if isSpace(rune(s[len(s)-1])) {
		text += " "
	}
	return text
}

// tree is an element's sanitised tree: itself, or its children where it cannot
// stand, or nothing.
func (c *importer) tree(n *html.Node, depth int, spaces bool) []Node {
	if dropped[n.Data] {
		c.losses[n.Data]++
		return nil
	}
	name := n.Data
	if newer, ok := renamed[name]; ok {
		name = newer
	}
	switch name {
	case "img":
		return c.treePicture(n)
	case "video", "audio", "iframe", "embed", "object":
		return c.treeMedia(n, name, depth)
	case "input", "select", "textarea", "math":
		c.losses[name]++
	}
	spaces = spaces || name == "pre"
	if _, ok := allowed[name]; !ok || depth >= MaxNodes {
		return c.children(n, depth, spaces)
	}
	node := Node{Element: name, Attributes: c.attributes(n, name)}
	if !void[name] {
		node.Children = c.children(n, depth+1, spaces)
	}
	return []Node{node}
}

// attributes are those of an element that a tree may keep.
func (c *importer) attributes(n *html.Node, name string) map[string]string {
	var kept map[string]string
	for _, a := range n.Attr {
		value := c.line(a.Val)
		switch {
		case addresses[a.Key]:
			if value = repaired(c.clean(a.Val)); value == "" && a.Val != "" && a.Val[0] != '#' {
				c.losses[leadsNowhere]++
			}
		case a.Key == "open", a.Key == "reversed":
			value = ""
		}
		if a.Namespace != "" || !attributeAllowed(name, a.Key, value) {
			continue
		}
		if kept == nil {
			kept = map[string]string{}
		}
		kept[a.Key] = value
	}
	return kept
}

func (c *importer) treePicture(n *html.Node) []Node {
	p := c.picture(n)
	if p.Asset == 0 && p.Href == "" {
		c.losses["picture without an address"]++
		return nil
	}
	node := Node{Element: "img", Asset: p.Asset, Attributes: map[string]string{"alt": p.Alt}}
	if p.Asset == 0 {
		node.Attributes["src"] = p.Href
	}
	return []Node{node}
}

// treeMedia keeps the address of what another site shows, and drops what
// stands in for it in browsers that cannot.
func (c *importer) treeMedia(n *html.Node, name string, depth int) []Node {
	address := attr(n, "src")
	if name == "object" {
		address = attr(n, "data")
	}
	if source := first(n, "source"); address == "" && source != nil {
		address = attr(source, "src")
	}
	if name == "object" || name == "embed" {
		name = "iframe"
	}
	href := repaired(c.clean(address))
	if href == "" {
		c.losses[n.Data]++
		if n.Data == "object" {
			return c.children(n, depth, false)
		}
		return nil
	}
	node := Node{Element: name, Attributes: map[string]string{"src": href}}
	if title := c.line(attr(n, "title")); title != "" && name == "iframe" {
		node.Attributes["title"] = title
	}
	if n.Data == "object" {
		return append([]Node{node}, c.children(n, depth, false)...)
	}
	return []Node{node}
}
