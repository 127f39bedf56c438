package body

import (
	"slices"
	"strings"
)

// anywhere are the attributes that every element of a foreign tree may have.
var anywhere = []string{"lang", "dir"}

// allowed are the elements of a foreign tree and their own attributes. No
// other element and no other attribute is kept, accepted or written.
var allowed = map[string][]string{
	"a": {"href", "title"}, "abbr": {"title"}, "address": nil, "article": nil, "aside": nil,
	"audio": {"src"}, "b": nil, "bdi": nil, "bdo": nil, "blockquote": nil, "br": nil,
	"caption": nil, "cite": nil, "code": nil, "col": {"span"}, "colgroup": {"span"}, "dd": nil,
	"del": {"datetime"}, "details": {"open"}, "dfn": nil, "div": nil, "dl": nil, "dt": nil,
	"em": nil, "figcaption": nil, "figure": nil, "footer": nil, "h2": nil, "h3": nil, "h4": nil,
	"h5": nil, "h6": nil, "header": nil, "hr": nil, "i": nil, "iframe": {"src", "title"},
	"img": {"src", "alt", "width", "height"}, "ins": {"datetime"}, "kbd": nil, "li": {"value"},
	"main": nil, "mark": nil, "nav": nil, "ol": {"start", "reversed"}, "p": nil, "pre": nil, "q": nil,
	"rp": nil, "rt": nil, "ruby": nil, "s": nil, "samp": nil, "section": nil, "small": nil,
	"span": nil, "strong": nil, "sub": nil, "summary": nil, "sup": nil, "table": nil, "tbody": nil,
	"td": {"colspan", "rowspan"}, "tfoot": nil, "th": {"colspan", "rowspan", "scope"},
	"thead": nil, "time": {"datetime"}, "tr": nil, "u": nil, "ul": nil, "var": nil,
	"video": {"src"}, "wbr": nil,
}

// void are the elements that hold nothing.
var void = map[string]bool{"br": true, "col": true, "hr": true, "img": true, "wbr": true, "iframe": true}

// addresses are the attributes that lead somewhere.
var addresses = map[string]bool{"href": true, "src": true}

// numbers are the attributes that are whole numbers.
var numbers = map[string]bool{
	"colspan": true, "rowspan": true, "span": true, "start": true, "value": true, "width": true, "height": true,
}

// attributeAllowed tells whether an element may have an attribute with such a
// value.
func attributeAllowed(element, name, value string) bool {
	if !slices.Contains(allowed[element], name) && !slices.Contains(anywhere, name) {
		return false
	}
	switch {
	case addresses[name]:
		return Usable(value)
	case numbers[name]:
		return smallNumber(value)
	case name == "dir":
		return value == "ltr" || value == "rtl" || value == "auto"
	case name == "lang":
		return validTag(value)
	case name == "scope":
		return value == "row" || value == "col" || value == "rowgroup" || value == "colgroup"
	case name == "open", name == "reversed":
		return value == ""
	}
	return true
}

func smallNumber(s string) bool {
	if len(s) == 0 || len(s) > 5 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// foreign writes a foreign block. Runs of text that stand in it by themselves
// become paragraphs, or they would run into each other.
func (w *writer) foreign(tree []Node) {
	open := false
	for i := range tree {
		n := &tree[i]
		line := n.Element == "" || flows[n.Element] || outside[n.Element]
		if line && !open && (n.Element != "" || strings.TrimSpace(n.Text) != "") {
			w.raw("<p>")
			open = true
		}
		if !line && open {
			w.raw("</p>")
			open = false
		}
		w.node(n, 0)
	}
	if open {
		w.raw("</p>")
	}
}

// outside are the elements that are shown as links to another site.
var outside = map[string]bool{"iframe": true, "video": true, "audio": true}

// nodes writes a foreign tree. Deeper than a tree may be, only its text is
// written.
func (w *writer) nodes(tree []Node, depth int) {
	for i := range tree {
		w.node(&tree[i], depth)
	}
}

func (w *writer) node(n *Node, depth int) {
	if n.Element == "" {
		w.out = escaped(w.out, n.Text, false)
		return
	}
	own, ok := allowed[n.Element]
	if !ok || depth >= MaxNodes {
		if depth < 4*MaxNodes {
			w.nodes(n.Children, depth+1)
		}
		return
	}
	switch n.Element {
	case "img":
		w.foreignPicture(n)
	case "iframe", "video", "audio":
		w.elsewhere(n.Attributes["src"], n.Attributes["title"])
		w.nodes(n.Children, depth+1)
	case "a":
		w.foreignLink(n, own, depth)
	default:
		w.foreignElement(n, own, depth)
	}
}

func (w *writer) foreignElement(n *Node, own []string, depth int) {
	w.raw("<" + n.Element)
	for _, names := range [2][]string{own, anywhere} {
		for _, name := range names {
			if value, ok := n.Attributes[name]; ok && attributeAllowed(n.Element, name, value) {
				if addresses[name] {
					value = w.site(value)
				}
				w.attribute(name, value)
			}
		}
	}
	w.raw(">")
	if n.Element == "pre" && len(n.Children) > 0 && strings.HasPrefix(n.Children[0].Text, "\n") {
		w.raw("\n")
	}
	if void[n.Element] {
		return
	}
	w.nodes(n.Children, depth+1)
	w.close(n.Element)
}

// foreignLink writes a link, or only its text inside another link.
func (w *writer) foreignLink(n *Node, own []string, depth int) {
	if w.linked || !Usable(n.Attributes["href"]) {
		w.nodes(n.Children, depth+1)
		return
	}
	w.linked = true
	w.foreignElement(n, own, depth)
	w.linked = false
}

func (w *writer) foreignPicture(n *Node) {
	if picture, ok := w.picture(n.Asset); ok {
		w.image(picture, n.Attributes["alt"])
		return
	}
	w.elsewhere(n.Attributes["src"], n.Attributes["alt"])
}
