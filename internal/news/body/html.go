package body

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/lang"
)

// HTMLOptions are what a text in HTML leaves to its reader.
type HTMLOptions struct {
	// Mint makes the keys of the blocks; nil means b1, b2 and so on.
	Mint func() Key
	// Asset finds a picture by its address. One that is not found is kept as a
	// link to it.
	Asset func(address string) (ref.Asset, bool)
	// Origin is the other system, and Name its name for the element, in blocks
	// that are foreign here. Without a name the HTML element's is taken.
	Origin, Name string
	// Paragraphs makes paragraphs of blank lines and breaks of line ends, as
	// systems do whose editors leave them out.
	Paragraphs bool
}

// Loss is something of the source that a body cannot hold.
type Loss struct {
	What  string
	Count int
}

// FromHTML makes a body of HTML as other systems store it. All visible text is
// kept: what has no block here becomes a foreign one, and what cannot be kept
// at all, such as a script, is named among the losses.
func FromHTML(src string, opts HTMLOptions) (Body, []Loss) {
	c := importer{opts: opts, losses: map[string]int{}}
	root, err := parsed(src)
	if err != nil {
		c.losses["markup nested too deeply"]++
		c.body = FromText(visibleText(src))
	} else {
		c.flow(root, Span{})
		c.flush()
	}
	if opts.Mint == nil {
		opts.Mint = Counter("b")
	}
	return Assign(c.body, opts.Mint), c.lost()
}

// Sanitise returns the tree of an element that is to be foreign.
func Sanitise(src string, opts HTMLOptions) ([]Node, []Loss) {
	c := importer{opts: opts, losses: map[string]int{}}
	root, err := parsed(src)
	if err != nil {
		c.losses["markup nested too deeply"]++
		return []Node{{Text: c.clean(visibleText(src))}}, c.lost()
	}
	return c.children(root, 1, false), c.lost()
}

// parsed reads a fragment as it would stand in a page's body.
func parsed(src string) (*html.Node, error) {
	root := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	context := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragmentWithOptions(strings.NewReader(src), context, html.ParseOptionEnableScripting(false))
	if err != nil {
		return nil, err
	}
	for _, n := range nodes {
		root.AppendChild(n)
	}
	return root, nil
}

// visibleText reads markup that no tree can be made of.
func visibleText(src string) string {
	var b strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(src))
	hidden := ""
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			if hidden == "" {
				b.Write(tokens.Text())
			}
		case html.StartTagToken:
			if name, _ := tokens.TagName(); dropped[string(name)] {
				hidden = string(name)
			} else if !flows[string(name)] {
				b.WriteString("\n\n")
			}
		case html.EndTagToken:
			if name, _ := tokens.TagName(); string(name) == hidden {
				hidden = ""
			}
		}
	}
}

// dropped are the elements whose content readers never see.
var dropped = map[string]bool{
	"script": true, "style": true, "template": true, "title": true, "meta": true, "link": true,
	"base": true, "head": true, "svg": true, "param": true, "track": true, "noembed": true,
	"noframes": true, "datalist": true, "canvas": true,
}

// importer makes blocks of one tree.
type importer struct {
	opts   HTMLOptions
	losses map[string]int
	body   Body
	// pending is the running text since the last block.
	pending Text
	// wrap makes a block of running text; nil makes paragraphs.
	wrap func(Text) Value
	lang Lang
	// depth counts conversions within conversions.
	depth int
}

func (c *importer) lost() []Loss {
	var all []Loss
	for what, count := range c.losses {
		all = append(all, Loss{what, count})
	}
	slices.SortFunc(all, func(a, b Loss) int { return strings.Compare(a.What, b.What) })
	return all
}

func (c *importer) add(v Value) {
	c.flush()
	c.body = append(c.body, Block{Value: v})
}

// flow goes over what stands in an element, text and blocks alike.
func (c *importer) flow(n *html.Node, set Span) {
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		c.node(child, set)
	}
}

func (c *importer) node(n *html.Node, set Span) {
	switch n.Type {
	case html.TextNode:
		c.text(n.Data, set)
	case html.CommentNode:
		c.comment(n.Data)
	case html.ElementNode:
		c.element(n, set)
	}
}

// comment counts a comment that may have meant something.
func (c *importer) comment(s string) {
	if s = strings.TrimSpace(s); !strings.HasPrefix(s, "wp:") && !strings.HasPrefix(s, "/wp:") {
		c.losses["comment"]++
	}
}

// clean is a text as bodies keep it.
func (c *importer) clean(s string) string {
	s, repairs := lang.MapC1(lang.Newlines(s))
	if repairs > 0 {
		c.losses["control character"] += repairs
	}
	return s
}

// text appends running text. Its spaces collapse as they do in browsers.
func (c *importer) text(s string, set Span) {
	s = c.clean(s)
	for s != "" {
		end := strings.IndexFunc(s, isSpace)
		if end < 0 {
			end = len(s)
		}
		c.run(s[:end], set)
		s = s[end:]
		rest := strings.TrimLeftFunc(s, isSpace)
		if rest != s {
			c.space(s[:len(s)-len(rest)], set)
		}
		s = rest
	}
}

func isSpace(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\f' || r == '\r' }

func (c *importer) run(s string, set Span) {
	if s == "" {
		return
	}
	last := len(c.pending) - 1
	set.Text = s
	if last >= 0 && alike(c.pending[last], set) {
		c.pending[last].Text += s
		return
	}
	c.pending = append(c.pending, set)
}

// space appends one space for a run of them, or, where line ends count, the
// end of a line or of a paragraph.
func (c *importer) space(s string, set Span) {
	ends := strings.Count(s, "\n")
	switch {
	case c.opts.Paragraphs && ends > 1:
		c.flush()
	case c.opts.Paragraphs && ends == 1:
		if !c.atLineStart() {
			c.pending = append(c.pending, Span{Break: true})
		}
	case !c.atLineStart() && !c.afterSpace():
		c.run(" ", set)
	}
}

func (c *importer) atLineStart() bool {
	return len(c.pending) == 0 || c.pending[len(c.pending)-1].Break
}

func (c *importer) afterSpace() bool {
	last := c.pending[len(c.pending)-1]
	return last.Picture == (Inline{}) && strings.HasSuffix(last.Text, " ")
}

// flush ends the paragraph.
func (c *importer) flush() {
	t := trimmed(c.pending)
	c.pending = nil
	if len(t) == 0 || t.Empty() {
		return
	}
	if c.wrap != nil {
		c.body = append(c.body, Block{Value: c.wrap(t)})
		return
	}
	if figures := picturesOnly(t); len(figures) > 0 {
		for _, f := range figures {
			c.body = append(c.body, Block{Value: f})
		}
		return
	}
	c.body = append(c.body, Block{Value: Paragraph{Text: t, Lang: c.lang}})
}

// trimmed is a text without the breaks and the spaces at its ends, and without
// spaces before its breaks.
func trimmed(t Text) Text {
	var out Text
	for _, s := range t {
		if s.Break {
			out = trimEnd(out)
		}
		if s.Break && len(out) == 0 {
			continue
		}
		out = append(out, s)
	}
	for out = trimEnd(out); len(out) > 0 && out[len(out)-1].Break; {
		out = trimEnd(out[:len(out)-1])
	}
	return out.joined()
}

// trimEnd takes the spaces from the end of a line.
func trimEnd(t Text) Text {
	for len(t) > 0 {
		last := &t[len(t)-1]
		if last.Break || last.Picture != (Inline{}) {
			return t
		}
		if last.Text = strings.TrimRightFunc(last.Text, isSpace); last.Text != "" {
			return t
		}
		t = t[:len(t)-1]
	}
	return t
}

// picturesOnly returns the figures of a text in which nothing but pictures of
// ours stand, and nothing for any other.
func picturesOnly(t Text) []Figure {
	var figures []Figure
	for _, s := range t {
		switch {
		case s.Picture.Asset != 0 && s.Link == (Link{}):
			figures = append(figures, Figure{Asset: s.Picture.Asset, Alt: s.Picture.Alt})
		case s.Break || s.Picture == (Inline{}) && strings.TrimSpace(s.Text) == "":
		default:
			return nil
		}
	}
	return figures
}

// inner returns an importer for what stands in an element by itself.
func (c *importer) inner() *importer {
	return &importer{opts: c.opts, losses: c.losses, lang: c.lang, depth: c.depth + 1}
}

func (c *importer) within(n *html.Node, set Span) Body {
	inner := c.inner()
	inner.flow(n, set)
	inner.flush()
	return inner.body
}
