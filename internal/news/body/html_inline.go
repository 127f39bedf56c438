package body

import (
	"strings"

	"golang.org/x/net/html"
)

// markElements are the elements that only set their text.
var markElements = map[string]Marks{
	"strong": Strong, "b": Strong, "em": Emphasis, "i": Emphasis, "cite": Emphasis, "dfn": Emphasis,
	"var": Emphasis, "u": Underline, "ins": Underline, "s": Strike, "strike": Strike, "del": Strike,
	"code": Code, "kbd": Code, "samp": Code, "tt": Code, "sub": Sub, "sup": Sup, "small": Small, "mark": Mark,
}

// plainElements are those of a line that say nothing a body could hold.
var plainElements = map[string]bool{
	"span": true, "font": true, "abbr": true, "acronym": true, "big": true, "bdi": true, "bdo": true,
	"time": true, "data": true, "ruby": true, "rb": true, "rt": true, "rp": true, "rtc": true, "label": true,
	"nobr": true, "wbr": true, "output": true,
}

// inline takes an element of a line, and tells whether it was one.
func (c *importer) inline(n *html.Node, set Span) bool {
	if mark, ok := markElements[n.Data]; ok {
		set.Marks |= mark
		c.flow(n, c.styled(n, set))
		return true
	}
	switch n.Data {
	case "a":
		c.link(n, set)
	case "br":
		c.pending = append(c.pending, Span{Break: true})
	case "img":
		c.image(n, set)
	case "q":
		c.run("“", set)
		c.flow(n, set)
		c.run("”", set)
	default:
		if !plainElements[n.Data] {
			return false
		}
		c.flow(n, c.styled(n, set))
	}
	return true
}

// styled adds what the attributes of an element in a line say of its text.
func (c *importer) styled(n *html.Node, set Span) Span {
	if l := langOf(n); l != (Lang{}) {
		set.Lang = l
	}
	style := strings.ToLower(strings.ReplaceAll(attr(n, "style"), " ", ""))
	if style == "" {
		return set
	}
	for _, s := range styles {
		if strings.Contains(style, s.says) {
			set.Marks |= s.mark
		}
	}
	return set
}

// styles are what editors write into a style where an element would do.
var styles = []struct {
	says string
	mark Marks
}{
	{"font-weight:bold", Strong}, {"font-weight:700", Strong}, {"font-style:italic", Emphasis},
	{"text-decoration:underline", Underline}, {"text-decoration:line-through", Strike},
}

// langOf is what an element says of its language.
func langOf(n *html.Node) Lang {
	var l Lang
	if tag := attr(n, "lang"); validTag(tag) {
		l.Tag = tag
	}
	if dir := strings.ToLower(attr(n, "dir")); dir == "ltr" || dir == "rtl" {
		l.Dir = dir
	}
	return l
}

// leadsNowhere names links whose text is kept and whose address is not.
const leadsNowhere = "link that leads nowhere allowed"

func (c *importer) link(n *html.Node, set Span) {
	address := c.clean(attr(n, "href"))
	href := repaired(address)
	if href == "" && address != "" && !strings.HasPrefix(address, "#") {
		c.losses[leadsNowhere]++
	}
	if href != "" {
		set.Link = Link{Href: href, Title: c.line(attr(n, "title"))}
	}
	c.flow(n, c.styled(n, set))
}

// line is a short text of an attribute.
func (c *importer) line(s string) string {
	s = strings.Join(strings.Fields(c.clean(s)), " ")
	if runes := []rune(s); len(runes) > MaxLine {
		c.losses["end of a very long attribute"]++
		s = string(runes[:MaxLine])
	}
	return s
}

func (c *importer) image(n *html.Node, set Span) {
	p := c.picture(n)
	if p.Asset == 0 && p.Href == "" {
		c.losses["picture without an address"]++
		return
	}
	// A link around a picture of ours mostly leads to the picture itself.
	if p.Asset != 0 && set.Link.Href != "" && c.pictureFile(set.Link.Href) {
		set.Link = Link{}
	}
	set.Text, set.Picture = "", p
	c.pending = append(c.pending, set)
}

func (c *importer) pictureFile(href string) bool {
	path, _, _ := strings.Cut(strings.ToLower(href), "?")
	for _, end := range []string{".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif"} {
		if strings.HasSuffix(path, end) {
			return true
		}
	}
	return false
}

// picture reads an img. Pages that load their pictures late keep the address
// in another attribute.
func (c *importer) picture(n *html.Node) Inline {
	p := Inline{Alt: c.line(attr(n, "alt"))}
	for _, name := range []string{"src", "data-src", "data-lazy-src", "data-original"} {
		address := c.clean(attr(n, name))
		if address == "" {
			continue
		}
		if c.opts.Asset != nil {
			if id, ok := c.opts.Asset(address); ok {
				p.Asset, p.Href = id, ""
				return p
			}
		}
		if p.Href == "" {
			p.Href = repaired(address)
		}
	}
	return p
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func hasClass(n *html.Node, name string) bool {
	for class := range strings.FieldsSeq(attr(n, "class")) {
		if class == name {
			return true
		}
	}
	return false
}
