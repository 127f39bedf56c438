package body

import (
	"fmt"
	"html"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// within reads one line of a fenced block as Markdown in a line. Its bytes are
// not those of the whole source, so a reader of its own looks at them.
func (m *markdown) within(line string) Text {
	inner := markdown{source: []byte(line), opts: m.opts}
	root := markdownParser().Parse(text.NewReader(inner.source))
	paragraph := root.FirstChild()
	if paragraph == nil || paragraph.NextSibling() != nil || paragraph.Kind() != ast.KindParagraph {
		return T(line)
	}
	t := inner.inline(paragraph)
	if noteMark.MatchString(t.String()) {
		m.faults = append(m.faults, fmt.Errorf("%.40q refers to a note, which only running text can", line))
	}
	return t
}

// noteMark is what refers to a footnote.
var noteMark = regexp.MustCompile(`\[\^[^\]\s]+\]`)

// inline returns the running text of a block.
func (m *markdown) inline(n ast.Node) Text {
	var t Text
	m.spans(n, Span{}, &t)
	return t.joined()
}

// spans appends what stands under n, set as the span is and as n adds.
func (m *markdown) spans(n ast.Node, set Span, t *Text) {
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		m.span(child, set, t)
	}
}

func (m *markdown) span(n ast.Node, set Span, t *Text) {
	switch n := n.(type) {
	case *ast.Text:
		m.run(n, set, t)
	case *ast.String:
		set.Text = string(n.Value)
		*t = append(*t, set)
	case *ast.CodeSpan:
		set.Marks |= Code
		set.Text = m.literal(n)
		*t = append(*t, set)
	case *ast.Emphasis:
		set.Marks |= [...]Marks{0, Emphasis, Strong}[min(n.Level, 2)]
		m.spans(n, set, t)
	case *tables.Strikethrough:
		set.Marks |= Strike
		m.spans(n, set, t)
	case *ast.Link:
		m.link(n, set, t)
	case *ast.AutoLink:
		set.Text = string(n.Label(m.source))
		if href := repaired(string(n.URL(m.source))); href != "" {
			set.Link.Href = href
		}
		*t = append(*t, set)
	case *ast.Image:
		m.image(n, set, t)
	case *tables.FootnoteLink:
		m.note(n, t)
	default:
		m.spans(n, set, t)
	}
}

func (m *markdown) run(n *ast.Text, set Span, t *Text) {
	raw := n.Segment.Value(m.source)
	set.Text = unescaped(raw)
	if n.IsRaw() {
		set.Text = string(raw)
	}
	if n.SoftLineBreak() {
		set.Text += " "
	}
	*t = append(*t, set)
	if n.HardLineBreak() {
		*t = append(*t, Span{Break: true})
	}
}

// literal is the text of a code span, in which nothing is escaped and line
// ends are spaces.
func (m *markdown) literal(n ast.Node) string {
	var b strings.Builder
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		if run, ok := child.(*ast.Text); ok {
			b.Write(run.Segment.Value(m.source))
		}
		if s, ok := child.(*ast.String); ok {
			b.Write(s.Value)
		}
	}
	return strings.ReplaceAll(b.String(), "\n", " ")
}

// link sets its text as a link. One that leads nowhere we allow keeps its text
// and, so that nothing is lost, its address in brackets.
func (m *markdown) link(n *ast.Link, set Span, t *Text) {
	address := unescaped(n.Destination)
	href := repaired(address)
	if href == "" {
		m.spans(n, set, t)
		if address != "" {
			set.Text = " (" + address + ")"
			*t = append(*t, set)
		}
		return
	}
	set.Link = Link{Href: href, Title: unescaped(n.Title)}
	m.spans(n, set, t)
}

func (m *markdown) image(n *ast.Image, set Span, t *Text) {
	address := unescaped(n.Destination)
	picture := Inline{Alt: m.inline(n).String()}
	if id, ok := m.asset(address); ok {
		picture.Asset = id
	} else {
		picture.Href = repaired(address)
	}
	if picture.Asset == 0 && picture.Href == "" {
		set.Text = picture.Alt
		*t = append(*t, set)
		return
	}
	set.Text, set.Picture = "", picture
	*t = append(*t, set)
}

// unescaped resolves the backslashes and the references of Markdown, once: an
// escaped ampersand begins no reference.
func unescaped(raw []byte) string {
	s := string(raw)
	if !strings.ContainsAny(s, `\&`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && punctuation(s[i+1]):
			i++
			b.WriteByte(s[i])
		case c == '&':
			character, length := reference(s[i:])
			b.WriteString(character)
			i += length - 1
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func punctuation(c byte) bool {
	return '!' <= c && c <= '/' || ':' <= c && c <= '@' || '[' <= c && c <= '`' || '{' <= c && c <= '~'
}

// reference reads a character reference at the beginning of s and returns what
// it stands for and its length; any other ampersand stands for itself.
func reference(s string) (string, int) {
	end := strings.IndexByte(s[:min(len(s), 40)], ';')
	if end > 1 && !strings.ContainsAny(s[1:end], "& \t\n\\") {
		if character := html.UnescapeString(s[:end+1]); !strings.HasSuffix(character, ";") {
			return character, end + 1
		}
	}
	return "&", 1
}
